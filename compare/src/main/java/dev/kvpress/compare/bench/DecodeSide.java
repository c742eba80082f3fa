package dev.kvpress.compare.bench;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Splitter;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.ort.OrtSessionFactory;
import dev.kvpress.runtime.ort.Provider;
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
   * weights, press, bits in which the full cache is packed as well (separated by commas, often
   * none).
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
    int threads = Integer.parseInt(args[7]);
    ModelPress press = PressCatalog.load().make(args[9]).press();
    DecoderOptions options =
        BenchOptions.decoder(WeightFormat.valueOf(args[8]), threads, Path.of(args[2]));
    EngineTime engine = new EngineTime(new OrtSessionFactory(Provider.CPU, 0, threads));
    double copy = CopySpeed.bytesPerSecond(threads);
    try (DecoderModel model = DecoderModel.open(Path.of(args[1]), options, engine);
        Context full = start(model, press.needs(), fused, tokens + steps);
        Context few = start(model, Set.of(), fused, kept + steps)) {
      int[] ids = PrefillSide.ids(model, tokens + steps, 0);
      full.prefill(Arrays.copyOf(ids, tokens), chunk);
      few.prefill(Arrays.copyOf(ids, kept), chunk);
      try (Context cut = full.fork()) {
        cut.compress(press, budget);
        press.cacheFormat().ifPresent(cut::keepIn);
        full.stopObserving();
        cut.stopObserving();
        if (fused) {
          cut.allowFused(longestHead(model, cut) + steps);
        }
        Map<String, Context> sides = new LinkedHashMap<>();
        try (Context standard = cut.fork().avoidFused()) {
          sides.put(DecodeReport.FULL, full);
          packed(full, args[10]).forEach(sides::put);
          sides.put(DecodeReport.CUT, cut);
          if (fused && press.leaves() == CacheShape.BY_HEAD) {
            sides.put(DecodeReport.CUT_STANDARD, standard);
          }
          sides.put(DecodeReport.SHORT, few);
          Map<String, Double> figures =
              measure(sides, Arrays.copyOfRange(ids, tokens, ids.length), turns, engine);
          figures.put("copy", copy);
          System.out.println(new Figures(figures).toLine());
        } finally {
          // Closing a context twice does nothing more.
          sides.values().forEach(Context::close);
        }
      }
    }
  }

  /** The full cache in fewer bits, by the names that the report has for it. */
  private static Map<String, Context> packed(Context full, String bits) {
    Map<String, Context> packed = new LinkedHashMap<>();
    for (String one : Splitter.on(',').omitEmptyStrings().split(bits)) {
      int count = Integer.parseInt(one);
      packed.put(DecodeReport.packed(count), full.fork().keepIn(CacheFormat.ofBits(count)));
    }
    return packed;
  }

  private static int longestHead(DecoderModel model, Context context) {
    int longest = 0;
    for (int l = 0; l < model.info().layers(); l++) {
      for (int g = 0; g < model.info().kvHeads(); g++) {
        longest = Math.max(longest, context.positions(l, 0, g).length);
      }
    }
    return longest;
  }

  private static Context start(
      DecoderModel model, Set<Signal> signals, boolean fused, int reserve) {
    Context context = model.start(1, signals);
    return fused ? context.allowFused(reserve) : context;
  }

  /** Of each side: time of a step, share of it outside the engine, and bytes of its cache. */
  private static Map<String, Double> measure(
      Map<String, Context> sides, int[] ids, int turns, EngineTime engine) {
    Map<String, double[]> millis = new LinkedHashMap<>();
    Map<String, double[]> outside = new LinkedHashMap<>();
    for (String name : sides.keySet()) {
      millis.put(name, new double[turns * TURN]);
      outside.put(name, new double[turns * TURN]);
    }
    for (int turn = 0; turn <= turns; turn++) {
      int from = turn * TURN;
      boolean timed = turn > 0;
      sides.forEach(
          (name, side) -> {
            for (int i = from; i < from + TURN; i++) {
              long inside = engine.nanos();
              long start = System.nanoTime();
              // Choosing the next token belongs to a step, though the next one is given.
              side.forward(ids[i]).argmax(0);
              double nanos = System.nanoTime() - start;
              if (timed) {
                requireNonNull(millis.get(name))[i - TURN] = nanos / 1e6;
                requireNonNull(outside.get(name))[i - TURN] = 1 - (engine.nanos() - inside) / nanos;
              }
            }
          });
    }
    Map<String, Double> figures = new LinkedHashMap<>();
    sides.forEach(
        (name, side) -> {
          figures.put(name, Figures.median(requireNonNull(millis.get(name))));
          figures.put(name + "_outside", Figures.median(requireNonNull(outside.get(name))));
          figures.put(name + "_bytes", (double) side.physicalBytes());
          figures.put(name + "_read", (double) side.logicalBytes());
        });
    return figures;
  }
}
