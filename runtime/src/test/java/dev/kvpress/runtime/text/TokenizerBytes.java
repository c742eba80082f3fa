package dev.kvpress.runtime.text;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** Builds llama2.c tokenizer files, whole and broken ones. */
final class TokenizerBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  TokenizerBytes() {
    this(16);
  }

  TokenizerBytes(int longest) {
    out.writeBytes(little(4).putInt(longest).array());
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  TokenizerBytes withByteVocabulary() {
    pieces("<unk>", 0f, "<s>", 0f, "</s>", 0f);
    for (int b = 0; b < 256; b++) {
      pieces(String.format(Locale.ROOT, "<0x%02X>", b), 0f);
    }
    return this;
  }

  TokenizerBytes pieces(Object... piecesAndScores) {
    for (int i = 0; i < piecesAndScores.length; i += 2) {
      piece(
          ((String) piecesAndScores[i]).getBytes(StandardCharsets.UTF_8),
          (float) piecesAndScores[i + 1]);
    }
    return this;
  }

  TokenizerBytes piece(byte[] piece, float score) {
    head(score, piece.length);
    out.writeBytes(piece);
    return this;
  }

  private TokenizerBytes head(float score, int length) {
    out.writeBytes(little(8).putFloat(score).putInt(length).array());
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  static byte[] broken(String fault) {
    TokenizerBytes good = new TokenizerBytes().withByteVocabulary();
    return switch (fault) {
      case "empty" -> new byte[0];
      case "cutInScore" -> Arrays.copyOf(good.bytes(), good.bytes().length + 3);
      case "cutInPiece" -> {
        byte[] whole = good.pieces("hello", 0f).bytes();
        yield Arrays.copyOf(whole, whole.length - 3);
      }
      case "negativeLength" -> good.head(0f, -1).bytes();
      case "longerThanLongest" -> good.head(0f, 2_000_000_000).bytes();
      case "nanScore" -> good.pieces("a", Float.NaN).bytes();
      case "longestIsNegative" -> new TokenizerBytes(-5).withByteVocabulary().bytes();
      case "fewPieces" -> new TokenizerBytes().pieces("<unk>", 0f).bytes();
      case "wrongBytePiece" -> {
        TokenizerBytes wrong = new TokenizerBytes().pieces("a", 0f, "b", 0f, "c", 0f);
        for (int i = 0; i < 256; i++) {
          wrong.pieces("x", 0f);
        }
        yield wrong.bytes();
      }
      default -> throw new IllegalArgumentException(fault);
    };
  }
}
