package dev.kvpress.compare.replay;

import com.google.common.collect.ImmutableList;
import dev.kvpress.presses.Budget;
import java.util.List;
import java.util.Optional;

/**
 * One line of a batch.
 *
 * @param press the spec, as written
 * @param budget how much may stay, if the line says so
 * @param layer number of the layer
 * @param layers layers of the model
 * @param steps the tensors: one entry for {@code score}, one for each step for {@code replay}
 */
record Case(String press, Optional<Budget> budget, int layer, int layers, List<LayerInputs> steps) {

  /** Takes a copy of the steps. */
  Case {
    steps = ImmutableList.copyOf(steps);
  }

  /** Whether the tensors are one prefill or a list of steps. */
  enum Kind {
    /** One prefill. */
    SCORE("inputs"),
    /** A prefill and decoding steps. */
    REPLAY("steps");

    private final String field;

    Kind(String field) {
      this.field = field;
    }

    /** The field that holds the tensors. */
    String field() {
      return field;
    }
  }
}
