package dev.kvpress.compare.cases;

import dev.kvpress.presses.signal.LayerLedger;
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
    int headSize =
        step.tensor(LayerInputs.KEYS)
            .or(() -> step.tensor(LayerInputs.VALUES))
            .or(() -> step.tensor(LayerInputs.QUERIES))
            .or(() -> step.tensor(LayerInputs.QUERIES_PRE_ROPE))
            .map(NestedFloats::inner)
            .orElse(0);
    for (String field : List.of(LayerInputs.KEYS, LayerInputs.VALUES)) {
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

  /** Checks attention {@code [B][H][Q][slots]} against the cache with this step's tokens in it. */
  void requireAttention(NestedFloats attentions, LayerLedger ledger) {
    if (ledger.isEven()) {
      attentions.require(sizes.batch(), sizes.queryHeads(), tokens, ledger.length(0, 0));
      return;
    }
    boolean outer =
        attentions.outer(0) == sizes.batch()
            && attentions.outer(1) == sizes.queryHeads()
            && attentions.outer(2) == tokens;
    if (!outer) {
      throw new CaseException(
          "%s: expected shape [%d][%d][%d][slots of the head], found %s"
              .formatted(
                  attentions.field(),
                  sizes.batch(),
                  sizes.queryHeads(),
                  tokens,
                  attentions.shape()));
    }
    int group = sizes.queryHeads() / sizes.kvHeads();
    for (int b = 0; b < sizes.batch(); b++) {
      for (int h = 0; h < sizes.queryHeads(); h++) {
        int expected = ledger.length(b, h / group);
        for (int q = 0; q < tokens; q++) {
          int found = attentions.rowLength((b * sizes.queryHeads() + h) * tokens + q);
          if (found != expected) {
            throw new CaseException(
                "%s[%d][%d][%d]: expected %d numbers, one for each token that KV head %d holds now, found %d"
                    .formatted(attentions.field(), b, h, q, expected, h / group, found));
          }
        }
      }
    }
  }
}
