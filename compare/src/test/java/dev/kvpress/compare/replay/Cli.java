package dev.kvpress.compare.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;

/** Runs a command in this process and gathers what it says. */
record Cli(int exitCode, List<String> lines, String errors) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Cli score(String input, String... options) {
    return run(ScoreCommand::new, input, options);
  }

  static Cli replay(String input, String... options) {
    return run(ReplayCommand::new, input, options);
  }

  static Cli run(
      Function<InputStream, Callable<Integer>> command, String input, String... options) {
    InputStream in = new ByteArrayInputStream(input.getBytes(StandardCharsets.ISO_8859_1));
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    int exitCode =
        new CommandLine(command.apply(in))
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(errors))
            .execute(options.length == 0 ? new String[] {"--batch", "-"} : options);
    return new Cli(exitCode, out.toString().lines().toList(), errors.toString());
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
