package dev.kvpress.compare.spark;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.util.VersionInfo;

/** Says why files that are named by a URI cannot be reached. */
final class FileFault {
  /** Jars beside Spark's own that have the classes of a scheme, without their versions. */
  private static final Map<String, String> JARS =
      Map.of(
          "s3a", "hadoop-aws",
          "abfs", "hadoop-azure",
          "abfss", "hadoop-azure",
          "wasb", "hadoop-azure",
          "gs", "gcs-connector");

  private FileFault() {}

  /** A fault that names the URI; one that has a name already stays as it is. */
  static UncheckedIOException of(String what, String uri, Throwable e) {
    if (e instanceof UncheckedIOException told) {
      return told;
    }
    String message = "%s: cannot %s it: %s".formatted(uri, what, reason(uri, e));
    return new UncheckedIOException(
        message, e instanceof IOException io ? io : new IOException(message, e));
  }

  /** The first line of a fault, behind the URI unless it tells what it is about. */
  static String line(String uri, Throwable e) {
    if (e instanceof UncheckedIOException || e instanceof IllegalStateException) {
      return first(e);
    }
    return uri.isEmpty() ? first(e) : "%s: %s".formatted(uri, reason(uri, e));
  }

  private static String reason(String uri, Throwable e) {
    if (e instanceof FileNotFoundException) {
      return "there is no such file or folder";
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof ClassNotFoundException
          || cause instanceof LinkageError
          || cause instanceof UnsupportedFileSystemException) {
        return missing(uri, cause);
      }
    }
    return first(e);
  }

  private static String missing(String uri, Throwable cause) {
    String scheme = scheme(uri);
    String jar = JARS.get(scheme);
    String jars =
        jar == null
            ? "its jars"
            : jar.startsWith("hadoop-")
                ? "%s-%s.jar and those it needs".formatted(jar, VersionInfo.getVersion())
                : jar + " and the jars it needs";
    return "the classes for %s:// are not there (%s); give %s in --conf spark.jars=JAR,…"
        .formatted(scheme, first(cause), jars);
  }

  private static String scheme(String uri) {
    int colon = uri.indexOf(':');
    return colon < 0 ? uri : uri.substring(0, colon);
  }

  private static String first(Throwable e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return message.lines().findFirst().orElse("");
  }
}
