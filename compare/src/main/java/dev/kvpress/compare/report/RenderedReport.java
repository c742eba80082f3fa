package dev.kvpress.compare.report;

import dev.kvpress.compare.WholeFile;
import dev.kvpress.compare.report.folder.Limits;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.html.ReportPage;
import dev.kvpress.compare.report.picture.PictureException;
import dev.kvpress.compare.report.picture.Pictures;
import dev.kvpress.runtime.file.FileFaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Draws what people look at from the files that a comparison has left. */
public final class RenderedReport {
  /** Name of the page. */
  public static final String PAGE = "report.html";

  /** Names what was drawn, so that the next report leaves nothing of this one behind. */
  private static final String DRAWN = ".report-files";

  private static final Pattern PICTURE = Pattern.compile("[^/\\\\]+\\.png");

  private RenderedReport() {}

  /**
   * Writes the page and the pictures beside the files that they show.
   *
   * @param notices told what could not be drawn; what is left out stands on the page
   * @return names of the files, the page first
   * @throws dev.kvpress.compare.data.DataException if a file is missing or broken
   * @throws java.io.UncheckedIOException if the folder cannot be written
   */
  public static List<String> write(Path folder, Consumer<String> notices) {
    ResultFolder results = ResultFolder.read(folder, Limits.PAGE);
    discard(folder);
    List<String> names = new ArrayList<>();
    names.add(PAGE);
    String page = ReportPage.of(results);
    WholeFile.write(folder.resolve(PAGE), writer -> writer.write(page));
    try {
      names.addAll(Pictures.write(results, folder, notices));
    } catch (PictureException e) {
      notices.accept(e.getMessage());
    }
    WholeFile.write(folder.resolve(DRAWN), writer -> writer.write(String.join("\n", names) + "\n"));
    return names;
  }

  /**
   * Takes away the page and the pictures of an earlier report, and nothing else.
   *
   * @throws UncheckedIOException if the folder cannot be written
   */
  public static void discard(Path folder) {
    try {
      Path drawn = folder.resolve(DRAWN);
      if (Files.isRegularFile(drawn)) {
        for (String name : Files.readAllLines(drawn)) {
          if (PICTURE.matcher(name).matches()) {
            Files.deleteIfExists(folder.resolve(name));
          }
        }
        Files.delete(drawn);
      }
      Files.deleteIfExists(folder.resolve(PAGE));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s: an earlier report cannot be taken away: %s".formatted(folder, FileFaults.reason(e)),
          e);
    }
  }
}
