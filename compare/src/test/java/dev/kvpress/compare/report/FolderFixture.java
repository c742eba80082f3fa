package dev.kvpress.compare.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Writes an output folder as a comparison would, without running one. */
public final class FolderFixture {
  /** What must neither run nor break a page. */
  public static final String HOSTILE =
      "</script><script>window.pwned=1</script><!-- <img src=x onerror=\"window.pwned=1\"> "
          + "'\"`${1} \u2028\u2029 \\u003c & é 漢字 \uD83D\uDE00";

  public static final String DATA = "stories.jsonl";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LAYERS = 4;
  private static final int KV_HEADS = 3;
  private static final int TOKENS = 160;
  private static final long FULL_BYTES = 31_457_280;

  private final Path folder;
  private final Random random = new Random(7);
  private final ObjectNode results = JSON.createObjectNode();
  private final ObjectNode run = JSON.createObjectNode();
  private final List<JsonNode> samples = new ArrayList<>();
  private final List<JsonNode> maps = new ArrayList<>();
  private final List<JsonNode> texts = new ArrayList<>();
  private final List<JsonNode> attention = new ArrayList<>();

  private FolderFixture(Path folder) {
    this.folder = folder;
    results.put("schema_version", 1).putArray("cells");
    results.putObject("metrics");
    run.put("schema_version", 1).put("started_at", "2026-11-23T07:00:00Z");
    run.putObject("model")
        .put("name", "demo")
        .put("content_hash", "abc")
        .put("layers", LAYERS)
        .put("query_heads", 6)
        .put("kv_heads", KV_HEADS);
    run.putObject("data").put("path", DATA).put("sha256", "def").put("samples", 8);
    run.putObject("versions").put("kvpress", "0.1.0");
    run.putObject("parameters").put("seed", 0).put("note", HOSTILE);
  }

  /** An empty folder with a model and a data file, to be filled. */
  public static FolderFixture in(Path folder) {
    return new FolderFixture(folder);
  }

  /** A comparison of some methods over four tasks, with everything a folder may hold. */
  public static FolderFixture full(Path folder) {
    FolderFixture made = new FolderFixture(folder);
    made.metric("perplexity", "perplexity", "", false, true);
    made.metric("nll", "perplexity", "nats/token", false, false);
    made.metric("recall_accuracy", "recall", "fraction", true, true);
    made.metric("ttft_ms", "latency", "ms", false, false);
    made.metric("tpot_ms", "latency", "ms", false, true);
    String[] methods = {"h2o", "snapkv", "streaming_llm", "knorm", "random"};
    made.perplexityRow("baseline", 0.0, 0, 3.37);
    for (int m = 0; m < methods.length; m++) {
      for (double ratio : new double[] {0.3, 0.6, 0.8}) {
        made.perplexityRow(methods[m], ratio, ratio + 0.002, 3.37 + ratio * ratio * (0.3 + m));
      }
    }
    made.perplexityRow("dms(h2o,threshold=0.0005)", null, 0.63, 3.45);
    made.cell("criticalkv", 0.6, "perplexity", DATA)
        .put("error", "press criticalkv needs output_projection, which model demo cannot give");
    made.recallRow("baseline", 0.0, 0, 1.0);
    for (int m = 0; m < methods.length; m++) {
      for (double ratio : new double[] {0.3, 0.6, 0.8}) {
        made.recallRow(methods[m], ratio, ratio, Math.max(0, 1 - ratio * ratio * (m + 1) * 0.4));
      }
    }
    made.latencyRow("baseline", 0.0, 1.2, 0.004);
    made.latencyRow("h2o", 0.6, 1.1, 0.0005);
    made.samplesOf("h2o", 0.6);
    made.samplesOf("baseline", 0.0);
    made.keepMap("h2o", 0.6, 0);
    made.keepMap("snapkv", 0.6, 1);
    made.text(0);
    made.attention(2, null);
    made.attention(3, 1);
    return made;
  }

