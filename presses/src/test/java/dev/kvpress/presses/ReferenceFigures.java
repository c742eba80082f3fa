package dev.kvpress.presses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Figures of the originals, of the folder {@code test-data/reference}. */
public final class ReferenceFigures {
  private static final Path ROOT = Path.of("..", "test-data", "reference");

  private ReferenceFigures() {}

  /** The figures of one file, for example {@code "relatives/rkv.json"}. */
  public static JsonNode load(String file) {
    try {
      return new ObjectMapper().readTree(ROOT.resolve(file).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException("figures " + file + " cannot be read", e);
    }
  }
}
