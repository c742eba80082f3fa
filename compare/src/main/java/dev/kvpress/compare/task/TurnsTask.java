package dev.kvpress.compare.task;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.Dialogue;
import dev.kvpress.compare.metric.StringMatch;
import dev.kvpress.compare.metric.official.AnswerLengths;
import dev.kvpress.compare.metric.official.Expected;
import dev.kvpress.compare.metric.official.OfficialScores;
import dev.kvpress.compare.prompt.DialogueTokens;
import dev.kvpress.compare.prompt.PromptWriter;
import dev.kvpress.runtime.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Several questions about one compressed context, in SCBench's two ways: as one conversation, in
 * which each question follows the right answer to the one before, or each by itself on the context
 * as it was compressed. A turn counts by the measure of its data set, else by whether an expected
 * answer occurs as whole words.
 */
public final class TurnsTask implements Task {
  /** Turns that have a metric of their own; later ones count in the whole alone. */
  private static final int MOST_TURNS = 10;

  private static final int MAX_NEW_TOKENS = 32;

  private final Way way;

  /** How turns follow each other. */
  private enum Way {
    CONVERSATION(
        "multi_turn",
        "questions on a context as one conversation that goes on; context, multi_turns",
        "accuracy in conversation"),
    REQUESTS(
        "multi_request",
        "questions on a context, each by itself; context, multi_turns",
        "accuracy by request");

    private final String id;
    private final String words;
    private final String label;

    Way(String id, String words, String label) {
      this.id = id;
      this.words = words;
      this.label = label;
    }
  }

  private TurnsTask(Way way) {
    this.way = way;
  }

  /** The conversation goes on, with the right answer to each question. */
  public static TurnsTask conversation() {
    return new TurnsTask(Way.CONVERSATION);
  }

  /** Each question finds the context as it was compressed. */
  public static TurnsTask requests() {
    return new TurnsTask(Way.REQUESTS);
  }

  @Override
  public String name() {
    return way.id;
  }

  @Override
  public String description() {
    return way.words;
  }

  @Override
  public List<Metric> metrics() {
    ImmutableList.Builder<Metric> metrics = ImmutableList.builder();
    metrics.add(Metric.mean(accuracy(), way.label, "fraction", true));
    for (int turn = 1; turn <= MOST_TURNS; turn++) {
      metrics.add(Metric.mean(accuracy(turn), "accuracy of turn " + turn, "fraction", true));
    }
    return metrics.build();
  }

  private String accuracy() {
    return way.id + "_accuracy";
  }

  private String accuracy(int turn) {
    return accuracy() + "_" + turn;
  }

  @Override
  public boolean usesChatTemplate() {
    return true;
  }

  @Override
  public TaskData read(TaskInput input) {
    if (input.options().queryAware()) {
      throw new DataException(
          "--query-aware: task %s asks several questions about one compressed context, so none can be part of it; leave the option or the task out"
              .formatted(name()));
    }
    Tokenizer tokenizer = Sieve.tokenizer(input);
    PromptWriter prompts = Sieve.prompts(input, tokenizer);
    return Sieve.of(
        input, input.data().dialogues(), dialogue -> asked(input, dialogue, prompts, tokenizer));
  }

  private Asked asked(
      TaskInput input, Dialogue dialogue, PromptWriter prompts, Tokenizer tokenizer) {
    try {
      requireCountable(dialogue);
      DialogueTokens tokens = prompts.dialogue(dialogue, way == Way.CONVERSATION);
      OptionalInt given = input.options().maxNewTokens();
      List<Integer> most =
          dialogue.turns().stream().map(turn -> given.orElseGet(() -> most(turn))).toList();
      return new Asked(this, dialogue, tokens, most, tokenizer);
    } catch (IllegalArgumentException e) {
      throw new DataException(dialogue.origin().place() + e.getMessage(), e);
    }
  }

  private static int most(Dialogue.Turn turn) {
    return turn.task().map(AnswerLengths::of).orElse(OptionalInt.empty()).orElse(MAX_NEW_TOKENS);
  }

