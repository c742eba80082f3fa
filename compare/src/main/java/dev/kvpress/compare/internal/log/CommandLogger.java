package dev.kvpress.compare.internal.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** A logger that is heard while a {@link CommandLog} is open. */
final class CommandLogger extends LegacyAbstractLogger {
  private static final long serialVersionUID = 1L;

  CommandLogger(String name) {
    this.name = name;
  }

  @Override
  public boolean isTraceEnabled() {
    return CommandLog.hears(name, Level.TRACE);
  }

  @Override
  public boolean isDebugEnabled() {
    return CommandLog.hears(name, Level.DEBUG);
  }

  @Override
  public boolean isInfoEnabled() {
    return CommandLog.hears(name, Level.INFO);
  }

  @Override
  public boolean isWarnEnabled() {
    return CommandLog.hears(name, Level.WARN);
  }

  @Override
  public boolean isErrorEnabled() {
    return CommandLog.hears(name, Level.ERROR);
  }

  @Override
  protected @Nullable String getFullyQualifiedCallerName() {
    return null;
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level,
      @Nullable Marker marker,
      @Nullable String pattern,
      @Nullable Object @Nullable [] arguments,
      @Nullable Throwable fault) {
    String message = String.valueOf(MessageFormatter.basicArrayFormat(pattern, arguments));
    CommandLog.tell(name, level, message, fault);
  }
}
