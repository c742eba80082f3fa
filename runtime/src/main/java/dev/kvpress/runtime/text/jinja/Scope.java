package dev.kvpress.runtime.text.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Variables of a part of a template, within those of the part around it. */
final class Scope {
  /** Templates loop over messages and tools. */
  private static final int MOST_STEPS = 5_000_000;

  private static final int DEEPEST = 60;

  private final Map<String, Object> variables = new HashMap<>();
  private final @Nullable Scope outer;
  private final int[] steps;
  private final int depth;

  private Scope(@Nullable Scope outer, int[] steps, int depth) {
    this.outer = outer;
    this.steps = steps;
    this.depth = depth;
    if (depth > DEEPEST) {
      throw new JinjaException("macros and loops lie deeper than " + DEEPEST);
    }
  }

  static Scope outermost(Map<String, Object> variables) {
    Scope scope = new Scope(null, new int[1], 0);
    scope.variables.putAll(variables);
    return scope;
  }

  Scope inner() {
    return new Scope(this, steps, depth + 1);
  }

  /** A scope within this one, for what is called from another. */
  Scope calledFrom(Scope caller) {
    return new Scope(this, steps, caller.depth + 1);
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Object value = scope.variables.get(name);
      if (value != null) {
        return value;
      }
    }
    return new Undefined(name);
  }

  void set(String name, Object value) {
    variables.put(name, value);
  }

  /** Counts, so that no template runs for ever. */
  void step() {
    if (++steps[0] > MOST_STEPS) {
      throw new JinjaException("the template takes more than " + MOST_STEPS + " steps");
    }
  }
}
