package dev.kvpress.presses.reading;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Among whom the tokens that a budget lets stay are shared out; the highest scores stay. */
public enum Shares {
  /** All heads of all layers. */
  MODEL {
    @Override
    public List<CacheEdit> edits(ModelSignals model, List<Scores> scores, Budget budget) {
      long cached = 0;
      for (LayerSignals layer : model.layers()) {
        cached += (long) layer.kvHeads() * layer.maxLength();
      }
      int[][][] kept = Scores.topAcrossLayers(scores, kept(model, cached, budget));
      List<CacheEdit> edits = new ArrayList<>();
      for (int l = 0; l < kept.length; l++) {
        int[][] own = kept[l];
        edits.add(CacheEdit.keep(model.layers().get(l), (b, g) -> own[g]));
      }
      return edits;
    }
  },
  /** The heads of each layer. */
  LAYER {
    @Override
    public List<CacheEdit> edits(ModelSignals model, List<Scores> scores, Budget budget) {
      List<CacheEdit> edits = new ArrayList<>();
      for (int l = 0; l < scores.size(); l++) {
        LayerSignals layer = model.layers().get(l);
        long cached = (long) layer.kvHeads() * layer.maxLength();
        int[][] own =
            Scores.topAcrossLayers(List.of(scores.get(l)), kept(model, cached, budget))[0];
        edits.add(CacheEdit.keep(layer, (b, g) -> own[g]));
      }
      return edits;
    }
  },
  /** Each head has its own. */
  HEAD {
    @Override
    public List<CacheEdit> edits(ModelSignals model, List<Scores> scores, Budget budget) {
      List<CacheEdit> edits = new ArrayList<>();
      for (int l = 0; l < scores.size(); l++) {
        LayerSignals layer = model.layers().get(l);
        Scores own = scores.get(l);
        edits.add(
            CacheEdit.keep(layer, (b, g) -> own.top(b, g, budget.keptOf(layer.length(b, g)))));
      }
      return edits;
    }
  };

  /**
   * What stays.
   *
   * @param model signals of the whole context, of one row
   * @param scores of each layer
   * @param budget removes something
   */
  public abstract List<CacheEdit> edits(ModelSignals model, List<Scores> scores, Budget budget);

  /**
   * Tokens that stay of those of several heads: what is removed is truncated, not what stays, as in
   * kvpress {@code kvzip_press.py}.
   */
  static int kept(ModelSignals model, long cached, Budget budget) {
    OptionalDouble ratio = budget.compressionRatio();
    if (ratio.isPresent()) {
      return Math.toIntExact(cached - (long) (cached * ratio.getAsDouble()));
    }
    int length = model.layers().get(0).maxLength();
    return Math.toIntExact(cached / length * budget.keptOf(length));
  }
}
