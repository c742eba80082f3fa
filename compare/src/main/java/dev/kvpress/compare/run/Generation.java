package dev.kvpress.compare.run;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.Logits;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/** Continues a prompt greedily on a compressed cache. */
public final class Generation {
  private final DecoderModel model;
  private final Tokenizer tokenizer;
  private final int chunkSize;

  /**
   * What came of it.
   *
   * @param promptTokens tokens of the prompt
   * @param newTokens tokens generated
   * @param achievedRatio fraction of the tokens seen that was gone at the end
   * @param keptBytes bytes of keys and values at the end
   * @param prefillNanos time of the prompt's passes
   * @param decodeNanos time of all later steps, the press included
   * @param notices remarks of the press
   */
  public record Result(
      int promptTokens,
      int newTokens,
      double achievedRatio,
      long keptBytes,
      long prefillNanos,
      long decodeNanos,
      Set<String> notices) {}

  /** On a model. */
  public Generation(DecoderModel model, Tokenizer tokenizer, int chunkSize) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.chunkSize = chunkSize;
  }

  /**
   * Generates.
   *
   * @param maxNewTokens at most so many
   * @param text takes the continuation piece by piece
   */
  public Result run(
      String prompt, ModelPress press, Budget budget, int maxNewTokens, Consumer<String> text) {
    int[] ids = tokenizer.encode(prompt);
    int room = model.info().maxPositions().orElse(Integer.MAX_VALUE) - ids.length;
    if (ids.length == 0 || room < 1) {
      throw new IllegalArgumentException(
          "--prompt: expected from 1 to %d tokens, found %d"
              .formatted(
                  model.info().maxPositions().orElse(Integer.MAX_VALUE) - 1, ids.length));
    }
    Set<String> notices = new LinkedHashSet<>();
    try (Context context = model.start(1, press.needs())) {
      long start = System.nanoTime();
      Logits logits = context.prefill(ids, chunkSize);
      long prefilled = System.nanoTime();
      notices.addAll(context.compress(press, budget).notices());
      if (!press.evictsWhileDecoding()) {
        context.stopObserving().allowFused(0);
      }
      Spoken spoken = new Spoken(tokenizer, ids, text);
      int limit = Math.min(maxNewTokens, room);
      while (spoken.count() < limit) {
        int next = logits.argmax(logits.rows() - 1);
        if (tokenizer.endsText(next)) {
          break;
        }
        spoken.add(next);
        if (spoken.count() == limit) {
          break;
        }
        logits = context.forward(next);
        if (press.evictsWhileDecoding()) {
          notices.addAll(context.compress(press, budget).notices());
        }
      }
      spoken.end();
      return new Result(
          ids.length,
          spoken.count(),
          context.achievedRatio(),
          context.logicalBytes(),
          prefilled - start,
          System.nanoTime() - prefilled,
          notices);
    }
  }

  /** Hands on the text of new tokens as soon as its characters are whole. */
  private static final class Spoken {
    private static final char INCOMPLETE = '\uFFFD';

    private final Tokenizer tokenizer;
    private final Consumer<String> out;
    private int[] ids;
    private int count;
    private int said;

    Spoken(Tokenizer tokenizer, int[] prompt, Consumer<String> out) {
      this.tokenizer = tokenizer;
      this.out = out;
      this.ids = prompt.clone();
      this.said = tokenizer.decode(prompt).length();
    }

    int count() {
      return count;
    }

    void add(int id) {
      ids = Arrays.copyOf(ids, ids.length + 1);
      ids[ids.length - 1] = id;
      count++;
      String all = tokenizer.decode(ids);
      if (!all.isEmpty() && all.charAt(all.length() - 1) != INCOMPLETE) {
        say(all);
      }
    }

    void end() {
      say(tokenizer.decode(ids));
    }

    private void say(String all) {
      if (all.length() > said) {
        out.accept(all.substring(said));
        said = all.length();
      }
    }
  }
}
