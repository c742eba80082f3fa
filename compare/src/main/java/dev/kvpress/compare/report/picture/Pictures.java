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
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Draws the pictures of a report. */
public final class Pictures {
  /** Keep maps of large runs stand on the page; files of the first are enough. */
  private static final int MOST_KEEP_MAPS = 12;

  private static final int MOST_NEEDLE_MAPS = 64;

  private static final int MOST_NOTES = 24;

  private static final int MOST_ATTENTION_MAPS = 128;

  private static final Logger LOG = LoggerFactory.getLogger(Pictures.class);

  private Pictures() {}

  /**
   * Writes every picture that the folder has data for into a folder.
   *
   * @param notices told of each picture that cannot be drawn of its figures
   * @return names of the files
   * @throws UncheckedIOException if one cannot be written
   * @throws PictureException if this machine cannot draw, for instance for want of fonts
   */
  public static List<String> write(ResultFolder folder, Path into, Consumer<String> notices) {
    return write(() -> all(folder, notices), into, notices);
  }

  /** {@link #write(ResultFolder, Path, Consumer)} without a word on what cannot be drawn. */
  public static List<String> write(ResultFolder folder, Path into) {
    return write(folder, into, notice -> {});
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
        into,
        notice -> {});
  }

  private static List<String> write(
      Supplier<List<Picture>> drawn, Path into, Consumer<String> notices) {
    // No display is needed, and none is to be looked for.
    System.setProperty("java.awt.headless", "true");
    Map<String, Picture> pictures = new LinkedHashMap<>();
    List<String> written = new ArrayList<>();
    try {
      drawn.get().forEach(picture -> pictures.putIfAbsent(picture.name(), picture));
      for (Picture picture : pictures.values()) {
        Optional<byte[]> png = png(picture, notices);
        png.ifPresent(
            bytes -> {
              write(into.resolve(picture.name()), bytes);
              written.add(picture.name());
            });
      }
    } catch (InternalError | UnsatisfiedLinkError | NoClassDefFoundError e) {
      throw new PictureException(
          "cannot draw pictures: Java finds no fonts (%s); install some (Debian: apt-get install fonts-dejavu-core) and run compare report"
              .formatted(e.getMessage()),
          e);
    }
    return List.copyOf(written);
  }

  private static Optional<byte[]> png(Picture picture, Consumer<String> notices) {
    try {
      return Optional.of(picture.png());
    } catch (UncheckedIOException e) {
      throw e;
    } catch (RuntimeException e) {
      refused(picture.name(), e, notices);
      return Optional.empty();
    }
  }

  private static List<Picture> attention(List<AttentionMap> maps) {
    return maps.stream()
        .limit(MOST_ATTENTION_MAPS)
        .map(map -> Picture.of(map.fileStem() + ".png", HeatPicture.attention(map)))
        .collect(toCollection(ArrayList::new));
  }

  private static Optional<Picture> chart(String name, Optional<XYChart> chart) {
    return chart.map(drawn -> Picture.of(name, drawn));
  }

  /**
   * Pictures of which one that cannot be made does not take the others along.
   *
   * @param pictures so far
   * @param notices told of it
   */
  private record Draft(List<Picture> pictures, Consumer<String> notices) {
    void add(String name, List<String> notes, Function<String, Optional<Picture>> made) {
      try {
        made.apply(name).ifPresent(picture -> pictures.add(NotedPicture.of(picture, notes)));
      } catch (RuntimeException e) {
        refused(name, e, notices);
      }
    }
  }

  /** The charts' library refuses figures that no axis holds; all else can be seen all the same. */
  private static void refused(String name, RuntimeException e, Consumer<String> notices) {
    LOG.debug("{} is not drawn", name, e);
    notices.accept(
        "%s is not drawn: its figures do not fit on an axis; they stand in results.json"
            .formatted(name));
  }

  private static List<Picture> all(ResultFolder whole, Consumer<String> notices) {
    ResultFolder folder = ThinnedFolder.of(whole);
    Draft draft = new Draft(new ArrayList<>(), notices);
    for (Topic topic : folder.topics()) {
      String name = name(folder, topic);
      List<String> notes = notes(whole, folder, topic);
      Optional<String> metric = folder.primary(topic).filter(primary -> !topic.isSpeed());
      draft.add(
          Picture.name(name, "by_token"),
          notes,
          file -> chart(file, LatencyPicture.of(folder, topic)));
      draft.add(
          Picture.name(name, "by_batch"),
          notes,
          file -> chart(file, ThroughputPicture.of(folder, topic)));
      draft.add(
          Picture.name(name, "by_position"),
          notes,
          file -> PositionPicture.of(file, folder, topic));
      // Speed against speed says nothing.
      if (metric.isPresent()) {
        ParetoPicture pareto = new ParetoPicture(folder, topic, metric.get());
        draft.add(
            Picture.name("quality", name),
            notes,
            file ->
                chart(file, Optional.of(new QualityPicture(folder, topic, metric.get()).chart())));
        draft.add(
            Picture.name("pareto", name, "kv_bytes"),
            notes,
            file -> chart(file, pareto.againstBytes()));
        draft.add(
            Picture.name("pareto", name, "ms_per_token"),
            notes,
            file -> chart(file, pareto.againstTime()));
      }
    }
    List<Picture> pictures = draft.pictures();
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
