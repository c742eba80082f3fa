package dev.kvpress.recipe.text;

import dev.kvpress.recipe.text.Document.Role;
import dev.kvpress.recipe.text.Document.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Sentences that state, echo and ask facts, as spans whose values are marked. */
final class Recall {
  private final Sentences sentences;
  private final Random random;

  Recall(Sentences sentences, Random random) {
    this.sentences = sentences;
    this.random = random;
  }

  /** States value number {@code which} of a fact, in one of the forms of the grammar. */
  List<Span> statement(Fact fact, int which) {
    String value = fact.values().get(which);
    String said = fact.cue() + " " + value;
    String sentence = " " + sentences.of("statement", Map.of("fact", said), random);
    int at = sentence.indexOf(said) + said.length();
    List<Span> spans = new ArrayList<>();
    spans.add(Span.text(sentence.substring(0, at - value.length() - 1)));
    spans.add(new Span(" " + value, Role.FACT, fact.id()));
    spans.add(Span.text(sentence.substring(at)));
    return spans;
  }

  /** Mentions the key of a fact without its value. */
  List<Span> echo(Fact fact) {
    return List.of(Span.text(" " + sentences.of("echo", Map.of("key", fact.key()), random)));
  }

  /** Asks for a fact and answers with all its values. */
  List<Span> quiz(Fact fact) {
    List<Span> spans = new ArrayList<>();
    spans.add(Span.text(" " + fact.question() + " " + fact.cue()));
    spans.addAll(answer(fact));
    spans.add(Span.text("."));
    return spans;
  }

  /** The values of a fact, as they follow the cue. */
  static List<Span> answer(Fact fact) {
    List<Span> spans = new ArrayList<>();
    for (String value : fact.values()) {
      if (!spans.isEmpty()) {
        spans.add(Span.text(" and " + fact.relation().between()));
      }
      spans.add(new Span(" " + value, Role.ANSWER, fact.id()));
    }
    return spans;
  }

  /** Asks where a chain of followers ends; the answer spells every link. */
  List<Span> chainQuiz(List<Fact> links) {
    List<Span> spans = new ArrayList<>();
    spans.add(Span.text(" " + chainQuestion(links) + " " + links.get(0).cue()));
    spans.addAll(chainAnswer(links));
    spans.add(Span.text("."));
    return spans;
  }

  static String chainQuestion(List<Fact> links) {
    return "Whom does " + links.get(0).name() + " follow in the end?";
  }

  static List<Span> chainAnswer(List<Fact> links) {
    List<Span> spans = new ArrayList<>();
    for (Fact link : links) {
      if (!spans.isEmpty()) {
        spans.add(Span.text(","));
        spans.add(new Span(" " + link.name(), Role.COPY, -1));
        spans.add(Span.text(" follows"));
      }
      spans.add(new Span(" " + link.values().get(0), Role.ANSWER, link.id()));
    }
    return spans;
  }
}
