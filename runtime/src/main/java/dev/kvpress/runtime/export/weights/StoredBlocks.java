package dev.kvpress.runtime.export.weights;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/**
 * A weight {@code [out,in]} that a checkpoint holds in blocks of whole numbers along the inputs, to
 * be used without being rounded again: w = scale · (q − zero point).
 */
public interface StoredBlocks {

  /** 4 or 8. */
  int bits();

  /** Numbers of one scale, a power of two of at least 16 that divides the inputs. */
  int block();

  /** Whether every zero point is 2^(bits−1). */
  boolean centred();

  /**
   * Whether the inputs stand in another order, so that each block has one scale. {@link
   * #writeOrder} tells it.
   */
  boolean ordered();

  /** Writes which input stands at each place, int64 {@code [in]}. */
  void writeOrder(WritableByteChannel out) throws IOException;

  /** Writes the whole numbers {@code [out,in]}, two in a byte for 4 bits, the first lower. */
  void writeCodes(WritableByteChannel out) throws IOException;

  /** Writes float32 scales {@code [out,in/block]}. */
  void writeScales(WritableByteChannel out) throws IOException;

  /** Writes zero points {@code [out,in/block]}, packed like the numbers; a row ends with a byte. */
  void writeZeroPoints(WritableByteChannel out) throws IOException;
}
