package dev.kvpress.presses.spec;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Groups of parameters that say the same thing in different ways. */
final class Alternatives {
  private final PressDescriptor descriptor;

  Alternatives(PressDescriptor descriptor) {
    this.descriptor = descriptor;
  }

  /** Whether the names already given leave no room for this one. */
  boolean excluded(String name, Collection<String> given) {
    boolean inSome = descriptor.alternatives().stream().anyMatch(group -> group.contains(name));
    return inSome
        && descriptor.alternatives().stream()
            .anyMatch(group -> !group.contains(name) && group.stream().anyMatch(given::contains));
  }

  /** Refuses names of several groups, and half a group. */
  void check(Collection<String> given) {
    List<String> touched = new ArrayList<>();
    for (List<String> group : descriptor.alternatives()) {
      List<String> missing = group.stream().filter(name -> !given.contains(name)).toList();
      if (missing.size() < group.size()) {
        touched.add(String.join(" + ", group));
        if (!missing.isEmpty()) {
          throw new PressSpecException(
              "%s: %s go together; %s is missing"
                  .formatted(
                      descriptor.name(), String.join(" and ", group), String.join(", ", missing)));
        }
      }
    }
    if (touched.size() > 1) {
      throw new PressSpecException(
          "%s: give only one of %s".formatted(descriptor.name(), String.join("; ", touched)));
    }
  }
}
