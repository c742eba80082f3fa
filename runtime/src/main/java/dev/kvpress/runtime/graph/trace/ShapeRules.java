package dev.kvpress.runtime.graph.trace;

import dev.kvpress.runtime.graph.GraphIndex;
import dev.kvpress.runtime.graph.NodeAttributes;
import dev.kvpress.runtime.onnx.NodeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Nodes that move axes, join and split. */
final class ShapeRules {
  static final Set<String> OPERATORS =
      Set.of(
          "Transpose",
          "Reshape",
          "Expand",
          "Unsqueeze",
          "Squeeze",
          "Concat",
          "Slice",
          "Gather",
          "Split",
          "Tile");

  private final GraphIndex index;
  private final LengthUse use;
  private final ShapeLengths lengths;

  ShapeRules(GraphIndex index, LengthUse use) {
    this.index = index;
    this.use = use;
    this.lengths = new ShapeLengths(index);
  }

  /** Which inputs of a node tell a shape, an axis or an index and no numbers of their own. */
  static boolean isShapeOperand(NodeProto node, int input) {
    return input > 0
        && (OPERATORS.contains(node.getOpType()) || node.getOpType().startsWith("Reduce"))
        && !node.getOpType().equals("Concat");
  }

  Outcome apply(NodeProto node, @Nullable CachedValue[] in) {
    if (node.getOpType().equals("Concat")) {
      return concat(node, in);
    }
    CachedValue data = in[0];
    if (data == null) {
      return Outcome.refused("takes cached tokens for a shape");
    }
    return switch (node.getOpType()) {
      case "Transpose" -> transpose(node, data);
      case "Reshape" -> reshape(node, data);
      case "Expand", "Tile" -> expand(node, data);
      case "Unsqueeze" -> unsqueeze(node, data);
      case "Squeeze" -> squeeze(node, data);
      case "Slice" -> slice(node, data);
      case "Gather" -> gather(node, data);
      case "Split" -> split(node, data);
      default -> Outcome.refused("is not understood");
    };
  }

  private static Outcome transpose(NodeProto node, CachedValue data) {
    Optional<long[]> perm = new NodeAttributes(node).integers("perm");
    if (perm.isEmpty()) {
      return Outcome.refused("turns axes around without saying which");
    }
    return Outcome.of(
        data.shaped(
            perm.get().length,
            moved(data.tokenAxis(), perm.get()),
            moved(data.headAxis(), perm.get())));
  }

  private static int moved(int fromEnd, long[] perm) {
    for (int i = 0; i < perm.length; i++) {
      if (fromEnd > 0 && perm[i] == perm.length - fromEnd) {
        return perm.length - i;
      }
    }
    return 0;
  }

  /** Exporters merge or split heads in front and leave the last two axes as they are. */
  private Outcome reshape(NodeProto node, CachedValue data) {
    int rank = lengths.of(node.getInput(1));
    return Outcome.of(data.shaped(rank, data.tokenAxis() <= 2 ? data.tokenAxis() : 0, 3));
  }

  /** Heads are repeated one by one where the axis of copies stands behind theirs. */
  private Outcome expand(NodeProto node, CachedValue data) {
    int rank = Math.max(data.rank(), lengths.of(node.getInput(1)));
    CachedValue repeated = data.shaped(rank, data.tokenAxis(), data.headAxis());
    boolean oneByOne = !data.isCache() || data.headAxis() == 4 || data.rank() != 5;
    boolean tiled = node.getOpType().equals("Tile") && data.rank() == 4;
    return Outcome.of(oneByOne && !tiled ? repeated : repeated.repeatedAsAWhole());
  }

  private Optional<long[]> axes(NodeProto node) {
    Optional<long[]> attribute = new NodeAttributes(node).integers("axes");
    return attribute.isPresent() || node.getInputCount() < 2
        ? attribute
        : index.integers(node.getInput(1));
  }

  private Outcome unsqueeze(NodeProto node, CachedValue data) {
    Optional<long[]> axes = axes(node);
    if (axes.isEmpty() || data.rank() == 0) {
      return Outcome.of(data.shaped(0, 0, 0));
    }
    int rank = data.rank() + axes.get().length;
    long[] added = Arrays.stream(axes.get()).map(a -> a < 0 ? a + rank : a).sorted().toArray();
    return Outcome.of(
        data.shaped(
            rank,
            among(data.tokenAxis(), data.rank(), rank, added),
            among(data.headAxis(), data.rank(), rank, added)));
  }

  /** Old axes keep their order among those that the new ones leave free. */
  private static int among(int fromEnd, int oldRank, int rank, long[] added) {
    int old = 0;
    for (int axis = 0; axis < rank; axis++) {
      if (Arrays.binarySearch(added, axis) < 0) {
        if (fromEnd > 0 && old == oldRank - fromEnd) {
          return rank - axis;
        }
        old++;
      }
    }
    return 0;
  }

  private Outcome squeeze(NodeProto node, CachedValue data) {
    Optional<long[]> axes = axes(node);
    if (axes.isEmpty() || data.rank() == 0) {
      return Outcome.of(data.shaped(0, 0, 0));
    }
    int tokens = data.tokenAxis();
    int heads = data.headAxis();
    for (long axis : axes.get()) {
      tokens -= data.fromEnd(axis) < data.tokenAxis() ? 1 : 0;
      heads -= data.fromEnd(axis) < data.headAxis() ? 1 : 0;
    }
    return Outcome.of(data.shaped(data.rank() - axes.get().length, tokens, heads));
  }

