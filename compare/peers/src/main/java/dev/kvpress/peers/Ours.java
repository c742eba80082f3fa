package dev.kvpress.peers;

import dev.kvpress.peers.side.OurSide;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
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
    return Optional.empty();
  }

  /** Opening exports, in the format and packed for this machine. */
  @Override
  public void prepare(PeerFormat format) {
    DecoderModel.open(model.folder(), DecoderOptions.cpu(model.cacheDir()).with(format.ours()))
        .close();
  }

  @Override
  public List<String> command(PeerFormat format) {
    List<String> command = JavaCommand.of(OurSide.class);
    command.addAll(List.of(format.label(), model.folder().toString(), model.cacheDir().toString()));
    command.addAll(model.work().toArguments());
    return command;
  }
}
