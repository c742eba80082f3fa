package dev.kvpress.compare.bench.serve;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes that no client should send, and how they are sent.
 *
 * @param kind what is wrong with it, for the report
 */
record HostileRequest(String kind, byte[] bytes, Manner manner) {
  private static final String HEAD =
      "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
          + "Connection: close\r\nContent-Length: %d\r\n\r\n";

  /** How bytes go out. */
  enum Manner {
    /** All at once; then the answer is awaited. */
    WHOLE,
    /** All at once; then the client says that nothing follows, and awaits the answer. */
    CUT,
    /** All at once; then the client is gone. */
    DROPPED,
    /** In small portions with pauses; then as cut. */
    SLOW,
    /** All at once; then the client waits, though the request is not whole. */
    STALLED
  }

  /** Keeps a copy. */
  HostileRequest {
    bytes = bytes.clone();
  }

  @Override
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Its beginning and its end on one line, for people. */
  String shown() {
    return Shown.text(new String(bytes, StandardCharsets.ISO_8859_1));
  }

  /** A request whose body is wrong and everything else right. */
  static HostileRequest body(String kind, String path, byte[] body) {
    return new HostileRequest(kind, post(path, body.length, body), Manner.WHOLE);
  }

  /** A request whose body is wrong and everything else right. */
  static HostileRequest body(String kind, String path, String body) {
    return body(kind, path, body.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The bytes of a request.
   *
   * @param said length of the body that the header tells
   */
  static byte[] post(String path, long said, byte[] body) {
    byte[] head = HEAD.formatted(path, said).getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(head, head.length + body.length);
    System.arraycopy(body, 0, all, head.length, body.length);
    return all;
  }
}
