package dev.kvpress.compare.data;

import com.google.common.collect.ImmutableSet;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Opens a data file as rows, whatever holds them: JSON lines, a JSON list, CSV or TSV with a
 * header, text, each plain or packed with gzip or Zstandard, and Parquet.
 */
public final class Containers {
  private static final Set<String> JSON = ImmutableSet.of("jsonl", "json", "ndjson");
  private static final int NEAR = 1 << 16;

  /** How an object begins whose line does not end near. */
  private static final Pattern LONG_OBJECT = Pattern.compile("\\{\\s*\"[^\"\n]*\"\\s*:");

  private static final String PARQUET_SIGNATURE = "50415231";

  /** The name's end that says what it holds, in front of one that says how it is packed. */
  private static final Pattern ENDING = Pattern.compile("\\.([a-z]+)(?:\\.(?:gz|gzip|zst|zstd))?$");

  private Containers() {}

  /**
   * Opens a file.
   *
   * @throws DataException if it is absent, a folder, unreadable, or of a kind that is not read
   */
  public static Rows open(Path file) {
    String name = file.toString();
    BufferedInputStream in = Packing.unpack(DataFile.open(file), name);
    try {
      if (Packing.signature(in).startsWith(PARQUET_SIGNATURE)) {
        in.close();
        return ParquetRows.open(file);
      }
      dropByteOrderMark(in);
      return open(in, name, ending(file));
    } catch (IOException e) {
      throw new DataException(name + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static Rows open(BufferedInputStream in, String name, String ending) throws IOException {
    if (ending.equals("csv") || ending.equals("tsv")) {
      return new DelimitedRows(in, name, ending.equals("csv") ? ',' : '\t');
    }
    if (ending.equals("parquet")) {
      throw new DataException(
          name + ": expected a Parquet file by its name, found other first bytes; fetch it again");
    }
    boolean named = JSON.contains(ending);
    if (named && firstVisible(in) == '[') {
      return new JsonListRows(in, name);
    }
    // Also under another name: nobody wants the braces of JSON as text.
    return named || beginsWithObject(in)
        ? new JsonLineRows(JsonLines.of(in, name))
        : new TextRows(Utf8Lines.of(in, name), name);
  }

  private static String ending(Path file) {
    Matcher ending = ENDING.matcher(String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT));
    return ending.find() ? ending.group(1) : "";
  }

  private static void dropByteOrderMark(BufferedInputStream in) throws IOException {
    if (Packing.signature(in).startsWith("efbbbf")) {
      in.skipNBytes(3);
    }
  }

  /**
   * The first character that is no white space, which stays in the stream; 0 where none is near.
   */
  private static char firstVisible(BufferedInputStream in) throws IOException {
    String begin = begin(in).stripLeading();
    return begin.isEmpty() ? 0 : begin.charAt(0);
  }

  /** Whether the first line that is not blank is a JSON object, as far as it can be seen. */
  private static boolean beginsWithObject(BufferedInputStream in) throws IOException {
    String begin = begin(in).stripLeading();
    int end = begin.indexOf('\n');
    if (!begin.startsWith("{")) {
      return false;
    }
    if (end < 0 && begin.length() > NEAR / 2) {
      return LONG_OBJECT.matcher(begin).lookingAt();
    }
    try {
      return new Line("", 1, end < 0 ? begin : begin.substring(0, end)).object().isObject();
    } catch (DataException e) {
      return false;
    }
  }

  private static String begin(BufferedInputStream in) throws IOException {
    in.mark(NEAR);
    byte[] bytes = in.readNBytes(NEAR - 1);
    in.reset();
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
