package dev.kvpress.compare.task;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.metric.AnswerMatch;
import dev.kvpress.compare.metric.StringMatch;
import dev.kvpress.compare.metric.official.AnswerLengths;
import dev.kvpress.compare.metric.official.Expected;
import dev.kvpress.compare.metric.official.OfficialScores;
import dev.kvpress.compare.metric.official.ScoreColumn;
import dev.kvpress.compare.prompt.PromptTokens;
import dev.kvpress.compare.prompt.PromptWriter;
import dev.kvpress.compare.ruler.RulerTask;
import dev.kvpress.compare.shape.catalog.FewShot;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Question answering: a question about a context is answered greedily on the compressed cache, and
 * the text is held against the expected ones. Columns of kvpress's and LongBench's files.
 *
 * <p>{@code string_match} is 1 if any expected answer occurs in the text as whole words; in rows of
 * RULER ({@code task}) it is RULER's own measure, which takes parts of words too. {@code f1} and
 * {@code exact_match} are SQuAD's. Rows of a data set that has a measure of its own have that
 * figure too ({@link OfficialScores}).
 */
public final class QaTask implements Task {
  /** Whether an expected answer occurs in the text. */
  public static final String STRING_MATCH = "string_match";

  /** F1 of words. */
  public static final String F1 = "f1";

  /** Whether the words are those of an expected answer. */
  public static final String EXACT_MATCH = "exact_match";

  /** Enough for LongBench's short answers and RULER's questions. */
  private static final int MAX_NEW_TOKENS = 32;

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
    ImmutableList.Builder<Metric> metrics = ImmutableList.builder();
    metrics.add(
        Metric.mean(STRING_MATCH, "answers found", "fraction", true),
        Metric.mean(F1, "F1 of words", "fraction", true),
        Metric.mean(EXACT_MATCH, "exact match", "fraction", true));
    for (ScoreColumn column : ScoreColumn.values()) {
      metrics.add(Metric.mean(column.id(), column.label(), "fraction", true));
    }
    return metrics.build();
  }

  @Override
  public Set<String> measuresOfDataSets() {
    return Arrays.stream(ScoreColumn.values()).map(ScoreColumn::id).collect(Collectors.toSet());
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
        shots
            .training()
            .map(file -> FewShot.ofQuestions(input.data(), file, shots.count(), prompts::solved))
            .orElse("");
    return Sieve.of(
        input,
        input.data().questions(),
        question -> {
          requireCountable(question);
          PromptTokens tokens =
              Sieve.placed(question.origin(), () -> prompts.question(question, prefix, ""));
          int most = input.options().maxNewTokens().orElseGet(() -> most(question));
          return new Asked(question, tokens, most, tokenizer);
        });
  }

  /** As long as the row says, or as its benchmark lets answers be. */
  private static int most(Question question) {
    return question
        .maxNewTokens()
        .orElseGet(
            () ->
                question
                    .task()
                    .map(AnswerLengths::of)
                    .orElse(OptionalInt.empty())
                    .orElse(MAX_NEW_TOKENS));
  }

  /** The share or presence of expected answers in a text, as the row's benchmark counts. */
  static double stringMatch(Question question, String text) {
    Optional<RulerTask> ruler =
        Arrays.stream(RulerTask.values())
            .filter(task -> question.task().filter(task.id()::equals).isPresent())
            .findFirst();
    return ruler
        .map(task -> task.score(text, question.answers()))
        .orElseGet(() -> StringMatch.anyWord(text, question.answers()));
  }

  /** The measures of the data set that a row says it is of. */
  private static List<OfficialScores.Entry> official(Question question) {
    return question.task().map(OfficialScores::of).orElse(List.of());
  }

  private static Expected expected(Question question) {
    return new Expected(question.answers(), question.classes());
  }

  /** What no answer could be held against is told before anything runs. */
  private static void requireCountable(Question question) {
    if (question.answers().stream().allMatch(String::isBlank)) {
      throw new DataException(
          question.origin().place()
              + "answers: expected at least one that is not blank, found none; leave the line out");
    }
    for (OfficialScores.Entry entry : official(question)) {
      entry
          .score()
          .fault(expected(question))
          .ifPresent(
              fault -> {
                throw new DataException(
                    "%s%s (%s of %s needs it); leave the line out or name another task"
                        .formatted(
                            question.origin().place(),
                            fault,
                            entry.score().id(),
                            entry.benchmark()));
              });
    }
  }

  /**
   * All figures of an answer.
   *
   * @param text what is shown of it
   */
  private static Map<String, Figure> figures(Question question, String raw, String text) {
    ImmutableMap.Builder<String, Figure> figures = ImmutableMap.builder();
    figures.put(STRING_MATCH, Figure.of(stringMatch(question, text)));
    figures.put(F1, Figure.of(AnswerMatch.f1(text, question.answers())));
    figures.put(EXACT_MATCH, Figure.of(AnswerMatch.exact(text, question.answers())));
    for (OfficialScores.Entry entry : official(question)) {
      figures.put(entry.score().column().id(), Figure.of(entry.score(raw, expected(question))));
    }
    return figures.buildOrThrow();
  }

  private record Asked(Question question, PromptTokens tokens, int most, Tokenizer tokenizer)
      implements PromptProbe {
    @Override
    public int sample() {
      return question.origin().index();
    }

    @Override
    public OptionalDouble depth() {
      return question.depth();
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
        String raw = written.raw();
        String text =
            official(question).stream()
                .findFirst()
                .map(entry -> entry.counted(raw).strip())
                .orElseGet(written::text);
        return Answer.of(written.tokens(), figures(question, raw, text), text, question.answers());
      }
    }
  }
}
