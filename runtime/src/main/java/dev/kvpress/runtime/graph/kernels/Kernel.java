package dev.kvpress.runtime.graph.kernels;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * One kernel of an operator.
 *
 * @param first version of the operator from which on it holds
 * @param last the last such version; empty if it holds for {@code first} alone, until the operator
 *     changes again
 * @param types what each type variable may be
 */
record Kernel(int first, OptionalInt last, Map<String, Set<String>> types) {
  Kernel {
    checkArgument(
        first >= 1 && last.orElse(first) >= first, "versions %s to %s do not follow", first, last);
    types = Map.copyOf(types);
  }

  /** Whether it serves an operator as one operator set defines it. */
  boolean serves(int version) {
    return last.isPresent() ? first <= version && version <= last.getAsInt() : first == version;
  }

  /** Its versions as people read them. */
  String versions() {
    int end = last.orElse(first);
    return end == first ? String.valueOf(first) : first + " to " + end;
  }
}
