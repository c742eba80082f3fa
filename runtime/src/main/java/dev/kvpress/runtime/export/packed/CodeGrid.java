package dev.kvpress.runtime.export.packed;

import dev.kvpress.runtime.file.FloatDecoder;
import dev.kvpress.runtime.file.SafetensorsFile.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/**
 * A matrix of small whole numbers, packed along one of its axes into words of 32 bits: one stream
 * of bits, the first number in the lowest, so that numbers of 3 bits may lie in two words.
 */
final class CodeGrid {
  /** So many numbers of any width end with a word. */
  static final int ALIGNED = Integer.SIZE;

  private static final int[] IN_ORDER = {0, 1, 2, 3, 4, 5, 6, 7};

  private final Entry words;
  private final int bits;
  private final Axis outputs;
  private final Axis packed;
  private final int[] places;

  /**
   * Numbers in their order.
   *
   * @param words int32 of two axes
   * @param bits of a number
   * @param outputs axis along which the outputs of the weight lie
   * @param packed axis along which numbers share words
   */
  CodeGrid(Entry words, int bits, Axis outputs, Axis packed) {
    this(words, bits, outputs, packed, IN_ORDER);
  }

  /**
   * Numbers in another order.
   *
   * @param places where each of eight neighbours stands among them
   */
  CodeGrid(Entry words, int bits, Axis outputs, Axis packed, int... places) {
    this.words = words;
    this.bits = bits;
    this.outputs = outputs;
    this.packed = packed;
    this.places = places;
  }

  /** Words that numbers take. */
  static long wordsOf(long numbers, int bits) {
    return (numbers * bits + Integer.SIZE - 1) / Integer.SIZE;
  }

  /**
   * Unpacks the numbers of some outputs.
   *
   * @param first output, a multiple of {@link #ALIGNED}
   * @param count of outputs
   * @param length numbers of each output
   * @return {@code [count,length]}
   */
  byte[] read(int first, int count, int length) throws IOException {
    boolean outputsPacked = outputs == packed;
    int outputBegin = outputsPacked ? (int) wordsOf(first, bits) : first;
    int outputWords = outputsPacked ? (int) wordsOf(count, bits) : count;
    int lengthWords = outputsPacked ? length : (int) wordsOf(length, bits);
    boolean byRows = outputs == Axis.ROWS;
    int[] found =
        byRows
            ? words(outputBegin, outputWords, 0, lengthWords)
            : words(0, lengthWords, outputBegin, outputWords);
    int columns = byRows ? lengthWords : outputWords;
    int step = packed == Axis.COLUMNS ? 1 : columns;
    int outputStep = byRows ? columns : 1;
    int lengthStep = byRows ? 1 : columns;
    byte[] codes = new byte[Math.multiplyExact(count, length)];
    for (int o = 0; o < count; o++) {
      for (int k = 0; k < length; k++) {
        int start = outputsPacked ? k * lengthStep : o * outputStep;
        codes[o * length + k] = (byte) code(found, start, step, outputsPacked ? o : k);
      }
    }
    return codes;
  }

  /** Number of an index in a stream whose words lie a step apart. */
  private int code(int[] words, int start, int step, int index) {
    int place = (index & ~7) + places[index & 7];
    int bit = place * bits;
    int at = start + (bit >>> 5) * step;
    int shift = bit & 31;
    int code = words[at] >>> shift;
    if (shift + bits > Integer.SIZE) {
      code |= words[at + step] << Integer.SIZE - shift;
    }
    return code & (1 << bits) - 1;
  }

  private int[] words(int row, int rows, int column, int columns) throws IOException {
    int width = Math.toIntExact(words.shape().get(1));
    int[] found = new int[Math.multiplyExact(rows, columns)];
    // Whole rows lie one after another and are read at once.
    int pieces = columns == width ? 1 : rows;
    int length = found.length / pieces;
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(length, Integer.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel in = FileChannel.open(words.file(), StandardOpenOption.READ)) {
      for (int piece = 0; piece < pieces; piece++) {
        long begin = (row + (long) piece) * width + column;
        FloatDecoder.readFully(in, words.begin() + begin * Integer.BYTES, bytes.clear());
        bytes.flip().asIntBuffer().get(found, piece * length, length);
      }
    }
    return found;
  }
}
