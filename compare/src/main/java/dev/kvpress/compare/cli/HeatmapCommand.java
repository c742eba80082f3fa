package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.attention.AttentionCapture;
import dev.kvpress.compare.attention.AttentionFile;
import dev.kvpress.compare.attention.AttentionRequest;
import dev.kvpress.compare.data.EncodedDocuments;
import dev.kvpress.compare.data.Sample;
import dev.kvpress.compare.data.SampleRules;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.picture.Pictures;
import dev.kvpress.compare.shape.catalog.DataSource;
import dev.kvpress.compare.task.PerplexityTask;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.text.FittedTokenizer;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Draws where a model looks, without comparing anything. */
@Command(
    name = "heatmap",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Draws the attention of chosen layers on a logarithmic scale: PNG files and attention.jsonl.")
final class HeatmapCommand implements Action {
  @Mixin ModelOptions model = new ModelOptions();

  @Option(
      names = "--data-path",
      paramLabel = "FILE",
      description =
          "Texts as for compare; the first one is drawn (default: the stories of the repository).")
  @Nullable String data;

  @Mixin HeatmapOptions heatmaps = new HeatmapOptions();

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Where the files go (default: ${DEFAULT-VALUE}).")
  String output = "comparison_results";

  @Mixin Verbosity verbosity = new Verbosity();

  @Override
  public int run(Console console, Problems problems) {
    Values values = new Values(problems);
    Optional<Path> path = model.model(problems);
    Optional<DecoderOptions> decoder = model.decoder(problems);
    Optional<Path> file =
        data == null
            ? DemoFiles.data(new PerplexityTask(), values)
            : values.existing("--data-path", data, "a data file");
    Optional<AttentionRequest> request = heatmaps.request(problems);
    if (heatmaps.layers.isEmpty()) {
      problems.add(
          "--heatmap-layers: expected the layers to draw, found none; give for instance 0");
    }
    Optional<Path> folder = values.path("--output", output);
    problems.throwIfAny();
    try (DecoderModel loaded =
        ModelOpening.open(
            path.orElseThrow(),
            decoder.orElseThrow(),
            verbosity.quiet ? line -> {} : console::note)) {
      loaded.notices().forEach(remark -> console.note(remark.text()));
      AttentionCapture capture = new AttentionCapture(loaded, request.orElseThrow());
      Sample sample = first(loaded, path.get(), file.orElseThrow());
      String name = String.valueOf(file.get().getFileName());
      AttentionFile.write(
          folder.orElseThrow(), capture.of(name, sample.index(), sample.ids().toArray()));
    }
    List<String> drawn =
        Pictures.writeAttention(ResultFolder.attention(folder.get()), folder.get());
    drawn.forEach(picture -> console.out().println(folder.get().resolve(picture)));
    return ExitCode.OK;
  }

  private static Sample first(DecoderModel loaded, Path path, Path file) {
    SampleRules rules =
        new SampleRules(
            loaded.info().vocabulary(),
            loaded.info().maxPositions(),
            OptionalInt.empty(),
            OptionalInt.empty());
    Optional<Tokenizer> tokenizer =
        Tokenizers.find(path).map(found -> FittedTokenizer.of(found, rules.vocabularySize()));
    return EncodedDocuments.encode(
            file, DataSource.of(file, "perplexity").documents(), tokenizer, rules, 1)
        .samples()
        .get(0);
  }
}
