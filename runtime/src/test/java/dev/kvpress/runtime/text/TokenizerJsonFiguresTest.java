package dev.kvpress.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.Ints;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerJsonFiguresTest {
  @TempDir Path folder;

  private Tokenizer tokenizer(String name) throws Exception {
    Files.copy(Reference.model(name + ".tokenizer.json"), folder.resolve("tokenizer.json"));
    return Tokenizers.find(folder).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt2",
        "llama3",
        "qwen2",
        "metaspace_first",
        "metaspace_always",
        "metaspace_never",
        "llama_legacy",
        "gemma",
        "wordpiece",
        "wordlevel",
        "added",
        "suffix",
        "code",
        "prefix_space"
      })
  void encodesAndDecodesAsPython(String name) throws Exception {
    Tokenizer tokenizer = tokenizer(name);
    JsonNode figures = Reference.figures("json-" + name);
    int[] opening = Reference.ints(figures.get("opening"));
    int[] closing = Reference.ints(figures.get("closing"));
    List<String> texts = Reference.texts();
    SoftAssertions softly = new SoftAssertions();
    for (int i = 0; i < texts.size(); i++) {
      int[] ids = Reference.ints(figures.get("ids").get(i));
      softly
          .assertThat(tokenizer.encodeWhole(texts.get(i)))
          .as("ids of text %d \"%s\"", i, texts.get(i))
          .isEqualTo(Ints.concat(opening, without(opening, ids), closing));
      JsonNode other = figures.get("decoded").path(String.valueOf(i));
      softly
          .assertThat(tokenizer.decode(ids))
          .as("text of %d", i)
          .isEqualTo(other.asText(texts.get(i)));
    }
    List<String> longTexts = Reference.longTexts();
    for (int i = 0; i < longTexts.size(); i++) {
      int[] ids = tokenizer.encode(longTexts.get(i));
      if (!longTexts.get(i).startsWith("<s>") || opening.length == 0) {
        softly
            .assertThat(Reference.countAndHash(Arrays.copyOfRange(ids, opening.length, ids.length)))
            .as("long text %d", i)
            .isEqualTo(figures.get("long").get(i).toString());
      }
    }
    for (JsonNode pair : figures.get("random")) {
      softly
          .assertThat(tokenizer.decode(Reference.ints(pair.get(0))))
          .as("%s", pair)
          .isEqualTo(pair.get(1).textValue());
    }
    softly.assertAll();
  }

  private static int[] without(int[] opening, int[] ids) {
    int from = 0;
    while (opening.length > 0 && from < ids.length && ids[from] == opening[opening.length - 1]) {
      from++;
    }
    return Arrays.copyOfRange(ids, from, ids.length);
  }
}
