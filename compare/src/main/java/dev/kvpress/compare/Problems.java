package dev.kvpress.compare;

import dev.kvpress.compare.data.DataException;
import dev.kvpress.runtime.ModelException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Collects everything that is wrong with a configuration, so that it can be said at once. */
public final class Problems {
  private final Set<String> lines = new LinkedHashSet<>();

  /** One more problem; line breaks become spaces. */
  public void add(String problem) {
    lines.add(problem.replaceAll("\\s*\\R\\s*", " "));
  }

  /**
   * Makes something, or notes why it cannot be made.
   *
   * @return empty if there was a problem
   */
  public <T> Optional<T> attempt(Supplier<T> maker) {
    try {
      return Optional.of(maker.get());
    } catch (IllegalArgumentException | ModelException | DataException e) {
      add(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /** What is wrong so far. */
  public List<String> lines() {
    return List.copyOf(lines);
  }

  /** Whether nothing is wrong so far. */
  public boolean isEmpty() {
    return lines.isEmpty();
  }

  /**
   * Ends the command if something is wrong.
   *
   * @throws UsageException with all problems
   */
  public void throwIfAny() {
    if (!lines.isEmpty()) {
      throw new UsageException(List.copyOf(lines));
    }
  }
}
