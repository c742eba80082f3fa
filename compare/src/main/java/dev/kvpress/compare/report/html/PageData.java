package dev.kvpress.compare.report.html;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.report.folder.Cell;
import dev.kvpress.compare.report.folder.MetricValue;
import dev.kvpress.compare.report.folder.NoteNumbers;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.folder.ResultFolder.Topic;
import dev.kvpress.compare.report.folder.SampleEntry;
import dev.kvpress.compare.report.folder.Words;
import dev.kvpress.compare.report.verdict.Choice;
import dev.kvpress.compare.report.verdict.Verdict;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the scripts of the page draw, as JSON. */
final class PageData {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Longer curves are averaged in equal parts. */
  private static final int MOST_POINTS = 1_000;

  /** Points of all curves together; of many curves each has fewer. */
  private static final int MOST_POINTS_OF_ALL = 200_000;

  /** Longer answers are cut. */
  private static final int MOST_CHARACTERS = 4_000;

  private final ResultFolder folder;
  private final Verdict verdict;
  private final List<Topic> topics;
  private final NoteNumbers numbers;
  private final List<Cell> cells;
  private final int pointsOfCurve;

  PageData(ResultFolder folder, Verdict verdict) {
    this.folder = folder;
    this.verdict = verdict;
    this.topics = folder.topics();
    this.numbers = NoteNumbers.of(folder);
    this.cells = PageCells.of(folder, verdict).cells();
    long curves = cells.stream().filter(cell -> !cell.tokenMs().isEmpty()).count();
    this.pointsOfCurve = (int) Math.min(MOST_POINTS, MOST_POINTS_OF_ALL / Math.max(1, curves));
  }

  ObjectNode toJson() {
    ObjectNode page = NODES.objectNode();
    topics(page.putArray("topics"));
    ObjectNode metrics = page.putObject("metrics");
    folder
        .metrics()
        .forEach(
            (name, info) ->
                metrics
                    .putObject(name)
                    .put("title", info.label().isBlank() ? name : info.title())
                    .put("higher", info.higherIsBetter()));
    ArrayNode array = page.putArray("cells");
    for (int i = 0; i < cells.size(); i++) {
      cell(array.addObject().put("index", i), cells.get(i));
    }
    ArrayNode samples = page.putArray("samples");
    folder.samples().forEach(sample -> sample(samples.addObject(), sample));
    new PageMaps(folder).addTo(page);
    return page;
  }

  private void topics(ArrayNode array) {
    Map<Cell, Integer> places = new IdentityHashMap<>();
    for (int i = 0; i < cells.size(); i++) {
      places.put(cells.get(i), i);
    }
    for (int i = 0; i < topics.size(); i++) {
      Topic topic = topics.get(i);
      ObjectNode node = array.addObject();
      node.put("index", i).put("task", topic.task()).put("data", topic.data());
      node.put("title", Words.topic(topic));
      ArrayNode names = node.putArray("metrics");
      folder.metrics(topic).forEach(names::add);
      ArrayNode best = node.putArray("best");
      verdict.choices().stream()
          .filter(choice -> choice.topic().equals(topic))
          .map(Choice::best)
          .map(places::get)
          .filter(Objects::nonNull)
          .distinct()
          .forEach(best::add);
    }
  }

  private void cell(ObjectNode node, Cell cell) {
    node.put("topic", topics.indexOf(new Topic(cell.task(), cell.data())));
    node.put("method", cell.method()).put("spec", cell.spec()).put("label", cell.label());
    node.put("requested", cell.requested()).put("baseline", cell.isBaseline());
    put(node, "ratio", cell.compressionRatio());
    node.put("budget", cell.budget());
    put(node, "achieved", cell.achievedRatio());
    node.put("kv", cell.kvBytesLogical()).put("kvPhysical", cell.kvBytesPhysical());
    put(node, "prefillMs", cell.prefillMs());
    put(node, "pressMs", cell.pressMs());
    put(node, "secondPassMs", cell.secondPassMs());
    put(node, "tpot", cell.tellingTpotMs().orElse(null));
    put(node, "tpotSpread", cell.tellingTpotMs().isPresent() ? cell.tpotSpreadMs() : null);
    numbers.of(cell.warnings()).forEach(node.putArray("notes")::add);
    ArrayNode left = node.putArray("tpotNotes");
    if (cell.tpotLeftOut() != null) {
      numbers.of(List.of(cell.tpotLeftOut())).forEach(left::add);
    }
    put(node, "msPerToken", folder.msPerToken(cell).orElse(null));
    node.put("samples", cell.samples()).put("error", cell.error());
    ObjectNode metrics = node.putObject("metrics");
    cell.metrics().forEach((name, figure) -> figure(metrics.putObject(name), figure));
    curve(node, cell.tokenMs());
  }

  private static void figure(ObjectNode node, MetricValue figure) {
    put(node, "value", figure.value());
    node.put("n", figure.n());
    put(node, "delta", figure.delta());
    put(node, "low", figure.low());
    put(node, "high", figure.high());
  }

  private void curve(ObjectNode node, List<Double> times) {
    int size = (times.size() + pointsOfCurve - 1) / pointsOfCurve;
    node.put("tokensPerPoint", Math.max(1, size));
    ArrayNode points = node.putArray("tokenMs");
    for (int from = 0; from < times.size(); from += size) {
      points.add(
          times.subList(from, Math.min(times.size(), from + size)).stream()
              .mapToDouble(Double::doubleValue)
              .average()
              .orElseThrow());
    }
  }

  private void sample(ObjectNode node, SampleEntry sample) {
    node.put("topic", topicOf(sample)).put("method", sample.method());
    node.put("requested", requested(sample)).put("sample", sample.sample());
    put(node, "achieved", sample.achievedRatio());
    put(node, "nll", sample.nll());
    ObjectNode figures = node.putObject("figures");
    sample.figures().forEach((name, value) -> put(figures, name, value));
    node.put("answer", sample.answer() == null ? null : cut(sample.answer()));
    ArrayNode expected = node.putArray("expected");
    sample.expected().forEach(text -> expected.add(cut(text)));
  }

  /** Older samples do not name their data; there was one file a run then. */
  private int topicOf(SampleEntry sample) {
    for (int i = 0; i < topics.size(); i++) {
      Topic topic = topics.get(i);
      if (topic.task().equals(sample.task())
          && (sample.data().isEmpty() || topic.data().equals(sample.data()))) {
        return i;
      }
    }
    return -1;
  }

  private String requested(SampleEntry sample) {
    return folder.cells().stream()
        .filter(
            cell ->
                cell.matches(
                    sample.method(), sample.compressionRatio(), sample.budget(), sample.task()))
        .findFirst()
        .map(Cell::requested)
        .orElse("");
  }

  private static String cut(String text) {
    return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS) + "…";
  }

  /** JSON has no numbers for what is not finite. */
  private static void put(ObjectNode node, String field, @Nullable Double value) {
    if (value == null || !Double.isFinite(value)) {
      node.putNull(field);
    } else {
      node.put(field, value);
    }
  }
}
