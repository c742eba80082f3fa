package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.ScoringPasses;
import dev.kvpress.runtime.generate.PromptEncoder.Encoded;
import java.util.Optional;
import java.util.OptionalInt;

/** Makes orders of requests, or says at once what cannot be. */
final class Orders {
  private final DecoderModel model;
  private final ModelWords words;
  private final PromptEncoder encoder;
  private final OpenCaches own;

  Orders(DecoderModel model, ModelWords words, PromptEncoder encoder, OpenCaches own) {
    this.model = model;
    this.words = words;
    this.encoder = encoder;
    this.own = own;
  }

  /** The order of a request. */
  TextOrder of(GenerationRequest request) {
    Optional<SharedContext> shared = request.context();
    shared.ifPresent(this::requireOwn);
    Encoded prompt =
        shared
            .map(context -> context.words().behind(request.prompt()))
            .orElseGet(() -> encoder.of(request.prompt()));
    return of(
        shared.map(SharedContext::ids).orElse(ImmutableIntArray.of()),
        prompt,
        shared.map(SharedContext::compression).orElse(request.compression()),
        request);
  }

  private void requireOwn(SharedContext context) {
    checkArgument(
        context.owner() == own,
        "the shared context belongs to another generator; compress it with this one");
  }

  private TextOrder of(
      ImmutableIntArray before,
      Encoded prompt,
      Compression compression,
      GenerationRequest request) {
    request.sampling().requireTokens(model.info().vocabulary());
    requireStops(request.stops());
    long end = (long) before.length() + prompt.ids().length() + request.limits().maxTokens();
    requirePress(compression, Ints.saturatedCast(end), request.positions());
    return new TextOrder(
        model,
        words.tokenizer(),
        before,
        prompt.ids(),
        compression,
        request.positions(),
        request.sampling().choice(),
        request.stops(),
        request.limits(),
        request.alternatives(),
        request.keptMap(),
        prompt.fresh(),
        Optional.empty());
  }

  private void requireStops(StopRules stops) {
    for (int id : stops.tokens()) {
      checkArgument(
          id >= 0 && id < model.info().vocabulary(),
          "stop token id %s is outside the vocabulary of %s",
          id,
          model.info().vocabulary());
    }
  }

  /** Refuses a press that cannot be right on the model. */
  void requirePress(Compression compression, int positions) {
    requirePress(compression, positions, Positions.TRUE);
  }

  private void requirePress(Compression compression, int positions, Positions where) {
    ModelPress press = compression.press();
    encoder.prepare(press);
    model.requirePress(press.getClass().getSimpleName(), press, positions, where);
  }

  /**
   * The order of a turn.
   *
   * @param before ids of what has passed
   */
  TextOrder ofTurn(ImmutableIntArray before, ImmutableIntArray prompt, ConversationTurn turn) {
    ConversationOptions options = turn.options();
    GenerationRequest request =
        GenerationRequest.of(new Prompt.Tokens(prompt))
            .sampling(options.samplingOf(turn.number()))
            .stoppingAt(options.stops())
            .within(options.limits());
    TextOrder order = of(before, new Encoded(prompt, true), options.cutting(), request);
    return order.ofTurn(turn, options.alternatives());
  }

  /** What is to be scored, and how. */
  ScoreJob score(ScoreRequest request, int chunkSize) {
    ImmutableIntArray ids = encoder.of(request.prompt()).ids();
    ModelPress press = request.compression().press();
    boolean cuts = !request.compression().isNone();
    ScoringPasses.Text text =
        new ScoringPasses.Text(
            ids,
            press,
            request.compression().budget(),
            request.contextTokens().isPresent() || cuts
                ? request.contextTokens()
                : OptionalInt.of(ids.length()));
    encoder.prepare(press);
    ScoringPasses.require(model, text);
    return new ScoreJob(model, text, chunkSize, words.tokenizer(), request.alternatives());
  }
}
