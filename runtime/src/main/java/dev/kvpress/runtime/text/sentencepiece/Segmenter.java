package dev.kvpress.runtime.text.sentencepiece;

/** Cuts a normalized text into pieces. */
interface Segmenter {

  /**
   * The pieces from left to right; together they are the text.
   *
   * @param text UTF-8, not empty
   */
  Segments segment(byte[] text);
}
