package dev.kvpress.compare.data;

import com.google.common.collect.ImmutableSet;
import java.io.BufferedInputStream;
import java.io.IOException;
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
  private static final Set<String> TEXT = ImmutableSet.of("txt", "text", "md");
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
    int first = firstVisible(in);
    boolean json = JSON.contains(ending) || (!TEXT.contains(ending) && first == '{');
    if (json && first == '[') {
      return new JsonListRows(in, name);
    }
    return json
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
   * The first character that is no white space, which stays in the stream; -1 where none is near.
   */
  private static int firstVisible(BufferedInputStream in) throws IOException {
    int near = 4096;
    in.mark(near);
    int found = -1;
    for (int i = 0; i < near - 1 && found < 0; i++) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      found = next > ' ' ? next : -1;
    }
    in.reset();
    return found;
  }
}
