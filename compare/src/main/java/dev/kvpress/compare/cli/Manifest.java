package dev.kvpress.compare.cli;

import com.google.common.hash.Hashing;
import com.google.common.io.Files;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.report.Machine;
import dev.kvpress.compare.report.RunManifest;
import dev.kvpress.compare.run.Assignment;
import dev.kvpress.compare.run.CellPlan;
import dev.kvpress.compare.run.RunSettings;
import dev.kvpress.compare.run.TaskFile;
import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.spec.PressDefaults;
import dev.kvpress.runtime.decode.DecoderInfo;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.file.FileFaults;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Writes down what a comparison was run with. */
final class Manifest {
  private static final int SCHEMA_VERSION = 1;

  private final RunSettings settings;
  private final List<CellPlan> cells;
  private final PressDefaults defaults;
  private final int seed;
  private final Shard shard;

  Manifest(
      RunSettings settings, List<CellPlan> cells, PressDefaults defaults, int seed, Shard shard) {
    this.settings = settings;
    this.cells = cells;
    this.defaults = defaults;
    this.seed = seed;
    this.shard = shard;
  }

  RunManifest of(
      Instant started,
      DecoderModel model,
      Optional<Tokenizer> tokenizer,
      List<Assignment> assignments) {
    List<Map<String, Object>> data = new ArrayList<>();
    for (int i = 0; i < assignments.size(); i++) {
      data.add(describe(settings.tasks().get(i), assignments.get(i)));
    }
    return new RunManifest(
        SCHEMA_VERSION,
        started.truncatedTo(ChronoUnit.SECONDS).toString(),
        Machine.versions(model.engineVersion(), model.provider()),
        Machine.describe(),
        describe(model, tokenizer),
        data,
        parameters());
  }

  private static Map<String, Object> describe(TaskFile task, Assignment assignment) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("task", task.task().name());
    data.put("path", task.file().toString());
    data.put("shape", task.data().shape().card().name());
    data.put("columns", task.data().renaming().columns());
    data.put("sha256", sha256(task.file()));
    if (task.data().files().size() > 1) {
      Map<String, String> files = new LinkedHashMap<>();
      task.data().files().forEach(file -> files.put(file.toString(), sha256(file)));
      data.put("files", files);
    }
    data.put("samples", assignment.samples().probes().size());
    return data;
  }

  private Map<String, Object> describe(DecoderModel loaded, Optional<Tokenizer> tokenizer) {
    DecoderInfo info = loaded.info();
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("path", settings.model().toString());
    model.put("name", info.name());
    model.put("architecture", info.architecture());
    model.put("content_hash", info.contentHash());
    model.put("tokenizer", tokenizer.map(Tokenizer::describe).orElse("none"));
    model.put("chat_template", chatTemplate());
    model.put("layers", info.layers());
    model.put("query_heads", info.queryHeads());
    model.put("kv_heads", info.kvHeads());
    model.put("head_size", info.headSize());
    model.put("vocabulary", info.vocabulary());
    put(model, "max_positions", info.maxPositions());
    model.put("weights", info.weights().label());
    model.put("weight_bytes", info.weights().bytes());
    model.put("trained_tensors_sha256", loaded.auxiliaries().hashes());
    return model;
  }

  private String chatTemplate() {
    boolean used = settings.tasks().stream().anyMatch(task -> task.task().usesChatTemplate());
    return used
        ? settings
            .taskOptions()
            .chatTemplate()
            .template()
            .map(ChatTemplate::describe)
            .orElse("none")
        : "none";
  }

  private Map<String, Object> parameters() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("cells", cells.stream().map(Manifest::describe).toList());
    all.put("tasks", settings.tasks().stream().map(task -> task.task().name()).toList());
    all.put("query_aware", settings.taskOptions().queryAware());
    put(all, "max_new_tokens", settings.taskOptions().maxNewTokens());
    all.put("protocol", settings.protocol().name().toLowerCase(Locale.ROOT));
    all.put("chunk_size", settings.chunkSize());
    put(all, "context_tokens", settings.contextTokens());
    put(all, "max_length", settings.maxLength());
    put(all, "max_samples", settings.maxSamples());
    all.put("weights", settings.options().weights().map(WeightFormat::label).orElse("default"));
    all.put("threads", settings.options().usedThreads());
    all.put("press_kernels", Kernels.description());
    all.put("seed", seed);
    if (!shard.takesAll()) {
      all.put("shard", shard.toString());
    }
    all.put("press_defaults", defaults.values());
    all.put("wrapper_defaults", defaults.around());
    return all;
  }

  private static Map<String, Object> describe(CellPlan cell) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("method", cell.method());
    entry.put("spec", cell.spec());
    cell.press().cacheFormat().ifPresent(format -> entry.put("kv_cache", format.describe()));
    cell.compressionRatio().ifPresent(ratio -> entry.put("compression_ratio", ratio));
    put(entry, "budget", cell.budgetTokens());
    return entry;
  }

  private static void put(Map<String, Object> map, String field, OptionalInt value) {
    value.ifPresent(number -> map.put(field, number));
  }

  private static String sha256(Path file) {
    try {
      return Files.asByteSource(file.toFile()).hash(Hashing.sha256()).toString();
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + FileFaults.reason(e), e);
    }
  }
}
