package dev.kvpress.recipe.text;

import java.util.List;
import java.util.Random;

/**
 * Something a document states about a name and may ask for later.
 *
 * @param id number within the document
 * @param name whom it is about
 * @param relation how it is said
 * @param values one for a plain fact, several for a key with several values, in the order stated
 */
record Fact(int id, String name, Relation relation, List<String> values) {

  /**
   * How a fact is said: "NAME verb between VALUE", asked as "What does NAME base?".
   *
   * @param verb as in the statement
   * @param base as in the question
   * @param between what stands between verb and value, may be empty
   * @param values word class of the value
   */
  record Relation(String verb, String base, String between, String values) {
    /** The links of a chain: whom a name follows. */
    static final Relation FOLLOWS = new Relation("follows", "follow", "", "name");

    static List<Relation> all() {
      return Lexicon.lines("relations.txt").stream()
          .map(line -> line.split(" *; *", -1))
          .map(p -> new Relation(p[0].trim(), p[1], p[2], p[3].trim()))
          .toList();
    }

    /** The words before the value, without the name. */
    String cue() {
      return between.isEmpty() ? verb : verb + " " + between;
    }
  }

  Fact {
    values = List.copyOf(values);
  }

  static Fact plain(int id, String name, Relation relation, Lexicon words, Random random) {
    return new Fact(id, name, relation, List.of(words.pick(relation.values(), random)));
  }

  /** What the question ends with, so that the value comes next. */
  String cue() {
    return name + " " + relation.cue();
  }

  /** The question without the beginning of its answer. */
  String question() {
    return "What does " + name + " " + relation.base() + "?";
  }

  /** What an echo says without the value. */
  String key() {
    return "what " + name + " " + relation.verb();
  }
}
