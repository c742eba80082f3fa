package dev.kvpress.compare.task;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.data.ChoiceQuestion;
import dev.kvpress.compare.metric.words.PythonText;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * Token ids of a question with several choices, cut where lm-evaluation-harness cuts them.
 *
 * <p>White space at the end of a prompt goes to the continuation. Prompt and continuation are
 * encoded as one text; as many tokens as the prompt alone has are its own, the rest is scored. An
 * empty prompt is the token that begins texts, or, where the model knows none, the one that ends
 * them.
 *
 * @param context what all choices begin with and what is compressed, at least one token
 * @param shared what all choices go on with behind it; may be empty
 * @param tails what follows for each choice
 */
record ChoiceTokens(ImmutableIntArray context, ImmutableIntArray shared, List<Tail> tails) {
  /** Takes a copy. */
  ChoiceTokens {
    tails = ImmutableList.copyOf(tails);
  }

  /**
   * The end of one choice.
   *
   * @param ids what follows the shared tokens
   * @param scored how many of them, the last ones, are the continuation; at least 1
   */
  record Tail(ImmutableIntArray ids, int scored) {
    /** Number of tokens in front that are the prompt's. */
    int given() {
      return ids.length() - scored;
    }
  }

  /**
   * One choice.
   *
   * @param whole prompt and continuation
   * @param given how many tokens are the prompt's
   */
  private record Pair(ImmutableIntArray whole, int given) {
    static Pair of(int[] prompt, int[] continuation) {
      return new Pair(
          ImmutableIntArray.builder(prompt.length + continuation.length)
              .addAll(ImmutableIntArray.copyOf(prompt))
              .addAll(ImmutableIntArray.copyOf(continuation))
              .build(),
          prompt.length);
    }

    int scored() {
      return whole.length() - given;
    }
  }

  /**
   * Encodes a question.
   *
   * @param prefix solved examples in front; may be empty
   * @param queryAware whether all of the prompt is compressed, not the context alone
   * @throws IllegalArgumentException if a choice has no token of its own
   */
  static ChoiceTokens of(
      Tokenizer tokenizer, String prefix, ChoiceQuestion question, boolean queryAware) {
    List<Pair> pairs = new ArrayList<>();
    for (int c = 0; c < question.choices().size(); c++) {
      String continuation = question.choices().get(c).continuation();
      pairs.add(pair(tokenizer, prefix + question.prompt(c), continuation));
    }
    ImmutableIntArray first = pairs.get(0).whole();
    int common = pairs.get(0).given();
    for (Pair pair : pairs) {
      checkArgument(pair.scored() > 0, "a choice must have at least one token of its own");
      common = Math.min(common, Math.min(pair.given(), same(first, pair.whole())));
    }
    checkArgument(common >= 1, "the contexts of all choices must begin with the same token");
    int end = common;
    // One token at least is left to the compressed cache, where there are two.
    int cut = Math.max(1, end - 1);
    String context = prefix + question.context();
    boolean asks = question.choices().stream().anyMatch(choice -> !choice.lead().isEmpty());
    if (asks && !queryAware && !context.isBlank()) {
      ImmutableIntArray known = ImmutableIntArray.copyOf(tokenizer.encode(context));
      cut = Math.max(1, Math.min(cut, same(known, first)));
    }
    return new ChoiceTokens(
        first.subArray(0, cut).trimmed(),
        first.subArray(cut, end).trimmed(),
        pairs.stream()
            .map(
                pair ->
                    new Tail(
                        pair.whole().subArray(end, pair.whole().length()).trimmed(), pair.scored()))
            .toList());
  }

  /**
   * A prompt of which nobody knows where the continuation begins: three quarters are the context.
   */
  static ChoiceTokens unmarked(Tokenizer tokenizer, String text) {
    ImmutableIntArray ids = ImmutableIntArray.copyOf(tokenizer.encode(text));
    checkArgument(
        ids.length() >= 3, "a prompt must have at least three tokens, found %s", ids.length());
    int cut = Math.max(1, Math.min(ids.length() - 2, (int) (ids.length() * 3L / 4)));
    ImmutableIntArray rest = ids.subArray(cut + 1, ids.length()).trimmed();
    return new ChoiceTokens(
        ids.subArray(0, cut).trimmed(),
        ids.subArray(cut, cut + 1).trimmed(),
        List.of(new Tail(rest, rest.length())));
  }

  /** Most tokens that pass behind the context; the last one of a choice need not. */
  int furtherTokens() {
    return shared.length()
        + tails.stream().mapToInt(tail -> tail.ids().length()).max().orElse(1)
        - 1;
  }

  private static Pair pair(Tokenizer tokenizer, String prompt, String continuation) {
    if (prompt.isEmpty()) {
      return alone(tokenizer, continuation);
    }
    String bare = PythonText.stripTrailing(prompt);
    int[] begin = tokenizer.encode(bare);
    int[] whole = tokenizer.encode(bare + prompt.substring(bare.length()) + continuation);
    int from = Math.min(begin.length, whole.length);
    return Pair.of(begin, Arrays.copyOfRange(whole, from, whole.length));
  }

  private static Pair alone(Tokenizer tokenizer, String continuation) {
    OptionalInt begin = tokenizer.bosId().isPresent() ? tokenizer.bosId() : tokenizer.eosId();
    checkArgument(
        begin.isPresent(),
        "an empty context needs a tokenizer with a BOS or EOS token, found none");
    int[] ids = tokenizer.encode(continuation);
    int from = ids.length > 0 && ids[0] == begin.getAsInt() ? 1 : 0;
    return Pair.of(new int[] {begin.getAsInt()}, Arrays.copyOfRange(ids, from, ids.length));
  }

  private static int same(ImmutableIntArray left, ImmutableIntArray right) {
    int mismatch = Arrays.mismatch(left.toArray(), right.toArray());
    return mismatch < 0 ? left.length() : mismatch;
  }
}
