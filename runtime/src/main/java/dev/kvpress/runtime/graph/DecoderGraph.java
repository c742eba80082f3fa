package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.onnx.ModelProto;
import java.nio.file.Path;
import java.util.Map;

/** A decoder graph with a KV cache, read from a file without its external data. */
public final class DecoderGraph {
  private final Path file;
  private final ModelProto model;
  private final DecoderInterface ports;

  private DecoderGraph(Path file, ModelProto model, DecoderInterface ports) {
    this.file = file;
    this.model = model;
    this.ports = ports;
  }

  /**
   * Reads a graph.
   *
   * @param onnx a decoder .onnx file of ours or with Optimum names
   * @throws dev.kvpress.runtime.ModelException if the file is no ONNX model or no decoder with a KV
   *     cache
   */
  public static DecoderGraph read(Path onnx) {
    throw new UnsupportedOperationException("not yet: " + onnx);
  }

  /** What the graph takes and gives. */
  public DecoderInterface ports() {
    return ports;
  }

  /** Which signals a tap can make this graph emit. */
  public SignalSupport signals() {
    throw new UnsupportedOperationException("not yet");
  }

  /** The model's own metadata entries, such as {@code kvpress.config}. */
  public Map<String, String> metadata() {
    throw new UnsupportedOperationException("not yet");
  }

  /** The file it was read from. */
  public Path file() {
    return file;
  }

  ModelProto model() {
    return model;
  }
}
