package dev.kvpress.compare.task;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.SampleReader;
import dev.kvpress.compare.prompt.PromptTokens;
import dev.kvpress.compare.prompt.PromptWriter;
import dev.kvpress.compare.ruler.RulerGenerator;
import dev.kvpress.compare.ruler.RulerTask;
import dev.kvpress.compare.ruler.RulerText;
import dev.kvpress.compare.shape.catalog.DataSource;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Generated retrieval, tracing, counting and question tasks ({@link RulerGenerator}); the data file
 * is the text in which things are hidden. Samples of all types and lengths alternate, so that every
 * number of samples is a mixture; {@code ruler_score} is the mean over samples, and each type has a
 * score of its own.
 */
public final class RulerSuite implements Task {
  /** Mean score of all types. */
  public static final String RULER_SCORE = "ruler_score";

  private static final String TYPE_SCORE = "ruler_";
  private static final int LENGTH = 1024;

  /** What alternates. */
  private record Kind(RulerTask type, int length) {}

  /** Of each type and length, where no number is given. */
  private static final int SAMPLES = 3;

  /** More questions make no better sample. */
  private static final int MOST_QUESTIONS = 500;

  @Override
  public String name() {
    return "ruler";
  }

  @Override
  public String description() {
    return "generated retrieval, tracing, counting and questions of RULER; any text to hide them in";
  }

  @Override
  public List<Metric> metrics() {
    ImmutableList.Builder<Metric> metrics = ImmutableList.builder();
    metrics.add(Metric.mean(RULER_SCORE, "RULER score", "fraction", true));
    for (RulerTask type : RulerTask.values()) {
      metrics.add(Metric.mean(TYPE_SCORE + type.id(), "RULER " + type.id(), "fraction", true));
    }
    return metrics.build();
  }

  @Override
  public boolean usesChatTemplate() {
    return true;
  }

  @Override
  public TaskData read(TaskInput input) {
    Tokenizer tokenizer = Sieve.tokenizer(input);
    TaskOptions.Ruler options = input.options().ruler();
    RulerGenerator generator =
        new RulerGenerator(
            RulerText.ofDocuments(input.file(), input.data().documents()),
            options.wording(),
            text -> tokenizer.encode(text).length,
            input.options().seed());
    options.questions().ifPresent(file -> giveQuestions(generator, file));
    List<RulerTask> types =
        options.types().isEmpty() ? List.of(RulerTask.values()) : options.types();
    List<Integer> lengths =
        options.lengths().isEmpty() ? List.of(usualLength(input)) : options.lengths();
    int each = input.maxSamples() == Integer.MAX_VALUE ? SAMPLES : Integer.MAX_VALUE;
    Sieve sieve = new Sieve(input);
    Set<String> leftOut = new LinkedHashSet<>();
    Set<Kind> impossible = new HashSet<>();
    List<Kind> mixture = new ArrayList<>();
    lengths.forEach(length -> types.forEach(type -> mixture.add(new Kind(type, length))));
    int index = 0;
    for (int number = 0; number < each && impossible.size() < mixture.size(); number++) {
      for (Kind kind : mixture) {
        if (sieve.isFull()) {
          break;
        }
        if (!impossible.contains(kind)) {
          try {
            Question sample = generator.sample(kind.type(), kind.length(), number);
            sieve.add(probe(index, kind.type(), sample, input, tokenizer));
            index++;
          } catch (IllegalArgumentException | DataException e) {
            impossible.add(kind);
            leftOut.add("ruler: leaves out " + e.getMessage());
          }
        }
      }
      if (sieve.isFull()) {
        break;
      }
    }
    if (impossible.size() == mixture.size() || (!options.types().isEmpty() && !leftOut.isEmpty())) {
      throw new DataException(input.file() + ": " + String.join("; ", leftOut));
    }
    leftOut.forEach(text -> sieve.notice(Remark.onFigures(text)));
    return sieve.data();
  }

  private static int usualLength(TaskInput input) {
    int longestAnswer = input.options().maxNewTokens().orElse(128);
    return Math.max(1, Math.min(LENGTH, input.rules().limit() - longestAnswer));
  }

  private static void giveQuestions(RulerGenerator generator, Path file) {
    List<Question> questions;
    try (SampleReader<Question> reader = DataSource.of(file, "qa").questions()) {
      questions = reader.atMost(MOST_QUESTIONS);
    }
    generator.questions(RulerTask.QA_1, questions).questions(RulerTask.QA_2, questions);
  }

  private static Asked probe(
      int index, RulerTask type, Question sample, TaskInput input, Tokenizer tokenizer) {
    PromptWriter prompts = Sieve.prompts(input, tokenizer);
    PromptTokens tokens = Sieve.placed(sample.origin(), () -> prompts.question(sample, "", ""));
    int most = input.options().maxNewTokens().orElse(sample.maxNewTokens().orElseThrow());
    return new Asked(index, type, sample.answers(), sample.depth(), tokens, most, tokenizer);
  }

  private record Asked(
      int sample,
      RulerTask type,
      List<String> answers,
      OptionalDouble depth,
      PromptTokens tokens,
      int most,
      Tokenizer tokenizer)
      implements PromptProbe {
    @Override
    public String content() {
      return Joiner.on('\n').join(type, tokens.question(), most, answers);
    }

    @Override
    public List<String> expected() {
      return answers;
    }

    @Override
    public Answer ask(Turn turn) {
      try (Conversation cache = turn.decoding()) {
        cache.read(tokens.question());
        Written written = Written.by(cache, tokenizer, most, List.of());
        Figure score = Figure.of(type.score(written.text(), answers));
        return Answer.of(
            written.tokens(),
            Map.of(RULER_SCORE, score, TYPE_SCORE + type.id(), score),
            written.text(),
            answers);
      }
    }
  }
}
