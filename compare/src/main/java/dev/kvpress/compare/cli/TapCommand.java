package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.decode.TappedCopy;
import dev.kvpress.runtime.graph.TapRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes somebody's graph with signals as further outputs. */
@Command(
    name = "tap",
    mixinStandardHelpOptions = true,
    description = {
      "Writes an ONNX decoder graph with signals as further outputs, for use by other programs.",
      "All it gave before comes first, bit for bit. Weights in files are shared where these lie in",
      "the folder of the output or below it, and copied there otherwise."
    })
final class TapCommand implements Action {
  @Mixin ModelOptions model = new ModelOptions();

  @Option(names = "--output", paramLabel = "FILE", description = "The .onnx file to write.")
  @Nullable String output;

  @Option(
      names = "--signals",
      paramLabel = "NAME",
      description = "What to add for each layer: " + SignalArguments.KNOWN + ".")
  List<String> signals = new ArrayList<>();

  @Option(
      names = {"-v", "--verbose"},
      description = "Show where faults come from.")
  boolean verbose;

  @Override
  public int run(Console console, Problems problems) {
    Values values = new Values(problems);
    Optional<Path> from =
        values.existing("--model", model.model, "an .onnx file or a folder that holds one");
    Optional<DecoderOptions> options = model.decoder(problems);
    Optional<Path> to = values.path("--output", output);
    if (output == null) {
      problems.add("--output: expected the .onnx file to write, found nothing");
    } else if (to.isPresent() && Files.exists(to.get())) {
      problems.add(
          "--output: %s exists already and is not written over; give another name"
              .formatted(to.get()));
    }
    TapRequest request = SignalArguments.read(signals, problems);
    if (signals.isEmpty()) {
      problems.add(
          "--signals: expected what to add, found nothing; known: " + SignalArguments.KNOWN);
    }
    problems.throwIfAny();
    TappedCopy copy =
        TappedCopy.write(from.orElseThrow(), options.orElseThrow(), request, to.orElseThrow());
    console.out().println(to.orElseThrow());
    report(copy, console);
    return ExitCode.OK;
  }

  private static void report(TappedCopy copy, Console console) {
    console.note(
        "%s with %d further outputs: %s"
            .formatted(copy.graph(), copy.signals().size(), String.join(", ", copy.signals())));
    if (!copy.droppedInputs().isEmpty()) {
      console.note(
          "input %s is gone, since the decoder with a past takes the place of both"
              .formatted(String.join(", ", copy.droppedInputs())));
    }
    copy.weights().shared().forEach(file -> console.note("shares the weights in " + file));
    copy.weights().copied().forEach(file -> console.note("copied weights to " + file));
  }
}
