package dev.kvpress.runtime.text.sentencepiece;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The compiled character map of a normalizer: which sequences of characters become which others.
 *
 * <p>Layout: little-endian uint32 size of the index in bytes; the index, a double array of uint32
 * units; the replacements, each ended by a zero byte. A unit holds a label in its lowest 8 bits,
 * whether a value hangs on it in bit 8, and the distance to its children in bits 10 to 30, times
 * 256 if bit 9 is set. The child for a byte c of a unit at place p lies at {@code p ^ distance ^
 * c}; the value lies at {@code p ^ distance}.
 */
public final class CharsMap {
  private static final int LABELS = 0x800000FF;
  private static final int VALUE = 0x7FFFFFFF;
  private static final int LAST_OF_BLOCK = 0xFF;

  /** The longest of the published maps takes 33; a map must not blow a text up without bound. */
  private static final int LONGEST_REPLACEMENT = 1024;

  private final int[] units;
  private final byte[] replacements;

  private CharsMap(int[] units, byte[] replacements) {
    this.units = units;
    this.replacements = replacements;
  }

  /**
   * Reads a map and follows all its ways once, so that no text can lead out of it.
   *
   * @throws IllegalArgumentException saying what is broken
   */
  public static CharsMap read(byte[] blob) {
    if (blob.length <= Integer.BYTES) {
      throw new IllegalArgumentException(
          "expected a character map of more than 4 bytes, found " + blob.length);
    }
    ByteBuffer in = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
    long size = Integer.toUnsignedLong(in.getInt());
    if (size >= blob.length - Integer.BYTES + 1L || size % Integer.BYTES != 0 || size == 0) {
      throw new IllegalArgumentException(
          "expected a character map whose index fits its " + blob.length + " bytes, found " + size);
    }
    int[] units = new int[(int) size / Integer.BYTES];
    in.asIntBuffer().get(units);
    CharsMap map =
        new CharsMap(units, Arrays.copyOfRange(blob, Integer.BYTES + (int) size, blob.length));
    map.checkReplacements();
    map.check();
    return map;
  }

  /** A breadth-first walk; each unit is visited once, also where a broken map leads in circles. */
  private void check() {
    BitSet seen = new BitSet(units.length);
    int[] open = new int[units.length];
    int last = 0;
    open[last++] = 0;
    seen.set(0);
    for (int next = 0; next < last; next++) {
      int from = open[next] ^ distance(units[open[next]]);
      if (from < 0 || (from | LAST_OF_BLOCK) >= units.length) {
        throw new IllegalArgumentException(
            "the character map leads out of its index of " + units.length + " units");
      }
      if (next > 0 && hasValue(units[open[next]])) {
        checkValue(units[from] & VALUE);
      }
      for (int c = 1; c <= LAST_OF_BLOCK; c++) {
        int child = from ^ c;
        if ((units[child] & LABELS) == c && !seen.get(child)) {
          seen.set(child);
          open[last++] = child;
        }
      }
    }
  }

  private void checkValue(int value) {
    if (value >= replacements.length || isInsideCharacter(replacements[value])) {
      throw new IllegalArgumentException(
          "the character map points to replacement "
              + value
              + ", where none of its "
              + replacements.length
              + " bytes of replacements begins");
    }
    int end = value;
    while (replacements[end] != 0) {
      end++;
      if (end - value > LONGEST_REPLACEMENT) {
        throw new IllegalArgumentException(
            "the character map replaces a character by more than "
                + LONGEST_REPLACEMENT
                + " bytes");
      }
    }
  }

  private static boolean isInsideCharacter(byte b) {
    return Byte.toUnsignedInt(b) >> 6 == 0b10;
  }

  private void checkReplacements() {
    if (replacements.length == 0 || replacements[replacements.length - 1] != 0) {
      throw new IllegalArgumentException("the replacements of the character map are cut off");
    }
    for (int at = 0; at < replacements.length; ) {
      int length = Utf8.wellFormedLength(replacements, at);
      if (length == 0) {
        throw new IllegalArgumentException(
            "the replacements of the character map are no UTF-8 at byte " + at);
      }
      at += length;
    }
  }

  /**
   * The longest sequence that the map knows at a place.
   *
   * @return its length in bytes above, the place of its replacement below; 0 if it knows none
   */
  long find(byte[] text, int from) {
    long found = 0;
    int place = distance(units[0]);
    for (int at = from; at < text.length; at++) {
      int c = Byte.toUnsignedInt(text[at]);
      place ^= c;
      int unit = units[place];
      if (c == 0 || (unit & LABELS) != c) {
        break;
      }
      place ^= distance(unit);
      if (hasValue(unit)) {
        found = (long) (at + 1 - from) << Integer.SIZE | units[place] & VALUE;
      }
    }
    return found;
  }

  /** The replacement at a place that {@link #find} gave. */
  byte[] replacement(int place) {
    int end = place;
    while (replacements[end] != 0) {
      end++;
    }
    return Arrays.copyOfRange(replacements, place, end);
  }

  private static boolean hasValue(int unit) {
    return (unit >>> 8 & 1) == 1;
  }

  private static int distance(int unit) {
    return unit >>> 10 << ((unit & 1 << 9) >>> 6);
  }
}
