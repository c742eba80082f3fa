package dev.kvpress.compare.data;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** What a file is packed with, by its first bytes; its name does not matter. */
final class Packing {
  private static final int SIGNATURE_BYTES = 8;

  /** First bytes, as hexadecimal digits, of what is told apart from text but cannot be read. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "504b0304", "a zip archive; unpack it",
          "425a68", "packed with bzip2; unpack it or pack it with gzip or zstd",
          "fd377a58", "packed with xz; unpack it or pack it with gzip or zstd",
          "4152524f5731", "an Arrow file; save it as Parquet or JSON lines",
          "ffffffff", "an Arrow stream (a data set's cache); save it as Parquet or JSON lines",
          "53514c697465", "a SQLite database; save its table as JSON lines",
          "80049", "a Python pickle; save it as JSON lines");

  private Packing() {}

  /**
   * The content of a file.
   *
   * @param in is closed with the result
   * @throws DataException if it is packed in a way that is not read
   */
  static BufferedInputStream unpack(InputStream in, String name) {
    BufferedInputStream raw = new BufferedInputStream(in);
    try {
      String first = signature(raw);
      if (first.startsWith("1f8b")) {
        return unpack(new GZIPInputStream(raw), name);
      }
      if (first.startsWith("28b52ffd")) {
        return unpack(new ZstdInputStream(raw), name);
      }
      for (Map.Entry<String, String> refused : REFUSED.entrySet()) {
        if (first.startsWith(refused.getKey())) {
          throw new DataException(
              "%s: expected JSON, CSV, Parquet or text, found %s"
                  .formatted(name, refused.getValue()));
        }
      }
      return raw;
    } catch (IOException e) {
      throw new DataException(name + ": cannot be unpacked: " + e.getMessage(), e);
    }
  }

  /** The first bytes of a stream, which stay in it. */
  static String signature(BufferedInputStream in) throws IOException {
    in.mark(SIGNATURE_BYTES);
    byte[] bytes = in.readNBytes(SIGNATURE_BYTES);
    in.reset();
    StringBuilder digits = new StringBuilder();
    for (byte one : bytes) {
      digits.append(String.format(Locale.ROOT, "%02x", one));
    }
    return digits.toString();
  }
}
