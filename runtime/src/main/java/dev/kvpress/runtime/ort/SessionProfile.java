package dev.kvpress.runtime.ort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FileFaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Which operators ran on which provider, as the engine itself recorded it.
 *
 * @param runs how often an operator ran, by provider (short: {@code cpu}, {@code cuda}) and name
 */
public record SessionProfile(Map<String, Map<String, Integer>> runs) {
  /** How the names of the engine's files begin. */
  static final String PREFIX = "session";

  private static final String NODE = "Node";
  private static final String LONG_NAME = "ExecutionProvider";

  /** Keeps a copy. */
  public SessionProfile {
    Map<String, Map<String, Integer>> copy = new TreeMap<>();
    runs.forEach((provider, operators) -> copy.put(provider, Map.copyOf(operators)));
    runs = Map.copyOf(copy);
  }

  /**
   * Reads what all sessions of a profiled factory have written; they must be closed.
   *
   * @param folder the folder that the factory was given
   * @throws ModelException if the files cannot be read
   */
  public static SessionProfile read(Path folder) {
    Map<String, Map<String, Integer>> runs = new TreeMap<>();
    JsonMapper json = JsonMapper.builder().build();
    try {
      for (Path file : files(folder)) {
        for (JsonNode event : json.readTree(file.toFile())) {
          JsonNode provider = event.path("args").path("provider");
          if (event.path("cat").asText().equals(NODE) && provider.isTextual()) {
            String name = provider.asText().replace(LONG_NAME, "").toLowerCase(Locale.ROOT);
            runs.computeIfAbsent(name, none -> new TreeMap<>())
                .merge(event.path("args").path("op_name").asText(), 1, Integer::sum);
          }
        }
      }
    } catch (IOException e) {
      throw new ModelException(
          "%s: cannot read the engine's profiles: %s".formatted(folder, FileFaults.reason(e)), e);
    }
    return new SessionProfile(runs);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> String.valueOf(file.getFileName()).startsWith(PREFIX))
          .sorted()
          .toList();
    }
  }

  /** How often each operator ran on a provider; empty where none did. */
  public Map<String, Integer> of(String provider) {
    return new TreeMap<>(runs.getOrDefault(provider, Map.of()));
  }
}
