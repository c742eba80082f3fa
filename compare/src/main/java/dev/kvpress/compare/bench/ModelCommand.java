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
    description = "Writes a random checkpoint in the shape of a known model.")
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
    BenchModel.write(output, json, seed);
    Files.writeString(
        output.resolve("tokenizer.json"), JSON.writeValueAsString(ByteTokenizer.json()) + "\n");
    spec.commandLine().getOut().println(output);
    return 0;
  }

  private ObjectNode configuration() throws IOException {
    if (like.isPresent() == config.isPresent()) {
      throw new ParameterException(
          spec.commandLine(), "give --like (" + String.join(", ", SHAPES) + ") or --config");
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
