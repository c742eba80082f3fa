package dev.kvpress.peers;

import java.util.Locale;
import picocli.CommandLine;

/** The command {@code bench peers}; run by {@code bin/bench}. */
public final class PeersMain {
  private static final int WRONG_INPUT = 2;

  private PeersMain() {}

  /** Runs the command. */
  public static void main(String[] args) {
    // Figures look the same whatever language the machine speaks.
    Locale.setDefault(Locale.ROOT);
    CommandLine command = new CommandLine(new PeersCommand());
    command.setCaseInsensitiveEnumValuesAllowed(true);
    command.setExecutionExceptionHandler(
        (e, line, result) -> {
          line.getErr().println("bench peers: " + e.getMessage());
          return WRONG_INPUT;
        });
    System.exit(command.execute(args));
  }
}
