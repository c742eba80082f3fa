package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.text.chat.ChatMessage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is to be generated and how. Made by a factory and changed by the methods below; it never
 * changes itself.
 *
 * @param prompt what the model goes on with
 * @param context a context that was read and compressed before, behind which the prompt stands
 * @param compression what cuts the cache of the prompt, and of the answer if it evicts while
 *     decoding; where there is a context, its own goes on and this one must be NONE
 * @param positions where tokens stand
 * @param sampling how tokens are chosen
 * @param stops what ends the text
 * @param limits when it ends at the latest
 * @param alternatives likeliest tokens to report beside the log-probability of each that was
 *     chosen, 0 for none of them; empty for no log-probabilities
 * @param keptMap whether to report which tokens of the prompt stay in the cache
 */
public record GenerationRequest(
    Prompt prompt,
    Optional<SharedContext> context,
    Compression compression,
    Positions positions,
    SamplingOptions sampling,
    StopRules stops,
    Limits limits,
    OptionalInt alternatives,
    boolean keptMap) {
  /** New tokens where nothing is said. */
  public static final int DEFAULT_MAX_TOKENS = 256;

  /** Checks what does not go together. */
  public GenerationRequest {
    requireNonNull(prompt, "prompt is null");
    requireNonNull(context, "context is null");
    requireNonNull(compression, "compression is null");
    requireNonNull(positions, "positions is null");
    requireNonNull(sampling, "sampling is null");
    requireNonNull(stops, "stops is null");
    requireNonNull(limits, "limits is null");
    checkArgument(
        alternatives.isEmpty() || alternatives.getAsInt() >= 0,
        "alternatives must not be negative, found %s",
        alternatives);
    checkArgument(
        context.isEmpty() || compression.isNone(),
        "the press of a shared context goes on with what stands behind it; leave out the compression of the request (%s)",
        compression.press().getClass().getSimpleName());
    checkArgument(
        context.isEmpty() || positions == Positions.TRUE,
        "a shared context stands at true positions, and so does what follows it; leave out %s",
        positions);
  }

  /** Goes on with a text, greedily, on the full cache. */
  public static GenerationRequest text(String text) {
    return of(new Prompt.Text(text));
  }

  /** Goes on with token ids. */
  public static GenerationRequest tokens(int... ids) {
    return of(new Prompt.Tokens(ImmutableIntArray.copyOf(ids)));
  }

  /** Answers the last of some messages. */
  public static GenerationRequest chat(List<ChatMessage> messages) {
    return of(new Prompt.Chat(messages));
  }

  /** Answers a message. */
  public static GenerationRequest chat(String message) {
    return chat(List.of(ChatMessage.user(message)));
  }

  /** Goes on with a prompt, greedily, on the full cache. */
  public static GenerationRequest of(Prompt prompt) {
    return new GenerationRequest(
        prompt,
        Optional.empty(),
        Compression.NONE,
        Positions.TRUE,
        SamplingOptions.GREEDY,
        StopRules.NONE,
        new Limits(DEFAULT_MAX_TOKENS, Optional.empty()),
        OptionalInt.empty(),
        false);
  }

  /** The same behind a context that was read before. */
  public GenerationRequest behind(SharedContext shared) {
    return new GenerationRequest(
        prompt,
        Optional.of(shared),
        compression,
        positions,
        sampling,
        stops,
        limits,
        alternatives,
        keptMap);
  }

  /** The same on a cache that is cut. */
  public GenerationRequest compressedBy(ModelPress press, Budget budget) {
    return new GenerationRequest(
        prompt,
        context,
        new Compression(press, budget),
        positions,
        sampling,
        stops,
        limits,
        alternatives,
        keptMap);
  }

  /** The same on a cache that is cut, or not. */
  public GenerationRequest compressedBy(Compression other) {
    return new GenerationRequest(
        prompt, context, other, positions, sampling, stops, limits, alternatives, keptMap);
  }

  /** The same with tokens at other positions. */
  public GenerationRequest at(Positions other) {
    return new GenerationRequest(
        prompt, context, compression, other, sampling, stops, limits, alternatives, keptMap);
  }

  /** The same with tokens chosen in another way. */
  public GenerationRequest sampling(SamplingOptions other) {
    return new GenerationRequest(
        prompt, context, compression, positions, other, stops, limits, alternatives, keptMap);
  }

  /** The same with another end. */
  public GenerationRequest stoppingAt(StopRules other) {
    return new GenerationRequest(
        prompt, context, compression, positions, sampling, other, limits, alternatives, keptMap);
  }

  /** The same that ends before any of some strings. */
  public GenerationRequest stoppingAt(String... strings) {
    return new GenerationRequest(
        prompt,
        context,
        compression,
        positions,
        sampling,
        new StopRules(List.of(strings), stops.tokens(), stops.ignoreEnd()),
        limits,
        alternatives,
        keptMap);
  }

  /** The same with so many new tokens at most. */
  public GenerationRequest atMost(int maxTokens) {
    return new GenerationRequest(
        prompt,
        context,
        compression,
        positions,
        sampling,
        stops,
        new Limits(maxTokens, limits.time()),
        alternatives,
        keptMap);
  }

  /** The same with other limits. */
  public GenerationRequest within(Limits other) {
    return new GenerationRequest(
        prompt, context, compression, positions, sampling, stops, other, alternatives, keptMap);
  }

  /** The same that has so much time, waiting included. */
  public GenerationRequest within(Duration time) {
    return new GenerationRequest(
        prompt,
        context,
        compression,
        positions,
        sampling,
        stops,
        new Limits(limits.maxTokens(), Optional.of(time)),
        alternatives,
        keptMap);
  }

  /** The same with log-probabilities, and of so many likeliest tokens beside each. */
  public GenerationRequest withLogProbabilities(int alternativeTokens) {
    return new GenerationRequest(
        prompt,
        context,
        compression,
        positions,
        sampling,
        stops,
        limits,
        OptionalInt.of(alternativeTokens),
        keptMap);
  }

  /** The same with word of which tokens stay in the cache. */
  public GenerationRequest describingKept() {
    return new GenerationRequest(
        prompt, context, compression, positions, sampling, stops, limits, alternatives, true);
  }
}
