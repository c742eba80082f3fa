package dev.kvpress.runtime.generate;

import java.util.List;
import java.util.Optional;

/**
 * Cuts a text, which comes in pieces, before the first of some strings: the one that begins first,
 * and of those that begin at one place the shortest. What comes out does not depend on how the text
 * was cut into pieces.
 *
 * <p>Held back is the longest end of the text that may yet turn out to begin such a string.
 */
final class StopFinder {
  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private Optional<String> found = Optional.empty();

  StopFinder(List<String> stops) {
    this.stops = stops;
  }

  /** More text; gives what is certain to stay. Nothing once a string was found. */
  String add(String more) {
    if (found.isPresent() || more.isEmpty()) {
      return "";
    }
    held.append(more);
    return release(false);
  }

  /** No more comes; gives what is left. */
  String end() {
    return release(true);
  }

  /** The string that was found. */
  Optional<String> found() {
    return found;
  }

  private String release(boolean last) {
    int at = 0;
    while (at < held.length()) {
      found = shortestAt(at);
      if (found.isPresent()) {
        String before = held.substring(0, at);
        held.setLength(0);
        return before;
      }
      if (!last && mayBegin(at)) {
        break;
      }
      at++;
    }
    String certain = held.substring(0, at);
    held.delete(0, at);
    return certain;
  }

  private Optional<String> shortestAt(int at) {
    String shortest = null;
    for (String stop : stops) {
      if ((shortest == null || stop.length() < shortest.length())
          && stop.length() <= held.length() - at
          && agrees(stop, at, stop.length())) {
        shortest = stop;
      }
    }
    return Optional.ofNullable(shortest);
  }

  /** Whether all that is held from a place on is the beginning of a longer string. */
  private boolean mayBegin(int at) {
    int length = held.length() - at;
    for (String stop : stops) {
      if (stop.length() > length && agrees(stop, at, length)) {
        return true;
      }
    }
    return false;
  }

  private boolean agrees(String stop, int at, int length) {
    for (int i = 0; i < length; i++) {
      if (held.charAt(at + i) != stop.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
