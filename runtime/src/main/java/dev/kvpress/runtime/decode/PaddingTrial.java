package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.probe.Agreement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a row with padding before it goes as it does alone. A mask hides padding from attention
 * only: a graph that counts positions by the length of its cache counts padding too, and state
 * beside the cache takes it in. Graphs of others are therefore tried, once; who asks meanwhile
 * waits for what comes out.
 */
final class PaddingTrial {
  private static final int[] LONGER = {0, 3, 1, 4, 2, 5, 6};
  private static final int[] SHORTER = {7, 1, 5};
  private static final int CHUNK = 4;

  private final DecoderModel model;
  private boolean isRunning;
  private @Nullable Optional<String> refusal;

  PaddingTrial(DecoderModel model) {
    this.model = model;
  }

  /** Why rows of different length cannot pass together; empty where they can. */
  Optional<String> refusal() {
    if (!Evenness.allowsUnevenRows(model.cachePorts())) {
      return Optional.of("it cannot tell padding from tokens");
    }
    return model.graph().ports().form() == AttentionForm.FOREIGN ? outcome() : Optional.empty();
  }

  private synchronized Optional<String> outcome() {
    if (isRunning) {
      // The trial itself passes padded rows, on the thread that holds the lock.
      return Optional.empty();
    }
    Optional<String> known = refusal;
    if (known == null) {
      isRunning = true;
      try {
        known = tried();
      } finally {
        isRunning = false;
      }
      refusal = known;
    }
    return known;
  }

  private Optional<String> tried() {
    List<int[]> prompts = List.of(TrialIds.of(model, LONGER), TrialIds.of(model, SHORTER));
    Agreement agreement = Agreement.of(model.graph().precision());
    try {
      List<float[]> together = logits(prompts);
      for (int b = 0; b < prompts.size(); b++) {
        List<float[]> alone = logits(List.of(prompts.get(b)));
        boolean same =
            agreement.holds(together.get(b), alone.get(0))
                && agreement.holds(together.get(prompts.size() + b), alone.get(1));
        if (!same) {
          return Optional.of(
              "it counts padding as tokens, in positions or in state beside the cache");
        }
      }
      return Optional.empty();
    } catch (ModelException e) {
      return Optional.of("it fails on padded rows (%s)".formatted(e.getMessage()));
    }
  }

  /** After the prompts and after one more token, rows one after another. */
  private List<float[]> logits(List<int[]> prompts) {
    List<float[]> all = new ArrayList<>();
    try (Context context = model.start(prompts.size(), Set.of())) {
      add(all, context.prefill(prompts, CHUNK));
      int[] next = TrialIds.of(model, 2);
      add(all, context.forward(prompts.stream().map(row -> next).toList()));
    }
    return all;
  }

  private static void add(List<float[]> all, Logits logits) {
    for (int row = 0; row < logits.rows(); row++) {
      all.add(logits.row(row));
    }
  }
}
