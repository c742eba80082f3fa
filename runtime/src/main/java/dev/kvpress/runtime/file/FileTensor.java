package dev.kvpress.runtime.file;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.ModelException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One tensor on its way into or out of a safetensors file, its numbers where they lie: on the way
 * in the pieces of memory that make it up, on the way out one view of the mapped file.
 *
 * @param name its name in the file
 * @param type its type in the format's terms, for instance F16
 * @param shape sizes, outermost first
 * @param pieces its bytes one after another, little endian, from the position of each to its limit;
 *     not written to while this is in use
 */
public record FileTensor(String name, String type, List<Long> shape, List<ByteBuffer> pieces) {
  /** Checks the sizes against each other. */
  public FileTensor {
    requireNonNull(name, "name is null");
    requireNonNull(type, "type is null");
    shape = List.copyOf(shape);
    pieces = List.copyOf(pieces);
    long elements = 1;
    for (long size : shape) {
      checkArgument(size >= 0, "%s: sizes must not be negative, found %s", name, shape);
      elements = Math.multiplyExact(elements, size);
    }
    long bytes = 0;
    for (ByteBuffer piece : pieces) {
      bytes += piece.remaining();
    }
    long expected = Math.multiplyExact(elements, (long) SafetensorsFile.typeBytes(type));
    checkArgument(
        bytes == expected,
        "%s: shape %s of %s takes %s bytes, found %s",
        name,
        shape,
        type,
        expected,
        bytes);
  }

  /** Bytes of all its numbers. */
  public long bytes() {
    long bytes = 0;
    for (ByteBuffer piece : pieces) {
      bytes += piece.remaining();
    }
    return bytes;
  }

  /** The only piece of a tensor out of a file: read-only, direct where the file is mapped. */
  public ByteBuffer whole() {
    checkArgument(pieces.size() == 1, "%s lies in %s pieces", name, pieces.size());
    ByteBuffer piece = pieces.get(0);
    return piece.slice().order(piece.order());
  }

  /** The same under another name. */
  public FileTensor named(String other) {
    return new FileTensor(other, type, shape, pieces);
  }

  /**
   * Refuses another type or shape.
   *
   * @throws ModelException naming what was expected
   */
  public FileTensor require(String expectedType, Long... expectedShape) {
    if (!type.equals(expectedType) || !shape.equals(List.of(expectedShape))) {
      throw new ModelException(
          "tensor %s must be %s of shape %s, found %s of shape %s"
              .formatted(name, expectedType, List.of(expectedShape), type, shape));
    }
    return this;
  }
}
