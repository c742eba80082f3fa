package dev.kvpress.compare.cli;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One of the things {@code compare list} lists. */
interface Listing {

  /** For people. */
  String text();

  /** A table for documents; empty where there is none. */
  default Optional<String> markdown() {
    return Optional.empty();
  }

  /** For programs: one object each. */
  List<Map<String, Object>> entries();
}
