package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Ints;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/**
 * Continues a prompt greedily on a compressed cache: prefill, compress, decode. A press that evicts
 * while decoding is asked after every step; after any other the cheapest graph serves.
 *
 * <p>Many threads may generate on one model at once; each text is the one that it is alone.
 */
public final class TokenGenerator {
  private TokenGenerator() {}

  /**
   * Generates.
   *
   * @param promptIds at least one token, at most as many as the model has positions
   * @param isEnd whether a token ends the text; it may be the first one already
   * @param onToken is told each new token as soon as it is known
   * @throws dev.kvpress.runtime.ModelException if the model's graph cannot give what the press
   *     needs
   * @throws IllegalArgumentException if the prompt is empty, too long, or has unknown ids
   * @throws IllegalStateException if the model is closed, before or meanwhile
   * @throws java.util.concurrent.CancellationException if the thread is interrupted while it waits
   *     for its turn in the engine
   */
  public static TokenResult generate(
      DecoderModel model,
      int[] promptIds,
      TokenRequest request,
      IntPredicate isEnd,
      IntConsumer onToken) {
    model.requirePress(
        request.press().getClass().getSimpleName(),
        request.press(),
        Ints.saturatedCast((long) promptIds.length + request.maxNewTokens()),
        request.positions());
    PressCalls calls = new PressCalls(request.press(), request.budget());
    try (Context context =
        model.start(1, request.press().needs(), request.positions()).allowFused(0)) {
      requirePositions(model, context, promptIds.length, "prompt");
      long start = System.nanoTime();
      Logits last = context.prefill(promptIds, request.chunkSize());
      long prefillNanos = System.nanoTime() - start;
      calls.compressPrompt(context);
      Answer.Terms terms =
          new Answer.Terms(
              TokenChoice.GREEDY,
              request.maxNewTokens(),
              isEnd,
              (id, logits, row) -> {
                onToken.accept(id);
                return true;
              });
      return new Answer(model, context, calls, terms, promptIds, prefillNanos).run(last);
    }
  }

  static void requirePositions(DecoderModel model, Context context, int tokens, String what) {
    requirePositions(model, Answer.positionsLeft(model, context), tokens, what);
  }

  static void requirePositions(DecoderModel model, int left, int tokens, String what) {
    checkArgument(
        tokens <= left,
        "the %s has %s tokens, but model %s has %s positions left of %s; shorten it",
        what,
        tokens,
        model.info().name(),
        left,
        model.info().maxPositions().orElse(Integer.MAX_VALUE));
  }
}
