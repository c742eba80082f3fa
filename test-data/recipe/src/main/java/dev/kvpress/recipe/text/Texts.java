package dev.kvpress.recipe.text;

import dev.kvpress.recipe.text.Document.Kind;
import dev.kvpress.recipe.text.Document.Role;
import dev.kvpress.recipe.text.Document.Span;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Every text of the recipe. A document is a pure function of (split, kind, number, length); splits
 * draw from different streams of the generator, so no document belongs to two.
 */
public final class Texts {
  private static final double MAX_IDLE_SHARE = 0.85;
  private static final int MAX_FACTS = 24;

  /** What a document may be used for. */
  public enum Split {
    TRAIN,
    VALIDATION,
    TEST
  }

  final Lexicon words = Lexicon.words();
  final Sentences sentences = new Sentences(words, Lexicon.forms());
  final List<Fact.Relation> relations = Fact.Relation.all();

  /** All words of the word classes. */
  public List<String> vocabulary() {
    return words.distinct();
  }

  /**
   * A document.
   *
   * @param number of the document within its split and kind
   * @param length about how many words and marks it has
   */
  public Document document(Split split, Kind kind, long number, int length) {
    Random random = random(split, kind.name(), number);
    return switch (kind) {
      case STORY -> story(random, length);
      case RECALL -> recall(random, relations, length);
      case RIVALS -> recall(random, few(random), length);
      case COPY -> copy(random, length);
    };
  }

  /** The stream of a document; {@code kind} keeps kinds apart. */
  static Random random(Split split, String kind, long number) {
    long seed = (split.ordinal() + 1L) * 0x9E3779B97F4A7C15L;
    seed ^= kind.hashCode() * 0xC2B2AE3D27D4EB4FL;
    seed = (seed ^ (number + 1)) * 0xFF51AFD7ED558CCDL;
    return new Random(seed ^ (seed >>> 32));
  }

  /** Words and marks of a text: close to its number of tokens. */
  static int size(String text) {
    int size = 0;
    boolean inWord = false;
    for (int i = 0; i < text.length(); i++) {
      boolean letter = Character.isLetterOrDigit(text.charAt(i));
      if (letter ? !inWord : text.charAt(i) != ' ') {
        size++;
      }
      inWord = letter;
    }
    return size;
  }

  /**
   * A story and how it ended.
   *
   * @param article the story without its last scene
   * @param summary who remained what, in sentences of the kind that closes a scene
   */
  public record Summary(String article, String summary) {}

  /** A story of about {@code length} words and marks with its summary. */
  public Summary summary(Split split, long number, int length) {
    Random random = random(split, "SUMMARY", number);
    Story story = new Story(words, sentences, Set.of(), random);
    StringBuilder text = new StringBuilder(story.next());
    int size = 0;
    while (size < length || !story.betweenScenes()) {
      String next = " " + story.next();
      text.append(next);
      size += size(next);
    }
    return new Summary(text.toString(), story.ending());
  }

  private Document story(Random random, int length) {
    Story story = new Story(words, sentences, Set.of(), random);
    StringBuilder text = new StringBuilder(story.next());
    int size = size(text.toString());
    while (size < length) {
      String next = " " + story.next();
      text.append(next);
      size += size(next);
    }
    return new Document(Kind.STORY, List.of(Span.text(text.toString())));
  }

  private Document copy(Random random, int length) {
    StringBuilder segment = new StringBuilder();
    int goal = 6 + random.nextInt(Math.max(1, length / 2 - 6));
    if (random.nextInt(3) > 0) {
      List<String> all = words.distinct();
      while (size(segment.toString()) < goal) {
        segment.append(segment.isEmpty() ? "" : " ").append(all.get(random.nextInt(all.size())));
      }
    } else {
      Story story = new Story(words, sentences, Set.of(), random);
      while (size(segment.toString()) < goal) {
        segment.append(segment.isEmpty() ? "" : " ").append(story.next());
      }
    }
    List<Span> spans = new ArrayList<>();
    spans.add(new Span(segment.toString(), Role.RANDOM, -1));
    int size = size(segment.toString());
    int whole = size;
    while (size < length) {
      spans.add(new Span(".", Role.TEXT, -1));
      spans.add(new Span(" " + segment, Role.COPY, -1));
      size += whole + 1;
    }
    return new Document(Kind.COPY, spans);
  }

  private List<Fact.Relation> few(Random random) {
    List<Fact.Relation> shuffled = new ArrayList<>(relations);
    Collections.shuffle(shuffled, random);
    return shuffled.subList(0, 1 + random.nextInt(2));
  }

  private Document recall(Random random, List<Fact.Relation> relations, int length) {
    double idleShare = random.nextDouble() * MAX_IDLE_SHARE;
    Recall recall = new Recall(sentences, random);
    Set<String> castNames = new HashSet<>();
    Story story = new Story(words, sentences, Set.of(), random);
    for (int i = 0; i < story.cast().size(); i++) {
      castNames.add(story.cast().value(i, ""));
    }
    Facts facts = new Facts(this, relations, castNames, random);
    List<Span> spans = new ArrayList<>();
    spans.add(Span.text(Sentences.capital(story.next())));
    int size = size(spans.get(0).text());
    while (size < length) {
      List<Span> unit;
      if (random.nextDouble() < idleShare) {
        boolean idle = random.nextInt(3) == 0;
        unit =
            List.of(
                Span.text(" " + (idle ? sentences.of("idle", Map.of(), random) : story.next())));
      } else if (facts.stated() == 0 || (facts.stated() < MAX_FACTS && random.nextDouble() < 0.4)) {
        unit = facts.state(recall);
      } else if (random.nextInt(12) == 0) {
        unit = facts.echo(recall);
      } else {
        unit = facts.quiz(recall);
      }
      spans.addAll(unit);
      for (Span span : unit) {
        size += size(span.text());
      }
    }
    for (int i = random.nextInt(3); i >= 0 && facts.stated() > 0; i--) {
      spans.addAll(facts.quiz(recall));
    }
    return new Document(Kind.RECALL, spans);
  }
}
