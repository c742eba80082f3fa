package dev.kvpress.compare.bench;

import static java.util.Objects.requireNonNull;

import dev.kvpress.compare.ProcessMemory;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.auxiliary.AuxiliarySources;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.text.PromptFrame;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Child process: one prefill with a press's signals and the press itself, with its peak memory.
 *
 * <p>A press that cuts while decoding is asked after each of a few tokens more.
 */
final class PressMemorySide {
  /** Three passes, so that every graph of the prefill is open and has read its weights. */
  private static final int WARM_UP_TOKENS = 192;

  private static final int WARM_UP_CHUNK = 64;
  private static final int STEPS = 4;

  private PressMemorySide() {}

  /**
   * Arguments: press, model folder, cache folder, trained tensors, ratio, tokens, chunk, threads,
   * seed, weights.
   */
  public static void main(String[] args) throws IOException {
    ModelPress press = PressCatalog.load().make(args[0]).press();
    AuxiliarySources trained = new AuxiliarySources(List.of(Path.of(args[3])), Optional.empty());
    Budget budget = Budget.ratio(Double.parseDouble(args[4]));
    DecoderOptions options =
        BenchOptions.decoder(
                WeightFormat.valueOf(args[9]), Integer.parseInt(args[7]), Path.of(args[2]))
            .with(trained);
    try (DecoderModel model = DecoderModel.open(Path.of(args[1]), options)) {
      model.requireSignals(args[0], press.needs());
      if (press.readsAgain()) {
        // The model has no tokenizer; what is asked for takes the same memory.
        model.prompts().use(PromptFrame.encodedBy(text -> new int[] {1, 2, 3}));
      }
      // Prompt and steps together have the length that was asked for.
      int steps = press.evictsWhileDecoding() ? STEPS : 0;
      int[] ids =
          PrefillSide.ids(model, Integer.parseInt(args[5]) - steps, Long.parseLong(args[8]));
      run(model, press, budget, PrefillSide.ids(model, WARM_UP_TOKENS, 1), WARM_UP_CHUNK);
      System.gc();
      long shared = ProcessMemory.proportionalBytes();
      ProcessMemory.restartPeak();
      long loaded = ProcessMemory.residentBytes();
      Map<String, Double> figures = new LinkedHashMap<>();
      figures.put("loaded", (double) shared);
      figures.putAll(run(model, press, budget, ids, Integer.parseInt(args[6])));
      figures.compute("prefill", (name, most) -> requireNonNull(most) - loaded);
      figures.put("peak", (double) (ProcessMemory.peakBytes() - loaded));
      System.out.println(new Figures(figures).toLine());
    }
  }

  /** The most memory up to the end of the prefill, and which fraction of the cache is gone. */
  private static Map<String, Double> run(
      DecoderModel model, ModelPress press, Budget budget, int[] ids, int chunk)
      throws IOException {
    try (Context context = model.start(1, press.needs())) {
      // Room for the steps, so that the cache does not grow in them.
      context.allowFused(press.evictsWhileDecoding() ? ids.length + STEPS : 0);
      context.prefill(ids, chunk);
      double prefill = ProcessMemory.peakBytes();
      boolean cutsPrompt = press.phases().contains(Phase.PREFILL);
      if (cutsPrompt) {
        context.compress(press, budget);
      }
      for (int step = 0; step < STEPS && (press.evictsWhileDecoding() || !cutsPrompt); step++) {
        context.forward(ids[step]);
        context.compress(press, budget);
      }
      return Map.of("prefill", prefill, "removed", context.achievedRatio());
    }
  }
}
