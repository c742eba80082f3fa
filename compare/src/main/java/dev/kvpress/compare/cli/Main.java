package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.UsageException;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.run.StoppedException;
import dev.kvpress.compare.scale.worker.WorkerException;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FileFaults;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;

/** The entry of {@code bin/compare}. */
public final class Main {
  private Main() {}

  /** Runs and ends the process. */
  public static void main(String[] arguments) {
    PrintStream out = stream(new FileOutputStream(FileDescriptor.out));
    PrintStream err = stream(new FileOutputStream(FileDescriptor.err));
    int code =
        run(arguments, new Console(System.in, out, err, Boolean.getBoolean("kvpress.terminal")));
    out.flush();
    err.flush();
    System.exit(code);
  }

  private static PrintStream stream(OutputStream raw) {
    return new PrintStream(new BufferedOutputStream(raw, 1 << 16), true, StandardCharsets.UTF_8);
  }

  /**
   * Runs a command line.
   *
   * @return the exit code: 0 done, 1 a fault of the program, 2 wrong options or input, 3 some cells
   *     or lines failed
   */
  public static int run(String[] arguments, InputStream in, PrintStream out, PrintStream err) {
    return run(arguments, new Console(in, out, err, false));
  }

  private static int run(String[] arguments, Console console) {
    boolean verbose =
        Arrays.stream(arguments).anyMatch(a -> a.equals("--verbose") || a.equals("-v"));
    // Figures and names are read by programs and held against other runs: they look the same
    // whatever language the machine speaks (digits of Arabic, decimal commas, the Turkish i).
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.ROOT);
    try {
      return parseAndRun(arguments, console);
    } catch (UsageException e) {
      trace(e, console, verbose);
      e.problems().forEach(console::note);
    } catch (StoppedException | WorkerException e) {
      console.note(reason(e));
      return ExitCode.INTERNAL;
    } catch (ModelException | DataException | IllegalArgumentException | UncheckedIOException e) {
      trace(e, console, verbose);
      console.note(reason(e));
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError | LinkageError e) {
      trace(e, console, verbose);
      console.note(fault(e) + (verbose ? "" : " (--verbose shows where)"));
      return ExitCode.INTERNAL;
    } finally {
      Locale.setDefault(before);
    }
    return ExitCode.USAGE;
  }

  /** One line; files that cannot be read or written say why in their cause. */
  private static String reason(Throwable e) {
    String message = e.getMessage();
    String line =
        message == null || message.isBlank()
            ? e.getClass().getSimpleName()
            : message.replaceAll("\\s*\\R\\s*", " ");
    return e instanceof UncheckedIOException && e.getCause() instanceof IOException cause
        ? line + ": " + FileFaults.reason(cause)
        : line;
  }

  /** What went wrong, as it would be said of this process. */
  static String words(Throwable e) {
    return e instanceof UsageException
            || e instanceof ModelException
            || e instanceof DataException
            || e instanceof IllegalArgumentException
            || e instanceof UncheckedIOException
        ? reason(e)
        : fault(e);
  }

  private static String fault(Throwable e) {
    return e instanceof OutOfMemoryError
        ? "out of memory (" + reason(e) + "); give more with KVPRESS_JAVA_OPTS=-Xmx8g"
        : "internal fault: " + e.getClass().getSimpleName() + ": " + reason(e);
  }

  private static void trace(Throwable e, Console console, boolean verbose) {
    if (verbose) {
      e.printStackTrace(console.err());
    }
  }

  private static int parseAndRun(String[] arguments, Console console) {
    Problems problems = new Problems();
    Invocation invocation = Invocation.read(arguments, problems);
    CommandLine.ParseResult result = invocation.result();
    List<CommandLine> levels = result.asCommandLineList();
    CommandLine command = levels.get(levels.size() - 1);
    CommandLine.ParseResult own = command.getParseResult();
    if (own.isUsageHelpRequested() || arguments.length == 0) {
      command.usage(console.out());
      return arguments.length == 0 ? ExitCode.USAGE : ExitCode.OK;
    }
    if (own.isVersionHelpRequested()) {
      command.printVersionHelp(console.out());
      return ExitCode.OK;
    }
    ParseErrors.collect(result, problems);
    Object action = command.getCommandSpec().userObject();
    try {
      return ((Action) action).run(console, problems);
    } catch (UsageException e) {
      throw new UsageException(e.problems().stream().map(invocation::place).toList());
    }
  }
}
