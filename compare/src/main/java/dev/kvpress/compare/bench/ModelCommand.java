package dev.kvpress.compare.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Writes a random checkpoint in the shape of a known model, or of any config.json whose
 * architecture the exporter knows, with a tokenizer of bytes: for trying recipes and for measuring.
 */
@Command(
    name = "model",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a random checkpoint in the shape of a known model, as a Hugging Face folder.",
      "Numbers are made while they are written: a model may be larger than the memory."
    })
final class ModelCommand implements Callable<Integer> {
  private static final List<String> SHAPES = List.of("pythia-2.8b", "gpt2-large");
  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec CommandSpec spec;

  @Option(
      names = "--like",
      description =
          "Shape of a known model, all its layers at a fraction of the width: pythia-2.8b, gpt2-large.")
  Optional<String> like = Optional.empty();

  @Option(names = "--config", description = "A config.json instead.")
  Optional<Path> config = Optional.empty();

  @Option(
      names = "--shape",
      converter = ShapePreset.Converter.class,
      completionCandidates = ShapePreset.Labels.class,
      description = "A Llama of full size instead: ${COMPLETION-CANDIDATES}.")
  Optional<ShapePreset> shape = Optional.empty();

  @Option(
      names = "--dtype",
      description =
          "Format of the numbers: ${COMPLETION-CANDIDATES} (default F32; BF16 for --shape 7b).")
  Optional<NumberFormat> format = Optional.empty();

  @Option(
      names = "--shard-gb",
      defaultValue = "4",
      description = "Gigabytes that one file holds at most (default ${DEFAULT-VALUE}).")
  double shardGigabytes;

  @Option(
      names = "--seed",
      defaultValue = "0",
      description = "Seed of the weights (default ${DEFAULT-VALUE}).")
  long seed;

  @Option(names = "--output", required = true, description = "The folder to write.")
  Path output;

  @Override
  public Integer call() throws IOException {
    ObjectNode json = configuration();
    int vocabulary = json.path("vocab_size").asInt();
    if (vocabulary <= ByteTokenizer.END) {
      throw new ParameterException(
          spec.commandLine(),
          "vocab_size must be above %d for a tokenizer of bytes, found %d"
              .formatted(ByteTokenizer.END, vocabulary));
    }
    if (!(shardGigabytes > 0)) {
      throw new ParameterException(
          spec.commandLine(), "--shard-gb must be above 0, found " + shardGigabytes);
    }
    BenchModel.write(
        output,
        json,
        format.or(() -> shape.map(ShapePreset::format)).orElse(NumberFormat.F32),
        seed,
        (long) (shardGigabytes * 1e9));
    Files.writeString(
        output.resolve("tokenizer.json"), JSON.writeValueAsString(ByteTokenizer.json()) + "\n");
    spec.commandLine().getOut().println(output);
    return 0;
  }

  private ObjectNode configuration() throws IOException {
    long given = Stream.of(like, config, shape).filter(Optional::isPresent).count();
    if (given != 1) {
      throw new ParameterException(
          spec.commandLine(),
          "give one of --shape (%s), --like (%s) and --config, found %d of them"
              .formatted(
                  String.join(", ", new ShapePreset.Labels()), String.join(", ", SHAPES), given));
    }
    if (shape.isPresent()) {
      return shape.get().shape().config();
    }
    JsonNode node;
    if (config.isPresent()) {
      node = JSON.readTree(Files.readAllBytes(config.get()));
    } else if (SHAPES.contains(like.orElseThrow())) {
      try (InputStream in = ModelCommand.class.getResourceAsStream(like.get() + ".json")) {
        node = JSON.readTree(in);
      }
    } else {
      throw new ParameterException(
          spec.commandLine(),
          "--like must be one of %s, found %s".formatted(String.join(", ", SHAPES), like.get()));
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new ParameterException(spec.commandLine(), "config.json must hold a JSON object");
  }
}
