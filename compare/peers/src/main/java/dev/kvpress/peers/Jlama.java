package dev.kvpress.peers;

import dev.kvpress.compare.bench.ByteTokenizer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  /** Compiled by the newer Java machine as it starts. */
  private static final Path PROGRAM =
      MODULE.resolve("src").resolve("main").resolve("jlama").resolve("JlamaSide.java");

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
    return Files.isRegularFile(PROGRAM)
        ? Optional.empty()
        : Optional.of(PROGRAM + " does not exist; start by bin/bench peers of a checkout");
  }

  @Override
  public void prepare(PeerFormat format) throws IOException {
    Files.createDirectories(folder());
    try (var files = Files.list(model.folder())) {
      for (Path file : files.toList()) {
        Path link = folder().resolve(file.getFileName());
        if (!Files.exists(link)) {
          Files.createSymbolicLink(link, file.toAbsolutePath());
        }
      }
    }
    Files.writeString(folder().resolve("tokenizer.json"), ByteTokenizer.json().toString());
    Files.createDirectories(workFolder());
  }

  private Path folder() {
    return model.beside("-jlama");
  }

  private Path workFolder() {
    return model.beside("-jlama-work");
  }

  @Override
  public List<String> command(PeerFormat format) {
    List<String> command = JavaCommand.base(java.orElseThrow().program());
    command.addAll(
        List.of(
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path")
                + File.pathSeparator
                + MODULE.resolve("target").resolve("jlama")
                + File.separator
                + "*",
            PROGRAM.toString(),
            format.jlama(),
            folder().toString(),
            workFolder().toString()));
    command.addAll(model.work().toArguments());
    return command;
  }
}
