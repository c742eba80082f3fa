package dev.kvpress.compare.bench;

import static java.util.Objects.requireNonNull;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.export.weights.WeightFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Child process: decodes from a full cache, from one of which most was removed, and from one that
 * was that short from the start. The three take turns of a few tokens.
 */
final class DecodeSide {
  private static final int TURN = 8;

  private DecodeSide() {}

  /**
   * Arguments: fused or decomposed, model, cache folder, tokens, removed, turns, chunk, threads,
   * weights.
   */
  public static void main(String[] args) throws IOException {
    boolean fused = args[0].equals("fused");
    int tokens = Integer.parseInt(args[3]);
    Budget budget = Budget.ratio(Double.parseDouble(args[4]));
    int turns = Integer.parseInt(args[5]);
    int chunk = Integer.parseInt(args[6]);
    int kept = budget.keptOf(tokens);
    // One turn more than is timed, to warm up.
    int steps = (turns + 1) * TURN;
    DecoderOptions options =
        BenchOptions.decoder(
            WeightFormat.valueOf(args[8]), Integer.parseInt(args[7]), Path.of(args[2]));
    try (DecoderModel model = DecoderModel.open(Path.of(args[1]), options);
        Context full = start(model, fused, tokens + steps);
        Context few = start(model, fused, kept + steps)) {
      int[] ids = PrefillSide.ids(model, tokens + steps, 0);
      full.prefill(Arrays.copyOf(ids, tokens), chunk);
      few.prefill(Arrays.copyOf(ids, kept), chunk);
      try (Context cut = full.fork()) {
        if (fused) {
          cut.allowFused(kept + steps);
        }
        cut.compress(PressCatalog.load().make("streaming_llm").press(), budget);
        print(full, cut, few, Arrays.copyOfRange(ids, tokens, ids.length), turns);
      }
    }
  }

  private static Context start(DecoderModel model, boolean fused, int reserve) {
    Context context = model.start(1, Set.of());
    return fused ? context.allowFused(reserve) : context;
  }

  private static void print(Context full, Context cut, Context few, int[] ids, int turns) {
    Map<String, Context> sides = new LinkedHashMap<>();
    sides.put("full", full);
    sides.put("cut", cut);
    sides.put("short", few);
    Map<String, double[]> millis = new LinkedHashMap<>();
    sides.keySet().forEach(name -> millis.put(name, new double[turns * TURN]));
    for (int turn = 0; turn <= turns; turn++) {
      int from = turn * TURN;
      boolean timed = turn > 0;
      sides.forEach(
          (name, side) -> {
            double[] times = requireNonNull(millis.get(name));
            for (int i = from; i < from + TURN; i++) {
              long start = System.nanoTime();
              side.forward(ids[i]);
              if (timed) {
                times[i - TURN] = (System.nanoTime() - start) / 1e6;
              }
            }
          });
    }
    Map<String, Double> medians = new LinkedHashMap<>();
    millis.forEach((name, values) -> medians.put(name, Figures.median(values)));
    sides.forEach((name, side) -> medians.put(name + "_bytes", (double) side.physicalBytes()));
    System.out.println(new Figures(medians).toLine());
  }
}
