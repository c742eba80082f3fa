package dev.kvpress.compare.internal.log;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableSet;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * A log on a stream, from when it is opened until it is closed: our own warnings, errors of whoever
 * has any, and what loggers that are asked for tell beside. Where none is open nothing is logged,
 * since a command says what it has to say itself; a server cannot, whose clients are told a number
 * only.
 */
public final class CommandLog implements AutoCloseable {
  private static final List<CommandLog> OPEN = new CopyOnWriteArrayList<>();

  // Libraries warn of what is of no matter here, as of a GPU that a tokenizer does not need.
  private static final String OWN = "dev.kvpress.";

  private final PrintStream stream;
  private final Set<String> informed;

  private CommandLog(PrintStream stream, Set<String> informed) {
    this.stream = stream;
    this.informed = informed;
  }

  /**
   * Begins to log.
   *
   * @param informed names of loggers that are heard from the level INFO on
   */
  public static CommandLog to(PrintStream stream, Set<String> informed) {
    CommandLog log =
        new CommandLog(requireNonNull(stream, "stream is null"), ImmutableSet.copyOf(informed));
    OPEN.add(log);
    return log;
  }

  /** Whether anybody hears a logger at a level. */
  static boolean hears(String logger, Level level) {
    return OPEN.stream().anyMatch(log -> log.takes(logger, level));
  }

  /** Tells all who hear it. */
  static void tell(String logger, Level level, String message, @Nullable Throwable fault) {
    String text = text(logger, level, message, fault);
    for (CommandLog log : OPEN) {
      if (log.takes(logger, level)) {
        log.stream.print(text);
        log.stream.flush();
      }
    }
  }

  private boolean takes(String logger, Level level) {
    Level least =
        informed.contains(logger) ? Level.INFO : logger.startsWith(OWN) ? Level.WARN : Level.ERROR;
    return level.toInt() >= least.toInt();
  }

  /** One text, so that lines of several threads stay whole. */
  private static String text(
      String logger, Level level, String message, @Nullable Throwable fault) {
    StringWriter text = new StringWriter();
    PrintWriter lines = new PrintWriter(text);
    // A message may repeat what a client has sent, which must not look like a line of its own.
    lines.printf(
        "%s %s %s: %s%n",
        Instant.now().truncatedTo(ChronoUnit.MILLIS),
        level,
        logger,
        message.replaceAll("\\p{Cntrl}+", " "));
    if (fault != null) {
      fault.printStackTrace(lines);
    }
    lines.flush();
    return text.toString();
  }

  @Override
  public void close() {
    OPEN.remove(this);
  }
}
