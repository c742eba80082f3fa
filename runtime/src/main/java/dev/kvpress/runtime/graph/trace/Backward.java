package dev.kvpress.runtime.graph.trace;

import dev.kvpress.runtime.graph.GraphIndex;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Looks from values back to what they were computed from. */
final class Backward {
  private static final int MOST_NODES = 512;

  private final GraphIndex index;
  private final CacheTrace trace;
  private final Map<String, Integer> order = new HashMap<>();

  Backward(GraphIndex index, CacheTrace trace) {
    this.index = index;
    this.trace = trace;
    List<NodeProto> nodes = index.nodes();
    for (int i = 0; i < nodes.size(); i++) {
      for (String output : nodes.get(i).getOutputList()) {
        order.put(output, i);
      }
    }
  }

  /** The value of a set that is computed last. */
  String latest(Set<String> values) {
    String latest = "";
    int most = Integer.MIN_VALUE;
    for (String value : values) {
      int place = order.getOrDefault(value, -1);
      if (place > most) {
        most = place;
        latest = value;
      }
    }
    return latest;
  }

  /** Whether a value is one number that hangs on constants and sizes alone, such as 1/√D. */
  boolean isNumber(String value) {
    if (index.number(value).isPresent()) {
      return true;
    }
    return !trace.isHidden(value) && leavesAreNumbers(value);
  }

  private boolean leavesAreNumbers(String value) {
    Deque<String> open = new ArrayDeque<>(List.of(value));
    Set<String> seen = new HashSet<>(open);
    while (!open.isEmpty() && seen.size() < MOST_NODES) {
      String next = open.pop();
      NodeProto writer = index.writer(next);
      if (writer == null || writer.getInputCount() == 0) {
        if (index.integers(next).isEmpty() && index.number(next).isEmpty()) {
          return false;
        }
      } else if (!writer.getOpType().equals("Shape")) {
        writer.getInputList().stream().filter(seen::add).forEach(open::push);
      }
    }
    return open.isEmpty();
  }

  /** Whether a value hangs on where the new tokens stand. */
  boolean isPositional(String value, Set<String> positions) {
    if (trace.isHidden(value)) {
      return false;
    }
    Deque<String> open = new ArrayDeque<>(List.of(value));
    Set<String> seen = new HashSet<>(open);
    while (!open.isEmpty() && seen.size() < MOST_NODES) {
      String next = open.pop();
      NodeProto writer = index.writer(next);
      if (positions.contains(next) || trace.variesWithLength(next)) {
        return true;
      }
      if (writer != null && !writer.getOpType().equals("Shape")) {
        writer.getInputList().stream().filter(seen::add).forEach(open::push);
      }
    }
    return false;
  }
}
