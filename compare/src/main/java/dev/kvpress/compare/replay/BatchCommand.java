package dev.kvpress.compare.replay;

import static java.util.Objects.requireNonNull;

import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.DataFile;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What {@code score} and {@code replay} share: a batch of JSON lines in, as many lines out.
 *
 * <p>Ends with 0, with 3 if a line was answered by an error, with 2 if the batch cannot be read or
 * the answers cannot be written.
 */
abstract class BatchCommand implements Callable<Integer> {
  private static final int WRONG_INPUT = 2;
  private static final int SOME_LINES_FAILED = 3;

  private final InputStream standardInput;
  private @Spec @Nullable CommandSpec command;
  private @Mixin PressOptions pressOptions = new PressOptions();

  @Option(
      names = "--batch",
      required = true,
      paramLabel = "FILE|-",
      description = "JSON lines, one case each; - reads standard input")
  private String batch = "-";

  BatchCommand(InputStream standardInput) {
    this.standardInput = standardInput;
  }

  /** Makes what answers the lines. */
  abstract CaseAnswerer answerer(PressCatalog catalog, PressDefaults defaults);

  @Override
  public final Integer call() {
    CommandSpec spec = requireNonNull(command, "picocli sets the command");
    PressCatalog catalog = PressCatalog.load();
    CaseAnswerer answerer = answerer(catalog, pressOptions.defaults(catalog));
    PrintWriter out = spec.commandLine().getOut();
    try {
      return answerAll(answerer, out) == 0 ? 0 : SOME_LINES_FAILED;
    } catch (DataException e) {
      out.flush();
      spec.commandLine().getErr().println("error: " + e.getMessage());
      spec.commandLine().getErr().flush();
      return WRONG_INPUT;
    }
  }

  private int answerAll(CaseAnswerer answerer, PrintWriter out) {
    if (batch.equals("-")) {
      // Standard input belongs to the process and stays open.
      return Batch.run(
          new BatchLines(standardInput, "standard input"), answerer, line -> write(line, out));
    }
    try (InputStream file = DataFile.open(Path.of(batch))) {
      return Batch.run(new BatchLines(file, batch), answerer, line -> write(line, out));
    } catch (IOException e) {
      throw new DataException(batch + ": cannot be closed: " + e.getMessage(), e);
    }
  }

  private static void write(String line, PrintWriter out) {
    // One line end on every platform: the answers are data.
    out.print(line + "\n");
    if (out.checkError()) {
      throw new DataException("the answers cannot be written on: standard output is closed");
    }
  }
}
