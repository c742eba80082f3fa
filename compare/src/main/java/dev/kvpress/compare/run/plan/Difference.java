package dev.kvpress.compare.run.plan;

import com.google.common.collect.Sets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something that results rest on and that differs between two runs.
 *
 * @param name as in {@link RunPlan#basis()}
 * @param one value in the first run; null where it has none
 * @param other value in the second run; null where it has none
 */
public record Difference(String name, @Nullable String one, @Nullable String other) {
  private static final int MOST_SHOWN = 80;

  /** All of two runs, in the order of the first. */
  public static List<Difference> of(Map<String, String> one, Map<String, String> other) {
    List<Difference> differences = new ArrayList<>();
    for (String name : Sets.union(one.keySet(), other.keySet())) {
      if (!Objects.equals(one.get(name), other.get(name))) {
        differences.add(new Difference(name, one.get(name), other.get(name)));
      }
    }
    return differences;
  }

  /** For runs that should not differ. */
  public String refusal() {
    return "%s: expected %s, found %s".formatted(name, shown(one), shown(other));
  }

  /** For a run that goes on where another was. */
  public String change() {
    return "%s was %s, is %s".formatted(name, shown(one), shown(other));
  }

  private static String shown(@Nullable String text) {
    if (text == null) {
      return "none";
    }
    return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "…";
  }
}
