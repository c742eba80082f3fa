package dev.kvpress.compare.ruler;

import com.google.common.base.Splitter;
import com.google.common.hash.Hashing;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.Joints;
import dev.kvpress.compare.data.Origin;
import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.ruler.RulerTask.Haystack;
import dev.kvpress.compare.ruler.RulerTask.Needles;
import dev.kvpress.compare.ruler.RulerWording.Asked;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;

/**
 * Makes samples of the RULER tasks. A sample is a pure function of (seed, task, length, number);
 * the same numbers at another length hide the same things in more or less filler.
 *
 * <p>The length of a sample is the tokens of its context and of what is asked behind it ({@link
 * Question#prompt}), each encoded by itself, without the answer; subtract the longest answer where
 * it must fit too. It is as near to the wanted length as words allow and never above.
 */
public final class RulerGenerator {
  private static final int CHAIN_HOPS = 4;
  private static final Splitter BLANKS = Splitter.on(' ');

  /** Frequencies of common and other words, the most demanding first. */
  private static final int[][] LIST_FREQUENCIES = {{30, 3}, {10, 2}, {4, 1}};

  private final RulerText text;
  private final RulerWording wording;
  private final ToIntFunction<String> tokens;
  private final long seed;
  private final Map<RulerTask, Pool> pools = new EnumMap<>(RulerTask.class);

  private record Pool(List<Question> questions, Passages passages) {}

  /**
   * A generator without questions of its own, so without {@code qa_1} and {@code qa_2}.
   *
   * @param text what things are hidden in
   * @param wording in which words
   * @param tokens the number of tokens of a text
   * @param seed decides every draw
   */
  public RulerGenerator(
      RulerText text, RulerWording wording, ToIntFunction<String> tokens, long seed) {
    this.text = Objects.requireNonNull(text, "text is null");
    this.wording = Objects.requireNonNull(wording, "wording is null");
    this.tokens = Objects.requireNonNull(tokens, "tokens is null");
    this.seed = seed;
  }

  /**
   * Gives the questions of a question task. For {@code qa_1} those are used whose answer stands in
   * one sentence, with the sentences around it; for {@code qa_2} contexts are used whole, since
   * facts may stand apart in them.
   *
   * @throws IllegalArgumentException if the task takes no questions or there are none
   */
  public RulerGenerator questions(RulerTask task, List<Question> questions) {
    if (!task.isQuestionAnswering() || questions.isEmpty()) {
      throw new IllegalArgumentException(
          "expected qa_1 or qa_2 and at least one question, found %s and %d questions"
              .formatted(task.id(), questions.size()));
    }
    pools.put(task, new Pool(List.copyOf(questions), new Passages(questions)));
    return this;
  }

  /** Whether all is there that a task needs. */
  public boolean offers(RulerTask task) {
    return !task.isQuestionAnswering() || pools.containsKey(task);
  }

  /**
   * A sample.
   *
   * @param length tokens of context and question, at most
   * @param number of the sample, from 0
   * @throws IllegalArgumentException if the task does not fit into the length
   * @throws DataException if the task's questions are missing or none of them fits
   */
  public Question sample(RulerTask task, int length, int number) {
    long draw =
        Hashing.murmur3_128()
            .newHasher()
            .putLong(seed)
            .putInt(task.ordinal())
            .putInt(number)
            .hash()
            .asLong();
    SplittableRandom random = new SplittableRandom(draw);
    Draft draft =
        task.isQuestionAnswering() ? question(task, length, random) : draft(task, length, random);
    return new Fitting(task, draft, random.nextInt(text.size())).fit(length, number);
  }

  private Draft draft(RulerTask task, int length, SplittableRandom random) {
    Optional<Needles> needles = task.needles();
    if (needles.isPresent()) {
      return needles.get().haystack() == Haystack.NEEDLES
          ? FillerDraft.amongNeedles(needles.get(), wording, random)
          : FillerDraft.needles(needles.get(), text, wording, random);
    }
    return switch (task) {
      case VT -> FillerDraft.chain(CHAIN_HOPS, text, wording, random);
      case FWE -> new ListDraft.Frequent(wording, random);
      case CWE -> common(length, random);
      default -> throw new IllegalStateException(task.id() + " has no draft");
    };
  }

