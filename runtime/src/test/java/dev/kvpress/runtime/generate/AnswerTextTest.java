package dev.kvpress.runtime.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.TestLogits;
import dev.kvpress.runtime.text.AllTokenizers;
import dev.kvpress.runtime.text.TextStream;
import dev.kvpress.runtime.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts are cut exactly, however they come. */
class AnswerTextTest {
  /** Few letters, so that stops come often, begin in one another and break off. */
  private static final String[] LETTERS = {
    "a", "b", "a", "b", "ab", "\n", " ", "é", "日", "😀", "👩‍👩‍👧‍👦", "🇩🇪", "\uFFFD"
  };

  @TempDir Path folder;

  private static String random(Random random, int most) {
    int length = 1 + random.nextInt(most);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(LETTERS[random.nextInt(LETTERS.length)]);
    }
    return text.toString();
  }

  /** Up to four, some of them pieces of a text and beginnings of one another. */
  private static List<String> stops(Random random, String text) {
    List<String> stops = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      int kind = random.nextInt(3);
      if (kind == 0 || text.isEmpty()) {
        stops.add(random(random, 4));
      } else if (kind == 1 || stops.isEmpty()) {
        int[] points = text.codePoints().toArray();
        int from = random.nextInt(points.length);
        int count = 1 + random.nextInt(Math.min(6, points.length - from));
        stops.add(new String(points, from, count));
      } else {
        stops.add(stops.get(random.nextInt(stops.size())) + random(random, 2));
      }
    }
    return stops;
  }

  /** What must come of a text, found in all of it at once. */
  private record Cut(int at, Optional<String> stop) {
    static Cut of(String text, List<String> stops) {
      return stops.stream()
          .filter(text::contains)
          .min(Comparator.comparing((String s) -> text.indexOf(s)).thenComparing(String::length))
          .map(stop -> new Cut(text.indexOf(stop), Optional.of(stop)))
          .orElse(new Cut(text.length(), Optional.empty()));
    }
  }

  /** Gives tokens one by one and checks all that can be said on the way, and in the end. */
  private static void check(
      AnswerText answer, TextStream stream, int[] ids, List<String> stops, String whole) {
    StringBuilder joined = new StringBuilder();
    StringBuilder certain = new StringBuilder();
    List<TokenScore> told = new ArrayList<>();
    for (int i = 0; i < ids.length && !answer.stopped(); i++) {
      certain.append(stream.add(ids[i]));
      TextPiece piece = answer.add(ids[i]);
      assertThat(piece.text()).doesNotMatch("(?s).*[\\uD800-\\uDBFF]");
      joined.append(piece.text());
      told.addAll(piece.tokens());
      String waits = certain.substring(joined.length());
      assertThat(waits.isEmpty() || stops.stream().anyMatch(stop -> begins(waits, stop, answer)))
          .as("\"%s\" waits though it begins no stop", waits)
          .isTrue();
    }
    TextPiece rest = answer.end();
    joined.append(rest.text());
    told.addAll(rest.tokens());
    stream.end();
    Cut cut = Cut.of(whole, stops);
    assertThat(joined.toString()).isEqualTo(whole.substring(0, cut.at()));
    assertThat(answer.text()).isEqualTo(joined.toString());
    assertThat(answer.stop()).isEqualTo(cut.stop());
    int[] begin = IntStream.range(0, stream.knownStarts()).map(stream::start).toArray();
    int count =
        cut.stop().isEmpty()
            ? begin.length
            : (int) Arrays.stream(begin).takeWhile(at -> at < cut.at()).count();
    assertThat(told).extracting(TokenScore::id).containsExactlyElementsOf(boxed(ids, count));
    assertThat(told)
        .extracting(TokenScore::textOffset)
        .containsExactlyElementsOf(boxed(begin, count));
    assertThat(answer.tokens()).isEqualTo(told);
  }

  private static boolean begins(String waits, String stop, AnswerText answer) {
    return answer.stopped() || stop.length() > waits.length() && stop.startsWith(waits);
  }

  private static List<Integer> boxed(int[] values, int count) {
    return Arrays.stream(values, 0, count).boxed().toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 30})
  void cutsBeforeTheFirstStopOfAnySplit(int longest) {
    for (int seed = 0; seed < 1500; seed++) {
      Random random = new Random(seed);
      String text = random(random, 30);
      SlicedText sliced = new SlicedText(text, longest, random);
      List<String> stops = stops(random, text);
      int[] ids = IntStream.range(0, sliced.vocabularySize()).toArray();
      try {
        check(
            AnswerText.fresh(sliced, rules(stops), OptionalInt.empty()),
            TextStream.of(sliced),
            ids,
            stops,
            text);
      } catch (AssertionError e) {
        throw new AssertionError("seed %d, \"%s\", stops %s".formatted(seed, text, stops), e);
      }
    }
  }

  private static StopRules rules(List<String> stops) {
    return StopRules.at(stops.toArray(String[]::new));
  }

  @ParameterizedTest
  @MethodSource("dev.kvpress.runtime.text.AllTokenizers#names")
  void cutsTheTextOfEveryTokenizer(String name) throws Exception {
    Tokenizer tokenizer = AllTokenizers.open(name, folder);
    for (int seed = 0; seed < 150; seed++) {
      Random random = new Random(seed);
      int[] all = new int[2 + random.nextInt(seed % 15 == 0 ? 150 : 25)];
      // Low ids are bytes and special tokens; the highest are no tokens at all.
      int most = seed % 2 == 0 ? tokenizer.vocabularySize() + 3 : 262;
      Arrays.setAll(all, i -> random.nextInt(most));
      boolean behind = seed % 3 == 0;
      int[] prompt = Arrays.copyOf(all, behind ? 1 + random.nextInt(all.length - 1) : 0);
      int[] ids = Arrays.copyOfRange(all, prompt.length, all.length);
      String begun = tokenizer.decode(prompt).replaceFirst("\uFFFD+\\z", "");
      String both = tokenizer.decode(all);
      String whole = both.substring(Math.min(begun.length(), both.length()));
      List<String> stops = stops(random, whole);
      AnswerText answer =
          behind
              ? AnswerText.behind(tokenizer, prompt, rules(stops), OptionalInt.empty())
              : AnswerText.fresh(tokenizer, rules(stops), OptionalInt.empty());
      TextStream stream = behind ? TextStream.behind(tokenizer, prompt) : TextStream.of(tokenizer);
      try {
        check(answer, stream, ids, stops, whole);
      } catch (AssertionError e) {
        throw new AssertionError(
            "%s, seed %d, %s, stops %s".formatted(name, seed, Arrays.toString(all), stops), e);
      }
    }
  }

  /** The pieces of a text, one a token, and what was left at the end. */
  private static List<String> pieces(Tokenizer tokenizer, int[] ids, String... stops) {
    AnswerText answer = AnswerText.fresh(tokenizer, StopRules.at(stops), OptionalInt.empty());
    List<String> pieces = new ArrayList<>();
    for (int id : ids) {
      if (!answer.stopped()) {
        pieces.add(answer.add(id).text());
      }
    }
    pieces.add(answer.end().text());
    return pieces;
  }

  private static List<String> letters(String text, String... stops) {
    SlicedText letters = new SlicedText(text, 1, new Random(0));
    return pieces(letters, IntStream.range(0, letters.vocabularySize()).toArray(), stops);
  }

  @Test
  void textWaitsAsLongAsItMayBeginAStop() {
    assertThat(letters("one two", "two")).containsExactly("o", "n", "e", " ", "", "", "", "");
    assertThat(letters("one tune", "two"))
        .containsExactly("o", "n", "e", " ", "", "tu", "n", "e", "");
    assertThat(letters("one tw", "two")).containsExactly("o", "n", "e", " ", "", "", "tw");
    assertThat(letters("aaab", "aab")).containsExactly("", "", "a", "", "");
  }

  @Test
  void theStopThatBeginsFirstCounts() {
    // "bc" is whole before "abcd" is, which begins before it.
    assertThat(letters("abcd", "bc", "abcd")).containsExactly("", "", "", "", "");
    assertThat(letters("abce", "bc", "abcd")).containsExactly("", "", "", "a", "");
    assertThat(letters("abc", "bc", "abcd")).containsExactly("", "", "", "a");
    assertThat(letters("abc", "abc", "ab")).containsExactly("", "", "");
  }

  @ParameterizedTest
  @CsvSource({"gpt2,' bear'", "llama_legacy,bear", "sp-llama,bear", "sp-gemma,' bear'"})
  void anAnswerOfItsOwnHasNoSpaceThatEveryTextHas(String name, String expected) throws Exception {
    Tokenizer tokenizer = AllTokenizers.open(name, folder);
    int[] prompt = tokenizer.encode("the");
    int[] whole = tokenizer.encode("the bear");
    int[] ids = Arrays.copyOfRange(whole, prompt.length, whole.length);
    AnswerText fresh = AnswerText.fresh(tokenizer, StopRules.NONE, OptionalInt.empty());
    AnswerText behind = AnswerText.behind(tokenizer, prompt, StopRules.NONE, OptionalInt.empty());
    for (int id : ids) {
      fresh.add(id);
      behind.add(id);
    }
    fresh.end();
    behind.end();
    assertThat(fresh.text()).isEqualTo(expected).isEqualTo(tokenizer.decode(ids));
    assertThat(behind.text()).isEqualTo(" bear");
    assertThat(String.join("", spelled(fresh))).isEqualTo(" bear");
  }

  private static List<String> spelled(AnswerText answer) {
    return answer.tokens().stream().map(TokenScore::text).toList();
  }

  @Test
  void saysHowLikelyTokensWere() {
    SlicedText letters = new SlicedText("xyz", 1, new Random(0));
    AnswerText answer = AnswerText.fresh(letters, StopRules.NONE, OptionalInt.of(2));
    float[] other = {0, 0, 0};
    TextPiece piece =
        answer.add(
            1,
            TestLogits.rows(
                other, new float[] {(float) Math.log(0.7), (float) Math.log(0.1), 0.2f - 1.81f}),
            1);
    TokenScore score = piece.tokens().get(0);
    double sum = 0.7 + 0.1 + Math.exp(0.2f - 1.81f);
    assertThat(score.text()).isEqualTo("y");
    assertThat(score.logProbability()).isEqualTo(Math.log(0.1 / sum), within(1e-6));
    assertThat(score.alternatives()).extracting(TokenScore.Alternative::id).containsExactly(0, 2);
    assertThat(score.alternatives().get(0).text()).isEqualTo("x");
    assertThat(score.alternatives().get(0).logProbability())
        .isEqualTo(Math.log(0.7 / sum), within(1e-6));
    assertThatThrownBy(() -> answer.add(0, TestLogits.of(0, Float.NaN, 1), 0))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("NaN");
  }

  @Test
  void withoutBeingAskedItSaysNothingOfLikelihood() {
    SlicedText letters = new SlicedText("xy", 1, new Random(0));
    AnswerText answer = AnswerText.fresh(letters, StopRules.NONE, OptionalInt.empty());
    assertThat(answer.add(0, TestLogits.of(1, 2), 0).tokens().get(0).logProbability()).isNaN();
  }

  @Test
  void refusesTokensBehindTheEnd() {
    SlicedText letters = new SlicedText("xy", 1, new Random(0));
    AnswerText answer = AnswerText.fresh(letters, StopRules.at("x"), OptionalInt.empty());
    answer.add(0);
    assertThat(answer.stopped()).isTrue();
    assertThatThrownBy(() -> answer.add(1)).isInstanceOf(IllegalStateException.class);
    assertThat(answer.end().isEmpty()).isTrue();
    assertThat(answer.tokens()).isEmpty();
  }

  @Test
  void refusesStopsThatNoTextHas() {
    assertThatThrownBy(() -> StopRules.at("a", "")).hasMessageContaining("a stop string is empty");
    assertThatThrownBy(() -> StopRules.at("a\uD83D"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("half a character");
    assertThat(StopRules.at("😀").strings()).containsExactly("😀");
  }
}
