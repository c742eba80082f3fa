package dev.kvpress.runtime.graph.dialect;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the name of an input or output says about a cache: {@code past_key_values.3.key}, {@code
 * past_key_3}, {@code present_3_value}, {@code cache_k.3} and the like all name a layer and one of
 * its two halves.
 *
 * @param layer number of the layer
 * @param key whether it is the half of the keys
 */
record CacheName(int layer, boolean key) {
  /** Says that it is about a cache, but not which half of it. */
  private static final Pattern BOTH =
      Pattern.compile("(past|present)?_?key_values?(?![a-z])", Pattern.CASE_INSENSITIVE);

  private static final Pattern WORD = Pattern.compile("[A-Za-z]+|\\d+");
  private static final Set<String> KEY = Set.of("key", "keys", "k");
  private static final Set<String> VALUE = Set.of("value", "values", "v");
  private static final Set<String> CROSS = Set.of("encoder", "cross");
  private static final Set<String> CACHE = Set.of("past", "present", "cache", "kv", "cached");
  private static final int MOST_DIGITS = 6;

  /** By layer, the keys first. */
  static final Comparator<CacheName> ORDER =
      Comparator.comparingInt(CacheName::layer).thenComparing(name -> !name.key());

  /** Reads a name; empty where it names no half of a layer's cache. */
  static Optional<CacheName> read(String name) {
    List<String> words = words(BOTH.matcher(name).replaceAll(" "));
    List<Integer> numbers = numbers(words);
    boolean key = words.stream().anyMatch(KEY::contains);
    boolean value = words.stream().anyMatch(VALUE::contains);
    if (!isOfACache(name) || words.stream().anyMatch(CROSS::contains) || (key && value)) {
      return Optional.empty();
    }
    if (numbers.size() == 1 && (key || value)) {
      return Optional.of(new CacheName(numbers.get(0), key));
    }
    // Flattened tuples of (key, value): past_key_values.3.0 and past_key_values.3.1.
    boolean half = numbers.size() == 2 && numbers.get(1) <= 1 && !key && !value;
    return half && BOTH.matcher(name).find()
        ? Optional.of(new CacheName(numbers.get(0), numbers.get(1) == 0))
        : Optional.empty();
  }

  /** The layer of a name that is about the cache of one layer without naming a half. */
  static Optional<Integer> layerOfBoth(String name) {
    List<String> words = words(BOTH.matcher(name).replaceAll(" "));
    List<Integer> numbers = numbers(words);
    boolean others =
        words.stream().anyMatch(w -> !CACHE.contains(w) && !Character.isDigit(w.charAt(0)));
    return isOfACache(name) && !others && numbers.size() == 1
        ? Optional.of(numbers.get(0))
        : Optional.empty();
  }

  /** Whether a name is about the cache of attention to an encoder. */
  static boolean isOfAnEncoder(String name) {
    return isOfACache(name) && words(name).stream().anyMatch(CROSS::contains);
  }

  /** The other half of the same layer. */
  CacheName other() {
    return new CacheName(layer, !key);
  }

  /** Its half in a word. */
  String half() {
    return key ? "keys" : "values";
  }

  private static boolean isOfACache(String name) {
    return BOTH.matcher(name).find() || words(name).stream().anyMatch(CACHE::contains);
  }

  private static List<String> words(String name) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(name);
    while (matcher.find()) {
      words.add(matcher.group().toLowerCase(Locale.ROOT));
    }
    return words;
  }

  private static List<Integer> numbers(List<String> words) {
    List<Integer> numbers = new ArrayList<>();
    for (String word : words) {
      if (Character.isDigit(word.charAt(0)) && word.length() <= MOST_DIGITS) {
        numbers.add(Integer.valueOf(word));
      }
    }
    return numbers;
  }
}
