package dev.kvpress.compare.bench.serve;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Prompts of different length, cut from the beginnings of documents. */
final class LoadTexts {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private LoadTexts() {}

  /**
   * Beginnings of the first documents of a file of JSON lines, from half of the words to all.
   *
   * @param words of the longest prompt
   */
  static List<String> prompts(Path file, int count, int words) throws IOException {
    checkArgument(count >= 1, "prompts must be 1 or more, found %s", count);
    checkArgument(words >= 2, "words must be 2 or more, found %s", words);
    List<String> documents = documents(file, count);
    checkArgument(!documents.isEmpty(), "%s has no line with a text", file);
    List<String> prompts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = count == 1 ? words : words / 2 + (words - words / 2) * i / (count - 1);
      String[] all = documents.get(i % documents.size()).split(" ", -1);
      int taken = Math.min(length, all.length);
      prompts.add(String.join(" ", Arrays.copyOf(all, taken)));
    }
    return prompts;
  }

  private static List<String> documents(Path file, int most) throws IOException {
    List<String> texts = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      JsonNode text = MAPPER.readTree(line).path("text");
      if (text.isTextual() && texts.size() < most) {
        texts.add(text.textValue());
      }
    }
    return texts;
  }
}
