package dev.kvpress.compare.bench;

import dev.kvpress.compare.ProcessMemory;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.export.weights.WeightFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** Child process: one prefill, timed, with its peak memory. */
final class PrefillSide {
  private static final int WARM_UP_TOKENS = 64;

  /** What a side does. */
  enum Kind {
    /** No signal, fused attention. */
    NONE(Set.of(), true),
    /** The signals of h2o, by whichever graph the runtime prefers. */
    H2O(PressCatalog.load().make("h2o").press().needs(), true),
    /** The signals of h2o out of standard operators. */
    H2O_DECOMPOSED(PressCatalog.load().make("h2o").press().needs(), false);

    private final Set<Signal> signals;
    private final boolean fused;

    Kind(Set<Signal> signals, boolean fused) {
      this.signals = signals;
      this.fused = fused;
    }
  }

  private PrefillSide() {}

  /** Arguments: kind, model folder, cache folder, tokens, chunk, threads, seed, weights. */
  public static void main(String[] args) throws IOException {
    Kind kind = Kind.valueOf(args[0]);
    int tokens = Integer.parseInt(args[3]);
    int chunk = Integer.parseInt(args[4]);
    DecoderOptions options =
        BenchOptions.decoder(
            WeightFormat.valueOf(args[7]), Integer.parseInt(args[5]), Path.of(args[2]));
    try (DecoderModel model = DecoderModel.open(Path.of(args[1]), options)) {
      int[] ids = ids(model, tokens, Long.parseLong(args[6]));
      prefill(model, kind, ids(model, WARM_UP_TOKENS, 1), chunk);
      System.gc();
      ProcessMemory.restartPeak();
      long loaded = ProcessMemory.residentBytes();
      long start = System.nanoTime();
      prefill(model, kind, ids, chunk);
      double millis = (System.nanoTime() - start) / 1e6;
      System.out.println(
          new Figures(
                  Map.of(
                      "ms",
                      millis,
                      "loaded",
                      (double) loaded,
                      "peak",
                      (double) (ProcessMemory.peakBytes() - loaded)))
              .toLine());
    }
  }

  private static void prefill(DecoderModel model, Kind kind, int[] ids, int chunk) {
    try (Context context = model.start(1, kind.signals)) {
      if (kind.fused) {
        context.allowFused(0);
      }
      context.prefill(ids, chunk);
    }
  }

  /** Random token ids behind the special ones. */
  static int[] ids(DecoderModel model, int tokens, long seed) {
    return new SplittableRandom(seed).ints(tokens, 3, model.info().vocabulary()).toArray();
  }
}
