package dev.kvpress.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.runtime.ModelException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenizersTest {
  @TempDir Path folder;

  private static final String BOS_TEMPLATE =
      """
      {"type": "TemplateProcessing",
       "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                  {"Sequence": {"id": "A", "type_id": 0}}],
       "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
       "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}
      """;

  /** Whole words: hello 3, world 4; specials: unknown 0, begin 1, end 2. */
  private void writeTokenizer(String postProcessor) throws Exception {
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"version": "1.0",
         "truncation": {"max_length": 2, "strategy": "LongestFirst", "stride": 0,
                        "direction": "Right"},
         "padding": null,
         "added_tokens": [
           {"id": 0, "content": "<unk>", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true},
           {"id": 1, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true},
           {"id": 2, "content": "</s>", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true},
           {"id": 9, "content": "<pad>", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true}],
         "normalizer": null, "pre_tokenizer": {"type": "Whitespace"},
         "post_processor": POST, "decoder": null,
         "model": {"type": "WordLevel", "unk_token": "<unk>",
                   "vocab": {"<unk>": 0, "<s>": 1, "</s>": 2, "hello": 3, "world": 4}}}
        """
            .replace("POST", postProcessor));
  }

  private Tokenizer tokenizer() {
    return Tokenizers.find(folder).orElseThrow();
  }

  private void write(String file, String content) throws Exception {
    Files.writeString(folder.resolve(file), content);
  }

  @Test
  void beginsWithBosOnceWhereTheFileSaysSo() throws Exception {
    writeTokenizer(BOS_TEMPLATE);
    write("tokenizer_config.json", "{\"bos_token\": {\"content\": \"<s>\"}}");
    assertThat(tokenizer().encode("hello world")).containsExactly(1, 3, 4);
    assertThat(tokenizer().encode("<s>hello world")).containsExactly(1, 3, 4);
    assertThat(tokenizer().encode("")).containsExactly(1);
  }

  @Test
  void addsBosWhereOnlyTheConfigurationAsksForIt() throws Exception {
    writeTokenizer("null");
    write("tokenizer_config.json", "{\"bos_token\": \"<s>\", \"add_bos_token\": true}");
    assertThat(tokenizer().encode("hello")).containsExactly(1, 3);
    assertThat(tokenizer().encode("<s> hello")).containsExactly(1, 3);
  }

  @Test
  void leavesBosOutWhereNothingAsksForIt() throws Exception {
    writeTokenizer("null");
    write("tokenizer_config.json", "{\"bos_token\": \"<s>\"}");
    assertThat(tokenizer().encode("hello")).containsExactly(3);
    assertThat(tokenizer().bosId()).hasValue(1);
  }

  @Test
  void leavesBosOutWhereTheConfigurationForbidsIt() throws Exception {
    writeTokenizer(BOS_TEMPLATE);
    write("tokenizer_config.json", "{\"bos_token\": \"<s>\", \"add_bos_token\": false}");
    assertThat(tokenizer().encode("hello")).containsExactly(3);
  }

  @Test
  void neverTruncates() throws Exception {
    writeTokenizer(BOS_TEMPLATE);
    assertThat(tokenizer().encode("hello ".repeat(3000))).hasSize(3001);
  }

  @Test
  void knowsEveryEndThatTheModelKnows() throws Exception {
    writeTokenizer("null");
    write("generation_config.json", "{\"eos_token_id\": [2, 9, 77], \"bos_token_id\": 1}");
    write("config.json", "{\"eos_token_id\": 4, \"bos_token_id\": 4}");
    Tokenizer tokenizer = tokenizer();
    assertThat(tokenizer.eosId()).hasValue(2);
    assertThat(tokenizer.endsText(9)).isTrue();
    assertThat(tokenizer.endsText(4)).isFalse();
    assertThat(tokenizer.bosId()).hasValue(1);
    assertThat(tokenizer.vocabularySize()).isEqualTo(10);
  }

  @Test
  void fallsBackToTheModelsConfiguration() throws Exception {
    writeTokenizer("null");
    write("config.json", "{\"eos_token_id\": 2}");
    assertThat(tokenizer().eosId()).hasValue(2);
    assertThat(tokenizer().bosId()).isEmpty();
  }

  @Test
  void decodesWithoutSpecialTokensAndForeignIds() throws Exception {
    writeTokenizer(BOS_TEMPLATE);
    Tokenizer tokenizer = tokenizer();
    assertThat(tokenizer.decode(new int[] {1, 3, 4, 2})).isEqualTo("hello world");
    assertThat(tokenizer.decode(new int[] {3, 10, 5, 4})).isEqualTo("hello world");
    assertThatThrownBy(() -> tokenizer.decode(new int[] {-1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }

  @Test
  void keepsTheLibraryOfflineAndItsTelemetryOff() throws Exception {
    writeTokenizer("null");
    tokenizer();
    assertThat(System.getProperty("OPT_OUT_TRACKING")).isEqualTo("true");
    assertThat(System.getProperty("ai.djl.offline")).isEqualTo("true");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "tokenizer.json | `` | expected an object",
        "tokenizer.json | `[1]` | expected an object",
        "tokenizer.json | `{\"model\": {\"vocab\": {\"a\": 0,` | line 1 column",
        "tokenizer.json | `{\"model\": {\"vocab\": {\"a\": -4}}}` | found -4",
        "tokenizer.json | `{\"model\": {\"vocab\": {\"a\": 99999999999}}}` | found 99999999999",
        "tokenizer.json | `{\"model\": {\"vocab\": {\"a\": \"b\"}}}` | expected a token id",
        "tokenizer.json | `{\"version\": \"1.0\"}` | model.vocab",
        "tokenizer.json | `{\"model\": {\"vocab\": {\"a\": 0}}}` | refuses it",
        "tokenizer_config.json | `{\"bos_token\": ` | line 1 column",
        "generation_config.json | `no json` | line 1 column",
      })
  void namesFileAndPlaceOfBrokenJson(String file, String content, String message) throws Exception {
    writeTokenizer("null");
    write(file, content);
    assertThatThrownBy(() -> Tokenizers.find(folder))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(folder.resolve(file).toString())
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void findsALlama2cTokenizerBesideTheCheckpoint() throws Exception {
    Files.write(folder.resolve("tok260.bin"), new TokenizerBytes().withByteVocabulary().bytes());
    Files.write(folder.resolve("model.bin"), new byte[100]);
    assertThat(tokenizer().vocabularySize()).isEqualTo(259);
    assertThat(Tokenizers.find(folder.resolve("model.bin"))).isPresent();
    assertThat(Tokenizers.find(folder.resolve("tok260.bin"))).isPresent();
  }

  @Test
  void prefersTokenizerJson() throws Exception {
    writeTokenizer("null");
    Files.write(folder.resolve("tok260.bin"), new TokenizerBytes().withByteVocabulary().bytes());
    assertThat(tokenizer().describe()).contains("tokenizer.json");
  }

  @Test
  void doesNotGuessBetweenSeveral() throws Exception {
    byte[] bytes = new TokenizerBytes().withByteVocabulary().bytes();
    Files.write(folder.resolve("tok512.bin"), bytes);
    Files.write(folder.resolve("tokenizer.bin"), bytes);
    assertThatThrownBy(() -> Tokenizers.find(folder))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("tok512.bin, tokenizer.bin");
  }

  @Test
  void isEmptyWithoutATokenizerAndAnErrorWithoutAFolder() throws Exception {
    write("config.json", "{}");
    assertThat(Tokenizers.find(folder)).isEmpty();
    assertThatThrownBy(() -> Tokenizers.find(folder.resolve("absent")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("absent");
  }

  @Test
  @Timeout(20)
  void aFileOfAHundredMegabytesIsRefusedBeforeItIsRead() throws Exception {
    writeTokenizer("null");
    try (RandomAccessFile file =
        new RandomAccessFile(folder.resolve("tokenizer.json").toFile(), "rw")) {
      file.setLength(100 << 20);
    }

    assertThatThrownBy(() -> Tokenizers.find(folder))
        .isInstanceOf(ModelException.class)
        .hasMessageContainingAll("tokenizer.json", "at most 67108864 bytes", "found 104857600");
  }

  @Test
  @Timeout(20)
  void moreAddedTokensThanTheLibraryTakesInBoundedTimeAreRefused() throws Exception {
    writeTokenizer("null");
    StringBuilder added = new StringBuilder();
    for (int i = 0; i < 70_000; i++) {
      added.append(added.isEmpty() ? "{" : ",").append("\"<more_").append(i).append(">\":");
      added.append(100 + i);
    }
    write("added_tokens.json", added.append('}').toString());

    assertThatThrownBy(() -> Tokenizers.find(folder))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("added tokens, expected at most 65536");
  }
}