  private Outcome concat(NodeProto node, @Nullable CachedValue[] in) {
    List<CachedValue> cached = new ArrayList<>();
    for (CachedValue value : in) {
      if (value != null) {
        cached.add(value);
      }
    }
    CachedValue first = cached.get(0);
    if (in.length == 1) {
      // What tracing leaves of joining an empty cache with the past.
      return Outcome.of(first);
    }
    int axis = first.fromEnd(new NodeAttributes(node).integer("axis", 0));
    if (cached.stream().anyMatch(v -> v.pastOnly() != first.pastOnly())) {
      return Outcome.refused("joins cached tokens with some that are not");
    }
    if (first.isCache()) {
      return cached.size() == in.length ? together(first, cached, axis) : behind(first, in, axis);
    }
    boolean two = in.length == 2 && in[0] != null && cached.size() == 1 && axis == 1;
    if (!two || first.role() != Role.SCORES || first.wide()) {
      return Outcome.refused("joins " + first.role().title() + " with others");
    }
    return first.pastOnly() ? newScores(node, first) : sink(node, first);
  }

  /** Scores of new tokens among themselves may be computed apart. */
  private Outcome newScores(NodeProto node, CachedValue past) {
    return use.isHidden(node.getInput(1))
        ? Outcome.of(past.withNewTokens())
        : Outcome.refused("joins scores of the past with others than those of new tokens");
  }

  private Outcome sink(NodeProto node, CachedValue scores) {
    AttentionDraft attention = scores.attention();
    if (attention == null || use.isHidden(node.getInput(1))) {
      return Outcome.refused("joins scores with others");
    }
    attention.hasSinks();
    return attention.beginsSoftmax(node.getInput(0), scores.type())
        ? Outcome.of(scores.widened(true))
        : Outcome.refused(ScoreRules.TWO_SOFTMAXES);
  }

  /** Several images of the same cache: keys and values stacked, or heads repeated. */
  private static Outcome together(CachedValue first, List<CachedValue> all, int axis) {
    if (all.size() == 2 && first.role() == Role.KEY && all.get(1).role() == Role.VALUE) {
      return axis == 0 || axis == first.tokenAxis()
          ? Outcome.refused("stacks keys and values on an axis that is not known")
          : Outcome.of(first.as(Role.BOTH));
    }
    if (all.stream().anyMatch(v -> v.role() != first.role()) || axis == first.tokenAxis()) {
      return Outcome.refused("joins cached tokens with themselves");
    }
    return Outcome.of(axis >= first.headAxis() ? first.repeatedAsAWhole() : first);
  }

  private static Outcome behind(CachedValue first, @Nullable CachedValue[] in, int axis) {
    boolean appended = in.length == 2 && in[0] != null && axis > 0 && axis == first.tokenAxis();
    return appended && first.pastOnly()
        ? Outcome.of(first.withNewTokens())
        : Outcome.refused(
            "joins "
                + first.role().title()
                + " with others in another way than new tokens behind the past");
  }

  private Outcome slice(NodeProto node, CachedValue data) {
    Optional<long[]> axes =
        node.getInputCount() > 3 ? index.integers(node.getInput(3)) : Optional.of(new long[] {0});
    if (axes.isEmpty() || axes.get().length != 1) {
      return Outcome.refused("cuts several axes of " + data.role().title());
    }
    int axis = data.fromEnd(axes.get()[0]);
    if (data.role() == Role.ATTENTION) {
      // Columns of no token are dropped, or somebody looks at a part.
      return axis == 1 && data.wide()
          ? Outcome.of(data.widened(false))
          : Outcome.of(data.as(Role.OBSERVED));
    }
    Optional<long[]> start = index.integers(node.getInput(1));
    if (data.role() != Role.BOTH || axis == data.tokenAxis() || start.isEmpty()) {
      return Outcome.refused(
          "cuts off a part of %s%s"
              .formatted(
                  data.role().title(),
                  data.role() == Role.KEY ? ", as where keys are rotated behind the cache" : ""));
    }
    return Outcome.of(data.as(start.get()[0] == 0 ? Role.KEY : Role.VALUE));
  }

  private Outcome gather(NodeProto node, CachedValue data) {
    Optional<long[]> which = index.integers(node.getInput(1));
    if (data.role() == Role.ATTENTION) {
      return Outcome.of(data.as(Role.OBSERVED));
    }
    if (data.role() != Role.BOTH || which.isEmpty() || which.get().length != 1) {
      return Outcome.refused("picks some of the " + data.role().title());
    }
    boolean scalar = index.constant(node.getInput(1)).map(t -> t.getDimsCount() == 0).orElse(false);
    CachedValue part = data.as(which.get()[0] % 2 == 0 ? Role.KEY : Role.VALUE);
    int axis = data.fromEnd(new NodeAttributes(node).integer("axis", 0));
    return Outcome.of(
        scalar
            ? part.shaped(
                part.rank() - 1,
                part.tokenAxis() - (axis < part.tokenAxis() ? 1 : 0),
                part.headAxis() - (axis < part.headAxis() ? 1 : 0))
            : part);
  }

  private static Outcome split(NodeProto node, CachedValue data) {
    int axis = data.fromEnd(new NodeAttributes(node).integer("axis", 0));
    if (data.role() != Role.BOTH || node.getOutputCount() != 2 || axis == data.tokenAxis()) {
      return Outcome.refused("splits " + data.role().title());
    }
    return new Outcome(List.of(data.as(Role.KEY), data.as(Role.VALUE)), null);
  }
}
