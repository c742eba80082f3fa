package dev.kvpress.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.testdata.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VocabularyFilesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private void write(String file, String content) throws IOException {
    Files.writeString(folder.resolve(file), content);
  }

  /** The vocabulary and merges of the small GPT-2 among the reference tokenizers. */
  private void writeVocabulary() throws IOException {
    JsonNode model = JSON.readTree(Reference.model("gpt2.tokenizer.json").toFile()).get("model");
    write("vocab.json", model.get("vocab").toString());
    List<String> lines = new ArrayList<>(List.of("#version: 0.2"));
    model
        .get("merges")
        .forEach(merge -> lines.add(merge.get(0).textValue() + " " + merge.get(1).textValue()));
    write("merges.txt", String.join("\n", lines) + "\n");
  }

  private Tokenizer tokenizer() {
    return Tokenizers.find(folder).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt2",
        "gpt2_prefix",
        "opt",
        "codegen",
        "qwen2",
        "legacy",
        "model_type",
        "gpt_neox"
      })
  void encodesAsTheClassDoes(String name) throws Exception {
    JsonNode expected = Reference.figures("classes").get("cases").get(name);
    writeVocabulary();
    for (Map.Entry<String, JsonNode> file : expected.get("files").properties()) {
      write(file.getKey(), file.getValue().toString());
    }
    Tokenizer tokenizer = tokenizer();
    SoftAssertions softly = new SoftAssertions();
    List<String> texts = Reference.texts();
    for (int i = 0; i < texts.size(); i++) {
      int[] ids = Reference.ints(expected.get("ids").get(i));
      softly
          .assertThat(tokenizer.encode(texts.get(i)))
          .as("ids of text %d \"%s\"", i, texts.get(i))
          .isEqualTo(name.equals("opt") ? Reference.onceBegun(ids) : ids);
    }
    softly.assertAll();
    assertThat(tokenizer.eosId()).hasValue(expected.get("eos").intValue());
    assertThat(tokenizer.vocabularySize()).isEqualTo(expected.get("size").intValue());
  }

  @Test
  void takesTheIdsThatAddedTokensDeclare() throws Exception {
    write("vocab.json", "{\"a\": 2, \"b\": 3, \"ab\": 9}");
    write("merges.txt", "a b\n");
    write("added_tokens.json", "{\"<x>\": 0, \"<y>\": 7}");
    write("tokenizer_config.json", "{\"tokenizer_class\": \"Qwen2Tokenizer\"}");
    assertThat(tokenizer().encode("ab<x>b<y>")).containsExactly(9, 0, 3, 7);
    assertThat(tokenizer().decode(new int[] {9, 0, 3, 7, 8})).isEqualTo("ab<x>b<y>");
    assertThat(tokenizer().vocabularySize()).isEqualTo(10);
  }

  @Test
  void refusesAnAddedTokenWithTheIdOfAPiece() throws Exception {
    write("vocab.json", "{\"a\": 2, \"b\": 3, \"ab\": 9}");
    write("merges.txt", "a b\n");
    write("added_tokens.json", "{\"<x>\": 3}");
    write("tokenizer_config.json", "{\"tokenizer_class\": \"Qwen2Tokenizer\"}");
    assertThatThrownBy(this::tokenizer)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("\"<x>\" is to have the id 3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"tokenizer_class\": \"BarTokenizer\"} | {} | found tokenizer_class BarTokenizer",
        "{\"tokenizer_class\": \"LlamaTokenizer\"} | {} | found tokenizer_class LlamaTokenizer",
        "{} | {\"model_type\": \"bar\"} | found none, and model_type bar",
        "{} | {} | found none; save",
      })
  void refusesWhereTheRulesAreNotKnown(String tokenizer, String model, String message)
      throws Exception {
    writeVocabulary();
    write("tokenizer_config.json", tokenizer);
    write("config.json", model);
    assertThatThrownBy(this::tokenizer)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(folder.resolve("vocab.json").toString())
        .hasMessageContaining(message)
        .hasMessageContaining("GPT2Tokenizer")
        .hasMessageContaining("save_pretrained");
  }

  @Test
  void encodesAsGpt2WhereItsMergesLieAlone() throws Exception {
    Optional<Path> gpt2 = Shared.find("tokenizers/gpt2");
    assumeTrue(gpt2.isPresent(), "shared tokenizer is absent");
    Tokenizer tokenizer = Tokenizers.find(gpt2.orElseThrow()).orElseThrow();
    assertThat(tokenizer.encode("Hello world")).containsExactly(15496, 995);
    assertThat(tokenizer.encode("<|endoftext|>hi")).containsExactly(50256, 5303);
    String text = "a\0b😀é\n\n  “x”";
    assertThat(tokenizer.decode(tokenizer.encode(text + "\uD83D"))).isEqualTo(text + "\uFFFD");
    assertThat(tokenizer.eosId()).hasValue(50256);
    assertThat(tokenizer.vocabularySize()).isEqualTo(50257);
    assertThat(tokenizer.describe()).contains("GPT2Tokenizer");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"a b c | merges.txt:2", "ab | merges.txt:2", "b a | vocab.json does not hold"})
  void namesTheLineOfABrokenMerge(String line, String message) throws Exception {
    write("vocab.json", "{\"a\": 0, \"b\": 1, \"ab\": 2}");
    write("merges.txt", "#version: 0.2\n" + line + "\n");
    write("tokenizer_config.json", "{\"tokenizer_class\": \"GPT2Tokenizer\"}");
    assertThatThrownBy(this::tokenizer)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vocab.json", "merges.txt"})
  void namesAGitLfsPointer(String file) throws Exception {
    writeVocabulary();
    write("tokenizer_config.json", "{\"tokenizer_class\": \"GPT2Tokenizer\"}");
    write(file, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n");
    assertThatThrownBy(this::tokenizer)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(file)
        .hasMessageContaining("git lfs pull");
  }
}
