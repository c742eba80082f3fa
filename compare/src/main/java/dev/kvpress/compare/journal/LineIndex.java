package dev.kvpress.compare.journal;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A number for each of many texts, in 48 to 96 bytes a text: of the text it keeps a hash of 128
 * bits. Whoever finds a number has to make sure that it is that of his text.
 */
final class LineIndex {
  /** Stands for no number. */
  static final long NONE = -1;

  private static final int FIRST_SIZE = 1 << 10;
  private static final int WORDS = 3;

  /** Two words of hash and the number; slots that hold none are free. */
  private long[] table = table(FIRST_SIZE);

  private int size;

  private record Hash(long high, long low) {
    static Hash of(String text) {
      HashCode code = Hashing.murmur3_128().hashString(text, StandardCharsets.UTF_8);
      ByteBuffer bytes = ByteBuffer.wrap(code.asBytes());
      return new Hash(bytes.getLong(), bytes.getLong());
    }
  }

  private static long[] table(int slots) {
    long[] table = new long[slots * WORDS];
    for (int i = WORDS - 1; i < table.length; i += WORDS) {
      table[i] = NONE;
    }
    return table;
  }

  /** Sets the number of a text, 0 or more. */
  void put(String text, long number) {
    // At most half full, so that runs of taken slots stay short.
    if (2L * (size + 1) * WORDS > table.length) {
      grow();
    }
    if (put(table, Hash.of(text), number)) {
      size++;
    }
  }

  /** The number of a text, or {@link #NONE}. */
  long get(String text) {
    return table[slot(table, Hash.of(text)) + 2];
  }

  private void grow() {
    long[] larger = table(table.length / WORDS * 2);
    for (int i = 0; i < table.length; i += WORDS) {
      if (table[i + 2] != NONE) {
        put(larger, new Hash(table[i], table[i + 1]), table[i + 2]);
      }
    }
    table = larger;
  }

  private static boolean put(long[] table, Hash hash, long number) {
    int slot = slot(table, hash);
    boolean added = table[slot + 2] == NONE;
    table[slot] = hash.high();
    table[slot + 1] = hash.low();
    table[slot + 2] = number;
    return added;
  }

  /** Where a hash stands, or the free slot where it would. */
  private static int slot(long[] table, Hash hash) {
    int slots = table.length / WORDS;
    int slot = (int) (hash.low() & (slots - 1));
    while (table[slot * WORDS + 2] != NONE
        && (table[slot * WORDS] != hash.high() || table[slot * WORDS + 1] != hash.low())) {
      slot = (slot + 1) & (slots - 1);
    }
    return slot * WORDS;
  }
}
