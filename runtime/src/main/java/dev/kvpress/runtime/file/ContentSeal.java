package dev.kvpress.runtime.file;

import dev.kvpress.runtime.ModelException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * SHA-256 of a file that holds it in its own header: the 64 characters that are to be the hash
 * count as zeros. It tells damage, not forgery.
 */
public final class ContentSeal {
  /** What stands in the place of the hash while it is taken. */
  static final String OPEN = "0".repeat(64);

  private final MessageDigest digest;

  /** Of nothing yet. */
  public ContentSeal() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Takes bytes up, from the position of a buffer to its limit. */
  public ContentSeal add(ByteBuffer bytes) {
    digest.update(bytes);
    return this;
  }

  /** The hash, hexadecimal; ends the account. */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * The header as it was hashed.
   *
   * @param header its bytes
   * @param seal name of the text that holds the hash
   * @throws ModelException if the header does not begin with that text
   */
  public static byte[] opened(byte[] header, String seal) {
    byte[] open = header.clone();
    int at = place(header, seal);
    Arrays.fill(open, at, at + OPEN.length(), (byte) '0');
    return open;
  }

  /** Where in a header the hash stands. */
  static int place(byte[] header, String seal) {
    String before = "{\"__metadata__\":{\"" + seal + "\":\"";
    byte[] expected = before.getBytes(StandardCharsets.US_ASCII);
    int end = expected.length + OPEN.length();
    if (header.length <= end
        || !Arrays.equals(expected, Arrays.copyOf(header, expected.length))
        || header[end] != '"') {
      throw new ModelException(
          "the header must begin with %s, a SHA-256 of 64 characters".formatted(seal));
    }
    return expected.length;
  }
}
