package dev.kvpress.runtime.graph;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Names of the outputs by which one layer emits its signals; null where the graph does not emit
 * one.
 *
 * @param attentionSums float {@code [B,H,T]}: attention summed over the Q queries of the pass,
 *     queries that the attention mask declares invalid left out
 * @param attentionMaxima float {@code [B,H,T]}: the largest attention of any query of the pass,
 *     queries that the attention mask declares invalid left out
 * @param attentionRows float {@code [B,H,min(W,Q),T]}: attention of the last W queries
 * @param attentions float {@code [B,H,Q,T]}: the whole attention of the pass
 * @param queries float {@code [B,H,min(W,Q),D]}: queries after rotation, before scaling
 * @param queriesPreRope float {@code [B,H,min(W,Q),D]}: queries before rotation
 * @param hiddenStates float {@code [B,Q,E]}: what enters the attention, after the input norm
 */
public record SignalPorts(
    @Nullable String attentionSums,
    @Nullable String attentionMaxima,
    @Nullable String attentionRows,
    @Nullable String attentions,
    @Nullable String queries,
    @Nullable String queriesPreRope,
    @Nullable String hiddenStates) {

  /** A layer that emits nothing but its cache. */
  public static final SignalPorts NONE = new SignalPorts(null, null, null, null, null, null, null);

  /** The names that are there. */
  public List<String> names() {
    return Stream.of(
            attentionSums,
            attentionMaxima,
            attentionRows,
            attentions,
            queries,
            queriesPreRope,
            hiddenStates)
        .flatMap(Stream::ofNullable)
        .toList();
  }
}
