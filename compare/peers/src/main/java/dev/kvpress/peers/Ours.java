package dev.kvpress.peers;

import dev.kvpress.peers.side.OurSide;
import dev.kvpress.runtime.export.ExportCache;
import java.util.List;
import java.util.Optional;

/** This project, on the exported checkpoint. */
final class Ours implements Peer {
  private final PeerModel model;

  Ours(PeerModel model) {
    this.model = model;
  }

  @Override
  public PeerEngine engine() {
    return PeerEngine.OURS;
  }

  @Override
  public String nameOf(PeerFormat format) {
    return format.label();
  }

  @Override
  public Optional<String> refusal(PeerFormat format) {
    return format == PeerFormat.F32
        ? Optional.empty()
        : Optional.of("this build has float32 weights only");
  }

  @Override
  public void prepare(PeerFormat format) {
    ExportCache.of(model.cacheDir()).export(model.folder());
  }

  @Override
  public List<String> command(PeerFormat format) {
    List<String> command = JavaCommand.of(OurSide.class);
    command.addAll(List.of(format.label(), model.folder().toString(), model.cacheDir().toString()));
    command.addAll(model.work().toArguments());
    return command;
  }
}
