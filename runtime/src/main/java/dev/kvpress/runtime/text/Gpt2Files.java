package dev.kvpress.runtime.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Older byte-level BPE tokenizers: {@code vocab.json} (piece to id) and {@code merges.txt} (one
 * merge a line, best first, with or without a version line), rewritten as the tokenizer.json that
 * says the same. The token that ends a text is special, as in GPT-2.
 */
final class Gpt2Files {
  static final String VOCABULARY = "vocab.json";
  static final String MERGES = "merges.txt";

  /** The only special token of GPT-2, which its two files hold like any other piece. */
  static final String END_OF_TEXT = "<|endoftext|>";

  private static final ObjectMapper JSON = new ObjectMapper();

  private Gpt2Files() {}

  /**
   * The equivalent tokenizer.json.
   *
   * @throws ModelException naming the file and line where the two files stop making sense
   */
  static byte[] tokenizerJson(Path folder) {
    Path vocabularyFile = folder.resolve(VOCABULARY);
    Path mergesFile = folder.resolve(MERGES);
    try {
      JsonNode vocabulary = JSON.readTree(Files.readAllBytes(vocabularyFile));
      if (vocabulary == null || !vocabulary.isObject()) {
        throw new ModelException(vocabularyFile + ": expected an object of piece to id");
      }
      ObjectNode root = JSON.createObjectNode();
      root.put("version", "1.0");
      ArrayNode added = root.putArray("added_tokens");
      if (vocabulary.path(END_OF_TEXT).isInt()) {
        added
            .addObject()
            .put("id", vocabulary.get(END_OF_TEXT).intValue())
            .put("content", END_OF_TEXT)
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", false)
            .put("normalized", false)
            .put("special", true);
      }
      root.set("pre_tokenizer", byteLevel());
      root.set("decoder", byteLevel());
      ObjectNode model = root.putObject("model").put("type", "BPE");
      model.set("vocab", vocabulary);
      merges(mergesFile, vocabulary, model.putArray("merges"));
      return JSON.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw TokenizerJson.malformed(vocabularyFile, e);
    } catch (IOException e) {
      throw new ModelException(mergesFile + ": cannot be read as UTF-8 text: " + e, e);
    }
  }

  private static ObjectNode byteLevel() {
    return JSON.createObjectNode()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", true);
  }

  private static void merges(Path file, JsonNode vocabulary, ArrayNode merges) throws IOException {
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isEmpty() || (i == 0 && line.startsWith("#version"))) {
        continue;
      }
      int space = line.indexOf(' ');
      if (space <= 0 || space == line.length() - 1 || line.indexOf(' ', space + 1) >= 0) {
        throw new ModelException(
            file + ":" + (i + 1) + ": expected two pieces and one space, found \"" + line + "\"");
      }
      String joined = line.substring(0, space).concat(line.substring(space + 1));
      if (!vocabulary.has(joined)) {
        throw new ModelException(
            file
                + ":"
                + (i + 1)
                + ": the merge makes \""
                + joined
                + "\", which "
                + VOCABULARY
                + " does not hold; take both files from one model");
      }
      merges.add(line);
    }
  }
}
