package dev.kvpress.compare.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvpress.compare.cli.Main;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Runs a command in this process and gathers what it says. */
record Cli(int exitCode, List<String> lines, String errors) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Cli score(String input, String... options) {
    return run("score", input, options);
  }

  static Cli replay(String input, String... options) {
    return run("replay", input, options);
  }

  private static Cli run(String command, String input, String... options) {
    InputStream in = new ByteArrayInputStream(input.getBytes(StandardCharsets.ISO_8859_1));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.addAll(options.length == 0 ? List.of("--batch", "-") : List.of(options));
    int exitCode =
        Main.run(
            arguments.toArray(new String[0]),
            in,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(errors, true, StandardCharsets.UTF_8));
    return new Cli(
        exitCode,
        out.toString(StandardCharsets.UTF_8).lines().toList(),
        errors.toString(StandardCharsets.UTF_8));
  }

  JsonNode answer(int line) {
    return json(lines.get(line));
  }

  /** JSON in which apostrophes stand for quotation marks. */
  static String quoted(String text) {
    return text.replace('\'', '"');
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
