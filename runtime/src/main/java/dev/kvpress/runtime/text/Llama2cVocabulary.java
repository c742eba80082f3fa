package dev.kvpress.runtime.text;

import dev.kvpress.runtime.ModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Pieces and scores of a llama2.c tokenizer file: int32 longest piece in bytes, then for each id a
 * float32 score, an int32 length and the bytes, all little-endian, to the end of the file. Ids 0,
 * 1, 2 are unknown, BOS and EOS; 3 to 258 stand for the 256 bytes.
 *
 * <p>Pieces are bytes; they are kept as Latin-1 strings (one char a byte), which hash and join
 * cheaply and lose nothing.
 */
final class Llama2cVocabulary {
  /** The 32,000 pieces of Llama take 434 kB; what is much larger is something else. */
  private static final long MAX_FILE_BYTES = 64L << 20;

  private static final int BYTES = 256;

  private final String fileName;
  private final String[] pieces;
  private final int[] ranks;
  private final Map<String, Integer> ids = new HashMap<>();

  private Llama2cVocabulary(String fileName, List<String> pieces, List<Float> scores) {
    this.fileName = fileName;
    this.pieces = pieces.toArray(new String[0]);
    this.ranks = ranksOf(scores);
    for (int id = 0; id < this.pieces.length; id++) {
      ids.putIfAbsent(this.pieces[id], id);
    }
  }

  /**
   * Reads a tokenizer file.
   *
   * @throws ModelException naming the file, the piece and the byte where it stops making sense
   */
  static Llama2cVocabulary read(Path file) {
    ByteBuffer in =
        ByteBuffer.wrap(ModelFiles.read(file, MAX_FILE_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    if (in.remaining() < Integer.BYTES) {
      throw broken(file, "expected a llama2.c tokenizer, found " + in.remaining() + " bytes");
    }
    int longest = in.getInt();
    if (longest < 1 || longest > in.limit()) {
      throw broken(
          file,
          "byte 0: expected the length of the longest piece (1 to the file size), found "
              + longest);
    }
    List<String> pieces = new ArrayList<>();
    List<Float> scores = new ArrayList<>();
    while (in.hasRemaining()) {
      String place = "piece " + pieces.size() + " at byte " + in.position() + ": ";
      if (in.remaining() < Float.BYTES + Integer.BYTES) {
        throw broken(file, place + "the file ends inside it");
      }
      float score = in.getFloat();
      int length = in.getInt();
      if (Float.isNaN(score)) {
        throw broken(file, place + "its score is not a number");
      }
      if (length < 0 || length > longest) {
        throw broken(
            file, place + "expected a length of 0 to " + longest + " bytes, found " + length);
      }
      if (length > in.remaining()) {
        throw broken(
            file,
            place + "it needs " + length + " bytes, the file has " + in.remaining() + " left");
      }
      byte[] piece = new byte[length];
      in.get(piece);
      pieces.add(new String(piece, StandardCharsets.ISO_8859_1));
      scores.add(score);
    }
    checkBytePieces(file, pieces);
    return new Llama2cVocabulary(String.valueOf(file.getFileName()), pieces, scores);
  }

  private static void checkBytePieces(Path file, List<String> pieces) {
    int needed = Llama2cTokenizer.FIRST_BYTE + BYTES;
    if (pieces.size() < needed) {
      throw broken(
          file,
          "expected at least "
              + needed
              + " pieces (unknown, BOS, EOS and the 256 bytes), found "
              + pieces.size());
    }
    for (int b = 0; b < BYTES; b++) {
      String expected = String.format(Locale.ROOT, "<0x%02X>", b);
      String found = pieces.get(Llama2cTokenizer.FIRST_BYTE + b);
      if (!found.equals(expected)) {
        throw broken(
            file,
            "piece "
                + (Llama2cTokenizer.FIRST_BYTE + b)
                + ": expected the byte piece "
                + expected
                + ", found \""
                + printable(found)
                + "\"");
      }
    }
  }

  private static String printable(String piece) {
    return piece
        .codePoints()
        .limit(20)
        .collect(
            StringBuilder::new,
            (out, c) -> out.append(c < ' ' || c > '~' ? '?' : (char) c),
            StringBuilder::append)
        .toString();
  }

  private static ModelException broken(Path file, String what) {
    return new ModelException(
        file
            + ": "
            + what
            + "; give a complete llama2.c tokenizer file (tokenizer.bin, tok512.bin)");
  }

  /** Equal scores get equal ranks; the highest score gets rank 0. */
  private static int[] ranksOf(List<Float> scores) {
    // Adding zero turns -0 into 0: the two are equal scores, but not equal to a sort.
    double[] sorted = scores.stream().mapToDouble(s -> -s + 0.0).sorted().distinct().toArray();
    return scores.stream().mapToInt(s -> Arrays.binarySearch(sorted, -s + 0.0)).toArray();
  }

  /** The id of a piece, or −1; the lowest id where two ids spell the same piece. */
  int idOf(byte[] piece) {
    return ids.getOrDefault(new String(piece, StandardCharsets.ISO_8859_1), -1);
  }

  /** The id of the piece that two pieces make together, or −1. */
  int join(int left, int right) {
    return ids.getOrDefault(pieces[left].concat(pieces[right]), -1);
  }

  /** Order of the pieces by score, from 0 for the highest; shared by equal scores. */
  int rank(int id) {
    return ranks[id];
  }

  /** What an id stands for in a text: its piece, or the one byte that a byte piece names. */
  byte[] bytes(int id) {
    if (id < 0 || id >= pieces.length) {
      throw new IllegalArgumentException(
          "token id " + id + " is outside the vocabulary of " + pieces.length + " pieces");
    }
    int b = id - Llama2cTokenizer.FIRST_BYTE;
    return b >= 0 && b < BYTES
        ? new byte[] {(byte) b}
        : pieces[id].getBytes(StandardCharsets.ISO_8859_1);
  }

  int size() {
    return pieces.length;
  }

  /** Bytes of the longest piece. */
  int longest() {
    return Arrays.stream(pieces).mapToInt(String::length).max().orElse(1);
  }

  String fileName() {
    return fileName;
  }
}
