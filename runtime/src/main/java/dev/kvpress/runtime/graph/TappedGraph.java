package dev.kvpress.runtime.graph;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.onnx.ModelProto;
import java.nio.file.Path;

/** An edited graph, ready to be opened by a session. */
public final class TappedGraph {
  private final ModelProto model;
  private final Path externalDataFolder;
  private final DecoderInterface ports;
  private final TapRequest request;

  TappedGraph(
      ModelProto model, Path externalDataFolder, DecoderInterface ports, TapRequest request) {
    this.model = requireNonNull(model, "model is null");
    this.externalDataFolder = requireNonNull(externalDataFolder, "externalDataFolder is null");
    this.ports = requireNonNull(ports, "ports is null");
    this.request = requireNonNull(request, "request is null");
  }

  /**
   * The serialized model, made anew by each call. Its references to external data are those of the
   * original file.
   */
  public byte[] modelBytes() {
    return model.toByteArray();
  }

  /**
   * The same graph with its weights elsewhere.
   *
   * @param moved the model with other references to external data, otherwise the same
   * @param folder that these are relative to
   */
  public TappedGraph withWeights(ModelProto moved, Path folder) {
    return new TappedGraph(moved, folder, ports, request);
  }

  /** The model as a message. */
  public ModelProto model() {
    return model;
  }

  /** Folder that external data references are relative to: the one of the original file. */
  public Path externalDataFolder() {
    return externalDataFolder;
  }

  /** Inputs and outputs of the edited graph, signal outputs included. */
  public DecoderInterface ports() {
    return ports;
  }

  /** What was asked for. */
  public TapRequest request() {
    return request;
  }
}
