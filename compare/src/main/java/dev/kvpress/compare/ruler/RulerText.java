package dev.kvpress.compare.ruler;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.Document;
import dev.kvpress.compare.data.SampleReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The text in which things are hidden, as sentences. It begins again where it ends, so any length
 * can be filled.
 */
public final class RulerText {
  /** More than any model reads at once; a larger file is read so far. */
  private static final int MOST_CHARACTERS = 1 << 24;

  /**
   * Behind the marks of Latin scripts stands white space, behind those of Chinese and Japanese
   * none.
   */
  private static final Pattern BORDERS =
      Pattern.compile(
          "(?<=[.?!])(?<closing>[\"'\u201d\u2019)]*)\\s+|(?<=[\u3002\uff01\uff1f])\\s*");

  /** What is longer lacks its marks; pieces of this size still fill a length evenly. */
  private static final int MOST_WORDS = 60;

  private static final Splitter BLANKS = Splitter.on(' ');
  private static final Pattern SPACES = Pattern.compile("\\s+");

  private final ImmutableList<String> sentences;

  private RulerText(ImmutableList<String> sentences) {
    this.sentences = sentences;
  }

  /**
   * Splits a text into sentences.
   *
   * @throws IllegalArgumentException if it is blank
   */
  public static RulerText of(String text) {
    ImmutableList<String> sentences = sentences(text);
    if (sentences.isEmpty()) {
      throw new IllegalArgumentException("expected a text with at least one word, found none");
    }
    return new RulerText(sentences);
  }

  /**
   * Documents, one after another.
   *
   * @param file they come from, for messages
   * @param reader is closed
   * @throws DataException if there is no text
   */
  public static RulerText ofDocuments(Path file, SampleReader<Document> reader) {
    StringBuilder text = new StringBuilder();
    try (reader) {
      Optional<Document> document = reader.next();
      while (document.isPresent() && text.length() < MOST_CHARACTERS) {
        if (document.get().content() instanceof Document.Text found) {
          text.append(found.text()).append('\n');
        }
        document = reader.next();
      }
    }
    if (text.toString().isBlank()) {
      throw new DataException(
          file + ": expected text to hide things in, found only token ids; give a text");
    }
    return of(text.toString());
  }

  /** Sentences of a text, each on one line and without blanks around it; long ones in pieces. */
  static ImmutableList<String> sentences(String text) {
    String marked =
        BORDERS.matcher(text).replaceAll(border -> (border.group(1) == null ? "" : "$1") + "\n\n");
    ImmutableList.Builder<String> sentences = ImmutableList.builder();
    for (String piece : marked.split("\n\n+", -1)) {
      String sentence = SPACES.matcher(piece).replaceAll(" ").strip();
      if (!sentence.isEmpty()) {
        for (List<String> words : Lists.partition(BLANKS.splitToList(sentence), MOST_WORDS)) {
          sentences.add(String.join(" ", words));
        }
      }
    }
    return sentences.build();
  }

  /** Number of sentences before it begins again. */
  public int size() {
    return sentences.size();
  }

  /** A sentence; any number at all counts around. */
  public String sentence(long number) {
    return sentences.get((int) Math.floorMod(number, (long) sentences.size()));
  }
}
