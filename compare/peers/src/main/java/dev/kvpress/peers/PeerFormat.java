package dev.kvpress.peers;

import dev.kvpress.peers.gguf.GgufType;
import java.util.Locale;

/** A format of weights, and what comes nearest to it in each engine. */
public enum PeerFormat {
  F32(GgufType.F32, "F32"),
  INT8(GgufType.Q8_0, "I8"),
  INT4(GgufType.Q4_0, "Q4");

  private final GgufType gguf;
  private final String jlama;

  PeerFormat(GgufType gguf, String jlama) {
    this.gguf = gguf;
    this.jlama = jlama;
  }

  /** As our own options name it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  GgufType gguf() {
    return gguf;
  }

  /** Name of Jlama's type. */
  String jlama() {
    return jlama;
  }
}
