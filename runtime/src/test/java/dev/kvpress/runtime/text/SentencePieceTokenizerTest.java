package dev.kvpress.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.runtime.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SentencePieceTokenizerTest {
  private static final String LLAMA = "{\"tokenizer_class\": \"LlamaTokenizer\"}";

  @TempDir Path folder;

  private Tokenizer tokenizer(String model, String config) throws Exception {
    Files.copy(Reference.model(model + ".model"), folder.resolve("tokenizer.model"));
    Files.writeString(folder.resolve("tokenizer_config.json"), config);
    return Tokenizers.find(folder).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "llama, llama_legacy, LlamaTokenizer, true",
    "llama, llama, LlamaTokenizerFast, false",
    "unigram, llama_legacy, LlamaTokenizer, true",
    "unigram, llama, LlamaTokenizer, false",
    "rules, llama_legacy, LlamaTokenizer, true",
    "rules, llama, LlamaTokenizer, false",
    "gemma, gemma, GemmaTokenizer, true",
  })
  void encodesAsTransformers(String model, String figures, String name, boolean legacy)
      throws Exception {
    Tokenizer tokenizer =
        tokenizer(model, "{\"tokenizer_class\": \"%s\", \"legacy\": %s}".formatted(name, legacy));
    JsonNode expected = Reference.figures("sp-" + model).get(figures);
    List<String> texts = Reference.texts();
    SoftAssertions softly = new SoftAssertions();
    for (int i = 0; i < texts.size(); i++) {
      // A control piece that no file names counts in texts for the fast tokenizers only, and here.
      if (!(model.equals("rules") && texts.get(i).contains("<mask>"))) {
        softly
            .assertThat(tokenizer.encode(texts.get(i)))
            .as("ids of text %d \"%s\"", i, texts.get(i))
            .isEqualTo(Reference.onceBegun(Reference.ints(expected.get("ids").get(i))));
      }
    }
    List<String> longTexts = Reference.longTexts();
    for (int i = 0; i < longTexts.size(); i++) {
      if (!longTexts.get(i).startsWith("<s>")) {
        softly
            .assertThat(Reference.countAndHash(tokenizer.encode(longTexts.get(i))))
            .as("long text %d", i)
            .isEqualTo(expected.get("long").get(i).toString());
      }
    }
    softly.assertAll();
  }

  @Test
  void findsSpecialTokensInTextsAndLeavesThemOutAgain() throws Exception {
    Tokenizer tokenizer = tokenizer("llama", LLAMA);
    int[] ids = tokenizer.encode("a</s><tool>b");
    assertThat(ids).startsWith(1).contains(2, 3);
    assertThat(tokenizer.decode(ids)).isEqualTo("a <tool>b");
    assertThat(tokenizer.spelling(2)).isEqualTo("</s>");
    assertThat(tokenizer.eosId()).hasValue(2);
    assertThat(tokenizer.endsText(2)).isTrue();
  }

  @Test
  void restoresWhatItEncoded() throws Exception {
    Tokenizer tokenizer = tokenizer("llama", LLAMA);
    for (String text : Reference.texts()) {
      if (!text.contains("<") && !text.contains("▁") && !text.contains("\ufffe")) {
        assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
      }
    }
  }

  @Test
  void endsWholeTextsWhereTheFlagSaysSo() throws Exception {
    Tokenizer tokenizer =
        tokenizer(
            "llama",
            """
            {"tokenizer_class": "LlamaTokenizer", "add_bos_token": false, "add_eos_token": true}
            """);
    assertThat(tokenizer.encodeWhole("a")).containsExactly(264, 2);
    assertThat(tokenizer.encode("a")).containsExactly(264);
  }

  @Test
  void givesAddedTokensTheIdsBehindTheModel() throws Exception {
    Tokenizer tokenizer =
        tokenizer(
            "llama",
            """
            {"tokenizer_class": "LlamaTokenizer", "added_tokens_decoder":
              {"420": {"content": "<pad>", "special": true},
               "421": {"content": "<x>", "special": false, "lstrip": true, "rstrip": true}},
             "pad_token": "<pad>"}
            """);
    assertThat(tokenizer.vocabularySize()).isEqualTo(422);
    assertThat(tokenizer.encode("a <x> a<pad>")).containsExactly(1, 264, 421, 264, 420);
    assertThat(tokenizer.decode(new int[] {264, 421, 420})).isEqualTo("a<x>");
  }

  @Test
  void putsNoSpaceBeforeATextWhereTheFlagForbidsIt() throws Exception {
    Tokenizer tokenizer =
        tokenizer(
            "llama", "{\"tokenizer_class\": \"LlamaTokenizer\", \"add_prefix_space\": false}");
    assertThat(tokenizer.encode("a")).containsExactly(1, 385);
    assertThat(tokenizer.decode(tokenizer.encode(" a"))).isEqualTo(" a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"tokenizer_class\": \"BarTokenizer\"} | found tokenizer_class BarTokenizer",
        "{\"tokenizer_class\": \"GPT2Tokenizer\"} | found tokenizer_class GPT2Tokenizer",
        "{} | found none",
      })
  void refusesClassesThatItDoesNotKnow(String config, String message) {
    assertThatThrownBy(() -> tokenizer("llama", config))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("tokenizer.model")
        .hasMessageContaining(message)
        .hasMessageContaining("LlamaTokenizer")
        .hasMessageContaining("save_pretrained");
  }

  @Test
  void takesTheClassOfTheModelWhereNoneIsNamed() throws Exception {
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"mistral\"}");
    assertThat(tokenizer("llama", "{}").encode("a")).containsExactly(1, 264);
  }

  @Test
  void namesATiktokenVocabulary() throws Exception {
    Files.writeString(folder.resolve("tokenizer.model"), "IQ== 0\nIg== 1\n");
    Files.writeString(folder.resolve("tokenizer_config.json"), LLAMA);
    assertThatThrownBy(() -> Tokenizers.find(folder))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("tiktoken");
  }

  @Test
  void refusesCutFiles() throws Exception {
    byte[] whole = Files.readAllBytes(Reference.model("llama.model"));
    Files.writeString(folder.resolve("tokenizer_config.json"), LLAMA);
    for (int length : new int[] {0, 1, 100, whole.length - 100, whole.length - 1}) {
      Files.write(folder.resolve("tokenizer.model"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Tokenizers.find(folder))
          .as("%d bytes", length)
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("tokenizer.model");
    }
  }
}
