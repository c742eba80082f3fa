package dev.kvpress.runtime.graph.pack;

import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** An engine that rearranges constants of an operator and lets graphs refer to the result. */
public interface WeightPacker {

  /**
   * What decides how constants are rearranged: the engine, its version and the kind of processor.
   * An engine that finds them rearranged otherwise makes its own copy, so that this decides about
   * memory only and never about results.
   */
  String fingerprint();

  /**
   * Rearranges the constants of one operator.
   *
   * @param node the operator; its first input is {@code [n,in]} of floats, the others are constants
   * @param constants with external data
   * @param folder that these are relative to
   * @param scratch an empty folder for what is written; the caller removes it
   * @throws IOException if files cannot be read or written
   */
  List<Packed> pack(NodeProto node, List<TensorProto> constants, Path folder, Path scratch)
      throws IOException;

  /**
   * A rearranged constant.
   *
   * @param constant name of the constant that it was made of
   * @param key under which graphs refer to it
   * @param hash of its content, in the engine's words
   * @param file that holds its pieces
   * @param pieces of the file
   */
  record Packed(String constant, String key, String hash, Path file, List<Piece> pieces) {
    /** Takes a copy. */
    public Packed {
      pieces = List.copyOf(pieces);
    }
  }

  /**
   * A piece of a file.
   *
   * @param offset first byte
   * @param bytes length
   * @param note what else the engine says of it, kept as it is
   */
  record Piece(long offset, long bytes, String note) {}
}
