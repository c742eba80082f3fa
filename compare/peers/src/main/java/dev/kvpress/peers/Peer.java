package dev.kvpress.peers;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** An engine that can be given the same model and the same work. */
interface Peer {

  PeerEngine engine();

  /** What the engine calls a format, for the table. */
  String nameOf(PeerFormat format);

  /** Why it cannot run weights of a format here; empty where it can. */
  Optional<String> refusal(PeerFormat format);

  /** Writes what the engine reads, unless it is there already. */
  void prepare(PeerFormat format) throws IOException;

  /** The command that runs the work once and prints a line of figures. */
  List<String> command(PeerFormat format) throws IOException;
}
