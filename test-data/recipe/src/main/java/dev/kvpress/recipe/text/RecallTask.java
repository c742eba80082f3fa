package dev.kvpress.recipe.text;

import dev.kvpress.recipe.text.Document.Span;
import dev.kvpress.recipe.text.Texts.Split;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/**
 * Retrieval examples in the manner of RULER (Hsieh et al., 2024): a long story in which facts are
 * stated like any other sentence, then a question whose answer is one of them.
 *
 * <p>The context also asks and answers other facts of its own, and in every second example the one
 * that is asked in the end ({@code rehearsed}), so that a reader of attention can see what facts
 * are worth before the question comes.
 */
public final class RecallTask {
  private static final int CHAIN_LINKS = 3;
  private static final int OTHER_FACTS = 4;
  private static final int RIVALS = 6;

  /** What is asked. */
  public enum Kind {
    /** One fact of its kind. */
    SINGLE,
    /** Facts of the same kind about other names stand around it. */
    MULTI_KEY,
    /** The key has two values, the answer names both in order. */
    MULTI_VALUE,
    /** Three links; the answer spells them all. */
    CHAIN;

    /** The name in data files. */
    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT).replace("_", "");
    }
  }

  /**
   * An example. The model reads context, a space, question, a space, and should go on with answer.
   *
   * @param kind what is asked
   * @param depth where in the context the fact (or its first part) stands, in percent
   * @param rehearsed whether the context itself asks and answers the same question
   * @param context without the question
   * @param question ends with the beginning of its answer
   * @param answer without a full stop
   * @param rivals values that the context gives to other names in the same relation
   */
  public record Example(
      Kind kind,
      int depth,
      boolean rehearsed,
      String context,
      String question,
      String answer,
      List<String> rivals) {
    public Example {
      rivals = List.copyOf(rivals);
    }
  }

  private final Texts texts;
  private final ToIntFunction<String> tokens;

  /** Builds examples whose length is counted by {@code tokens}. */
  public RecallTask(Texts texts, ToIntFunction<String> tokens) {
    this.texts = texts;
    this.tokens = tokens;
  }

  /**
   * An example.
   *
   * @param number of the example within its split, kind and depth
   * @param depth of the fact in percent of the context
   * @param length tokens of the context, hit to within a sentence
   */
  public Example example(Split split, Kind kind, long number, int depth, int length) {
    Random random = Texts.random(split, "TASK_" + kind, number * 101 + depth);
    boolean rehearsed = depth < 100 && random.nextBoolean();
    Story story = new Story(texts.words, texts.sentences, Set.of(), random);
    Set<String> castNames = new HashSet<>();
    for (int i = 0; i < story.cast().size(); i++) {
      castNames.add(story.cast().value(i, ""));
    }
    Facts facts = new Facts(texts, castNames, random);
    Recall recall = new Recall(texts.sentences, random);
    List<Fact> asked =
        switch (kind) {
          case SINGLE, MULTI_KEY -> List.of(facts.plain(facts.relation()));
          case MULTI_VALUE -> List.of(facts.several(2));
          case CHAIN -> facts.chain(CHAIN_LINKS);
        };
    List<Placed> placed = new ArrayList<>();
    place(placed, recall, asked, depth / 100.0, random);
    if (rehearsed) {
      double after = placed.stream().mapToDouble(Placed::at).max().orElse(0);
      placed.add(new Placed(after + (1 - after) * random.nextDouble(), quiz(recall, kind, asked)));
    }
    List<String> rivals = rivals(placed, facts, recall, kind, asked.get(0), random);
    String context = weave(placed, story, length);
    Fact first = asked.get(0);
    String question = kind == Kind.CHAIN ? Recall.chainQuestion(asked) : first.question();
    List<Span> answer = kind == Kind.CHAIN ? Recall.chainAnswer(asked) : Recall.answer(first);
    return new Example(
        kind, depth, rehearsed, context, question + " " + first.cue(), text(answer).trim(), rivals);
  }

  /** A sentence and where it goes, as a share of the context. */
  private record Placed(double at, String text) {}

  private static void place(
      List<Placed> placed, Recall recall, List<Fact> asked, double depth, Random random) {
    double at = depth;
    for (Fact fact : asked) {
      for (int v = 0; v < fact.values().size(); v++) {
        placed.add(new Placed(at, text(recall.statement(fact, v))));
        // Later parts follow somewhere behind the first.
        at += (1 - at) * random.nextDouble();
      }
    }
  }

  private static String quiz(Recall recall, Kind kind, List<Fact> asked) {
    return text(kind == Kind.CHAIN ? recall.chainQuiz(asked) : recall.quiz(asked.get(0)));
  }

  private static List<String> rivals(
      List<Placed> placed, Facts facts, Recall recall, Kind kind, Fact asked, Random random) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < OTHER_FACTS; i++) {
      Fact.Relation relation = facts.relation();
      if (!relation.equals(asked.relation())) {
        stateAndAsk(placed, recall, facts.plain(relation), random);
      }
    }
    if (kind == Kind.MULTI_KEY || kind == Kind.MULTI_VALUE) {
      for (int i = 0; i < RIVALS; i++) {
        Fact rival = facts.plain(asked.relation());
        stateAndAsk(placed, recall, rival, random);
        values.addAll(rival.values());
      }
    } else if (kind == Kind.CHAIN) {
      place(placed, recall, facts.chain(CHAIN_LINKS), random.nextDouble(), random);
    }
    return values;
  }

  private static void stateAndAsk(List<Placed> placed, Recall recall, Fact fact, Random random) {
    double at = random.nextDouble();
    placed.add(new Placed(at, text(recall.statement(fact, 0))));
    if (random.nextBoolean()) {
      placed.add(new Placed(at + (1 - at) * random.nextDouble(), text(recall.quiz(fact))));
    }
  }

  private String weave(List<Placed> placed, Story story, int length) {
    List<Placed> order =
        placed.stream().sorted(java.util.Comparator.comparingDouble(Placed::at)).toList();
    int reserved = order.stream().mapToInt(p -> tokens.applyAsInt(p.text())).sum();
    StringBuilder context = new StringBuilder(story.next());
    int filler = tokens.applyAsInt(context.toString());
    int all = length - reserved;
    int next = 0;
    while (next < order.size() || filler < all) {
      if (next < order.size() && (order.get(next).at() * all <= filler || filler >= all)) {
        context.append(order.get(next++).text());
      } else {
        String sentence = " " + story.next();
        context.append(sentence);
        filler += tokens.applyAsInt(sentence);
      }
    }
    return context.toString();
  }

  private static String text(List<Span> spans) {
    return spans.stream().map(Span::text).collect(Collectors.joining());
  }
}
