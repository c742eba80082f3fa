package dev.kvpress.presses.reading;

import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Reader;
import dev.kvpress.presses.signal.Signal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The scores of KVzip (arXiv 2505.23416) and KVzip+ (arXiv 2601.07891): the most attention that a
 * token receives, over the queries and query heads of its group, while the model repeats the
 * context part by part. KVzip+ divides by the length of the hidden state that enters the attention
 * at the query and multiplies by that of the projected value, {@code ‖Wo_h V_j‖}.
 *
 * <p>Tokens before the text score 0, of these the first {@code sinks} 1, as kvpress {@code
 * kvzip_press.py} has it: without a chat template the sinks are scored like any other token.
 *
 * @param sinks first tokens that take attention beside a part, not negative
 * @param normalized whether they are those of KVzip+
 * @param chunkSize tokens that are repeated at once, at least 1
 * @param tail last tokens of a part that the request for the next one begins with
 */
public record KvZipScores(int sinks, boolean normalized, int chunkSize, int tail) {
  /** Tokens that are repeated at once, as kvpress has it. */
  public static final int CHUNK = 2048;

  /** Tokens that the request for a further part begins with, as kvpress has it. */
  public static final int TAIL = 8;

  /** What must be observed while the context is read again. */
  public Set<Signal> needsOfReading() {
    Set<Signal> needs = new LinkedHashSet<>();
    needs.add(new Signal.Queries(Signal.ALL, true));
    if (normalized) {
      needs.add(new Signal.HiddenStates());
    }
    return needs;
  }

  /** What must be known of the model. */
  public Set<Signal> needs() {
    return normalized ? Set.of(new Signal.OutputProjection()) : Set.of();
  }

  /**
   * Lets the context be read again.
   *
   * @param model signals of the whole context, of one row
   * @return scores of each layer {@code [1, G, S]}
   * @throws IllegalArgumentException if scores are not numbers
   */
  public List<Scores> of(ModelSignals model, Reader reader) {
    List<Scores> all = new ArrayList<>();
    for (LayerSignals layer : model.layers()) {
      all.add(Scores.of(layer, this::mark));
    }
    for (Repetition part : Repetition.of(reader, chunkSize, tail)) {
      RepeatedAttention attention =
          new RepeatedAttention(model, Math.min(sinks, part.from()), part, normalized);
      reader.read(part.ids(), needsOfReading(), attention::add);
      model
          .workers()
          .forEach(all.size(), l -> take(model.layers().get(l), part, attention, l, all.get(l)));
    }
    for (int l = 0; l < all.size(); l++) {
      all.get(l).requireNumbers(model.layers().get(l));
    }
    return all;
  }

  /** The largest over the query heads of each group, as scores of a part. */
  private void take(
      LayerSignals layer, Repetition part, RepeatedAttention attention, int index, Scores into) {
    for (int g = 0; g < layer.kvHeads(); g++) {
      float[] largest = new float[part.to() - part.from()];
      for (int h = g * layer.groupSize(); h < (g + 1) * layer.groupSize(); h++) {
        float[] own = attention.most(index, h);
        float[] lengths =
            normalized ? new ProjectedLengths(layer).of(h, part.from(), part.to()) : null;
        for (int j = 0; j < own.length; j++) {
          largest[j] = Math.max(largest[j], lengths == null ? own[j] : own[j] * lengths[j]);
        }
      }
      for (int j = 0; j < largest.length; j++) {
        into.set(0, g, part.from() + j, largest[j]);
      }
    }
  }

  private void mark(Scores scores, int row, int kvHead) {
    for (int j = 0; j < Math.min(sinks, scores.length(row, kvHead)); j++) {
      scores.set(row, kvHead, j, 1);
    }
  }
}
