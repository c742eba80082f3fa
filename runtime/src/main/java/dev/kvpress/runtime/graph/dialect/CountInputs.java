package dev.kvpress.runtime.graph.dialect;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.GraphEdit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Inputs that repeat what the sizes of the others say: how many slots the past has, how many there
 * are with the new tokens, which slots these take, and that no row of the batch changes places. The
 * graph works them out itself.
 */
final class CountInputs implements Dialect {
  private enum Count {
    PAST,
    TOTAL,
    NEW_SLOTS,
    ROWS
  }

  private static final Map<String, Count> NAMES =
      Map.of(
          "past_sequence_length", Count.PAST,
          "past_seq_len", Count.PAST,
          "past_length", Count.PAST,
          "total_sequence_length", Count.TOTAL,
          "total_seq_len", Count.TOTAL,
          "total_length", Count.TOTAL,
          "cache_position", Count.NEW_SLOTS,
          "beam_idx", Count.ROWS);

  @Override
  public Optional<String> translate(PortList ports, GraphEdit edit) {
    List<String> found = new ArrayList<>();
    for (String input : List.copyOf(ports.inputs())) {
      Count count = NAMES.get(input);
      List<CachePorts.Layer> layers = count == null ? List.of() : CachePorts.find(ports);
      if (count != null && !layers.isEmpty() && ports.hasInput("input_ids")) {
        check(ports, input, count);
        edit.removeInput(input);
        write(ports, edit, input, count, layers.get(0).key().past());
        found.add(input);
      }
    }
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "input %s, which the graph now counts itself".formatted(String.join(", ", found)));
  }

  private static void check(PortList ports, String input, Count count) {
    List<Long> shape = ports.shape(input);
    boolean vector = count == Count.NEW_SLOTS || count == Count.ROWS;
    boolean fits = vector ? shape.size() == 1 : shape.stream().allMatch(size -> size == 1);
    ElementType type = ports.type(input);
    if (!fits || (type != ElementType.INT64 && type != ElementType.INT32)) {
      throw new ModelException(
          "%s: input %s must be %s, found %s %s (-1 is open)"
              .formatted(
                  ports.place(),
                  input,
                  vector ? "a vector of integers" : "one integer",
                  type,
                  shape));
    }
  }

  private static void write(
      PortList ports, GraphEdit edit, String input, Count count, String pastKey) {
    GraphBuilder added = edit.added();
    String past = size(added, pastKey, 2);
    String fresh = size(added, "input_ids", 1);
    String total =
        added.declare("plain.total") ? added.op("Add", "plain.total", past, fresh) : "plain.total";
    String zero = added.longScalar(0);
    String one = added.longScalar(1);
    String value = input + ".counted";
    switch (count) {
      case PAST -> value = past;
      case TOTAL -> value = total;
      case NEW_SLOTS -> added.op("Range", value, past, total, one);
      case ROWS -> added.op("Range", value, zero, size(added, "input_ids", 0), one);
    }
    String typed =
        added.op(
            "Cast",
            input + ".typed",
            List.of(attribute("to", ports.type(input).onnxNumber())),
            value);
    int rank = ports.shape(input).size();
    boolean vector = count == Count.NEW_SLOTS || count == Count.ROWS;
    long[] shape = new long[rank];
    Arrays.fill(shape, vector ? -1 : 1);
    added.op("Reshape", input, typed, added.longs(shape));
  }

  private static String size(GraphBuilder added, String value, int axis) {
    String name = "plain.size_%d.%s".formatted(axis, value);
    if (added.declare(name)) {
      String shape = added.op("Shape", name + ".shape", value);
      added.op("Gather", name, shape, added.longScalar(axis));
    }
    return name;
  }
}
