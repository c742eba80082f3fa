package dev.kvpress.runtime.file;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;

/**
 * SHA-256 of files, remembered by path, size and time of modification so that a large model is not
 * read at every start.
 *
 * <p>The memory is only a shortcut: it may be lost, damaged or written by two processes at once,
 * and costs no more than reading the files again.
 */
public final class ContentHash {
  private static final int BUFFER_BYTES = 1 << 20;

  /**
   * A file changed this recently could change again without its time of modification showing it.
   */
  private static final Duration SETTLED = Duration.ofSeconds(2);

  private final Path memory;
  private final Properties known = new Properties();

  /** Remembers in a file, which need not be there yet. */
  public ContentHash(Path memory) {
    this.memory = memory;
    try (var in = Files.newBufferedReader(memory)) {
      known.load(in);
    } catch (IOException | IllegalArgumentException e) {
      known.clear();
    }
  }

  /** Remembers in the file that all of a cache folder share. */
  public static ContentHash inCache(Path cacheDir) {
    return new ContentHash(cacheDir.resolve("hashes.properties"));
  }

  /** Hexadecimal SHA-256 of a file's content. */
  public String of(Path file) throws IOException {
    FileTime modified = Files.getLastModifiedTime(file);
    // Hashed too, so that no path of the machine stands in the cache folder.
    String key =
        Hashing.sha256()
            .hashString(
                file.toRealPath() + "|" + Files.size(file) + "|" + modified.toInstant(),
                StandardCharsets.UTF_8)
            .toString();
    String remembered = known.getProperty(key);
    if (remembered != null && remembered.matches("[0-9a-f]{64}")) {
      return remembered;
    }
    String hash = hash(file);
    if (modified.equals(Files.getLastModifiedTime(file))
        && modified.toInstant().plus(SETTLED).isBefore(Instant.now())) {
      known.setProperty(key, hash);
      remember();
    }
    return hash;
  }

  private static String hash(Path file) throws IOException {
    Hasher hasher = Hashing.sha256().newHasher();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (channel.read(buffer.clear()) >= 0) {
        hasher.putBytes(buffer.flip());
      }
    }
    return hasher.hash().toString();
  }

  private void remember() {
    StringBuilder lines = new StringBuilder();
    known.stringPropertyNames().stream()
        .sorted()
        .forEach(k -> lines.append(k).append('=').append(known.getProperty(k)).append('\n'));
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(lines.toString());
    try {
      AtomicFile.write(memory, out -> AtomicFile.writeFully(out, bytes));
    } catch (IOException e) {
      // Without a memory the next start reads the files again, which is slower and not wrong.
      known.clear();
    }
  }
}
