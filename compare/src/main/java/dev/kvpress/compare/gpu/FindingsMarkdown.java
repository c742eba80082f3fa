package dev.kvpress.compare.gpu;

import dev.kvpress.runtime.graph.kernels.Fallback;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes findings as a part of a report. */
final class FindingsMarkdown {
  private static final int MOST_DEVIATIONS = 20;

  private final Findings found;
  private final StringBuilder text = new StringBuilder();

  private FindingsMarkdown(Findings found) {
    this.found = found;
  }

  static String of(Findings found) {
    FindingsMarkdown markdown = new FindingsMarkdown(found);
    markdown.parity();
    markdown.cells();
    markdown.times();
    markdown.placement();
    markdown.verdict();
    return markdown.text.toString();
  }

  private void parity() {
    line("## Parity with the processor");
    line("");
    line(
        "%s, ONNX Runtime %s, provider %s; tolerance %s · (1 + |logit|)."
            .formatted(found.model(), found.engine(), found.provider(), found.tolerance()));
    line("");
    line("| press | prompt: largest gap | kept alike | decoding: largest gap | same tokens | |");
    line("|---|---|---|---|---|---|");
    for (Trial trial : found.trials()) {
      line(
          "| `%s` | %.1e | %.4f | %.1e | %d of %d | %s |"
              .formatted(
                  trial.press(),
                  trial.prefillGap(),
                  trial.keptAlike(),
                  trial.decodeGap(),
                  trial.sameTokens(),
                  trial.steps(),
                  mark(trial.agrees(found.tolerance()))));
    }
  }

  private void cells() {
    line("");
    if (found.cells().isEmpty()) {
      line("Whole comparisons were not made.");
      return;
    }
    CellParity cells = found.cells().get();
    line(
        "Whole comparisons: %d cells, %d figures without times, %d beyond the tolerance: %s."
            .formatted(
                cells.cells(), cells.figures(), cells.deviations().size(), mark(cells.agrees())));
    cells.deviations().stream().limit(MOST_DEVIATIONS).forEach(one -> line("- " + one));
  }

  private void times() {
    line("");
    line("## Times");
    line("");
    line(
        "| prompt | prefill ms: processor | checked | ratio | step ms: processor | checked | ratio |");
    line("|---|---|---|---|---|---|---|");
    for (Times.Pair pair : found.times()) {
      Times a = pair.processor();
      Times b = pair.checked();
      line(
          "| %d | %.2f | %.2f | %.2f | %.3f | %.3f | %.2f |"
              .formatted(
                  a.tokens(),
                  a.prefillMillis(),
                  b.prefillMillis(),
                  b.prefillMillis() / a.prefillMillis(),
                  a.decodeMillis(),
                  b.decodeMillis(),
                  b.decodeMillis() / a.decodeMillis()));
    }
  }

  private void placement() {
    line("");
    line("## Where operators ran");
    line("");
    found.profile().runs().keySet().stream()
        .sorted()
        .forEach(provider -> line("- %s: %s".formatted(provider, operators(provider))));
    String foretold =
        found.foretold().stream().map(Fallback::toString).collect(Collectors.joining("; "));
    line(
        "- foretold by the table of CUDA kernels for the processor: %s"
            .formatted(foretold.isEmpty() ? "nothing but the computing of shapes" : foretold));
  }

  private String operators(String provider) {
    Map<String, Integer> runs = found.profile().of(provider);
    return runs.entrySet().stream()
        .map(entry -> entry.getKey() + " × " + entry.getValue())
        .collect(Collectors.joining(", "));
  }

  private void verdict() {
    line("");
    line("Verdict: %s".formatted(mark(found.agree())));
  }

  private static String mark(boolean good) {
    return good ? "agrees" : "**DIFFERS**";
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
