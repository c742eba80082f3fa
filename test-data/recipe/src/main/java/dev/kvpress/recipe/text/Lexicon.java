package dev.kvpress.recipe.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** Sections of lines from the resource files: word classes and sentence forms. */
final class Lexicon {
  private final Map<String, List<String>> sections;

  private Lexicon(Map<String, List<String>> sections) {
    this.sections = sections;
  }

  /** The word classes, one word an entry. */
  static Lexicon words() {
    return new Lexicon(read("lexicon.txt", true));
  }

  /** The sentence forms, one form an entry. */
  static Lexicon forms() {
    return new Lexicon(read("grammar.txt", false));
  }

  /** Lines of a resource without comments and blank lines. */
  static List<String> lines(String resource) {
    try (InputStream in = Lexicon.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + resource + " on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean has(String section) {
    return sections.containsKey(section);
  }

  List<String> all(String section) {
    List<String> entries = sections.get(section);
    if (entries == null) {
      throw new IllegalArgumentException(
          "no section " + section + "; there are " + sections.keySet());
    }
    return entries;
  }

  String pick(String section, RandomGenerator random) {
    List<String> entries = all(section);
    return entries.get(random.nextInt(entries.size()));
  }

  /** All different entries, in alphabetical order. */
  List<String> distinct() {
    TreeSet<String> all = new TreeSet<>();
    sections.values().forEach(all::addAll);
    return List.copyOf(all);
  }

  private static Map<String, List<String>> read(String resource, boolean words) {
    Map<String, List<String>> sections = new LinkedHashMap<>();
    List<String> open = new ArrayList<>();
    for (String line : lines(resource)) {
      if (line.startsWith("[")) {
        open = new ArrayList<>();
        sections.put(line.substring(1, line.length() - 1), open);
      } else if (words) {
        open.addAll(List.of(line.trim().split(" +")));
      } else {
        open.add(line.trim());
      }
    }
    return sections;
  }
}
