package dev.kvpress.compare.replay;

import dev.kvpress.presses.scorer.GateScores;
import java.util.List;
import java.util.Optional;

/**
 * Sizes that all steps of a case share.
 *
 * @param batch B
 * @param queryHeads H
 * @param kvHeads G
 */
record Dimensions(int batch, int queryHeads, int kvHeads) {

  /** Takes the sizes from whatever tensors there are; what is not told follows from the rest. */
  static Dimensions of(List<LayerInputs> steps) {
    Optional<NestedFloats> perToken =
        first(steps, LayerInputs.KEYS).or(() -> first(steps, LayerInputs.VALUES));
    Optional<NestedFloats> perQuery =
        first(steps, LayerInputs.ATTENTIONS)
            .or(() -> first(steps, LayerInputs.QUERIES))
            .or(() -> first(steps, LayerInputs.QUERIES_PRE_ROPE));
    NestedFloats some =
        perToken
            .or(() -> perQuery)
            .or(() -> first(steps, LayerInputs.HIDDEN_STATES))
            .orElseThrow(
                () ->
                    new CaseException(
                        steps.get(0).place()
                            + ": expected tensors that tell how many tokens there are, found none; give keys"));
    // Where nothing tells of queries every KV head has one query head, and the other way round.
    int trained =
        steps.stream()
            .flatMap(step -> step.kvzap().stream())
            .mapToInt(weights -> weights.kvHeads().orElse(1))
            .findFirst()
            .orElse(1);
    Optional<NestedFloats> gate = first(steps, GateScores.BIAS);
    int kvHeads =
        perToken
            .or(() -> perQuery)
            .map(t -> t.outer(1))
            .or(() -> gate.map(t -> t.outer(0)))
            .orElse(trained);
    int queryHeads =
        perQuery
            .map(t -> t.outer(1))
            .or(() -> first(steps, LayerInputs.QUERY_MEAN).map(t -> t.outer(0)))
            .or(() -> first(steps, LayerInputs.CENTRES).map(t -> t.outer(0)))
            .or(() -> gate.map(t -> t.outer(0) * t.inner()))
            .or(() -> projectedHeads(steps, perToken))
            .orElse(kvHeads);
    int batch = some.outer(0);
    if (batch < 1 || kvHeads < 1 || queryHeads < 1) {
      throw new CaseException(
          "%s: expected at least one row and one head, found %s"
              .formatted(some.field(), some.shape()));
    }
    if (queryHeads % kvHeads != 0) {
      throw new CaseException(
          "%s: expected a number of query heads that the %d KV heads of %s divide, found %d"
              .formatted(
                  perQuery.orElse(some).field(),
                  kvHeads,
                  perToken.orElse(some).field(),
                  queryHeads));
    }
    return new Dimensions(batch, queryHeads, kvHeads);
  }

  /** The query heads that an output projection {@code [E][H*D]} has columns for. */
  private static Optional<Integer> projectedHeads(
      List<LayerInputs> steps, Optional<NestedFloats> perToken) {
    int size = perToken.map(NestedFloats::inner).orElse(0);
    return first(steps, LayerInputs.OUTPUT_PROJECTION)
        .map(NestedFloats::inner)
        .filter(columns -> size > 0 && columns > 0 && columns % size == 0)
        .map(columns -> columns / size);
  }

  private static Optional<NestedFloats> first(List<LayerInputs> steps, String field) {
    return steps.stream().flatMap(step -> step.tensor(field).stream()).findFirst();
  }
}
