package dev.kvpress.compare.bench;

import dev.kvpress.compare.bench.serve.ServeLoadCommand;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code bench}; run by {@code bin/bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description =
        "Measures prefill, decoding, batches and the memory of presses on a random model, loads the endpoint, and writes random models.",
    subcommands = {
      PrefillCommand.class,
      DecodeCommand.class,
      ThroughputCommand.class,
      PressMemoryCommand.class,
      RolledCommand.class,
      JournalCommand.class,
      ServeLoadCommand.class,
      ModelCommand.class
    })
public final class BenchMain {
  /** Exit code where {@code --check} finds a target missed. */
  public static final int TARGET_MISSED = 4;

  private static final int WRONG_INPUT = 2;

  private BenchMain() {}

  /** Runs one command. */
  public static void main(String[] args) {
    // Figures look the same whatever language the machine speaks.
    Locale.setDefault(Locale.ROOT);
    CommandLine command = commandLine(new BenchMain());
    command.setExecutionExceptionHandler(
        (e, line, result) -> {
          line.getErr().println("bench: " + e.getMessage());
          return WRONG_INPUT;
        });
    System.exit(command.execute(args));
  }

  /** Reads arguments as all of these commands do: formats as {@code int8}, not INT8 alone. */
  static CommandLine commandLine(Object command) {
    return new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true);
  }
}
