package dev.kvpress.compare.report.folder;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.JsonLines;
import dev.kvpress.compare.data.Line;
import dev.kvpress.runtime.file.FileFaults;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;

/** Reads the files of one folder. */
final class FolderReader {
  private static final int SCHEMA_VERSION = 1;
  private static final String AGAIN = "; run the comparison again";
  private static final JsonMapper JSON = mapper();

  private final Path folder;
  private final Limits limits;
  private final List<String> notices = new ArrayList<>();

  FolderReader(Path folder, Limits limits) {
    this.folder = folder;
    this.limits = limits;
  }

  private static JsonMapper mapper() {
    JsonMapper mapper =
        JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();
    mapper
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build());
    return mapper;
  }

  ResultFolder read() {
    if (!Files.isDirectory(folder)) {
      throw new DataException(
          folder
              + ": expected the output folder of a comparison, found "
              + (Files.exists(folder) ? "a file" : "nothing")
              + "; give the folder that --output named");
    }
    JsonNode results = object("results.json");
    int version = results.path("schema_version").asInt(0);
    if (version != SCHEMA_VERSION) {
      throw new DataException(
          folder.resolve("results.json")
              + ": expected schema_version %d, found %s; report with the version of compare that wrote it"
                  .formatted(SCHEMA_VERSION, results.path("schema_version")));
    }
    JsonNode run = object("run.json");
    ImmutableMap<String, MetricInfo> described = metrics(results);
    List<Cell> cells = cells(results);
    if (described.isEmpty()) {
      cells = OlderCells.withMetrics(cells);
      described = OlderCells.METRICS;
    }
    cells = described(cells, described.keySet());
    ImmutableMap<String, MetricInfo> known = described;
    List<KeepMap> maps =
        capped(
            "maps.jsonl",
            KeepMap.class,
            m -> (long) m.kept().size() * m.tokens(),
            limits.mapBytes(),
            "keep maps");
    NeedleMaps needles = new NeedleMaps(topic -> primary(topic, known));
    return new ResultFolder(
        folder,
        ImmutableList.copyOf(cells),
        described,
        weights(results),
        samples(cells.size(), needles),
        ImmutableList.copyOf(maps),
        capped(
            "texts.jsonl", TokenTexts.class, t -> t.tokens().size(), limits.textTokens(), "texts"),
        attention(),
        needles.maps(),
        run,
        ImmutableList.copyOf(notices));
  }

  ImmutableList<WeightCost> weights() {
    return weights(object("results.json"));
  }

  private ImmutableList<WeightCost> weights(JsonNode results) {
    ImmutableList.Builder<WeightCost> costs = ImmutableList.builder();
    JsonNode all = results.path(ResultFolder.WEIGHTS);
    for (int i = 0; i < all.size(); i++) {
      String place =
          "%s: %s[%d]: ".formatted(folder.resolve("results.json"), ResultFolder.WEIGHTS, i);
      costs.add(Binding.to(WeightCost.class, all.get(i), place));
    }
    return costs.build();
  }

  ImmutableList<AttentionMap> attention() {
    return capped(
        "attention.jsonl",
        AttentionMap.class,
        a -> (long) a.tokens() * (a.tokens() + 1) / 2,
        limits.attentionWeights(),
        "attention maps");
  }

  private JsonNode object(String name) {
    Path file = folder.resolve(name);
    if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new DataException(
          file
              + ": expected a file of a finished comparison, found nothing; give a folder that"
              + " compare --output has filled");
    }
    try (InputStream in = Files.newInputStream(file)) {
      JsonNode node = JSON.readTree(in);
      if (node instanceof ObjectNode) {
        return node;
      }
      throw new DataException(file + ": expected a JSON object, found something else" + AGAIN);
    } catch (JsonProcessingException e) {
      String place =
          e.getLocation() == null
              ? ""
              : " at line %d, column %d"
                  .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
      throw new DataException(
          file + ": expected a JSON object, found broken JSON" + place + AGAIN, e);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + FileFaults.reason(e), e);
    }
  }

  private ImmutableMap<String, MetricInfo> metrics(JsonNode results) {
    Map<String, MetricInfo> described = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : results.path("metrics").properties()) {
      String place = folder.resolve("results.json") + ": metrics." + entry.getKey() + ": ";
      described.put(entry.getKey(), Binding.to(MetricInfo.class, entry.getValue(), place));
    }
    return ImmutableMap.copyOf(described);
  }

  private List<Cell> cells(JsonNode results) {
    JsonNode rows = results.path("cells");
    if (!rows.isArray() || rows.isEmpty()) {
      throw new DataException(
          folder.resolve("results.json")
              + ": expected cells, a list of at least one, found "
              + (rows.isArray() ? "an empty list" : "none")
              + AGAIN);
    }
    List<Cell> cells = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      String place = folder.resolve("results.json") + ": cells[" + i + "]: ";
      cells.add(Binding.to(Cell.class, rows.get(i), place));
    }
    return cells;
  }

  /** A figure that nobody describes has no direction and cannot be shown as good or bad. */
  private List<Cell> described(List<Cell> cells, Set<String> names) {
    Set<String> unknown = new LinkedHashSet<>();
    List<Cell> known = new ArrayList<>();
    for (Cell cell : cells) {
      Map<String, MetricValue> kept = new LinkedHashMap<>(cell.metrics());
      kept.keySet().retainAll(names);
      cell.metrics().keySet().stream().filter(name -> !names.contains(name)).forEach(unknown::add);
      known.add(kept.size() == cell.metrics().size() ? cell : cell.withMetrics(kept));
    }
    unknown.forEach(
        name ->
            notices.add("the metric " + name + " is not described in results.json and left out"));
    return known;
  }

  private static Optional<String> primary(
      ResultFolder.Topic topic, Map<String, MetricInfo> described) {
    return described.entrySet().stream()
        .filter(metric -> metric.getValue().primary())
        .filter(metric -> metric.getValue().task().equals(topic.task()))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** The first samples of every task, so many that all cells of each fit. */
  private ImmutableList<SampleEntry> samples(int cells, NeedleMaps needles) {
    // Of so many cells not even one sample of each fits.
    int each = Math.min(limits.samplesOfTask(), limits.sampleEntries() / cells);
    List<SampleEntry> entries = new ArrayList<>();
    Map<ResultFolder.Topic, Set<Integer>> chosen = new HashMap<>();
    int left = 0;
    try (Lines lines = new Lines("samples.jsonl")) {
      for (Optional<Line> line = lines.next(); line.isPresent(); line = lines.next()) {
        SampleEntry entry = bound(line.get(), SampleEntry.class);
        needles.add(entry);
        Set<Integer> indices =
            chosen.computeIfAbsent(
                new ResultFolder.Topic(entry.task(), entry.data()), topic -> new LinkedHashSet<>());
        if (indices.contains(entry.sample()) || indices.size() < each) {
          indices.add(entry.sample());
          entries.add(entry);
        } else {
          left++;
        }
      }
    }
    if (left > 0) {
      notices.add(
          "%,d of %,d lines of samples.jsonl are shown, the rest stands in the file"
              .formatted(entries.size(), entries.size() + left));
    }
    return ImmutableList.copyOf(entries);
  }

  private <T> ImmutableList<T> capped(
      String name, Class<T> type, ToLongFunction<T> size, long limit, String what) {
    ImmutableList.Builder<T> kept = ImmutableList.builder();
    long used = 0;
    int shown = 0;
    int all = 0;
    try (Lines lines = new Lines(name)) {
      for (Optional<Line> line = lines.next(); line.isPresent(); line = lines.next()) {
        all++;
        if (used >= limit) {
          continue;
        }
        T entry = bound(line.get(), type);
        used += size.applyAsLong(entry);
        // The first one is shown however large it is.
        if (used <= limit || shown == 0) {
          kept.add(entry);
          shown++;
        }
      }
    }
    if (shown < all) {
      notices.add("%d of %d %s are shown, the rest stands in %s".formatted(shown, all, what, name));
    }
    return kept.build();
  }

  private static <T> T bound(Line line, Class<T> type) {
    return Binding.to(type, line.object(), line.place());
  }

  /** The lines of a file that may be absent. */
  private final class Lines implements AutoCloseable {
    private final Optional<JsonLines> lines;

    Lines(String name) {
      Path file = folder.resolve(name);
      // One that is there and cannot be read is none that is absent.
      lines =
          Files.notExists(file, LinkOption.NOFOLLOW_LINKS)
              ? Optional.empty()
              : Optional.of(JsonLines.open(file));
    }

    Optional<Line> next() {
      return lines.flatMap(JsonLines::next);
    }

    @Override
    public void close() {
      lines.ifPresent(JsonLines::close);
    }
  }
}
