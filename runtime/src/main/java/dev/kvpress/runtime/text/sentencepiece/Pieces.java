package dev.kvpress.runtime.text.sentencepiece;

import com.google.protobuf.ByteString;
import dev.kvpress.runtime.text.sentencepiece.proto.ModelProto.SentencePiece;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The pieces of a model by id. Pieces are bytes; as keys they are Latin-1 strings, one char a byte.
 */
final class Pieces {
  static final int NONE = -1;

  private static final int BYTES = 256;

  /** Trained models stop at 16 characters; only user-defined pieces are longer. */
  private static final int LONGEST_PIECE = 2048;

  private final List<SentencePiece> pieces;
  private final Map<String, Integer> inTexts = new HashMap<>();
  private final Map<String, Integer> reserved = new HashMap<>();
  private final PieceTrie userDefined = new PieceTrie();
  private final int[] byteIds = new int[BYTES];
  private int unknown = NONE;
  private int longest;

  /**
   * Takes the pieces of a model.
   *
   * @throws IllegalArgumentException saying which piece is broken
   */
  Pieces(List<SentencePiece> pieces, boolean byteFallback) {
    this.pieces = pieces;
    Arrays.fill(byteIds, NONE);
    for (int id = 0; id < pieces.size(); id++) {
      add(id, pieces.get(id));
    }
    if (unknown == NONE) {
      throw new IllegalArgumentException("expected a piece for what is unknown, found none");
    }
    for (int b = 0; byteFallback && b < BYTES; b++) {
      if (byteIds[b] == NONE) {
        throw new IllegalArgumentException(
            "byte_fallback: expected 256 byte pieces, found none for byte " + b);
      }
    }
  }

  private void add(int id, SentencePiece piece) {
    ByteString bytes = piece.getPiece();
    if (bytes.isEmpty() || bytes.size() > LONGEST_PIECE) {
      throw new IllegalArgumentException(
          "piece %d: expected 1 to %d bytes, found %d".formatted(id, LONGEST_PIECE, bytes.size()));
    }
    if (!Float.isFinite(piece.getScore())) {
      throw new IllegalArgumentException(
          "piece %d: expected a score, found %s".formatted(id, piece.getScore()));
    }
    if (!piece.getUnknownFields().asMap().isEmpty()) {
      throw new IllegalArgumentException(
          "piece %d: found fields %s, which mean nothing known"
              .formatted(id, piece.getUnknownFields().asMap().keySet()));
    }
    String key = key(bytes.toByteArray());
    boolean text =
        switch (piece.getType()) {
          case NORMAL, USER_DEFINED, UNUSED -> true;
          case UNKNOWN, CONTROL, BYTE -> false;
        };
    Integer before = (text ? inTexts : reserved).putIfAbsent(key, id);
    if (before != null) {
      throw new IllegalArgumentException(
          "piece %d is the same as piece %d: \"%s\"".formatted(id, before, bytes.toStringUtf8()));
    }
    longest = Math.max(longest, text ? bytes.size() : 0);
    switch (piece.getType()) {
      case USER_DEFINED -> userDefined.add(bytes.toByteArray(), id);
      case BYTE -> byteIds[byteNamedBy(id, bytes)] = id;
      case UNKNOWN -> {
        if (unknown != NONE) {
          throw new IllegalArgumentException(
              "pieces %d and %d both stand for what is unknown".formatted(unknown, id));
        }
        unknown = id;
      }
      case NORMAL, UNUSED, CONTROL -> {}
    }
  }

  private static int byteNamedBy(int id, ByteString piece) {
    for (int b = 0; b < BYTES; b++) {
      if (piece.equals(ByteString.copyFromUtf8(String.format(Locale.ROOT, "<0x%02X>", b)))) {
        return b;
      }
    }
    throw new IllegalArgumentException(
        "piece %d: expected a byte as <0x41>, found \"%s\"".formatted(id, piece.toStringUtf8()));
  }

  static String key(byte[] piece) {
    return new String(piece, StandardCharsets.ISO_8859_1);
  }

  /** A piece of text as a key. */
  static String key(byte[] text, int from, int to) {
    return new String(text, from, to - from, StandardCharsets.ISO_8859_1);
  }

  int size() {
    return pieces.size();
  }

  byte[] bytes(int id) {
    return pieces.get(id).getPiece().toByteArray();
  }

  float score(int id) {
    return pieces.get(id).getScore();
  }

  SentencePiece.Type type(int id) {
    return pieces.get(id).getType();
  }

  /** The id of a piece that may occur in a text, or {@link #NONE}. */
  int inText(String key) {
    return inTexts.getOrDefault(key, NONE);
  }

  /** The id of any piece; what is none has the id for what is unknown. */
  int id(String key) {
    Integer id = reserved.get(key);
    return id != null ? id : inTexts.getOrDefault(key, unknown);
  }

  int byteId(byte b) {
    return byteIds[Byte.toUnsignedInt(b)];
  }

  int unknown() {
    return unknown;
  }

  /** Bytes of the longest piece that may occur in a text. */
  int longest() {
    return longest;
  }

  PieceTrie userDefined() {
    return userDefined;
  }
}
