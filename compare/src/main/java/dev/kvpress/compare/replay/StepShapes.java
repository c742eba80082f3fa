package dev.kvpress.compare.replay;

import java.util.List;
import java.util.Optional;

/** Holds the tensors of one step against each other. */
final class StepShapes {
  private final Dimensions sizes;
  private final LayerInputs step;
  private final int tokens;

  /** Checks everything but the length of attention rows, which depends on the cache. */
  StepShapes(Dimensions sizes, LayerInputs step) {
    this.sizes = sizes;
    this.step = step;
    this.tokens = countTokens();
    int headSize = headSize(step);
    requireNumbers(headSize);
    for (String field : List.of(LayerInputs.KEYS, LayerInputs.VALUES, LayerInputs.KEYS_PRE_ROPE)) {
      step.tensor(field)
          .ifPresent(t -> t.require(sizes.batch(), sizes.kvHeads(), tokens, headSize));
    }
    for (String field : List.of(LayerInputs.QUERIES, LayerInputs.QUERIES_PRE_ROPE)) {
      step.tensor(field)
          .ifPresent(t -> t.require(sizes.batch(), sizes.queryHeads(), tokens, headSize));
    }
    Optional<NestedFloats> hidden = step.tensor(LayerInputs.HIDDEN_STATES);
    hidden.ifPresent(t -> t.require(sizes.batch(), tokens, t.inner()));
    step.tensor(LayerInputs.OUTPUT_PROJECTION)
        .ifPresent(
            t ->
                t.require(
                    hidden.map(NestedFloats::inner).orElse(t.outer(0)),
                    headSize == 0 ? t.inner() : sizes.queryHeads() * headSize));
    requireTrained(headSize);
  }

  private void requireTrained(int headSize) {
    step.tensor(LayerInputs.Q_FILTERS)
        .ifPresent(t -> t.require(sizes.kvHeads(), headSize == 0 ? t.inner() : headSize));
    step.tensor(LayerInputs.HEAD_SCORES).ifPresent(t -> t.require(sizes.kvHeads()));
    step.tensor(LayerInputs.BUDGET_CURVE).ifPresent(t -> t.require(99, sizes.kvHeads()));
    for (String field :
        List.of(LayerInputs.QUERY_MEAN, LayerInputs.CENTRES, LayerInputs.CENTRE_LENGTHS)) {
      step.tensor(field)
          .ifPresent(t -> t.require(sizes.queryHeads(), headSize == 0 ? t.inner() : headSize));
    }
    LayerInputs.GATE
        .keySet()
        .forEach(field -> step.tensor(field).ifPresent(NestedFloats::requireEven));
    step.tensor(LayerInputs.QUERY_COVARIANCE)
        .ifPresent(t -> t.require(sizes.queryHeads(), t.inner(), t.inner()));
  }

  private void requireNumbers(int headSize) {
    for (String field : List.of(LayerInputs.KEYS, LayerInputs.VALUES)) {
      if (headSize == 0 && step.tensor(field).isPresent()) {
        throw new CaseException(
            "%s: expected vectors of at least one number, found shape %s"
                .formatted(step.fieldName(field), step.tensor(field).get().shape()));
      }
    }
  }

  /** D, as the first tensor that has it says; 0 if none has. */
  static int headSize(LayerInputs step) {
    return step.tensor(LayerInputs.KEYS)
        .or(() -> step.tensor(LayerInputs.VALUES))
        .or(() -> step.tensor(LayerInputs.QUERIES))
        .or(() -> step.tensor(LayerInputs.QUERIES_PRE_ROPE))
        .map(NestedFloats::inner)
        .orElse(0);
  }

  private int countTokens() {
    for (String field : List.of(LayerInputs.KEYS, LayerInputs.VALUES, LayerInputs.ATTENTIONS)) {
      Optional<NestedFloats> tensor = step.tensor(field);
      if (tensor.isPresent()) {
        return some(tensor.get(), tensor.get().outer(2));
      }
    }
    for (String field : List.of(LayerInputs.QUERIES, LayerInputs.QUERIES_PRE_ROPE)) {
      Optional<NestedFloats> tensor = step.tensor(field);
      if (tensor.isPresent()) {
        return some(tensor.get(), tensor.get().outer(2));
      }
    }
    return step.tensor(LayerInputs.HIDDEN_STATES)
        .map(t -> some(t, t.outer(1)))
        .orElseThrow(
            () ->
                new CaseException(
                    step.place()
                        + ": expected tensors that tell how many tokens there are, found none; give keys"));
  }

  private static int some(NestedFloats tensor, int tokens) {
    if (tokens < 1) {
      throw new CaseException(
          "%s: expected at least one token, found shape %s"
              .formatted(tensor.field(), tensor.shape()));
    }
    return tokens;
  }

  /** Tokens of this step. */
  int tokens() {
    return tokens;
  }
}
