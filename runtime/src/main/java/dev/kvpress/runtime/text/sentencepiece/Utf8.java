package dev.kvpress.runtime.text.sentencepiece;

/** UTF-8 as SentencePiece reads it. */
final class Utf8 {
  /** U+FFFD, which stands for a byte that is part of no character. */
  static final byte[] REPLACEMENT = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD};

  private static final int[] SMALLEST_OF_LENGTH = {0, 0, 0x80, 0x800, 0x10000};

  private Utf8() {}

  /** Bytes of the character at a place, told by its first byte alone; at most what is left. */
  static int length(byte[] text, int at) {
    int first = Byte.toUnsignedInt(text[at]);
    int length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    return Math.min(length, text.length - at);
  }

  /** Bytes of the whole character at a place, or 0 if there is none. */
  static int wellFormedLength(byte[] text, int at) {
    int first = Byte.toUnsignedInt(text[at]);
    if (first < 0x80) {
      return 1;
    }
    int length = first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF8 ? 4 : 0;
    if (length == 0 || at + length > text.length) {
      return 0;
    }
    int codePoint = first & (0x7F >> length);
    for (int i = 1; i < length; i++) {
      int next = Byte.toUnsignedInt(text[at + i]);
      if (next >> 6 != 0b10) {
        return 0;
      }
      codePoint = codePoint << 6 | next & 0x3F;
    }
    boolean surrogate =
        codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    return codePoint >= SMALLEST_OF_LENGTH[length]
            && codePoint <= Character.MAX_CODE_POINT
            && !surrogate
        ? length
        : 0;
  }
}
