package dev.kvpress.compare.shape.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.EncodedDocuments;
import dev.kvpress.compare.data.Sample;
import dev.kvpress.compare.data.SampleRules;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import dev.kvpress.testdata.Shared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncodedDocumentsTest {
  private static final OptionalInt NONE = OptionalInt.empty();

  @TempDir Path folder;

  /** BOS 1, then one id for each character: its distance from 'a' plus 2. */
  private static final class Letters implements Tokenizer {
    private int longest;

    @Override
    public int[] encode(String text) {
      longest = Math.max(longest, text.length());
      int[] ids = new int[text.length() + 1];
      ids[0] = 1;
      Arrays.setAll(ids, i -> i == 0 ? 1 : text.charAt(i - 1) - 'a' + 2);
      return ids;
    }

    @Override
    public int[] encodeFragment(String text) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String decode(int[] ids) {
      throw new UnsupportedOperationException();
    }

    @Override
    public OptionalInt bosId() {
      return OptionalInt.of(1);
    }

    @Override
    public OptionalInt eosId() {
      return OptionalInt.empty();
    }

    @Override
    public boolean endsText(int id) {
      return false;
    }

    @Override
    public int vocabularySize() {
      return 28;
    }

    @Override
    public String describe() {
      return "letters";
    }
  }

  private final Letters letters = new Letters();

  private Path file(String content) throws Exception {
    return Files.writeString(folder.resolve("data.jsonl"), content);
  }

  private EncodedDocuments encode(String content, SampleRules rules) throws Exception {
    return encode(file(content), Optional.of(letters), rules, Integer.MAX_VALUE);
  }

  private static EncodedDocuments encode(
      Path file, Optional<Tokenizer> tokenizer, SampleRules rules, int samples) {
    return EncodedDocuments.encode(
        file, DataSource.of(file, "perplexity").documents(), tokenizer, rules, samples);
  }

  private static SampleRules positions(int positions) {
    return new SampleRules(28, OptionalInt.of(positions), NONE, NONE);
  }

  @ParameterizedTest
  @CsvSource({"a,1", "ab,2", "abc,3", "abcd,3", "abcdefg,6"})
  void endsTheContextAfterThreeQuarters(String text, int context) throws Exception {
    Sample sample = encode("{\"text\": \"" + text + "\"}", positions(50)).samples().get(0);
    assertThat(sample.contextLength()).isEqualTo(context);
    assertThat(sample.continuationLength()).isEqualTo(text.length() + 1 - context);
  }

  @Test
  void prefersTheDocumentsOwnContextToTheOption() throws Exception {
    SampleRules rules = new SampleRules(28, NONE, NONE, OptionalInt.of(3));
    EncodedDocuments encoded =
        encode(
            "{\"text\": \"abcdef\", \"context_tokens\": 5}\n{\"token_ids\": [4, 5, 6, 7]}", rules);
    assertThat(encoded.samples()).extracting(Sample::contextLength).containsExactly(5, 3);
    assertThat(encoded.samples().get(1).ids().asList()).containsExactly(4, 5, 6, 7);
    assertThat(encoded.notices()).isEmpty();
  }

  @Test
  void cutsLongDocumentsAndSaysSoOnce() throws Exception {
    EncodedDocuments encoded =
        encode("{\"text\": \"abcdef\"}\n{\"text\": \"ab\"}\n{\"text\": \"abcdefg\"}", positions(5));
    assertThat(encoded.samples()).extracting(s -> s.ids().length()).containsExactly(5, 3, 5);
    assertThat(encoded.samples().get(0).ids().asList()).containsExactly(1, 2, 3, 4, 5);
    assertThat(encoded.notices()).hasSize(1);
    assertThat(encoded.notices().get(0).text())
        .contains("2 documents were cut to 5 tokens (the model's positions)");
  }

  @Test
  void cutsTokenIdsToMaxLengthButRefusesThemBeyondThePositions() throws Exception {
    SampleRules rules = new SampleRules(28, OptionalInt.of(6), OptionalInt.of(4), NONE);
    EncodedDocuments encoded = encode("{\"token_ids\": [1, 2, 3, 4, 5, 6]}", rules);
    assertThat(encoded.samples().get(0).ids().length()).isEqualTo(4);
    assertThat(encoded.notices().get(0).text())
        .contains("1 document was cut to 4 tokens (--max-length)");
    assertThatThrownBy(() -> encode("{\"token_ids\": [1, 2, 3, 4, 5, 6, 7]}", rules))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data.jsonl:1: token_ids: expected at most the model's 6 positions")
        .hasMessageContaining("found 7");
  }

  @Test
  void passesOverShortTextsButKeepsTheirIndex() throws Exception {
    SampleRules rules = new SampleRules(28, NONE, NONE, OptionalInt.of(4));
    EncodedDocuments encoded =
        encode("{\"text\": \"ab\"}\n{\"text\": \"\"}\n{\"text\": \"abcdef\"}", rules);
    assertThat(encoded.samples()).extracting(Sample::index).containsExactly(2);
    assertThat(encoded.notices().get(0).text())
        .contains("2 texts were too short")
        .contains("line 1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"token_ids\": [1, 2, 3]} | expected more than 3 tokens",
        "{\"token_ids\": []} | found 0",
        "{\"text\": \"abc\", \"context_tokens\": 4} | expected more than 4 tokens",
        "{\"text\": \"abcdefghijkl\", \"context_tokens\": 9} | after the cut to the model's positions",
        "{\"token_ids\": [1, 2, 3, 28]} | token id 28 at place 3 is outside the model's vocabulary of 28",
        "{\"text\": \"abc~\"} | outside the model's vocabulary of 28",
        "{\"text\": \"ab\"} | no document is long enough",
      })
  void namesTheLineThatCannotBeUsed(String line, String message) {
    SampleRules rules = new SampleRules(28, OptionalInt.of(8), NONE, OptionalInt.of(3));
    assertThatThrownBy(() -> encode(line, rules))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data.jsonl")
        .hasMessageContaining(message);
  }

  @Test
  void needsATokenizerForTextsOnly() throws Exception {
    Path ids = file("{\"token_ids\": [1, 2]}\n{\"text\": \"abc\"}");
    assertThat(encode(ids, Optional.empty(), positions(8), 1).samples()).hasSize(1);
    assertThatThrownBy(() -> encode(ids, Optional.empty(), positions(8), 2))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data.jsonl:2: ")
        .hasMessageContaining("tokenizer.json");
  }

  @Test
  void stopsReadingAfterMaxSamples() throws Exception {
    Path file = file("{\"text\": \"abc\"}\n{\"text\": \"abd\"}\nno json");
    assertThat(encode(file, Optional.of(letters), positions(8), 2).samples()).hasSize(2);
    assertThatThrownBy(() -> encode(file, Optional.of(letters), positions(8), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--max-samples");
  }

  @Test
  void encodesNoMoreOfABookThanTheLimitNeeds() throws Exception {
    EncodedDocuments encoded = encode("{\"text\": \"" + "a".repeat(900_000) + "\"}", positions(8));
    assertThat(encoded.samples().get(0).ids().length()).isEqualTo(8);
    assertThat(letters.longest).isLessThan(10_000);
  }

  @ParameterizedTest
  @CsvSource({
    "9,,--max-length,8",
    "1,,--max-length,at least 2",
    ",8,--context-tokens,8 positions",
    ",0,--context-tokens,at least 1",
    "4,4,--context-tokens,--max-length 4",
  })
  void refusesOptionsBeyondTheModel(
      Integer maxLength, Integer context, String option, String message) {
    OptionalInt max = maxLength == null ? NONE : OptionalInt.of(maxLength);
    OptionalInt tokens = context == null ? NONE : OptionalInt.of(context);
    assertThatThrownBy(() -> new SampleRules(28, OptionalInt.of(8), max, tokens))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(option)
        .hasMessageContaining(message);
  }

  @Test
  void countsThePublishedTokensOfTheStories() {
    Optional<Path> model = Shared.find("models/stories260K");
    Optional<Path> stories = Shared.find("text/tinystories_sample.txt");
    assumeTrue(model.isPresent() && stories.isPresent(), "shared files are absent");
    EncodedDocuments encoded =
        encode(
            stories.orElseThrow(),
            Tokenizers.find(model.orElseThrow()),
            new SampleRules(512, OptionalInt.of(512), NONE, NONE),
            Integer.MAX_VALUE);
    assertThat(encoded.samples()).hasSize(5);
    assertThat(encoded.samples().stream().mapToInt(s -> s.ids().length() - 1).sum())
        .isEqualTo(1804);
    assertThat(encoded.notices()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"text/grimm.txt", "text/wikitext2-valid.txt"})
  void keepsTheFirstTokensOfTheWholeBook(String book) throws Exception {
    Optional<Path> model = Shared.find("models/stories260K");
    Optional<Path> text = Shared.find(book);
    assumeTrue(model.isPresent() && text.isPresent(), "shared files are absent");
    Tokenizer tokenizer = Tokenizers.find(model.orElseThrow()).orElseThrow();
    EncodedDocuments encoded =
        encode(
            text.orElseThrow(),
            Optional.of(tokenizer),
            new SampleRules(512, OptionalInt.of(512), NONE, NONE),
            1);
    String whole = Files.readString(text.orElseThrow()).replaceAll("^\n+|\n+$", "");
    assertThat(encoded.samples().get(0).ids().toArray())
        .containsExactly(Arrays.copyOf(tokenizer.encode(whole), 512));
  }
}
