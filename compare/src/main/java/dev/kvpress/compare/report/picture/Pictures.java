package dev.kvpress.compare.report.picture;

import static java.util.stream.Collectors.toCollection;

import dev.kvpress.compare.report.folder.AttentionMap;
import dev.kvpress.compare.report.folder.Cell;
import dev.kvpress.compare.report.folder.KeepMap;
import dev.kvpress.compare.report.folder.MetricInfo;
import dev.kvpress.compare.report.folder.NeedleMap;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.folder.ResultFolder.Topic;
import dev.kvpress.compare.report.folder.ThinnedFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Draws the pictures of a report. */
public final class Pictures {
  /** Keep maps of large runs stand on the page; files of the first are enough. */
  private static final int MOST_KEEP_MAPS = 12;

  private static final int MOST_NEEDLE_MAPS = 64;

  private static final int MOST_NOTES = 24;

  private static final int MOST_ATTENTION_MAPS = 128;

  private Pictures() {}

  /**
   * Writes every picture that the folder has data for into a folder.
   *
   * @return names of the files
   * @throws UncheckedIOException if one cannot be written
   * @throws PictureException if this machine cannot draw, for instance for want of fonts
   */
  public static List<String> write(ResultFolder folder, Path into) {
    return write(() -> all(folder), into);
  }

  /**
   * Writes heat maps, each for itself and all on one sheet; see {@link #write(ResultFolder, Path)}.
   */
  public static List<String> writeAttention(List<AttentionMap> maps, Path into) {
    return write(
        () -> {
          List<Picture> pictures = attention(maps);
          pictures.add(
              new Sheet("heatmaps_log.png", maps.stream().map(HeatPicture::small).toList()));
          return pictures;
        },
        into);
  }

  private static List<String> write(Supplier<List<Picture>> drawn, Path into) {
    // No display is needed, and none is to be looked for.
    System.setProperty("java.awt.headless", "true");
    Map<String, Picture> pictures = new LinkedHashMap<>();
    try {
      drawn.get().forEach(picture -> pictures.putIfAbsent(picture.name(), picture));
      for (Picture picture : pictures.values()) {
        write(into.resolve(picture.name()), picture.png());
      }
    } catch (InternalError | UnsatisfiedLinkError | NoClassDefFoundError e) {
      throw new PictureException(
          "cannot draw pictures: Java finds no fonts (%s); install some (Debian: apt-get install fonts-dejavu-core) and run compare report"
              .formatted(e.getMessage()),
          e);
    }
    return List.copyOf(pictures.keySet());
  }

  private static List<Picture> attention(List<AttentionMap> maps) {
    return maps.stream()
        .limit(MOST_ATTENTION_MAPS)
        .map(map -> Picture.of(map.fileStem() + ".png", HeatPicture.attention(map)))
        .collect(toCollection(ArrayList::new));
  }

  private static List<Picture> all(ResultFolder whole) {
    ResultFolder folder = ThinnedFolder.of(whole);
    List<Picture> pictures = new ArrayList<>();
    for (Topic topic : folder.topics()) {
      String name = name(folder, topic);
      List<String> notes = notes(whole, folder, topic);
      LatencyPicture.of(folder, topic)
          .ifPresent(
              chart ->
                  pictures.add(
                      NotedPicture.of(Picture.of(Picture.name(name, "by_token"), chart), notes)));
      ThroughputPicture.of(folder, topic)
          .ifPresent(
              chart ->
                  pictures.add(
                      NotedPicture.of(Picture.of(Picture.name(name, "by_batch"), chart), notes)));
      PositionPicture.of(Picture.name(name, "by_position"), folder, topic)
          .ifPresent(picture -> pictures.add(NotedPicture.of(picture, notes)));
      Optional<String> metric = folder.primary(topic);
      // Speed against speed says nothing.
      if (metric.isPresent() && !topic.isSpeed()) {
        ParetoPicture pareto = new ParetoPicture(folder, topic, metric.get());
        pictures.add(
            NotedPicture.of(
                Picture.of(
                    Picture.name("quality", name),
                    new QualityPicture(folder, topic, metric.get()).chart()),
                notes));
        pareto
            .againstBytes()
            .ifPresent(
                chart ->
                    pictures.add(
                        NotedPicture.of(
                            Picture.of(Picture.name("pareto", name, "kv_bytes"), chart), notes)));
        pareto
            .againstTime()
            .ifPresent(
                chart ->
                    pictures.add(
                        NotedPicture.of(
                            Picture.of(Picture.name("pareto", name, "ms_per_token"), chart),
                            notes)));
      }
    }
    folder.keepMaps().stream()
        .limit(MOST_KEEP_MAPS)
        .forEach(map -> pictures.add(keep(folder, map)));
    folder.needles().stream()
        .limit(MOST_NEEDLE_MAPS)
        .forEach(map -> pictures.add(needles(folder, map)));
    pictures.addAll(attention(folder.attention()));
    return pictures;
  }

  /** What is to be said below the pictures of a task. */
  private static List<String> notes(ResultFolder whole, ResultFolder folder, Topic topic) {
    List<String> known =
        folder.cells(topic).stream().flatMap(cell -> cell.warnings().stream()).distinct().toList();
    List<String> notes = new ArrayList<>(known.subList(0, Math.min(MOST_NOTES, known.size())));
    if (known.size() > MOST_NOTES) {
      notes.add(
          "and %,d notes more, which stand in the report".formatted(known.size() - MOST_NOTES));
    }
    ThinnedFolder.words(whole, folder, topic).ifPresent(notes::add);
    return notes;
  }

  /** The task, with its data where it was asked over several. */
  private static String name(ResultFolder folder, Topic topic) {
    long same = folder.topics().stream().filter(t -> t.task().equals(topic.task())).count();
    return same == 1 ? topic.task() : topic.task() + "_" + topic.data();
  }

  private static Picture keep(ResultFolder folder, KeepMap map) {
    String label = label(folder, map.method(), map.compressionRatio(), map.budget(), map.task());
    String title = "KV heads that keep a token: %s, sample %d".formatted(label, map.sample());
    String name = Picture.name("keep_map", map.task(), label, "sample_" + map.sample());
    return Picture.of(name, HeatPicture.keepMap(map, title));
  }

  private static Picture needles(ResultFolder folder, NeedleMap map) {
    String label = label(folder, map.method(), map.compressionRatio(), map.budget(), map.task());
    MetricInfo info = folder.info(map.metric());
    String title = "Needle in a haystack, %s: %s".formatted(label, info.label());
    Topic topic = new Topic(map.task(), map.data());
    return Picture.of(
        Picture.name("needles", name(folder, topic), label),
        HeatPicture.needles(map, title, info.unit().equals("fraction")));
  }

  private static String label(
      ResultFolder folder,
      String method,
      @Nullable Double ratio,
      @Nullable Integer budget,
      String task) {
    return folder.cells().stream()
        .filter(cell -> cell.matches(method, ratio, budget, task))
        .findFirst()
        .map(Cell::label)
        .orElse(method);
  }

  private static void write(Path file, byte[] bytes) {
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
