package dev.kvpress.runtime.graph.trace;

import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.GraphIndex;
import dev.kvpress.runtime.graph.GraphValues;
import dev.kvpress.runtime.graph.NodeAttributes;
import dev.kvpress.runtime.graph.matrix.MatrixFinder;
import dev.kvpress.runtime.graph.matrix.UnreadableMatrix;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the queries of an attention come from: before scaling, before rotation, and the hidden
 * states that they are projected from.
 */
public final class QueryTrace {
  private static final Set<String> COPIES = Set.of("Cast", "Identity", "Dropout");
  private static final Set<String> RESHAPES = Set.of("Reshape", "Unsqueeze", "Squeeze");
  private static final long[] SWAPPED = {0, 2, 1, 3};

  /** What rotations are written with; all of them in any order. */
  private static final Set<String> ROTATING =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Neg",
          "Concat",
          "Slice",
          "Split",
          "Cast",
          "Identity",
          "Reshape",
          "Transpose",
          "Unsqueeze",
          "Squeeze",
          "Expand",
          "RotaryEmbedding");

  /** What may stand between a projection and the rotation: biases, norms, splitting. */
  private static final Set<String> NORMING =
      Set.of(
          "Div",
          "Pow",
          "ReduceMean",
          "Sqrt",
          "Reciprocal",
          "Clip",
          "SimplifiedLayerNormalization",
          "LayerNormalization",
          "RMSNormalization");

  private static final Set<String> PROJECTING =
      Set.of("MatMul", "Gemm", "MatMulNBits", "FusedMatMul", "DynamicQuantizeMatMul");

  /** Products of hidden states that were rounded to whole numbers before. */
  private static final Set<String> OF_ROUNDED = Set.of("MatMulInteger", "MatMulIntegerToFloat");

  private static final String ROUNDING = "DynamicQuantizeLinear";

  private final GraphIndex index;
  private final CacheTrace trace;
  private final Backward backward;
  private final Set<String> positions;
  private final QueryRows queries;
  private @Nullable QueryRows beforeRotation;
  private @Nullable NodeProto projection;
  private @Nullable NodeProto ofRounded;
  private @Nullable NodeProto rounding;
  private @Nullable String refusal;

  private QueryTrace(
      GraphIndex index, CacheTrace trace, DecoderInterface ports, TracedAttention attention) {
    this.index = index;
    this.trace = trace;
    this.backward = new Backward(index, trace);
    this.positions = ports.positionIds() == null ? Set.of() : Set.of(ports.positionIds());
    this.queries = unscaled(attention.queries());
  }

  /** Follows the queries of one attention back. */
  public static QueryTrace of(
      GraphIndex index, CacheTrace trace, DecoderInterface ports, TracedAttention attention) {
    QueryTrace queries = new QueryTrace(index, trace, ports, attention);
    queries.followRotation();
    return queries;
  }

  /** After rotation, before scaling. */
  public QueryRows queries() {
    return queries;
  }

  /** Before rotation; empty where that was not understood. */
  public Optional<QueryRows> beforeRotation() {
    return Optional.ofNullable(beforeRotation);
  }

  /** What was projected to the queries; empty where that was not understood. */
  public Optional<String> hiddenStates() {
    return rounding != null
        ? Optional.of(rounding.getInput(0))
        : Optional.ofNullable(projection).map(node -> node.getInput(hiddenInput(node)));
  }

  /** Why one of them is not known; empty where all are. */
  public Optional<String> refusal() {
    return Optional.ofNullable(refusal);
  }

  /** E, where the weight that projects hidden states tells it. */
  public OptionalInt hiddenSize() {
    if (projection == null) {
      return OptionalInt.empty();
    }
    if (projection.getOpType().equals("MatMulNBits")) {
      return OptionalInt.of((int) new NodeAttributes(projection).integer("K", 0));
    }
    if (hiddenInput(projection) != 0) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of((int) new MatrixFinder(index).weight(projection).columns());
    } catch (UnreadableMatrix e) {
      // Whoever needs the size is refused for it.
      return OptionalInt.empty();
    }
  }

  /** Scales, copies and views are passed by; heads and tokens may change places once. */
  private QueryRows unscaled(String product) {
    String value = product;
    boolean headsFirst = true;
    while (true) {
      NodeProto writer = index.writer(value);
      if (writer == null) {
        return new QueryRows(value, headsFirst);
      }
      String operator = writer.getOpType();
      if (COPIES.contains(operator) || RESHAPES.contains(operator)) {
        value = writer.getInput(0);
      } else if (operator.equals("Mul") || operator.equals("Div")) {
        int data = trace.isHidden(writer.getInput(0)) ? 0 : 1;
        boolean scale = backward.isNumber(writer.getInput(1 - data));
        if (!scale || (operator.equals("Div") && data == 1)) {
          return new QueryRows(value, headsFirst);
        }
        value = writer.getInput(data);
      } else if (operator.equals("Transpose") && headsFirst && swaps(writer)) {
        value = writer.getInput(0);
        headsFirst = false;
      } else {
        return new QueryRows(value, headsFirst);
      }
    }
  }

  private static boolean swaps(NodeProto transpose) {
    return new NodeAttributes(transpose)
        .integers("perm")
        .map(perm -> Arrays.equals(perm, SWAPPED))
        .orElse(false);
  }

  /**
   * Goes back from the queries on all ways at once until they meet: in one value behind all
   * positions, which is what was rotated, and then in one projection.
   */
  private void followRotation() {
    Map<String, Boolean> open = new LinkedHashMap<>();
    open.put(queries.value(), queries.headsFirst());
    boolean positional = false;
    boolean negated = false;
    while (!open.isEmpty()) {
      String value = backward.latest(open.keySet());
      NodeProto writer = index.writer(value);
      boolean headsFirst = Boolean.TRUE.equals(open.remove(value));
      boolean rounds = false;
      if (writer != null && writer.getOpType().equals(ROUNDING)) {
        rounds = true;
        // Numbers, scale and zero point come out of one rounding.
        open.keySet().removeAll(writer.getOutputList());
      }
      if (open.isEmpty() && !rounds && positional && negated && beforeRotation == null) {
        beforeRotation = new QueryRows(value, headsFirst);
      }
      if (writer == null || !takesPart(writer, open.isEmpty())) {
        return;
      }
      if (rounds) {
        rounding = writer;
        projection = ofRounded;
        break;
      }
      if (projects(writer)) {
        projection = writer;
        break;
      }
      negated |= Set.of("Neg", "Sub", "RotaryEmbedding").contains(writer.getOpType());
      for (String input : writer.getInputList()) {
        positional |= backward.isPositional(input, positions);
        if (trace.isHidden(input)) {
          boolean turned = writer.getOpType().equals("Transpose") && swaps(writer);
          open.put(input, headsFirst != turned);
        }
      }
    }
    if (beforeRotation == null && !positional) {
      beforeRotation = queries;
    } else if (beforeRotation == null) {
      refuse("how queries are rotated is not understood");
    }
  }

  private boolean takesPart(NodeProto node, boolean alone) {
    String operator = node.getOpType();
    boolean multipliesRounded = OF_ROUNDED.contains(operator);
    boolean rounds = operator.equals(ROUNDING);
    if (projects(node) || multipliesRounded || rounds) {
      boolean expected = rounds == (ofRounded != null) && (alone || multipliesRounded);
      if (!expected) {
        refuse(
            "queries come from several projections, one of them node " + GraphValues.label(node));
      } else if (multipliesRounded) {
        ofRounded = node;
      }
      return expected;
    }
    if (ROTATING.contains(operator) || NORMING.contains(operator)) {
      return true;
    }
    refuse(
        "node %s (%s) on the way to the queries is not understood"
            .formatted(GraphValues.label(node), operator));
    return false;
  }

  private boolean projects(NodeProto node) {
    if (!PROJECTING.contains(node.getOpType()) || node.getInputCount() < 2) {
      return false;
    }
    int hidden = hiddenInput(node);
    return trace.isHidden(node.getInput(hidden)) && !trace.isHidden(node.getInput(1 - hidden));
  }

  private int hiddenInput(NodeProto node) {
    return trace.isHidden(node.getInput(0)) ? 0 : 1;
  }

  private void refuse(String reason) {
    if (refusal == null) {
      refusal = reason;
    }
  }
}
