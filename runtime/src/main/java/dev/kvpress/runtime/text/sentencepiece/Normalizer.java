package dev.kvpress.runtime.text.sentencepiece;

import dev.kvpress.runtime.text.sentencepiece.proto.NormalizerSpec;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * What happens to a text before it is cut: characters are replaced by the map (user-defined pieces
 * are let alone), white space is trimmed if the model says so, a space goes to the front, and every
 * space becomes the mark ▁.
 */
final class Normalizer {
  /** U+2581, which stands for a space inside pieces. */
  static final byte[] SPACE_MARK = {(byte) 0xE2, (byte) 0x96, (byte) 0x81};

  private static final byte SPACE = ' ';
  private static final byte[] PLAIN_SPACE = {SPACE};

  private final Optional<CharsMap> map;
  private final PieceTrie userDefined;
  private final boolean removesExtraSpaces;
  private final byte[] space;

  Normalizer(NormalizerSpec spec, PieceTrie userDefined) {
    this.map =
        spec.getPrecompiledCharsmap().isEmpty()
            ? Optional.empty()
            : Optional.of(CharsMap.read(spec.getPrecompiledCharsmap().toByteArray()));
    this.userDefined = userDefined;
    this.removesExtraSpaces = spec.getRemoveExtraWhitespaces();
    this.space = spec.getEscapeWhitespaces() ? SPACE_MARK : PLAIN_SPACE;
  }

  /** Whether characters are replaced by a map. */
  boolean maps() {
    return map.isPresent();
  }

  /**
   * The normalized text.
   *
   * @param prefix whether a space goes to the front of a text that is not blank
   * @param continues whether the text goes on behind another, so that a space at its front counts
   */
  byte[] normalize(byte[] text, boolean prefix, boolean continues) {
    boolean trims = removesExtraSpaces && !continues;
    Reader reader = new Reader(text);
    int start = 0;
    while (trims && reader.next() && isSpace(reader.piece)) {
      start = reader.at;
    }
    reader.at = start;
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length + text.length / 2 + 3);
    if (start < text.length && prefix) {
      out.writeBytes(space);
    }
    boolean afterSpace = trims;
    while (reader.next()) {
      byte[] piece = reader.piece;
      int from = 0;
      while (afterSpace && from < piece.length && piece[from] == SPACE) {
        from++;
      }
      write(piece, from, out);
      if (from < piece.length) {
        afterSpace = removesExtraSpaces && piece[piece.length - 1] == SPACE;
      }
    }
    return removesExtraSpaces ? withoutTrailingSpaces(out.toByteArray()) : out.toByteArray();
  }

  private static boolean isSpace(byte[] piece) {
    return piece.length == 1 && piece[0] == SPACE;
  }

  private void write(byte[] piece, int from, ByteArrayOutputStream out) {
    for (int i = from; i < piece.length; i++) {
      if (piece[i] == SPACE) {
        out.writeBytes(space);
      } else {
        out.write(piece[i]);
      }
    }
  }

  private byte[] withoutTrailingSpaces(byte[] text) {
    int end = text.length;
    while (end >= space.length
        && Arrays.equals(text, end - space.length, end, space, 0, space.length)) {
      end -= space.length;
    }
    return Arrays.copyOf(text, end);
  }

  /** Reads a text rule by rule. */
  private final class Reader {
    private final byte[] text;
    private int at;
    private byte[] piece = new byte[0];

    Reader(byte[] text) {
      this.text = text;
    }

    /** Reads on; afterwards {@link #piece} is what the characters passed over have become. */
    boolean next() {
      if (at >= text.length) {
        return false;
      }
      int length = userDefined.longestPrefix(text, at);
      if (length == 0) {
        long found = map.map(m -> m.find(text, at)).orElse(0L);
        if (found != 0) {
          piece = map.get().replacement((int) found);
          at += (int) (found >>> Integer.SIZE);
          return true;
        }
        length = Utf8.wellFormedLength(text, at);
        if (length == 0) {
          piece = Utf8.REPLACEMENT;
          at++;
          return true;
        }
      }
      piece = Arrays.copyOfRange(text, at, at + length);
      at += length;
      return true;
    }
  }
}
