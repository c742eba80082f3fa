package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.Ints;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * Answers questions about one context. The context is compressed once, before any question is
 * known, and each question goes on from a fork of that cache, so that none sees another; the
 * protocol of kvpress {@code pipeline.py}.
 *
 * <p>Safe for many threads, each of which asks about a context of its own.
 */
public final class Pipeline {
  // Enough for every kind of state to begin.
  private static final int TRIED_TOKENS = 16;

  private final DecoderModel model;
  private final int chunkSize;
  private final int maxNewTokens;
  private final IntPredicate isEnd;

  /**
   * A pipeline on a model, which stays the caller's to close.
   *
   * @param chunkSize tokens per pass of contexts and questions, at least 1
   * @param maxNewTokens length of an answer, at least 1
   * @param isEnd whether a token ends an answer
   */
  public Pipeline(DecoderModel model, int chunkSize, int maxNewTokens, IntPredicate isEnd) {
    checkArgument(chunkSize >= 1, "chunk size must be at least 1, found %s", chunkSize);
    checkArgument(maxNewTokens >= 1, "max new tokens must be at least 1, found %s", maxNewTokens);
    this.model = requireNonNull(model, "model is null");
    this.chunkSize = chunkSize;
    this.maxNewTokens = maxNewTokens;
    this.isEnd = requireNonNull(isEnd, "isEnd is null");
  }

  /**
   * Compresses the context without the questions and answers each of them.
   *
   * @param context token ids, at least one
   * @param questions token ids of each question, at least one each
   * @return one answer for each question, in order
   * @throws IllegalArgumentException if context and question together exceed the model's positions
   * @throws IllegalStateException if the model is closed, before or meanwhile
   */
  public List<TokenResult> answer(
      int[] context, List<int[]> questions, ModelPress press, Budget budget) {
    requirePress(context.length, questions, press);
    PressCalls calls = new PressCalls(press, budget);
    try (Context compressed = compress(context, press, calls)) {
      return answer(compressed, questions, calls);
    }
  }

  /**
   * Compresses a context for questions to come, to be saved or asked more than once.
   *
   * @param context token ids, at least one
   * @param notices takes the remarks of the press, each once
   * @return the caller's to close
   * @throws IllegalArgumentException if it exceeds the model's positions
   */
  public Context compress(
      int[] context, ModelPress press, Budget budget, Consumer<String> notices) {
    requirePress(context.length, List.of(), press);
    PressCalls calls = new PressCalls(press, budget);
    Context compressed = compress(context, press, calls);
    calls.notices().forEach(notices);
    return compressed;
  }

  /** The same for callers to whom the remarks of the press say nothing. */
  public Context compress(int[] context, ModelPress press, Budget budget) {
    return compress(context, press, budget, remark -> {});
  }

  /**
   * What a press remembers that cannot be kept in a file, told from the first tokens of a context
   * before all of it is read; empty where contexts with it can be saved.
   *
   * @param context token ids, at least one
   */
  public Optional<String> unsavable(int[] context, ModelPress press, Budget budget) {
    if (!press.evictsWhileDecoding()) {
      return Optional.empty();
    }
    int[] first = Arrays.copyOf(context, Math.min(TRIED_TOKENS, context.length));
    try (Context tried = compress(first, press, budget)) {
      return ContextFiles.unsavable(tried.layers());
    }
  }

  private Context compress(int[] context, ModelPress press, PressCalls calls) {
    Context compressed = model.start(1, press.needs()).allowFused(0);
    boolean done = false;
    try {
      TokenGenerator.requirePositions(model, compressed, context.length, "context");
      compressed.prefill(context, chunkSize);
      calls.compressPrompt(compressed);
      done = true;
      return compressed;
    } finally {
      if (!done) {
        compressed.close();
      }
    }
  }

  /**
   * Answers questions on a context that was compressed before, here or in another process. It stays
   * as it is, and the caller's to close.
   *
   * @param press goes on after each pass if it evicts while decoding; any other is not asked
   * @return one answer for each question, in order
   * @throws IllegalArgumentException if a question exceeds the model's positions
   */
  public List<TokenResult> answer(
      Context compressed, List<int[]> questions, ModelPress press, Budget budget) {
    checkArgument(compressed.isOneRowOf(model), "the context must be one row of this model's");
    requirePress(compressed.tokensSeen(), questions, press);
    return answer(compressed, questions, new PressCalls(press, budget));
  }

  private void requirePress(int seen, List<int[]> questions, ModelPress press) {
    int longest = questions.stream().mapToInt(question -> question.length).max().orElse(0);
    model.requirePress(
        press.getClass().getSimpleName(),
        press,
        Ints.saturatedCast((long) seen + longest + maxNewTokens));
    for (int[] question : questions) {
      checkArgument(question.length >= 1, "a question must have at least one token");
    }
  }

  private List<TokenResult> answer(Context compressed, List<int[]> questions, PressCalls calls) {
    for (int[] question : questions) {
      TokenGenerator.requirePositions(model, compressed, question.length, "question");
    }
    List<TokenResult> answers = new ArrayList<>();
    for (int[] question : questions) {
      try (Context fork = compressed.fork()) {
        answers.add(answer(calls.fork(), fork, question));
      }
    }
    return answers;
  }

  /**
   * Begins a conversation that is compressed again whenever it has grown beyond a bound.
   *
   * @param context token ids, at least one
   * @return the caller's to close
   * @throws IllegalArgumentException if the context exceeds the model's positions
   */
  public RunningConversation converse(int[] context, CachePolicy policy) {
    ModelPress press = policy.following();
    requirePress(context.length, List.of(), press);
    Context begun = compress(context, press, new PressCalls(press, Budget.FULL));
    return new RunningConversation(this, begun, policy);
  }

  /**
   * Goes on with a conversation, for instance out of a file; the context stays the caller's.
   *
   * @param begun observes what the policy's press needs
   * @return the caller's to close
   */
  public RunningConversation converse(Context begun, CachePolicy policy) {
    checkArgument(begun.isOneRowOf(model), "the context must be one row of this model's");
    checkArgument(
        begun.observed().containsAll(policy.press().needs()),
        "the context does not observe what %s needs; begin the conversation with the press that is to go on",
        policy.press().getClass().getSimpleName());
    requirePress(begun.tokensSeen(), List.of(), policy.following());
    return new RunningConversation(this, begun.fork(), policy);
  }

  DecoderModel model() {
    return model;
  }

  TokenResult answer(PressCalls calls, Context fork, int[] question) {
    int[] context = fork.ids().toArray();
    long start = System.nanoTime();
    Logits last = null;
    for (int from = 0; from < question.length; from += chunkSize) {
      int to = Math.min(question.length, from + chunkSize);
      last = fork.forward(Arrays.copyOfRange(question, from, to));
      calls.compressStep(fork);
    }
    long nanos = System.nanoTime() - start;
    Answer.Terms terms =
        new Answer.Terms(TokenChoice.GREEDY, maxNewTokens, isEnd, TokenListener.NONE);
    return new Answer(model, fork, calls, terms, Ints.concat(context, question), nanos)
        .run(requireNonNull(last));
  }
}
