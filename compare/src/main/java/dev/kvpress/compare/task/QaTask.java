package dev.kvpress.compare.task;

import com.google.common.base.Joiner;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.metric.AnswerMatch;
import dev.kvpress.compare.metric.LongBenchScore;
import dev.kvpress.compare.metric.StringMatch;
import dev.kvpress.compare.prompt.PromptTokens;
import dev.kvpress.compare.prompt.PromptWriter;
import dev.kvpress.compare.ruler.RulerTask;
import dev.kvpress.compare.shape.catalog.FewShot;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Question answering: a question about a context is answered greedily on the compressed cache, and
 * the text is held against the expected ones. Columns of kvpress's and LongBench's files.
 *
 * <p>{@code string_match} is 1 if any expected answer occurs in the text; in rows of RULER ({@code
 * task}) it is the share of them, as RULER and kvpress count. {@code f1} and {@code exact_match}
 * are SQuAD's. As in LongBench, of answers to its tasks trec, triviaqa, samsum and lsht only the
 * first line counts.
 */
public final class QaTask implements Task {
  /** Whether an expected answer occurs in the text. */
  public static final String STRING_MATCH = "string_match";

  /** F1 of words. */
  public static final String F1 = "f1";

  /** Whether the words are those of an expected answer. */
  public static final String EXACT_MATCH = "exact_match";

  /** The measure of a LongBench data set. */
  public static final String LONGBENCH_SCORE = "longbench_score";

  /** Enough for LongBench's short answers and RULER's questions. */
  private static final int MAX_NEW_TOKENS = 32;

  private static final Set<String> FIRST_LINE = Set.of("trec", "triviaqa", "samsum", "lsht");
  private static final Splitter LINES = Splitter.on('\n');

  @Override
  public String name() {
    return "qa";
  }

  @Override
  public String description() {
    return "generated answer to a question on a context; context, question, answer or answers";
  }

  @Override
  public List<Metric> metrics() {
    return List.of(
        Metric.mean(STRING_MATCH, "answers found", "fraction", true),
        Metric.mean(F1, "F1 of words", "fraction", true),
        Metric.mean(EXACT_MATCH, "exact match", "fraction", true),
        Metric.mean(LONGBENCH_SCORE, "LongBench score", "fraction", true));
  }

  @Override
  public boolean usesChatTemplate() {
    return true;
  }

  @Override
  public TaskData read(TaskInput input) {
    Tokenizer tokenizer = Sieve.tokenizer(input);
    PromptWriter prompts = Sieve.prompts(input, tokenizer);
    TaskOptions.Shots shots = input.options().shots();
    String prefix =
        shots.training().map(file -> FewShot.ofQuestions(file, shots.count())).orElse("");
    return Sieve.of(
        input,
        input.data().questions(),
        question -> {
          PromptTokens tokens =
              Sieve.placed(question.origin(), () -> prompts.question(question, prefix, ""));
          int most =
              input.options().maxNewTokens().orElse(question.maxNewTokens().orElse(MAX_NEW_TOKENS));
          return new Asked(question, tokens, most, tokenizer);
        });
  }

  /** The share or presence of expected answers in a text, as the row's benchmark counts. */
  static double stringMatch(Question question, String text) {
    Optional<RulerTask> ruler =
        Arrays.stream(RulerTask.values())
            .filter(task -> question.task().filter(task.id()::equals).isPresent())
            .findFirst();
    return ruler
        .map(task -> task.score(text, question.answers()))
        .orElseGet(() -> StringMatch.any(text, question.answers()));
  }

  private static Map<String, Figure> figures(Question question, String text) {
    ImmutableMap.Builder<String, Figure> figures = ImmutableMap.builder();
    figures.put(STRING_MATCH, Figure.of(stringMatch(question, text)));
    figures.put(F1, Figure.of(AnswerMatch.f1(text, question.answers())));
    figures.put(EXACT_MATCH, Figure.of(AnswerMatch.exact(text, question.answers())));
    question
        .task()
        .flatMap(LongBenchScore::of)
        .map(score -> Figure.of(score.score(text, question.answers(), question.classes())))
        .ifPresent(score -> figures.put(LONGBENCH_SCORE, score));
    return figures.build();
  }

  private record Asked(Question question, PromptTokens tokens, int most, Tokenizer tokenizer)
      implements PromptProbe {
    @Override
    public int sample() {
      return question.origin().index();
    }

    @Override
    public String content() {
      return Joiner.on('\n')
          .join(
              tokens.question(),
              most,
              question.answers(),
              question.classes(),
              question.task().orElse(""));
    }

    @Override
    public List<String> expected() {
      return question.answers();
    }

    @Override
    public Answer ask(Turn turn) {
      try (Conversation cache = turn.decoding()) {
        cache.read(tokens.question());
        Written written = Written.by(cache, tokenizer, most, List.of());
        String text = written.text();
        if (question.task().filter(FIRST_LINE::contains).isPresent()) {
          text = LINES.splitToList(text).get(0);
        }
        return Answer.of(written.tokens(), figures(question, text), text, question.answers());
      }
    }
  }
}
