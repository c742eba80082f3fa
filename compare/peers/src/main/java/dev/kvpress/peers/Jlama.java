package dev.kvpress.peers;

import dev.kvpress.compare.bench.ByteTokenizer;
import dev.kvpress.peers.side.PeerProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Jlama, on the checkpoint itself and a tokenizer that nobody asks. It needs a newer Java machine
 * than this project, with its compiler.
 */
final class Jlama implements Peer {
  /** bin/compare says where the checkout is. */
  private static final Path MODULE =
      Path.of(System.getProperty("kvpress.home", "."), "compare", "peers");

  private static final String SIDE = "JlamaSide.java";
  private static final String QUANTIZER = "JlamaQuantizer.java";
  private static final Duration QUANTIZING = Duration.ofMinutes(10);

  private final PeerModel model;
  private final Optional<NewerJava> java;

  Jlama(PeerModel model, Optional<NewerJava> java) {
    this.model = model;
    this.java = java;
  }

  @Override
  public PeerEngine engine() {
    return PeerEngine.JLAMA;
  }

  @Override
  public String nameOf(PeerFormat format) {
    return format.jlama();
  }

  @Override
  public Optional<String> refusal(PeerFormat format) {
    if (java.isEmpty()) {
      return Optional.of(NewerJava.ADVICE);
    }
    if (!Files.isRegularFile(program(SIDE))) {
      return Optional.of(program(SIDE) + " does not exist; start by bin/bench peers of a checkout");
    }
    return format == PeerFormat.INT8
        ? Optional.of("Jlama 0.8.4 has 8-bit activations, but no product with 8-bit weights")
        : Optional.empty();
  }

  @Override
  public void prepare(PeerFormat format) throws IOException {
    Path whole = folder(PeerFormat.F32);
    Files.createDirectories(whole);
    try (var files = Files.list(model.folder())) {
      for (Path file : files.toList()) {
        Path link = whole.resolve(file.getFileName());
        if (!Files.exists(link)) {
          Files.createSymbolicLink(link, file.toAbsolutePath());
        }
      }
    }
    Files.writeString(whole.resolve("tokenizer.json"), ByteTokenizer.json().toString());
    // Its own writer asks for one.
    Files.writeString(whole.resolve("README.md"), "A random model.\n");
    Files.createDirectories(workFolder());
    if (format != PeerFormat.F32 && !Files.exists(folder(format).resolve("model.safetensors"))) {
      List<String> command = java(QUANTIZER);
      command.addAll(List.of(format.jlama(), whole.toString(), folder(format).toString()));
      PeerProcess.run(command, QUANTIZING);
    }
  }

  private Path folder(PeerFormat format) {
    return model.beside("-jlama" + (format == PeerFormat.F32 ? "" : "-" + format.jlama()));
  }

  private Path workFolder() {
    return model.beside("-jlama-work");
  }

  @Override
  public List<String> command(PeerFormat format) {
    List<String> command = java(SIDE);
    command.addAll(List.of(format.jlama(), folder(format).toString(), workFolder().toString()));
    command.addAll(model.work().toArguments());
    return command;
  }

  /** The newer Java machine with a program that it compiles as it starts. */
  private List<String> java(String program) {
    List<String> command = JavaCommand.base(java.orElseThrow().program());
    String libraries = MODULE.resolve("target").resolve("jlama") + File.separator + "*";
    command.addAll(
        List.of(
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path") + File.pathSeparator + libraries,
            program(program).toString()));
    return command;
  }

  private static Path program(String name) {
    return MODULE.resolve("src").resolve("main").resolve("jlama").resolve(name);
  }
}
