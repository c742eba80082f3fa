package dev.kvpress.presses.rule;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** One budget for the heads of all layers: the highest scores stay, whichever head they are in. */
final class SharedBudget {
  private SharedBudget() {}

  /**
   * The edits of all layers. As many tokens of a row stay as the budget grants all heads together;
   * each head keeps at least one.
   */
  static List<CacheEdit> ofAllLayers(ModelSignals model, Budget budget, ScorerPress scorer) {
    if (budget.keepsAll() || model.layers().isEmpty()) {
      return Collections.nCopies(model.layers().size(), CacheEdit.none());
    }
    List<Optional<PressState>> states = scorer.observe(model);
    List<LayerSignals> layers = new ArrayList<>();
    for (int l = 0; l < states.size(); l++) {
      LayerSignals layer = model.layers().get(l);
      layers.add(states.get(l).map(layer::withState).orElse(layer));
    }
    boolean removes = layers.stream().anyMatch(l -> scorer.removesSomething(l, budget));
    List<CacheEdit> edits =
        removes
            ? cut(layers, budget, scorer)
            : Collections.nCopies(layers.size(), CacheEdit.none());
    List<CacheEdit> remembering = new ArrayList<>();
    for (int l = 0; l < edits.size(); l++) {
      remembering.add(edits.get(l).remembering(states.get(l)));
    }
    return remembering;
  }

  private static List<CacheEdit> cut(List<LayerSignals> layers, Budget budget, ScorerPress scorer) {
    List<Scores> scores = new ArrayList<>();
    for (LayerSignals layer : layers) {
      Scores own = scorer.score(layer, budget);
      own.requireNumbers(layer);
      scores.add(own);
    }
    // [B][L][G][kept]
    int[][][][] kept = new int[layers.get(0).batch()][][][];
    Arrays.setAll(
        kept, b -> Scores.topAcrossLayers(scores, layers, b, granted(layers, budget, scorer, b)));
    List<CacheEdit> edits = new ArrayList<>();
    List<CacheEdit> remarked = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      int layer = l;
      CacheEdit edit = CacheEdit.keep(layers.get(l), (b, g) -> kept[b][layer][g]);
      edits.add(edit);
      remarked.add(scorer.remarked(edit, layers.get(l), budget));
    }
    // One layer that is left with its window has lost to the others, and scores have counted.
    boolean all = remarked.stream().noneMatch(edit -> edit.notices().isEmpty());
    return all ? remarked : edits;
  }

  private static int granted(
      List<LayerSignals> layers, Budget budget, ScorerPress scorer, int row) {
    long granted = 0;
    long cached = 0;
    for (LayerSignals layer : layers) {
      for (int g = 0; g < layer.kvHeads(); g++) {
        granted += scorer.grantedTokens(layer, budget, row, g);
        cached += layer.length(row, g);
      }
    }
    return (int) Math.min(granted, cached);
  }
}
