package dev.kvpress.compare.gpu;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderInfo;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.Logits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Holds a provider against the processor: a prompt, a cut, and decoding over the same tokens, so
 * that one early difference is told once.
 */
final class Parity {
  /**
   * One for each thing that a graph is asked for: nothing, column sums, last rows, queries, and
   * caches of uneven heads.
   */
  static final List<String> PRESSES =
      List.of(
          "baseline",
          "knorm",
          "h2o(local_window_size=32)",
          "snapkv(window_size=32)",
          "expected_attention",
          "adakv(snapkv(window_size=32))");

  private static final Budget BUDGET = Budget.ratio(0.5);

  private final Sides sides;
  private final int[] prompt;
  private final int steps;
  private final int chunk;

  /**
   * A check.
   *
   * @param prompt ids of the text
   * @param steps tokens to decode after it
   * @param chunk Q of each pass of the prompt
   */
  Parity(Sides sides, int[] prompt, int steps, int chunk) {
    this.sides = sides;
    this.prompt = prompt.clone();
    this.steps = steps;
    this.chunk = chunk;
  }

  /** Tries presses one after the other. */
  List<Trial> run(List<String> presses) {
    PressCatalog catalog = PressCatalog.load();
    List<Trial> trials = new ArrayList<>();
    for (String spec : presses) {
      trials.add(trial(spec, catalog.make(spec).press()));
    }
    return trials;
  }

  private Trial trial(String spec, ModelPress press) {
    try (Context a = start(sides.processor(), press);
        Context b = start(sides.checked(), press)) {
      Logits expected = a.prefill(prompt, chunk);
      Logits found = b.prefill(prompt, chunk);
      double prefillGap = gap(expected, found);
      if (!press.keepsAll()) {
        a.compress(press, BUDGET);
        b.compress(press, BUDGET);
      }
      double alike = keptAlike(a, b, sides.processor().info());
      a.stopObserving();
      b.stopObserving();
      double decodeGap = 0;
      int same = 0;
      for (int step = 0; step < steps; step++) {
        int token = expected.argmax(0);
        same += token == found.argmax(0) ? 1 : 0;
        expected = a.forward(token);
        found = b.forward(token);
        // Not Math.max, which a difference that is no number would not survive as such.
        double now = gap(expected, found);
        decodeGap = now <= decodeGap ? decodeGap : now;
      }
      return new Trial(spec, prefillGap, alike, decodeGap, same, steps);
    }
  }

  private Context start(DecoderModel model, ModelPress press) {
    model.requireSignals(press.getClass().getSimpleName(), press.needs());
    return model.start(1, press.needs()).allowFused(steps);
  }

  /** Largest |a − b| / (1 + |a|) of the last row; NaN if any is. */
  static double gap(Logits expected, Logits found) {
    int row = expected.rows() - 1;
    double largest = 0;
    for (int v = 0; v < expected.vocabulary(); v++) {
      double a = expected.get(row, v);
      double now = Math.abs(a - found.get(found.rows() - 1, v)) / (1 + Math.abs(a));
      if (Double.isNaN(now)) {
        return now;
      }
      largest = Math.max(largest, now);
    }
    return largest;
  }

  private static double keptAlike(Context a, Context b, DecoderInfo model) {
    long kept = 0;
    long alike = 0;
    for (int layer = 0; layer < model.layers(); layer++) {
      for (int head = 0; head < model.kvHeads(); head++) {
        int[] expected = a.positions(layer, 0, head);
        int[] found = b.positions(layer, 0, head);
        // In the order of the text on both sides.
        alike += IntStream.of(expected).filter(p -> Arrays.binarySearch(found, p) >= 0).count();
        kept += Math.max(expected.length, found.length);
      }
    }
    return kept == 0 ? 1 : (double) alike / kept;
  }
}
