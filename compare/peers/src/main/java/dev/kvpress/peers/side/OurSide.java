package dev.kvpress.peers.side;

import dev.kvpress.compare.bench.Figures;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.ort.Provider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * Child process: this project. After the generation the same prompt passes once more with h2o's
 * signals; memory is read before.
 */
public final class OurSide {
  /** Time of the prefill that observes what h2o asks for. */
  public static final String PREFILL_H2O = "prefill_h2o_ms";

  private OurSide() {}

  /** Arguments: format of weights, model folder, cache folder, workload. */
  public static void main(String[] args) throws IOException {
    Workload work = Workload.parse(args, 3);
    DecoderOptions options =
        new DecoderOptions(Provider.CPU, 0, work.threads(), Path.of(args[2]))
            .with(WeightFormat.of(args[0]).orElseThrow());
    try (DecoderModel model = DecoderModel.open(Path.of(args[1]), options)) {
      generate(model, work, work.warmUp());
      Map<String, Double> figures = generate(model, work, work.prompt()).figures();
      Set<Signal> signals = PressCatalog.load().make("h2o").press().needs();
      prefill(model, signals, work, work.warmUp());
      long start = System.nanoTime();
      prefill(model, signals, work, work.prompt());
      figures.put(PREFILL_H2O, (System.nanoTime() - start) / 1e6);
      System.out.println(new Figures(figures).toLine());
    }
  }

  private static PeerClock generate(DecoderModel model, Workload work, int[] prompt) {
    try (Context context = model.start(1, Set.of()).allowFused(prompt.length + work.newTokens())) {
      PeerClock clock = PeerClock.start();
      int next = context.prefill(prompt, work.chunk()).argmax(0);
      clock.token(next);
      for (int i = 0; i < work.newTokens(); i++) {
        next = context.forward(next).argmax(0);
        clock.token(next);
      }
      return clock;
    }
  }

  private static void prefill(
      DecoderModel model, Set<Signal> signals, Workload work, int[] prompt) {
    try (Context context = model.start(1, signals).allowFused(0)) {
      context.prefill(prompt, work.chunk()).argmax(0);
    }
  }
}
