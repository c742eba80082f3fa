package dev.kvpress.compare.report.folder;

import static java.util.stream.Collectors.toCollection;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.kvpress.compare.task.Tasks;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Everything a comparison has left behind.
 *
 * @param path the folder
 * @param cells in the order of the run
 * @param metrics what the figures of the cells mean, by name
 * @param weights what the format of the weights costs the full cache; empty where it costs nothing
 * @param samples single samples, as far as the limits allow; empty in folders without them
 * @param keepMaps which tokens were kept
 * @param texts texts of the samples that have keep maps
 * @param attention attention maps
 * @param needles how well needles in haystacks were found
 * @param provenance run.json
 * @param notices what was left out, one sentence each
 */
public record ResultFolder(
    Path path,
    ImmutableList<Cell> cells,
    ImmutableMap<String, MetricInfo> metrics,
    ImmutableList<WeightCost> weights,
    ImmutableList<SampleEntry> samples,
    ImmutableList<KeepMap> keepMaps,
    ImmutableList<TokenTexts> texts,
    ImmutableList<AttentionMap> attention,
    ImmutableList<NeedleMap> needles,
    JsonNode provenance,
    ImmutableList<String> notices) {

  /** Where results.json holds the costs of weights. */
  public static final String WEIGHTS = "weights";

  private static final String TPOT_MS = "tpot_ms";

  /**
   * One task over one data file: what methods can be compared within.
   *
   * @param task name of the task
   * @param data name of the data
   */
  public record Topic(String task, String data) {
    /** Whether it is about speed and says nothing about what is lost. */
    public boolean isSpeed() {
      return Tasks.measureSpeed(task);
    }
  }

  /**
   * Reads a folder. results.json and run.json must be there; everything else may be absent.
   *
   * @throws dev.kvpress.compare.data.DataException naming the file that is missing or broken
   */
  public static ResultFolder read(Path folder, Limits limits) {
    return new FolderReader(folder, limits).read();
  }

  /**
   * The attention maps of a folder, which need not be that of a comparison.
   *
   * @throws dev.kvpress.compare.data.DataException if the file is broken
   */
  public static ImmutableList<AttentionMap> attention(Path folder) {
    return new FolderReader(folder, Limits.NONE).attention();
  }

  /**
   * What the format of the weights costs, alone.
   *
   * @throws dev.kvpress.compare.data.DataException if the file is missing or broken
   */
  public static ImmutableList<WeightCost> weights(Path folder) {
    return new FolderReader(folder, Limits.NONE).weights();
  }

  /** Tasks and data files, in the order of the cells. */
  public List<Topic> topics() {
    Set<Topic> topics =
        cells.stream()
            .map(cell -> new Topic(cell.task(), cell.data()))
            .collect(toCollection(LinkedHashSet::new));
    return List.copyOf(topics);
  }

  /** The cells of one topic. */
  public List<Cell> cells(Topic topic) {
    return cells.stream()
        .filter(cell -> cell.task().equals(topic.task()) && cell.data().equals(topic.data()))
        .toList();
  }

  /** The full cache of a topic, where it was run. */
  public Optional<Cell> baseline(Topic topic) {
    return cells(topic).stream()
        .filter(cell -> cell.isBaseline() && cell.error() == null)
        .findFirst();
  }

  /** Names of the metrics of a topic, the one that methods are ranked by first. */
  public List<String> metrics(Topic topic) {
    List<Cell> own = cells(topic);
    List<String> present =
        metrics.keySet().stream()
            .filter(name -> own.stream().anyMatch(cell -> cell.metrics().containsKey(name)))
            .toList();
    return present.stream()
        .sorted(Comparator.comparing((String name) -> !isPrimary(name, topic.task())))
        .toList();
  }

  /** The metric by which the methods of a topic are ranked. */
  public Optional<String> primary(Topic topic) {
    return metrics(topic).stream().findFirst();
  }

  private boolean isPrimary(String name, String task) {
    Optional<MetricInfo> info = Optional.ofNullable(metrics.get(name));
    return info.filter(i -> i.primary() && i.task().equals(task)).isPresent();
  }

  /** Name of the model, for titles. */
  public String modelName() {
    return provenance.path("model").path("name").asText("the model");
  }

  /**
   * Milliseconds per token of a cell: its own, else those that the latency task took for the same
   * method and budget.
   */
  public Optional<Double> msPerToken(Cell cell) {
    if (cell.error() != null) {
      return Optional.empty();
    }
    Optional<Double> own = cell.tellingTpotMs().filter(Double::isFinite);
    if (!metrics.containsKey(TPOT_MS)) {
      return own;
    }
    return own.or(
        () ->
            cells.stream()
                .filter(
                    other ->
                        other.spec().equals(cell.spec())
                            && Objects.equals(other.compressionRatio(), cell.compressionRatio())
                            && Objects.equals(other.budget(), cell.budget()))
                .flatMap(other -> other.value(TPOT_MS).stream())
                .findFirst());
  }

  /** What a metric means. */
  public MetricInfo info(String metric) {
    MetricInfo info = metrics.get(metric);
    if (info == null) {
      throw new IllegalArgumentException(
          "no metric '%s'; there are %s".formatted(metric, metrics.keySet()));
    }
    return info;
  }
}
