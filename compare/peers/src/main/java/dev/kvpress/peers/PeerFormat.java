package dev.kvpress.peers;

import dev.kvpress.peers.gguf.GgufType;
import dev.kvpress.runtime.export.weights.WeightFormat;

/** A format of weights, and what comes nearest to it in each engine. */
public enum PeerFormat {
  F32(WeightFormat.F32, GgufType.F32, "F32"),
  INT8(WeightFormat.INT8, GgufType.Q8_0, "I8"),
  INT4(WeightFormat.INT4, GgufType.Q4_0, "Q4");

  private final WeightFormat ours;
  private final GgufType gguf;
  private final String jlama;

  PeerFormat(WeightFormat ours, GgufType gguf, String jlama) {
    this.ours = ours;
    this.gguf = gguf;
    this.jlama = jlama;
  }

  /** As our own options name it. */
  public String label() {
    return ours.label();
  }

  /** Our own. */
  WeightFormat ours() {
    return ours;
  }

  GgufType gguf() {
    return gguf;
  }

  /** Name of Jlama's type. */
  String jlama() {
    return jlama;
  }
}
