package dev.kvpress.presses.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What an edit must hold, whichever press has decided it. */
final class EditContract {
  private EditContract() {}

  /** The edit of a press that is shown one layer. */
  static CacheEdit compress(ModelPress press, LayerSignals layer, Budget budget) {
    ModelSignals model = new ModelSignals(List.of(layer));
    if (press.readsAgain()) {
      model = model.with(new SyntheticReader(model));
    }
    List<CacheEdit> edits = press.compress(model, budget);
    assertThat(edits).hasSize(1);
    return edits.get(0);
  }

  /** Kept slots, {@code [B*G][kept]}. */
  static List<List<Integer>> slots(LayerSignals layer, CacheEdit edit) {
    List<List<Integer>> all = new ArrayList<>();
    for (int b = 0; b < layer.batch(); b++) {
      for (int g = 0; g < layer.kvHeads(); g++) {
        int row = b;
        int head = g;
        int[] own =
            edit.kept()
                .map(kept -> kept.of(row, head))
                .orElseGet(() -> IntStream.range(0, layer.length(row, head)).toArray());
        all.add(IntStream.of(own).boxed().toList());
      }
    }
    return all;
  }

  /** Ascending slots that are there, and as many as an exact press owes. */
  static void assertKept(ModelPress press, LayerSignals layer, CacheEdit edit, Budget budget) {
    List<List<Integer>> kept = slots(layer, edit);
    boolean exact = press.budgetKind() == BudgetKind.EXACT;
    int[] total = new int[layer.batch()];
    int[] granted = new int[layer.batch()];
    int[] cached = new int[layer.batch()];
    for (int head = 0; head < kept.size(); head++) {
      int b = head / layer.kvHeads();
      int length = layer.length(b, head % layer.kvHeads());
      int counted = ScorerPress.countedTokens(layer, b, head % layer.kvHeads());
      assertThat(kept.get(head)).isSorted().doesNotHaveDuplicates();
      assertThat(kept.get(head)).allMatch(slot -> slot >= 0 && slot < length);
      if (exact && press instanceof ScorerPress) {
        assertThat(kept.get(head)).hasSize(Math.min(length, budget.keptOf(counted)));
      }
      total[b] += kept.get(head).size();
      granted[b] += budget.keptOf(counted);
      cached[b] += length;
    }
    for (int b = 0; b < layer.batch() && exact; b++) {
      assertThat(total[b]).isEqualTo(Math.min(cached[b], granted[b]));
    }
  }

  /** Nothing beyond what the press says of itself: shape, replaced vectors, positions. */
  static void assertAsAnnounced(ModelPress press, LayerSignals layer, CacheEdit edit) {
    assertThat(edit.values().isEmpty() || press.replacesValues()).as("replaces values").isTrue();
    assertThat(edit.nextPosition().isEmpty() || press.movesTokens()).as("moves tokens").isTrue();
    List<List<Integer>> kept = slots(layer, edit);
    for (int b = 0; b < layer.batch(); b++) {
      List<List<Integer>> row = kept.subList(b * layer.kvHeads(), (b + 1) * layer.kvHeads());
      if (press.leaves() == CacheShape.WHOLE) {
        assertThat(edit.kept()).isEmpty();
      } else if (press.leaves() == CacheShape.SAME_TOKENS) {
        assertThat(row).containsOnly(row.get(0));
      } else if (press.leaves() != CacheShape.BY_HEAD && isEven(layer, b)) {
        assertThat(row).extracting(List::size).containsOnly(row.get(0).size());
      }
    }
    edit.keys().ifPresent(keys -> assertNumbers(keys, layer, kept));
    edit.values().ifPresent(values -> assertNumbers(values, layer, kept));
  }

  private static boolean isEven(LayerSignals layer, int row) {
    return IntStream.range(1, layer.kvHeads())
        .allMatch(g -> layer.length(row, g) == layer.length(row, 0));
  }

  private static void assertNumbers(
      HeadVectors vectors, LayerSignals layer, List<List<Integer>> kept) {
    float[] vector = new float[vectors.size()];
    for (int head = 0; head < kept.size(); head++) {
      for (int i = 0; i < kept.get(head).size(); i++) {
        vectors.read(head / layer.kvHeads(), head % layer.kvHeads(), i, vector);
        for (float value : vector) {
          assertThat(value).isFinite();
        }
      }
    }
  }
}
