package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.runtime.export.Checkpoint;
import dev.kvpress.runtime.export.ExportOptions;
import dev.kvpress.runtime.export.ModelExporter;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.TapRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes a checkpoint as an ONNX graph. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = "Writes a checkpoint as an ONNX decoder graph in Optimum's naming.")
final class ExportCommand implements Action {
  @Option(
      names = "--model",
      paramLabel = "PATH",
      description = "Hugging Face folder or llama2.c checkpoint.")
  @Nullable String model;

  @Option(names = "--output", paramLabel = "FILE", description = "The .onnx file to write.")
  @Nullable String output;

  @Option(
      names = "--attention",
      paramLabel = "FORM",
      description =
          "decomposed (emits every signal) or fused (faster) (default: ${DEFAULT-VALUE}).")
  String attention = "decomposed";

  @Option(
      names = "--signals",
      paramLabel = "NAME",
      description =
          "What the graph emits beside logits and cache: "
              + SignalArguments.KNOWN
              + ", none (default: attentions).")
  List<String> signals = new ArrayList<>();

  @Option(
      names = "--share-weights",
      description =
          "Refer to the weights in the checkpoint's own safetensors; the graph must lie in its folder.")
  boolean shareWeights;

  @Option(names = "--force", description = "Write over a file that exists.")
  boolean force;

  @Mixin WeightOptions weights = new WeightOptions();

  @Option(
      names = {"-v", "--verbose"},
      description = "Show where faults come from.")
  boolean verbose;

  private static void requireFree(Path file, Problems problems) {
    // Large weights go into a file of their own.
    for (Path written : List.of(file, ModelExporter.dataFile(file))) {
      if (Files.exists(written)) {
        problems.add(
            "--output: %s exists already and is not written over; give another name, or --force"
                .formatted(written));
      }
    }
  }

  @Override
  public int run(Console console, Problems problems) {
    Values values = new Values(problems);
    Optional<Path> from =
        values.existing("--model", model, "a Hugging Face folder or a llama2.c .bin");
    if (from.isPresent() && from.get().toString().endsWith(".onnx")) {
      problems.add(
          "--model: expected a checkpoint, but %s is a graph already; compare tap adds signals to one"
              .formatted(from.get()));
    }
    if (output == null) {
      problems.add("--output: expected the .onnx file to write, found nothing");
    }
    Optional<Path> to = values.path("--output", output);
    if (!force) {
      to.ifPresent(file -> requireFree(file, problems));
    }
    Optional<AttentionForm> form =
        values.choice(
            "--attention",
            attention,
            Map.of("decomposed", AttentionForm.DECOMPOSED, "fused", AttentionForm.FUSED));
    boolean fusedAlone = signals.isEmpty() && form.equals(Optional.of(AttentionForm.FUSED));
    TapRequest tap =
        fusedAlone
            ? TapRequest.NONE
            : SignalArguments.read(signals.isEmpty() ? List.of("attentions") : signals, problems);
    WeightFormat format = weights.format(problems).orElse(WeightFormat.STORED);
    if (shareWeights && format != WeightFormat.F32 && format != WeightFormat.STORED) {
      problems.add(
          "--share-weights: weights are used as they are stored, but --weights asks for %s; leave one of them out"
              .formatted(format.label()));
    }
    problems.throwIfAny();
    Checkpoint checkpoint = Checkpoint.open(from.orElseThrow());
    if (!shareWeights) {
      console.note(WeightWords.of(checkpoint.weightSizes(false), format));
    }
    ModelExporter.export(
        checkpoint,
        to.orElseThrow(),
        new ExportOptions(
            form.orElseThrow(),
            tap,
            ExportOptions.DEFAULT_INLINE_LIMIT_BYTES,
            shareWeights,
            format));
    console.out().println(to.orElseThrow());
    return ExitCode.OK;
  }
}