  private Draft common(int length, SplittableRandom random) {
    long draw = random.nextLong();
    Draft draft = null;
    for (int[] frequencies : LIST_FREQUENCIES) {
      draft =
          new ListDraft.Common(wording, new SplittableRandom(draw), frequencies[0], frequencies[1]);
      if (new Fitting(RulerTask.CWE, draft, 0).tokens(draft.least(), 0) <= length) {
        break;
      }
    }
    return Objects.requireNonNull(draft);
  }

  private Draft question(RulerTask task, int length, SplittableRandom random) {
    Pool pool = pools.get(task);
    if (pool == null) {
      throw new DataException(
          task.id() + ": expected questions with contexts, found none; give a file of questions");
    }
    int first = random.nextInt(pool.questions().size());
    for (int i = 0; i < pool.questions().size(); i++) {
      int asked = (first + i) % pool.questions().size();
      Question question = pool.questions().get(asked);
      String own = task == RulerTask.QA_1 ? Passages.around(question) : question.context();
      if (!own.isEmpty()) {
        Draft draft =
            new PassageDraft(pool.passages(), question, asked, own, wording, random.split());
        if (new Fitting(task, draft, 0).tokens(0, 0) <= length) {
          return draft;
        }
      }
    }
    throw new DataException(
        "%s: none of the %d questions fits into %d tokens%s; raise the length or give shorter contexts"
            .formatted(
                task.id(),
                pool.questions().size(),
                length,
                task == RulerTask.QA_1 ? " or has its answer in a sentence" : ""));
  }

  /** One draft on its way to its length. */
  private final class Fitting {
    private final RulerTask task;
    private final Draft draft;
    private final String prompt;
    private final int promptTokens;
    private final int padStart;

    Fitting(RulerTask task, Draft draft, int padStart) {
      this.task = task;
      this.draft = draft;
      this.padStart = padStart;
      Asked asked = draft.asked();
      this.prompt = Joints.join(asked.question(), asked.prefix());
      this.promptTokens = tokens.applyAsInt(" " + prompt);
    }

    Question fit(int length, int number) {
      int least = tokens(draft.least(), 0);
      if (least > length) {
        throw new IllegalArgumentException(
            "%s needs at least %d tokens for context and question, found a length of %d; raise the length"
                .formatted(task.id(), least, length));
      }
      int units = LengthFit.largest(draft.least(), draft.most(), least, length, u -> tokens(u, 0));
      int pad = pad(units, length);
      Asked asked = draft.asked();
      return new Question(
          new Origin(number, "ruler " + task.id(), number + 1),
          context(units, pad),
          asked.question(),
          asked.answers(),
          asked.prefix(),
          OptionalInt.of(wording.maxNewTokens(task)),
          Optional.of(task.id()),
          draft.depth(units),
          List.of(),
          wording.isRunningText());
    }

    /** Words for what is left: less than a unit, or more where a task has no more of them. */
    private int pad(int units, int length) {
      int room = length - tokens(units, 0);
      int none = tokens.applyAsInt("");
      // Counted by themselves, since counting the whole text again and again takes long.
      int pad =
          LengthFit.largest(
              0, Math.max(1, room), 0, room, w -> tokens.applyAsInt(ending(w)) - none);
      while (pad > 0 && tokens(units, pad) > length) {
        pad--;
      }
      return pad;
    }

    int tokens(int units, int pad) {
      return tokens.applyAsInt(context(units, pad)) + promptTokens;
    }

    private String context(int units, int pad) {
      StringBuilder context = new StringBuilder(wording.intro(task));
      append(context, ending(pad));
      for (String piece : draft.body(units)) {
        append(context, piece);
      }
      return context.toString().stripTrailing();
    }

    private static void append(StringBuilder context, String piece) {
      if (!piece.isEmpty()) {
        boolean joined =
            context.length() == 0 || Character.isWhitespace(context.charAt(context.length() - 1));
        context.append(joined ? "" : " ").append(piece);
      }
    }

    /** The last words of the text before a place, as if the sample began in the middle of it. */
    private String ending(int words) {
      String ending = "";
      int left = words;
      for (long s = padStart - 1L; left > 0; s--) {
        List<String> sentence = BLANKS.splitToList(text.sentence(s));
        int taken = Math.min(left, sentence.size());
        ending =
            Joints.join(
                String.join(" ", sentence.subList(sentence.size() - taken, sentence.size())),
                ending);
        left -= taken;
      }
      return ending;
    }
  }
}
