package dev.kvpress.recipe.bpe;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts text into the pieces inside which merges happen, as GPT-2's byte-level tokenizer does. */
final class Pretokens {
  private static final Pattern PIECE =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");
  private static final char[] BYTE_TO_CHAR = byteToChar();

  private Pretokens() {}

  /** Pieces of a text, each in the printable alphabet: one character a byte. */
  static List<String> of(String text) {
    List<String> pieces = new ArrayList<>();
    Matcher matcher = PIECE.matcher(text);
    while (matcher.find()) {
      byte[] bytes = matcher.group().getBytes(StandardCharsets.UTF_8);
      StringBuilder piece = new StringBuilder(bytes.length);
      for (byte b : bytes) {
        piece.append(BYTE_TO_CHAR[b & 0xFF]);
      }
      pieces.add(piece.toString());
    }
    return pieces;
  }

  /** The characters that stand for the 256 bytes, by byte. */
  static char[] alphabet() {
    return BYTE_TO_CHAR.clone();
  }

  /** Printable Latin-1 bytes stand for themselves, all others move up behind 255, in order. */
  private static char[] byteToChar() {
    char[] map = new char[256];
    char next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable =
          (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE && b <= 0xFF);
      map[b] = printable ? (char) b : next++;
    }
    return map;
  }
}
