package dev.kvpress.runtime.text.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SentencePieceModelTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("kvpress.root"), "test-data/reference/tokenizers");
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @ValueSource(strings = {"llama", "gemma", "unigram", "unknown", "rules"})
  void encodesAsTheLibrary(String name) throws Exception {
    SentencePieceModel model =
        SentencePieceModel.read(Files.readAllBytes(FOLDER.resolve("models/" + name + ".model")));
    JsonNode texts = JSON.readTree(FOLDER.resolve("texts.json").toFile()).get("texts");
    JsonNode plain =
        JSON.readTree(FOLDER.resolve("figures/sp-" + name + ".json").toFile()).get("plain");
    int wrong = 0;
    for (int i = 0; i < texts.size(); i++) {
      String expected = plain.get("ids").get(i).toString();
      String found =
          model
              .encode(texts.get(i).textValue(), model.addsDummyPrefix())
              .toString()
              .replace(" ", "");
      if (!expected.equals(found)) {
        wrong++;
        System.out.println(name + " ENC " + texts.get(i) + " " + expected + " " + found);
      }
    }
    for (JsonNode pair : plain.get("random")) {
      PieceDecoder d = model.decoder(model.addsDummyPrefix());
      for (JsonNode id : pair.get(0)) d.append(id.intValue());
      if (!d.text().equals(pair.get(1).textValue())) {
        wrong++;
        System.out.println(name + " DEC " + pair + " " + JSON.writeValueAsString(d.text()));
      }
    }
    assertThat(wrong).isZero();
  }
}
