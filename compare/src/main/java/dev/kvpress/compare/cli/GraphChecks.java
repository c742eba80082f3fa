package dev.kvpress.compare.cli;

import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.GraphFindings;
import dev.kvpress.runtime.graph.kernels.Fallback;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What was recognised in the graph of a model. */
final class GraphChecks {
  private final DecoderModel model;
  private final GraphFindings found;
  private final int positions;

  private GraphChecks(DecoderModel model, int positions) {
    this.model = model;
    this.found = model.findings();
    this.positions = positions;
  }

  /**
   * Looks at a graph.
   *
   * @param positions how far texts go for which it is tried
   */
  static List<Check> of(DecoderModel model, int positions) {
    return new GraphChecks(model, positions).checks();
  }

  private List<Check> checks() {
    List<Check> checks = new ArrayList<>();
    if (found.form() != AttentionForm.FOREIGN) {
      checks.add(Check.ok("form", "our own, %s".formatted(word(found.form()))));
      checks.add(cuda());
      return checks;
    }
    checks.add(
        Check.ok("form", "of another tool, opset %d, %s".formatted(found.opset(), precision())));
    if (found.dialect().isEmpty()) {
      checks.add(
          Check.ok(
              "dialect", "plain: one input for the keys and one for the values of each layer"));
    }
    found.dialect().forEach(text -> checks.add(Check.ok("dialect", text)));
    new TreeMap<>(found.operators())
        .forEach(
            (operator, layers) ->
                checks.add(
                    Check.ok(
                        "operator",
                        "%s: written out in standard operators in %s"
                            .formatted(operator, layers(layers)))));
    checks.add(attention());
    checks.add(eviction());
    checks.add(cuda());
    return checks;
  }

  /** Known without a GPU, from a table of its kernels. */
  private Check cuda() {
    List<Fallback> fallbacks = model.cudaFallbacks();
    String cudnn =
        model.cudnnOperators().isEmpty()
            ? ""
            : "; cuDNN is needed for " + String.join(", ", model.cudnnOperators());
    if (fallbacks.isEmpty()) {
      return Check.ok("cuda", "a GPU has kernels for all of its operators" + cudnn);
    }
    String list = fallbacks.stream().map(Fallback::toString).collect(Collectors.joining("; "));
    return Check.absent("cuda", "a GPU would leave to the processor " + list + cudnn);
  }

  private Check attention() {
    String count = "traced in %d of %d layers".formatted(found.traced(), found.layers());
    return found
        .untraced()
        .map(reason -> Check.absent("attention", count + ": " + reason))
        .orElseGet(() -> Check.ok("attention", count));
  }

  private Check eviction() {
    if (found.unprunable().isEmpty()) {
      return Check.ok(
          "eviction",
          "cache positions grafted: masks, windows and positions go by where tokens stood, and each head may keep its own");
    }
    String reason = found.unprunable().get();
    Optional<String> refusal = model.evictionRefusal(positions);
    return refusal
        .map(why -> Check.absent("eviction", "refused: " + why))
        .orElseGet(
            () ->
                Check.ok(
                    "eviction",
                    "right as it is when tried over %d positions, the same number of tokens in all layers and heads (not grafted: %s)"
                        .formatted(positions, reason)));
  }

  private String precision() {
    return switch (found.precision()) {
      case FULL -> "computes in 32 bits";
      case HALF -> "computes in 16 bits, at least in places";
      case QUANTIZED -> "rounds activations to integers";
    };
  }

  private static String word(AttentionForm form) {
    return form.name().toLowerCase(Locale.ROOT);
  }

  private static String layers(List<Integer> layers) {
    List<String> names = layers.stream().map(String::valueOf).toList();
    int last = names.size() - 1;
    boolean run = layers.get(last) - layers.get(0) == last;
    if (last == 0) {
      return "layer " + names.get(0);
    }
    return run
        ? "layers %s to %s".formatted(names.get(0), names.get(last))
        : "layers " + String.join(", ", names);
  }
}
