package dev.kvpress.compare.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.google.common.io.BaseEncoding;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.KeepMap;
import dev.kvpress.compare.run.SampleOutcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A keep map as it stands in maps.jsonl.
 *
 * @param method as typed
 * @param spec with the defaults of the command line
 * @param task whose sample it is
 * @param data name of the data
 * @param compressionRatio requested fraction removed, or null
 * @param budget requested tokens kept, or null
 * @param sample index from 0 in file order
 * @param layers L
 * @param kvHeads G
 * @param tokens S
 * @param kept for each layer S bytes in base64, each the number of KV heads that keep the token
 */
public record MapRow(
    String method,
    String spec,
    String task,
    String data,
    @JsonProperty("compression_ratio") @Nullable Double compressionRatio,
    @Nullable Integer budget,
    int sample,
    int layers,
    @JsonProperty("kv_heads") int kvHeads,
    int tokens,
    List<String> kept) {
  /** Takes a copy. */
  public MapRow {
    kept = List.copyOf(kept);
  }

  static MapRow of(CellOutcome cell, SampleOutcome sample, KeepMap map) {
    return new MapRow(
        cell.cell().method(),
        cell.cell().spec(),
        cell.task().task(),
        cell.task().data(),
        cell.cell().compressionRatio(),
        cell.cell().budgetTokens(),
        sample.sample(),
        map.layers().size(),
        map.kvHeads(),
        map.tokens(),
        map.layers().stream().map(BaseEncoding.base64()::encode).toList());
  }
}
