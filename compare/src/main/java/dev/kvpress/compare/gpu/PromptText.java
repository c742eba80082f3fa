package dev.kvpress.compare.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvpress.compare.UsageException;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Ids of a prompt of a given length out of a file of documents. */
final class PromptText {
  private PromptText() {}

  /**
   * Reads documents ({@code {"text": …}}, one a line) until there are enough tokens.
   *
   * @param model the model's folder, beside whose graph or weights a tokenizer lies
   * @param tokens how many ids to give
   * @throws UsageException if there is no tokenizer, or not enough text
   */
  static int[] ids(Path model, Path documents, int tokens) throws IOException {
    Tokenizer tokenizer =
        Tokenizers.find(model)
            .orElseThrow(
                () ->
                    new UsageException(
                        List.of(
                            "--model: %s has no tokenizer beside it (%s)"
                                .formatted(model, Tokenizers.KNOWN_FILES))));
    JsonMapper json = JsonMapper.builder().build();
    StringBuilder text = new StringBuilder();
    int[] ids = {};
    for (String line : Files.readAllLines(documents)) {
      JsonNode document = line.isBlank() ? null : json.readTree(line).get("text");
      if (document == null) {
        continue;
      }
      text.append(document.asText()).append('\n');
      ids = tokenizer.encode(text.toString());
      if (ids.length >= tokens) {
        return Arrays.copyOf(ids, tokens);
      }
    }
    throw new UsageException(
        List.of(
            "--text: %d tokens are needed, %s has %d; give more text or a smaller --tokens"
                .formatted(tokens, documents, ids.length)));
  }
}
