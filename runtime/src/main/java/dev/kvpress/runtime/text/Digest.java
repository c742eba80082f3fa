package dev.kvpress.runtime.text;

import com.google.common.hash.Hashing;

/** Tells tokenizers of the same file name apart. */
final class Digest {
  private static final int DIGITS = 12;

  private Digest() {}

  /** The first digits of the SHA-256 of a file's content. */
  static String of(byte[] content) {
    return Hashing.sha256().hashBytes(content).toString().substring(0, DIGITS);
  }
}
