package dev.kvpress.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kvpress.testdata.Shared;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Llama2cTokenizerTest {
  @TempDir Path folder;

  private static Tokenizer stories() {
    Optional<Path> file = Shared.find("models/stories260K/tok512.bin");
    assumeTrue(file.isPresent(), "shared tokenizer is absent");
    return new Llama2cTokenizer(Llama2cVocabulary.read(file.orElseThrow()));
  }

  /** Ids 259 and on get these pieces and scores. */
  private Tokenizer small(Object... piecesAndScores) throws Exception {
    Path file = folder.resolve("tok.bin");
    Files.write(file, new TokenizerBytes().withByteVocabulary().pieces(piecesAndScores).bytes());
    return new Llama2cTokenizer(Llama2cVocabulary.read(file));
  }

  @Test
  void beginsWithBosAndOneSpace() {
    assertThat(stories().encode("Once upon a time")).containsExactly(1, 403, 407, 261, 378);
  }

  @Test
  void encodesAnEmptyTextAsBosAlone() throws Exception {
    assertThat(small(" ", 0f).encode("")).containsExactly(1);
  }

  @Test
  void splitsUnknownCharactersIntoTheirUtf8Bytes() {
    // é is C3 A9, the emoji F0 9F 98 80; but this vocabulary holds é as a piece.
    assertThat(stories().encode("é😀\n\t\0Z"))
        .containsExactly(1, 410, 485, 243, 162, 155, 131, 13, 12, 3, 469);
  }

  @Test
  void joinsTheHighestScoreFirstAndTheLeftmostOfEquals() throws Exception {
    Tokenizer tokenizer =
        small(" ", 0f, "a", 0f, "b", 0f, "c", 0f, "ab", 1f, "bc", 2f, "aa", 3f, "aaa", 3f);
    assertThat(tokenizer.encode("abc")).containsExactly(1, 259, 260, 264);
    assertThat(tokenizer.encode("aaaa")).containsExactly(1, 259, 266, 260);
  }

  @Test
  void treatsNegativeZeroAndZeroAsEqualScores() throws Exception {
    Tokenizer tokenizer = small(" ", -9f, "a", -9f, "b", -9f, "c", -9f, "ab", -0f, "bc", 0f);
    assertThat(tokenizer.encode("abc")).containsExactly(1, 259, 263, 262);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 13, 60})
  void agreesWithTryingEveryPairEachTime(int length) throws Exception {
    long seed = 17L * length;
    Random random = new Random(seed);
    List<Object> pieces = new ArrayList<>(List.of(" ", 0f, "a", 0f, "b", 0f, "c", 0f));
    for (String piece :
        List.of("ab", "ba", "aa", "bc", " a", "abc", "aab", "aaa", "bcb", "abab", " ab", "cc")) {
      pieces.add(piece);
      pieces.add((float) random.nextInt(4));
    }
    Tokenizer tokenizer = small(pieces.toArray());
    for (int trial = 0; trial < 50; trial++) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < length; i++) {
        text.append("aabbc ".charAt(random.nextInt(6)));
      }
      assertThat(tokenizer.encode(text.toString()))
          .as("seed %d, text \"%s\"", seed, text)
          .containsExactly(bruteForce(pieces, " " + text));
    }
  }

  private static int[] bruteForce(List<Object> pieces, String text) {
    List<String> parts = new ArrayList<>(List.of(text.split("")));
    while (true) {
      int best = -1;
      float bestScore = Float.NEGATIVE_INFINITY;
      for (int i = 0; i + 1 < parts.size(); i++) {
        int piece = pieces.indexOf(parts.get(i) + parts.get(i + 1));
        if (piece >= 0 && (float) pieces.get(piece + 1) > bestScore) {
          best = i;
          bestScore = (float) pieces.get(piece + 1);
        }
      }
      if (best < 0) {
        break;
      }
      parts.set(best, parts.get(best) + parts.remove(best + 1));
    }
    List<Integer> ids = new ArrayList<>(List.of(1));
    parts.forEach(part -> ids.add(259 + pieces.indexOf(part) / 2));
    return ids.stream().mapToInt(i -> i).toArray();
  }

  @Test
  void restoresTheTextItEncoded() {
    for (String text : List.of("Once upon a time", " two  spaces", "é😀\n\t“Z”", "\0", "<0x41>")) {
      assertThat(stories().decode(stories().encode(text))).isEqualTo(text);
    }
  }

  @Test
  void dropsTheSpaceOnlyRightAfterBos() {
    assertThat(stories().decode(new int[] {1, 403, 407})).isEqualTo("Once upon");
    assertThat(stories().decode(new int[] {403, 407})).isEqualTo(" Once upon");
  }

  @Test
  void showsACutCharacterAsTheReplacement() {
    assertThat(stories().decode(new int[] {1, 243, 162})).isEqualTo("\uFFFD");
  }

  @Test
  void replacesHalfCharactersInsteadOfFailing() throws Exception {
    assertThat(small(" ", 0f).encode("\uD83D"))
        .containsExactly(1, 259, 3 + 0xEF, 3 + 0xBF, 3 + 0xBD);
  }

  @Test
  void countsThePublishedTokensOfTheStories() throws Exception {
    Path file = Shared.find("text/tinystories_sample.txt").orElse(null);
    assumeTrue(file != null, "shared text is absent");
    int predicted = 0;
    for (String story : Files.readString(file).split("<\\|endoftext\\|>")) {
      if (!story.isBlank()) {
        predicted += stories().encode(story.strip()).length - 1;
      }
    }
    assertThat(predicted).isEqualTo(1804);
  }

  @Test
  void encodesAMegabyteInSeconds() throws Exception {
    Path file = Shared.find("text/tinyshakespeare.txt").orElse(null);
    assumeTrue(file != null, "shared text is absent");
    String text = Files.readString(file);
    Tokenizer tokenizer = stories();
    long start = System.nanoTime();
    int[] ids = tokenizer.encode(text);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    assertThat(tokenizer.decode(ids)).isEqualTo(text);
  }

  @Test
  void decodesIdsOutsideTheVocabularyToNothing() throws Exception {
    Tokenizer tokenizer = small("a", 0f, "b", 0f);
    assertThat(tokenizer.decode(new int[] {1, 259, 261, 260, 9999})).isEqualTo("ab");
    assertThatThrownBy(() -> tokenizer.decode(new int[] {-1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }

  @Test
  void stopsAtEitherEndOfAText() throws Exception {
    Tokenizer tokenizer = small(" ", 0f);
    assertThat(tokenizer.bosId()).hasValue(1);
    assertThat(tokenizer.eosId()).hasValue(2);
    assertThat(tokenizer.endsText(1)).isTrue();
    assertThat(tokenizer.endsText(2)).isTrue();
    assertThat(tokenizer.endsText(259)).isFalse();
    assertThat(tokenizer.vocabularySize()).isEqualTo(260);
    assertThat(tokenizer.describe()).contains("tok.bin");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "empty | found 0 bytes",
        "cutInScore | piece 259 at byte",
        "cutInPiece | it needs 5 bytes, the file has 2 left",
        "negativeLength | found -1",
        "longerThanLongest | found 2000000000",
        "nanScore | not a number",
        "longestIsNegative | byte 0",
        "fewPieces | expected at least 259 pieces",
        "wrongBytePiece | expected the byte piece <0x00>",
      })
  void namesFileAndPlaceOfBrokenFiles(String fault, String message) throws Exception {
    Path file = folder.resolve("tokenizer.bin");
    Files.write(file, TokenizerBytes.broken(fault));
    assertThatThrownBy(() -> Llama2cVocabulary.read(file))
        .isInstanceOf(dev.kvpress.runtime.ModelException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void comparesByBytesAndNotByCharacters() throws Exception {
    byte[] half = "é".getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve("tok.bin");
    Files.write(
        file,
        new TokenizerBytes()
            .withByteVocabulary()
            .piece(" ".getBytes(StandardCharsets.UTF_8), 0f)
            .piece(new byte[] {half[0]}, 0f)
            .bytes());
    Tokenizer tokenizer = new Llama2cTokenizer(Llama2cVocabulary.read(file));
    assertThat(tokenizer.encode("é")).containsExactly(1, 259, 3 + 0xC3, 3 + 0xA9);
    assertThat(tokenizer.encode("Ã")).containsExactly(1, 259, 3 + 0xC3, 3 + 0x83);
  }
}
