package dev.kvpress.runtime.file;

import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** Faults of reading and writing in words. */
public final class FileFaults {
  private FileFaults() {}

  /** What went wrong; the file's name is left to the caller. */
  public static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileAlreadyExistsException || e instanceof NotDirectoryException) {
      return "a file is in the way";
    }
    if (e instanceof CharacterCodingException) {
      return "it is not UTF-8 text";
    }
    if (e instanceof FileSystemException f && f.getReason() != null) {
      return f.getReason();
    }
    String message = e.getMessage();
    if (e.getClass() == IOException.class && message != null) {
      // What the system says, for instance that no space is left.
      return message;
    }
    return e.getClass().getSimpleName() + (message == null ? "" : ": " + message);
  }

  /**
   * Refuses what only looks like a file with content: links to nowhere, folders, pipes and devices,
   * which would not end when they are read. A file that is not there passes, since opening it says
   * so.
   *
   * @throws ModelException naming the file
   */
  public static void requireContent(Path file) {
    if (Files.isSymbolicLink(file) && !Files.exists(file)) {
      throw new ModelException(
          file
              + ": this link leads to nothing ("
              + target(file)
              + " is not there); the download is incomplete or what it led to was removed: fetch the model again");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new ModelException(
          file
              + ": expected a file, found "
              + (Files.isDirectory(file) ? "a folder" : "a pipe or device"));
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "its target";
    }
  }
}