  /** Describes a metric. */
  public FolderFixture metric(
      String name, String task, String unit, boolean higher, boolean primary) {
    ((ObjectNode) results.get("metrics"))
        .putObject(name)
        .put("task", task)
        .put("label", name.replace('_', ' '))
        .put("unit", unit)
        .put("higher_is_better", higher)
        .put("primary", primary);
    return this;
  }

  /** A row without figures. */
  public ObjectNode cell(String method, @Nullable Double ratio, String task, String data) {
    ObjectNode cell = ((ArrayNode) results.get("cells")).addObject();
    cell.put("method", method).put("spec", method).put("task", task).put("data", data);
    cell.put("compression_ratio", ratio).putNull("budget").putNull("achieved_ratio");
    cell.put("samples", 8).put("tokens", 4096).putNull("error").putArray("warnings");
    cell.putObject("metrics");
    cell.putObject("series");
    return cell;
  }

  /** A figure with its difference to the baseline. */
  public static void figure(
      ObjectNode cell, String metric, double value, @Nullable Double delta, double halfWidth) {
    ObjectNode figure = cell.withObject("/metrics").putObject(metric);
    figure.put("value", value).put("n", 8).put("delta", delta);
    figure.put("low", delta == null ? null : Double.valueOf(delta - halfWidth));
    figure.put("high", delta == null ? null : Double.valueOf(delta + halfWidth));
  }

  private ObjectNode row(String method, @Nullable Double ratio, double achieved, String task) {
    ObjectNode cell = cell(method, ratio, task, DATA);
    long bytes = Math.round(FULL_BYTES * (1 - achieved));
    cell.put("achieved_ratio", achieved).put("kv_bytes_logical", bytes);
    cell.put("kv_bytes_physical", bytes + 4096).put("prefill_ms", 210.5).put("press_ms", 3.25);
    return cell;
  }

  private void perplexityRow(
      String method, @Nullable Double ratio, double achieved, double perplexity) {
    ObjectNode cell = row(method, ratio, achieved, "perplexity");
    boolean full = method.equals("baseline");
    cell.put("perplexity", perplexity).put("tpot_ms", 2.4 - achieved + random.nextDouble() * 0.1);
    figure(cell, "perplexity", perplexity, full ? null : Double.valueOf(perplexity - 3.37), 0.12);
    double nll = Math.log(perplexity);
    figure(cell, "nll", nll, full ? null : Double.valueOf(nll - Math.log(3.37)), 0.02);
    if (method.equals("knorm")) {
      cell.withArray("/warnings").add("knorm: " + HOSTILE);
    }
  }

  private void recallRow(String method, Double ratio, double achieved, double accuracy) {
    ObjectNode cell = row(method, ratio, achieved, "recall");
    Double delta = method.equals("baseline") ? null : Double.valueOf(accuracy - 1);
    figure(cell, "recall_accuracy", accuracy, delta, 0.08);
  }

  private void latencyRow(String method, Double ratio, double first, double slope) {
    ObjectNode cell = row(method, ratio, ratio, "latency");
    ArrayNode times = cell.withObject("/series").putArray("token_ms");
    for (int i = 0; i < 128; i++) {
      times.add(first + slope * i + random.nextDouble() * 0.1);
    }
    figure(cell, "ttft_ms", 200, null, 0);
    figure(cell, "tpot_ms", first + slope * 64, null, 0);
  }

  private void samplesOf(String method, double ratio) {
    for (int i = 0; i < 4; i++) {
      ObjectNode line = JSON.createObjectNode();
      line.put("method", method).put("task", "recall").put("data", DATA);
      line.put("compression_ratio", ratio).putNull("budget").put("sample", i);
      line.put("achieved_ratio", ratio).put("tokens", 12);
      line.putObject("figures").put("recall_accuracy", i % 2);
      line.put("answer", i == 0 ? HOSTILE : "Arvel keeps the lamp.");
      line.putArray("expected").add(i == 0 ? HOSTILE : "Arvel keeps the drum.");
      samples.add(line);
    }
  }

