package dev.kvpress.compare;

import com.google.common.collect.ImmutableList;
import java.util.List;

/** The command was called wrongly; every problem is one line for the user. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ImmutableList<String> problems;

  /** With at least one problem. */
  public UsageException(List<String> problems) {
    super(String.join("; ", problems));
    this.problems = ImmutableList.copyOf(problems);
  }

  /** One line each. */
  public ImmutableList<String> problems() {
    return problems;
  }
}
