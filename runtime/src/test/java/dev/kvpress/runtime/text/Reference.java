package dev.kvpress.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Tokenizers and what Python makes of some texts with them; test-data says how they were made. */
final class Reference {
  private static final Path FOLDER =
      Path.of(System.getProperty("kvpress.root"), "test-data/reference/tokenizers");
  private static final ObjectMapper JSON = new ObjectMapper();

  private Reference() {}

  static Path model(String name) {
    return FOLDER.resolve("models").resolve(name);
  }

  static JsonNode figures(String name) throws IOException {
    return JSON.readTree(FOLDER.resolve("figures").resolve(name + ".json").toFile());
  }

  /** The texts of the figures, each once. */
  static List<String> texts() throws IOException {
    List<String> texts = new ArrayList<>();
    JSON.readTree(FOLDER.resolve("texts.json").toFile())
        .get("texts")
        .forEach(text -> texts.add(text.textValue()));
    return texts;
  }

  /** The long texts, of which the figures have count and hash. */
  static List<String> longTexts() throws IOException {
    List<String> texts = new ArrayList<>();
    JSON.readTree(FOLDER.resolve("texts.json").toFile())
        .get("long")
        .forEach(pair -> texts.add(pair.get(0).textValue().repeat(pair.get(1).intValue())));
    return texts;
  }

  static int[] ints(JsonNode list) {
    int[] ints = new int[list.size()];
    Arrays.setAll(ints, i -> list.get(i).intValue());
    return ints;
  }

  /** What the figures have of the ids of a long text. */
  static String countAndHash(int[] ids) {
    String joined = Arrays.stream(ids).mapToObj(String::valueOf).collect(Collectors.joining(" "));
    String hash = Hashing.sha256().hashString(joined, StandardCharsets.UTF_8).toString();
    return "[%d,\"%s\"]".formatted(ids.length, hash.substring(0, 16));
  }

  /** The ids with the first one once: Python repeats a BOS that the text itself spells. */
  static int[] onceBegun(int[] ids) {
    int from = 0;
    while (from + 1 < ids.length && ids[from + 1] == ids[0]) {
      from++;
    }
    return Arrays.copyOfRange(ids, from, ids.length);
  }
}
