package dev.kvpress.compare.ruler;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.kvpress.compare.ruler.RulerTask.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;

/** The demo model's language: facts of the form name, verb, value (test-data/recipe). */
final class VillageWording extends RulerWording {
  private static final int NOISE_SENTENCES = 4;
  private static final int SHORT_ANSWER = 8;
  private static final int LONG_ANSWER = 24;

  /** How a fact is said and asked, and of which class its values are. */
  private record Relation(String verb, String base, String values) {}

  private static final ImmutableMap<String, Relation> RELATIONS =
      ImmutableMap.of(
          "keeps", new Relation("keeps", "keep", "thing"),
          "wants", new Relation("wants", "want", "thing"),
          "fears", new Relation("fears", "fear", "animal"),
          "likes", new Relation("likes", "like", "food"),
          "wears", new Relation("wears", "wear", "clothing"),
          "paints", new Relation("paints", "paint", "place.common"),
          "studies", new Relation("studies", "study", "plant"),
          "hears", new Relation("hears", "hear", "sea"),
          "teaches", new Relation("teaches", "teach", "job"));

  /** Classes with words enough for several values of one key. */
  private static final ImmutableList<String> RICH =
      ImmutableList.of("keeps", "wants", "fears", "likes", "paints", "teaches");

  private static final ImmutableList<String> LIST_CLASSES =
      ImmutableList.of("thing", "animal", "food", "clothing", "place.common", "job");

  VillageWording() {
    super("village");
  }

  @Override
  public boolean isRunningText() {
    return true;
  }

  @Override
  String intro(RulerTask task) {
    return "";
  }

  @Override
  Key key(Kind kind, SplittableRandom random, Set<Key> taken) {
    // Names alone would run out in a haystack of facts; a longer name stands for any of them then.
    for (int draw = 0; ; draw++) {
      String name = Words.pick("name", random);
      String relation = RICH.get(random.nextInt(RICH.size()));
      Key key = new Key(draw < 20 ? name : name + " of " + Words.pick("name", random), relation);
      if (taken.add(key)) {
        return key;
      }
    }
  }

  @Override
  String value(Key key, Kind kind, SplittableRandom random, Set<String> taken) {
    String values = relation(key).values();
    for (int draw = 0; ; draw++) {
      String value = Words.pick(values, random);
      // In a haystack of facts values repeat, as they do in the texts the model was trained on.
      if (taken.add(value) || draw >= 20) {
        return value;
      }
    }
  }

  private static Relation relation(Key key) {
    return Objects.requireNonNull(RELATIONS.get(key.relation()));
  }

  @Override
  String fact(Key key, String value) {
    return key.name() + " " + key.relation() + " the " + value + ".";
  }

  @Override
  Asked ask(List<Key> keys, List<String> values) {
    List<String> questions = new ArrayList<>();
    for (Key key : keys) {
      questions.add("What does " + key.name() + " " + relation(key).base() + "?");
    }
    Key first = keys.get(0);
    return new Asked(
        String.join(" ", questions), first.name() + " " + first.relation() + " the", values);
  }

  @Override
  Chain chain(int hops, SplittableRandom random) {
    List<String> names = new ArrayList<>();
    while (names.size() < hops + 1) {
      String name = Words.pick("name", random);
      if (!names.contains(name)) {
        names.add(name);
      }
    }
    ImmutableList.Builder<String> links = ImmutableList.builder();
    for (int link = 0; link < hops; link++) {
      links.add(names.get(link) + " follows " + names.get(link + 1) + ".");
    }
    return new Chain(
        links.build(),
        new Asked(
            "Whom does " + names.get(0) + " follow in the end?",
            names.get(0) + " follows",
            ImmutableList.copyOf(names.subList(1, names.size()))));
  }

  @Override
  List<String> noise(RulerText text) {
    ImmutableList.Builder<String> sentences = ImmutableList.builder();
    for (int i = 0; i < NOISE_SENTENCES; i++) {
      sentences.add(text.sentence(i));
    }
    return sentences.build();
  }

  @Override
  String listed(SplittableRandom random, Set<String> taken) {
    for (int draw = 0; draw < 20; draw++) {
      String word = Words.pick(LIST_CLASSES.get(random.nextInt(LIST_CLASSES.size())), random);
      if (taken.add(word)) {
        return word;
      }
    }
    return Words.compound(random, taken);
  }

  // The model knows no questions about lists, so they are put as to any other.
  @Override
  Asked common(List<String> words) {
    return PLAIN.common(words);
  }

  @Override
  Asked frequent(List<String> words) {
    return PLAIN.frequent(words);
  }

  @Override
  String passage(int number, String text) {
    return text;
  }

  @Override
  int maxNewTokens(RulerTask task) {
    return switch (task) {
      case VT, CWE, NIAH_MULTIVALUE, NIAH_MULTIQUERY, QA_1, QA_2 -> LONG_ANSWER;
      default -> SHORT_ANSWER;
    };
  }
}
