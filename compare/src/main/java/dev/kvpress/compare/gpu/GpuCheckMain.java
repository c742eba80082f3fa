package dev.kvpress.compare.gpu;

import dev.kvpress.compare.UsageException;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.DecoderInfo;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.ort.Provider;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Parity and times of a provider against the processor; the larger part of {@code bin/gpu-check}.
 */
@Command(
    name = "gpu-check",
    mixinStandardHelpOptions = true,
    description = {
      "Computes the same on the processor and on another provider and prints what differs, how",
      "long both took and what ran where, as Markdown. Ends with 4 if they do not agree."
    })
public final class GpuCheckMain implements Callable<Integer> {
  private static final int USAGE = 2;
  private static final int INTERNAL = 1;
  private static final int DISAGREES = 4;

  /** Q of each pass of a prompt. */
  static final int CHUNK = 256;

  @Spec CommandSpec spec;

  @Option(names = "--model", required = true, description = "A model folder with its tokenizer.")
  Path model;

  @Option(names = "--text", required = true, description = "Documents: one {\"text\": …} a line.")
  Path text;

  @Option(
      names = "--provider",
      defaultValue = "cuda",
      description = "What to hold against the processor: cuda or cpu (default ${DEFAULT-VALUE}).")
  String provider;

  @Option(
      names = "--tokens",
      defaultValue = "512",
      description = "Length of the prompt (default ${DEFAULT-VALUE}).")
  int tokens;

  @Option(
      names = "--new-tokens",
      defaultValue = "32",
      description = "Steps of decoding (default ${DEFAULT-VALUE}).")
  int steps;

  @Option(
      names = "--tolerance",
      defaultValue = "1e-3",
      description = "Of logits and figures, relative to 1 + |x| (default ${DEFAULT-VALUE}).")
  double tolerance;

  @Option(
      names = "--runs",
      defaultValue = "5",
      description = "Timed runs of each side (default ${DEFAULT-VALUE}).")
  int runs;

  @Option(
      names = "--time-tokens",
      arity = "1..*",
      defaultValue = "512",
      description = "Lengths of timed prompts (default ${DEFAULT-VALUE}).")
  List<Integer> lengths = new ArrayList<>();

  @Option(
      names = "--weights",
      defaultValue = "f32",
      description = "Format of the weights on both sides (default ${DEFAULT-VALUE}).")
  String weights;

  @Option(
      names = "--cells",
      arity = "2",
      paramLabel = "FOLDER",
      description = "Output folders of compare: on the processor, on the other provider.")
  List<Path> cells = new ArrayList<>();

  @Option(
      names = "--threads",
      defaultValue = "0",
      description = "Threads of the processor within an operator (default: all cores).")
  int threads;

  @Option(
      names = {"--cache-dir", "--cache_dir"},
      description = "Where exported graphs are kept (default: kvpress in the user's cache folder).")
  Path cacheDir = Path.of(System.getProperty("user.home"), ".cache", "kvpress");

  private GpuCheckMain() {}

  /** Runs and ends the process. */
  public static void main(String[] arguments) {
    System.exit(
        run(arguments, new PrintWriter(System.out, true), new PrintWriter(System.err, true)));
  }

  static int run(String[] arguments, PrintWriter out, PrintWriter err) {
    // Figures look the same whatever language the machine speaks.
    Locale.setDefault(Locale.ROOT);
    CommandLine command = new CommandLine(new GpuCheckMain()).setOut(out).setErr(err);
    command.setExecutionExceptionHandler(
        (e, line, result) -> {
          boolean theirs = e instanceof ModelException || e instanceof UsageException;
          line.getErr().println("gpu-check: " + (theirs ? e.getMessage() : e.toString()));
          return theirs || e instanceof IOException ? USAGE : INTERNAL;
        });
    return command.execute(arguments);
  }

  @Override
  public Integer call() throws IOException {
    Provider checked =
        switch (provider) {
          case "cuda" -> Provider.CUDA;
          case "cpu" -> Provider.CPU;
          default ->
              throw new ParameterException(
                  spec.commandLine(), "--provider must be cuda or cpu, found " + provider);
        };
    int[] prompt = PromptText.ids(model, text, tokens);
    Findings findings;
    WeightFormat format =
        WeightFormat.of(weights)
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(),
                        "--weights must be f32, f16, int8 or int4, found " + weights));
    DecoderOptions options = new DecoderOptions(checked, 0, threads, cacheDir).with(format);
    try (Sides sides = Sides.open(model, options)) {
      List<Trial> trials = new Parity(sides, prompt, steps, CHUNK).run(Parity.PRESSES);
      findings =
          new Findings(
              sides.checked().provider(),
              sides.checked().engineVersion(),
              describe(sides.checked().info(), format),
              tolerance,
              trials,
              Times.measure(sides, lengths, runs),
              ProfiledRun.of(model, options, prompt, CHUNK),
              sides.checked().cudaFallbacks(),
              cells.size() == 2
                  ? Optional.of(CellParity.of(cells.get(0), cells.get(1), tolerance))
                  : Optional.empty());
    }
    spec.commandLine().getOut().print(FindingsMarkdown.of(findings));
    spec.commandLine().getOut().flush();
    return findings.agree() ? 0 : DISAGREES;
  }

  private static String describe(DecoderInfo info, WeightFormat format) {
    return "%s (%s, %d layers, %d query and %d KV heads of %d, weights %s)"
        .formatted(
            info.name(),
            info.architecture(),
            info.layers(),
            info.queryHeads(),
            info.kvHeads(),
            info.headSize(),
            format.label());
  }
}
