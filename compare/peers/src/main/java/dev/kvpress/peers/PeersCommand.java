package dev.kvpress.peers;

import dev.kvpress.compare.bench.BenchModel;
import dev.kvpress.compare.bench.ShapePreset;
import dev.kvpress.peers.report.PeersJson;
import dev.kvpress.peers.report.PeersTable;
import dev.kvpress.peers.report.ShapeResults;
import dev.kvpress.peers.report.Targets;
import dev.kvpress.peers.side.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench peers}: other engines on the same model and the same work. */
@Command(
    name = "peers",
    mixinStandardHelpOptions = true,
    description = {
      "The same random Llama through this project, llama.cpp (its Java binding) and Jlama.",
      "Each run is a fresh process with a time limit: it loads the model, generates from 64 tokens",
      "to warm up, then measures a prompt and greedy tokens. Sides alternate; medians are printed.",
      "Exit codes: 3 if a side failed, 4 under --check if a target is missed or was not measured."
    })
final class PeersCommand implements Callable<Integer> {
  private static final int SIDE_FAILED = 3;
  private static final int TARGET_MISSED = 4;

  @Option(
      names = "--shape",
      arity = "1..*",
      defaultValue = "25m",
      converter = ShapePreset.Converter.class,
      completionCandidates = ShapePreset.Labels.class,
      description = "Random Llamas: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  List<ShapePreset> shapes = new ArrayList<>();

  @Option(
      names = "--engines",
      arity = "1..*",
      defaultValue = "ours llama.cpp jlama",
      split = " ",
      converter = PeerEngine.Converter.class,
      completionCandidates = PeerEngine.Labels.class,
      description = "${COMPLETION-CANDIDATES} (default: all).")
  List<PeerEngine> engines = new ArrayList<>();

  @Option(
      names = "--weights",
      arity = "1..*",
      defaultValue = "f32 int8 int4",
      split = " ",
      description = "Formats of weights: ${COMPLETION-CANDIDATES} (default: all).")
  List<PeerFormat> formats = new ArrayList<>();

  @Option(
      names = "--tokens",
      defaultValue = "1000",
      description = "Length of the prompt (default ${DEFAULT-VALUE}).")
  int tokens;

  @Option(
      names = "--new-tokens",
      defaultValue = "32",
      description = "Tokens to decode after the first (default ${DEFAULT-VALUE}).")
  int newTokens;

  @Option(
      names = "--chunk",
      defaultValue = "512",
      description = "Tokens per pass of a prefill, llama.cpp's too (default ${DEFAULT-VALUE}).")
  int chunk;

  @Option(
      names = "--threads",
      defaultValue = "2",
      description = "Threads of each engine (default ${DEFAULT-VALUE}).")
  int threads;

  @Option(
      names = "--runs",
      defaultValue = "5",
      description = "Processes of each side (default ${DEFAULT-VALUE}).")
  int runs;

  @Option(
      names = "--seed",
      defaultValue = "0",
      description = "Seed of weights and token ids (default ${DEFAULT-VALUE}).")
  long seed;

  @Option(
      names = "--time-limit",
      defaultValue = "300",
      description = "Seconds that one process may take (default ${DEFAULT-VALUE}).")
  long timeLimit;

  @Option(
      names = {"--cache-dir", "--cache_dir"},
      description = "Where models are kept (default: kvpress in the user's cache folder).")
  Path cacheDir = Path.of(System.getProperty("user.home"), ".cache", "kvpress");

  @Option(
      names = "--jlama-java",
      description = "Folder of a JDK of version 22 or newer (default: the newest that is found).")
  Optional<Path> jlamaJava = Optional.empty();

  @Option(names = "--output", description = "A JSON file for all figures of all runs.")
  Optional<Path> output = Optional.empty();

  @Option(names = "--check", description = "End with exit code 4 if a target is missed.")
  boolean check;

  @Override
  public Integer call() throws IOException {
    Optional<NewerJava> java =
        jlamaJava.isPresent() ? NewerJava.at(jlamaJava.get()) : NewerJava.find();
    List<ShapeResults> results = new ArrayList<>();
    for (ShapePreset preset : shapes) {
      results.add(measure(preset, java));
    }
    Targets targets = new Targets(results);
    System.out.print(new PeersTable(results, targets).text());
    if (output.isPresent()) {
      Files.writeString(output.get(), PeersJson.text(results, targets));
    }
    if (check && !targets.areMet()) {
      return TARGET_MISSED;
    }
    return results.stream().anyMatch(ShapeResults::hasFailed) ? SIDE_FAILED : 0;
  }

  private ShapeResults measure(ShapePreset preset, Optional<NewerJava> java) throws IOException {
    Path folder = BenchModel.cached(cacheDir, preset.shape(), seed);
    Workload work =
        new Workload(tokens, newTokens, chunk, threads, preset.shape().vocabulary(), seed);
    PeerModel model = new PeerModel(folder, preset.shape(), cacheDir, work);
    List<Peer> peers =
        List.of(new Ours(model), new LlamaCpp(model), new Jlama(model, java)).stream()
            .filter(peer -> engines.contains(peer.engine()))
            .toList();
    return new PeerRounds(peers, formats, Duration.ofSeconds(timeLimit)).run(preset, work, runs);
  }
}
