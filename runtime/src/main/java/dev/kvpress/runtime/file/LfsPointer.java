package dev.kvpress.runtime.file;

import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The few lines that stand for a large file in a repository cloned without Git LFS. Everything that
 * reads such a file only finds it broken, so it is named first.
 */
public final class LfsPointer {
  private static final String BEGINNING = "version https://git-lfs.github.com/spec/";

  /** What the format itself allows. */
  private static final int MOST_BYTES = 1024;

  private LfsPointer() {}

  /** Whether a file is such a pointer; false where there is no file. */
  public static boolean is(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() < BEGINNING.length() || channel.size() > MOST_BYTES) {
        return false;
      }
      ByteBuffer start = ByteBuffer.allocate(BEGINNING.length());
      FloatDecoder.readFully(channel, 0, start);
      return new String(start.array(), StandardCharsets.US_ASCII).equals(BEGINNING);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Refuses a pointer.
   *
   * @throws ModelException naming the file and what to do
   */
  public static void refuse(Path file) {
    if (is(file)) {
      throw new ModelException(
          file
              + ": this is a Git LFS pointer and not the file itself; fetch it with git lfs pull in the repository, or download it anew");
    }
  }
}