  /** A turn that nothing the model says could get right is told before anything runs. */
  private static void requireCountable(Dialogue dialogue) {
    for (int i = 0; i < dialogue.turns().size(); i++) {
      Dialogue.Turn turn = dialogue.turns().get(i);
      Optional<String> fault =
          turn.answers().stream().anyMatch(TurnsTask::hasWord)
              ? official(turn).stream()
                  .findFirst()
                  .flatMap(
                      entry ->
                          entry
                              .score()
                              .fault(expected(turn))
                              .map(text -> "%s (%s needs it)".formatted(text, entry.score().id())))
              : Optional.of(
                  "answer: expected a text with a letter or a digit, found " + turn.answers());
      if (fault.isPresent()) {
        throw new IllegalArgumentException(
            "multi_turns[%d]: %s; leave the row out".formatted(i, fault.get()));
      }
    }
  }

  private static boolean hasWord(String answer) {
    return answer.codePoints().anyMatch(Character::isLetterOrDigit);
  }

  private static List<OfficialScores.Entry> official(Dialogue.Turn turn) {
    return turn.task().map(OfficialScores::of).orElse(List.of());
  }

  private static Expected expected(Dialogue.Turn turn) {
    return new Expected(turn.answers(), List.of());
  }

  private static double score(Dialogue.Turn turn, String raw, String text) {
    List<OfficialScores.Entry> official = official(turn);
    return official.isEmpty()
        ? StringMatch.anyWord(text, turn.answers())
        : official.get(0).score(raw, expected(turn));
  }

  private record Asked(
      TurnsTask task,
      Dialogue dialogue,
      DialogueTokens tokens,
      List<Integer> most,
      Tokenizer tokenizer)
      implements Probe {
    @Override
    public int sample() {
      return dialogue.origin().index();
    }

    @Override
    public ImmutableIntArray context() {
      return tokens.context();
    }

    @Override
    public ImmutableIntArray asked() {
      return tokens.turns().get(0);
    }

    @Override
    public int furtherTokens() {
      int passed = 0;
      int furthest = 0;
      for (int i = 0; i < most.size(); i++) {
        int own = tokens.turns().get(i).length();
        passed = task.way == Way.CONVERSATION ? passed + own : own;
        // The last token of an answer is not passed: nothing follows it.
        furthest = Math.max(furthest, Ints.saturatedCast((long) passed + most.get(i) - 1));
      }
      return furthest;
    }

    @Override
    public List<String> expected() {
      return dialogue.turns().stream().map(turn -> turn.answers().get(0)).toList();
    }

    @Override
    public String content() {
      return Joiner.on('\n').join(tokens.turns(), most, dialogue.turns());
    }

    @Override
    public Answer ask(Turn turn) {
      List<Written> written = task.way == Way.CONVERSATION ? conversation(turn) : requests(turn);
      ImmutableMap.Builder<String, Figure> figures = ImmutableMap.builder();
      List<String> texts = new ArrayList<>();
      double sum = 0;
      int generated = 0;
      for (int i = 0; i < written.size(); i++) {
        Written answer = written.get(i);
        double score = score(dialogue.turns().get(i), answer.raw(), answer.text());
        sum += score;
        generated += answer.tokens();
        texts.add(answer.text());
        if (i < MOST_TURNS) {
          figures.put(task.accuracy(i + 1), Figure.of(score));
        }
      }
      Map<String, Figure> all =
          figures.put(task.accuracy(), new Figure(sum, written.size())).buildOrThrow();
      return Answer.of(generated, all, Joiner.on('\n').join(texts), expected());
    }

    /** What the model says is left on a fork: the conversation goes on with the right answer. */
    private List<Written> conversation(Turn turn) {
      List<Written> written = new ArrayList<>();
      try (Conversation cache = turn.decoding()) {
        for (int i = 0; i < most.size(); i++) {
          cache.read(tokens.turns().get(i));
          try (Conversation fork = cache.fork()) {
            written.add(Written.by(fork, tokenizer, most.get(i), List.of()));
          }
        }
      }
      return written;
    }

    private List<Written> requests(Turn turn) {
      List<Written> written = new ArrayList<>();
      for (int i = 0; i < most.size(); i++) {
        try (Conversation cache = turn.decoding()) {
          cache.read(tokens.turns().get(i));
          written.add(Written.by(cache, tokenizer, most.get(i), List.of()));
        }
      }
      return written;
    }
  }
}
