package dev.kvpress.recipe.text;

import dev.kvpress.recipe.text.Document.Span;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** The facts of one recall document: invents them, states them, asks for what was stated. */
final class Facts {
  private final Texts texts;
  private final List<Fact.Relation> relations;
  private final Set<String> takenNames;
  private final Random random;
  private final Set<String> keys = new HashSet<>();
  private final List<Fact> asked = new ArrayList<>();
  private final List<List<Fact>> chains = new ArrayList<>();
  private int stated;

  Facts(Texts texts, Set<String> takenNames, Random random) {
    this(texts, texts.relations, takenNames, random);
  }

  Facts(Texts texts, List<Fact.Relation> relations, Set<String> takenNames, Random random) {
    this.texts = texts;
    this.relations = relations;
    this.takenNames = takenNames;
    this.random = random;
  }

  int stated() {
    return stated;
  }

  /** States something new: a plain fact, a fact with two values, or the links of a chain. */
  List<Span> state(Recall recall) {
    int kind = random.nextInt(20);
    List<Span> spans = new ArrayList<>();
    if (kind == 0) {
      List<Fact> chain = chain(3);
      chain.forEach(link -> spans.addAll(recall.statement(link, 0)));
      chains.add(chain);
      stated += 3;
    } else if (kind == 1) {
      Fact fact = several(2);
      spans.addAll(recall.statement(fact, 0));
      spans.addAll(recall.echo(fact));
      spans.addAll(recall.statement(fact, 1));
      asked.add(fact);
      stated += 2;
    } else {
      Fact fact = plain(relation());
      spans.addAll(recall.statement(fact, 0));
      asked.add(fact);
      stated++;
    }
    return spans;
  }

  List<Span> echo(Recall recall) {
    return asked.isEmpty() ? quiz(recall) : recall.echo(asked.get(random.nextInt(asked.size())));
  }

  List<Span> quiz(Recall recall) {
    int which = random.nextInt(asked.size() + chains.size());
    return which < asked.size()
        ? recall.quiz(asked.get(which))
        : recall.chainQuiz(chains.get(which - asked.size()));
  }

  Fact.Relation relation() {
    return relations.get(random.nextInt(relations.size()));
  }

  /** A new fact whose key no other fact of the document has. */
  Fact plain(Fact.Relation relation) {
    return Fact.plain(keys.size(), freeName(relation), relation, texts.words, random);
  }

  /** A new fact with {@code count} different values. */
  Fact several(int count) {
    Fact.Relation relation = relation();
    Set<String> values = new java.util.LinkedHashSet<>();
    while (values.size() < count) {
      values.add(texts.words.pick(relation.values(), random));
    }
    String name = freeName(relation);
    return new Fact(keys.size(), name, relation, List.copyOf(values));
  }

  /** {@code length} links over new names, first to last. */
  List<Fact> chain(int length) {
    List<Fact> links = new ArrayList<>();
    String name = freeName(Fact.Relation.FOLLOWS);
    int id = keys.size();
    for (int i = 0; i < length; i++) {
      String next = freeName(Fact.Relation.FOLLOWS);
      links.add(new Fact(id, name, Fact.Relation.FOLLOWS, List.of(next)));
      id = keys.size();
      name = next;
    }
    return links;
  }

  private String freeName(Fact.Relation relation) {
    for (int tries = 0; tries < 10_000; tries++) {
      String name = texts.words.pick("name", random);
      if (!takenNames.contains(name) && keys.add(name + " " + relation.verb())) {
        return name;
      }
    }
    throw new IllegalStateException("no free name left for " + relation.verb());
  }
}
