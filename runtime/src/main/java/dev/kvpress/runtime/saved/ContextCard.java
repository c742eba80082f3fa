package dev.kvpress.runtime.saved;

import java.util.List;
import java.util.Map;

/**
 * All that a file says of its context beside the tensors, as it stands in the header.
 *
 * @param model name of the model
 * @param modelHash of everything that decides what it answers, hexadecimal
 * @param weights how its weights were stored
 * @param sizes L, H, G, D and V of the model and B of the context
 * @param cacheType element type of keys and values
 * @param provider where the graphs ran
 * @param engine version of the engine
 * @param savedAt when, ISO 8601
 * @param achievedRatio fraction of the tokens seen that is no longer there
 * @param notes what its maker has said
 * @param run where decoding goes on
 * @param layers one for each layer with a cache
 */
public record ContextCard(
    String model,
    String modelHash,
    String weights,
    Sizes sizes,
    String cacheType,
    String provider,
    String engine,
    String savedAt,
    double achievedRatio,
    Notes notes,
    Run run,
    List<Layer> layers) {
  /** Takes a copy. */
  public ContextCard {
    layers = List.copyOf(layers);
  }

  /** Sizes in the letters of the project. */
  public record Sizes(
      int layers, int queryHeads, int kvHeads, int headSize, int vocabulary, int batch) {}

  /** {@link ContextNotes} without the tokens, which are a tensor. */
  public record Notes(
      String press, String budget, ContextNotes.Origin origin, ContextNotes.Prompt prompt) {}

  /**
   * Where decoding goes on.
   *
   * @param nextPositions {@code [B]}
   * @param firstStepEnd {@code [B]}, positions behind the prompt
   * @param phase of the last step, {@code prefill} or {@code decode}
   * @param lastStepTokens tokens of it
   * @param fused whether passes may go through the fused graph
   * @param reserve tokens to keep room for, 0 for none
   * @param observing whether what was observed is kept and observing goes on
   * @param signals that are observed, by {@link SignalNames}
   * @param states tensors of a graph's states that are no cache
   */
  public record Run(
      List<Integer> nextPositions,
      List<Integer> firstStepEnd,
      String phase,
      int lastStepTokens,
      boolean fused,
      int reserve,
      boolean observing,
      List<String> signals,
      int states) {
    /** Takes copies. */
    public Run {
      nextPositions = List.copyOf(nextPositions);
      firstStepEnd = List.copyOf(firstStepEnd);
      signals = List.copyOf(signals);
    }
  }

  /**
   * One layer.
   *
   * @param form name of the {@code SavedForm} in which its tokens lie
   * @param ledger which tokens these are
   * @param state what a press remembers, none or one
   */
  public record Layer(String form, State ledger, List<State> state) {
    /** Takes a copy. */
    public Layer {
      state = List.copyOf(state);
    }
  }

  /**
   * What of a {@code SavedState} is no tensor.
   *
   * @param kind what remembers
   * @param integers by name
   * @param parts by name
   */
  public record State(String kind, Map<String, Long> integers, Map<String, State> parts) {
    /** Takes copies. */
    public State {
      integers = Map.copyOf(integers);
      parts = Map.copyOf(parts);
    }
  }
}
