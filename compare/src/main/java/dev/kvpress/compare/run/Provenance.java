package dev.kvpress.compare.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hashing;
import com.google.common.io.Files;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.report.RunManifest;
import dev.kvpress.presses.spec.PressDefaults;
import dev.kvpress.runtime.decode.DecoderInfo;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Where figures come from: versions, machine, model, data and every parameter. */
public final class Provenance {
  private final RunSettings settings;
  private final Sweep sweep;
  private final PressDefaults defaults;
  private @Nullable DecoderInfo model;
  private String engine = "unknown";
  private String provider = "unknown";
  private String tokenizer = "none";

  /** Of a comparison. */
  public Provenance(RunSettings settings, Sweep sweep, PressDefaults defaults) {
    this.settings = settings;
    this.sweep = sweep;
    this.defaults = defaults;
  }

  /** Notes what the model is; it may be closed afterwards. */
  public void describe(DecoderModel loaded, Optional<Tokenizer> encoder) {
    model = loaded.info();
    engine = loaded.engineVersion();
    provider = loaded.provider();
    tokenizer = encoder.map(Tokenizer::describe).orElse("none");
  }

  /** The content of run.json. */
  public ObjectNode manifest(Clock clock) {
    ObjectNode run = RunManifest.start(clock, engine, provider);
    DecoderInfo info = model;
    if (info != null) {
      describe(run.putObject("model"), info);
    }
    ArrayNode files = run.putArray("data");
    for (Path file : settings.data()) {
      ObjectNode entry = files.addObject();
      entry.put("path", file.toString());
      entry.put("sha256", sha256(file));
    }
    parameters(run.putObject("parameters"));
    return run;
  }

  private void describe(ObjectNode node, DecoderInfo info) {
    node.put("path", settings.model().toString());
    node.put("architecture", info.architecture());
    node.put("content_hash", info.contentHash());
    node.put("tokenizer", tokenizer);
    node.put("layers", info.layers());
    node.put("query_heads", info.queryHeads());
    node.put("kv_heads", info.kvHeads());
    node.put("head_size", info.headSize());
    node.put("vocabulary", info.vocabulary());
    put(node, "max_positions", info.maxPositions());
  }

  private void parameters(ObjectNode node) {
    ArrayNode cells = node.putArray("cells");
    for (PlannedCell cell : sweep.cells()) {
      ObjectNode entry = cells.addObject();
      entry.put("method", cell.method().typed());
      entry.put("spec", cell.method().named().spec().toString());
      if (cell.compressionRatio().isPresent()) {
        entry.put("compression_ratio", cell.compressionRatio().getAsDouble());
      } else {
        entry.putNull("compression_ratio");
      }
      cell.budgetTokens().ifPresent(tokens -> entry.put("budget", tokens));
    }
    ArrayNode tasks = node.putArray("tasks");
    settings.tasks().forEach(tasks::add);
    node.put("protocol", sweep.protocol().name().toLowerCase(Locale.ROOT));
    node.put("chunk_size", settings.chunkSize(sweep.protocol()));
    put(node, "context_tokens", settings.contextTokens());
    put(node, "max_length", settings.maxLength());
    put(
        node,
        "max_samples",
        settings.maxSamples() == Integer.MAX_VALUE
            ? OptionalInt.empty()
            : OptionalInt.of(settings.maxSamples()));
    node.put("threads", settings.options().threads());
    node.put("seed", settings.seed());
    ObjectNode press = node.putObject("press_defaults");
    defaults
        .values()
        .forEach(
            (name, own) -> {
              ObjectNode entry = press.putObject(name);
              own.forEach(entry::put);
            });
    ObjectNode around = node.putObject("wrapper_defaults");
    defaults
        .around()
        .forEach(
            (name, own) -> {
              ObjectNode entry = around.putObject(name);
              own.forEach(entry::put);
            });
  }

  private static void put(ObjectNode node, String field, OptionalInt value) {
    if (value.isPresent()) {
      node.put(field, value.getAsInt());
    } else {
      node.putNull(field);
    }
  }

  private static String sha256(Path file) {
    try {
      return Files.asByteSource(file.toFile()).hash(Hashing.sha256()).toString();
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + e, e);
    }
  }
}