  /** Samples of task recall at six depths of contexts of about 512, 1024 and 2048 tokens. */
  public FolderFixture needles(String method, double ratio) {
    int index = 100;
    for (int length : new int[] {512, 1024, 2048}) {
      for (int depth = 0; depth <= 100; depth += 20) {
        ObjectNode sample = JSON.createObjectNode();
        sample.put("method", method).put("task", "recall").put("data", DATA);
        sample.put("compression_ratio", ratio).put("sample", index++).put("tokens", 3);
        sample.putObject("figures").put("recall_accuracy", depth * ratio < 30 ? 1 : 0);
        sample.put("depth", depth).put("context_tokens", length + depth / 10);
        samples.add(sample);
      }
    }
    return this;
  }

  private void keepMap(String method, double ratio, int sample) {
    ObjectNode line = JSON.createObjectNode();
    line.put("method", method).put("spec", method).put("task", "perplexity").put("data", DATA);
    line.put("compression_ratio", ratio).putNull("budget").put("sample", sample);
    line.put("layers", LAYERS).put("kv_heads", KV_HEADS).put("tokens", TOKENS);
    ArrayNode kept = line.putArray("kept");
    for (int l = 0; l < LAYERS; l++) {
      byte[] heads = new byte[TOKENS];
      for (int t = 0; t < TOKENS; t++) {
        boolean ends = t < 4 || t > TOKENS - 40;
        heads[t] = (byte) (ends ? KV_HEADS : random.nextInt(10) < 8 ? 0 : random.nextInt(4));
      }
      kept.add(Base64.getEncoder().encodeToString(heads));
    }
    maps.add(line);
  }

  private void text(int sample) {
    ObjectNode line = JSON.createObjectNode();
    line.put("data", DATA).put("sample", sample);
    ArrayNode tokens = line.putArray("tokens");
    tokens.add(HOSTILE);
    String[] words = {
      " In", " the", " village", " of", " Brackwater", " lived", " a", " miller", ".\n"
    };
    for (int i = 1; i < TOKENS; i++) {
      tokens.add(words[i % words.length]);
    }
    texts.add(line);
  }

  private void attention(int layer, @Nullable Integer head) {
    int tokens = 96;
    ObjectNode line = JSON.createObjectNode();
    line.put("data", DATA).put("sample", 0).put("layer", layer).put("head", head);
    line.put("tokens", tokens);
    ArrayNode rows = line.putArray("values");
    for (int q = 0; q < tokens; q++) {
      double[] weights = new double[q + 1];
      double sum = 0;
      for (int k = 0; k <= q; k++) {
        weights[k] = (k == 0 ? 3 : 0) + Math.exp(-(q - k) / 3.0) + 0.001 * random.nextDouble();
        sum += weights[k];
      }
      ArrayNode row = rows.addArray();
      for (double weight : weights) {
        row.add(Double.parseDouble(String.format(Locale.ROOT, "%.6f", weight / sum)));
      }
    }
    attention.add(line);
  }

  /** What results.json will hold. */
  public ObjectNode results() {
    return results;
  }

  /** What run.json will hold. */
  public ObjectNode run() {
    return run;
  }

  /** Writes the files that have something to say. */
  public Path write() {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("results.json"), JSON.writeValueAsString(results));
      Files.writeString(folder.resolve("run.json"), JSON.writeValueAsString(run));
      lines("samples.jsonl", samples);
      lines("maps.jsonl", maps);
      lines("texts.jsonl", texts);
      lines("attention.jsonl", attention);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void lines(String name, List<JsonNode> nodes) throws IOException {
    if (nodes.isEmpty()) {
      return;
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode node : nodes) {
      text.append(JSON.writeValueAsString(node)).append('\n');
    }
    Files.writeString(folder.resolve(name), text);
  }
}
