package dev.kvpress.presses;

import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.kernel.Workers;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.testing.PressMatrix;
import dev.kvpress.presses.testing.SyntheticLayer;
import dev.kvpress.presses.testing.SyntheticReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What all presses of the catalogue make of one model, bit by bit: scores, kept slots and new
 * values as one number each. Its {@code main} lets another Java machine say the same.
 */
final class PressDigests {
  // Tokens and channels fill no block, no tile and no vector evenly.
  private static final SyntheticLayer.Shape SHAPE = new SyntheticLayer.Shape(2, 3, 2, 150, 36);
  private static final Budget BUDGET = Budget.ratio(0.6);

  private PressDigests() {}

  /** Prints the kernels and then a line for each press; the argument is the number of threads. */
  public static void main(String... arguments) {
    System.out.println(Kernels.description());
    of(Integer.parseInt(arguments[0]))
        .forEach((spec, digest) -> System.out.println(spec + "\t" + digest));
  }

  /** A number for each press, in the order of the catalogue. */
  static Map<String, Integer> of(int threads) {
    PressMatrix matrix = new PressMatrix(PressCatalog.load(), SyntheticLayer.LAYERS);
    List<NamedPress> presses = new ArrayList<>(matrix.plain());
    List<NamedPress> inner =
        matrix.scorers().stream()
            .filter(press -> List.of("knorm", "keydiff").contains(press.spec().name()))
            .toList();
    matrix.around(inner).forEach(pair -> pair.made().ifPresent(presses::add));
    Map<String, Integer> digests = new LinkedHashMap<>();
    try (Workers workers = Workers.of(threads)) {
      List<SyntheticLayer> rows = model(SHAPE, workers);
      List<SyntheticLayer> row = model(SHAPE.ofRows(1), workers);
      for (NamedPress press : presses) {
        List<SyntheticLayer> model = press.press().readsAgain() ? row : rows;
        digests.put(press.spec().toString(), digest(press.press(), model));
      }
    }
    return digests;
  }

  private static List<SyntheticLayer> model(SyntheticLayer.Shape shape, Workers workers) {
    List<SyntheticLayer> model = new ArrayList<>();
    for (int l = 0; l < SyntheticLayer.LAYERS; l++) {
      SyntheticLayer layer = SyntheticLayer.random(shape, 100 + l);
      layer.layer = l;
      layer.workers = workers;
      model.add(layer);
    }
    return model;
  }

  private static int digest(ModelPress press, List<SyntheticLayer> model) {
    List<LayerSignals> layers = model.stream().map(layer -> layer.prefill(press.needs())).toList();
    int digest = 1;
    ModelSignals seen = new ModelSignals(layers);
    if (press.readsAgain()) {
      seen = seen.with(new SyntheticReader(seen));
    }
    List<CacheEdit> edits = press.compress(seen, BUDGET);
    for (int l = 0; l < edits.size(); l++) {
      digest = 31 * digest + digest(edits.get(l), layers.get(l));
      if (press instanceof ScorerPress scorer) {
        digest = 31 * digest + digest(scorer.score(layers.get(l), BUDGET));
      }
    }
    return digest;
  }

  private static int digest(CacheEdit edit, LayerSignals layer) {
    KeptSlots kept = edit.kept().orElseGet(() -> KeptSlots.all(layer));
    int digest = kept.hashCode();
    digest = 31 * digest + edit.keys().map(keys -> digest(keys, kept)).orElse(0);
    digest = 31 * digest + edit.values().map(values -> digest(values, kept)).orElse(0);
    for (int head = 0; head < kept.batch() * kept.kvHeads(); head++) {
      int row = head / kept.kvHeads();
      int kvHead = head % kept.kvHeads();
      digest =
          31 * digest
              + edit.zeroedChannels()
                  .map(zeroed -> Arrays.hashCode(zeroed.of(row, kvHead)))
                  .orElse(0);
    }
    return digest;
  }

  private static int digest(HeadVectors vectors, KeptSlots kept) {
    float[] vector = new float[vectors.size()];
    int digest = 1;
    for (int head = 0; head < kept.batch() * kept.kvHeads(); head++) {
      int row = head / kept.kvHeads();
      int kvHead = head % kept.kvHeads();
      for (int i = 0; i < kept.count(row, kvHead); i++) {
        vectors.read(row, kvHead, i, vector);
        digest = 31 * digest + Arrays.hashCode(vector);
      }
    }
    return digest;
  }

  private static int digest(Scores scores) {
    int digest = 1;
    for (int b = 0; b < scores.batch(); b++) {
      for (int g = 0; g < scores.kvHeads(); g++) {
        for (int j = 0; j < scores.length(b, g); j++) {
          digest = 31 * digest + Float.floatToIntBits(scores.shown(b, g, j));
        }
      }
    }
    return digest;
  }
}
