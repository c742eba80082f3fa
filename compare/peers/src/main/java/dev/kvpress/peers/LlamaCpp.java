package dev.kvpress.peers;

import dev.kvpress.peers.gguf.LlamaGguf;
import dev.kvpress.peers.side.LlamaCppSide;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** llama.cpp through its Java binding, on GGUF files of our own. */
final class LlamaCpp implements Peer {
  private final PeerModel model;

  LlamaCpp(PeerModel model) {
    this.model = model;
  }

  @Override
  public PeerEngine engine() {
    return PeerEngine.LLAMA_CPP;
  }

  @Override
  public String nameOf(PeerFormat format) {
    return format.gguf().name();
  }

  @Override
  public Optional<String> refusal(PeerFormat format) {
    String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    return system.equals("Linux amd64") || system.equals("Linux aarch64")
        ? Optional.empty()
        : Optional.of("memory is measured on Linux only, found " + system);
  }

  @Override
  public void prepare(PeerFormat format) throws IOException {
    LlamaGguf.write(model.folder(), model.shape(), format.gguf(), file(format));
  }

  private Path file(PeerFormat format) {
    return model.beside("-" + format.gguf().name() + ".gguf");
  }

  @Override
  public List<String> command(PeerFormat format) {
    List<String> command = JavaCommand.of(LlamaCppSide.class);
    command.addAll(List.of(file(format).toString(), Boolean.toString(format == PeerFormat.F32)));
    command.addAll(model.work().toArguments());
    return command;
  }
}
