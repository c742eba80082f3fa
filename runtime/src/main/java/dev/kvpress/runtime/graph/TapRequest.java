package dev.kvpress.runtime.graph;

import static java.util.Objects.requireNonNull;

import java.util.EnumSet;
import java.util.Set;

/**
 * What a graph shall emit beside logits and cache, and what it may leave out. Immutable; start from
 * {@link #NONE}.
 *
 * @param columnSums attention summed over the queries, {@code [B,H,T]} per layer
 * @param columnMaxima the most attention of any query, {@code [B,H,T]} per layer
 * @param lastRows W: attention of the last W queries, {@code [B,H,min(W,Q),T]} per layer; 0 for
 *     none
 * @param fullAttention the whole attention, {@code [B,H,Q,T]} per layer
 * @param queries how many of the last queries to emit after rotation; 0 none, {@link #ALL} all of
 *     the pass
 * @param queriesPreRope how many of the last queries to emit before rotation; 0 none, {@link #ALL}
 *     all of the pass
 * @param hiddenStates what enters each attention, {@code [B,Q,E]} per layer
 * @param logits of all queries or of the last only (own graphs; saves the output product for the
 *     others)
 * @param dropCacheBias remove the {@code cache_bias} inputs (own graphs; for passes where every
 *     cache is even, as in prefill)
 * @param prunedCaches take caches from which tokens were removed, any in each layer and head
 *     (graphs of others; own graphs always do)
 */
public record TapRequest(
    boolean columnSums,
    boolean columnMaxima,
    int lastRows,
    boolean fullAttention,
    int queries,
    int queriesPreRope,
    boolean hiddenStates,
    Logits logits,
    boolean dropCacheBias,
    boolean prunedCaches) {

  /** Which logits leave the graph. */
  public enum Logits {
    /** Of every query. */
    ALL,
    /** Of the last query of each row. */
    LAST
  }

  /** Window meaning every query of the pass. */
  public static final int ALL = Integer.MAX_VALUE;

  /** No signal at all: the graph as it is. */
  public static final TapRequest NONE =
      new TapRequest(false, false, 0, false, 0, 0, false, Logits.ALL, false, false);

  /** Checks the ranges. */
  public TapRequest {
    requireNonNull(logits, "logits is null");
    checkWindow("lastRows", lastRows);
    checkWindow("queries", queries);
    checkWindow("queriesPreRope", queriesPreRope);
  }

  private static void checkWindow(String name, int window) {
    if (window < 0) {
      throw new IllegalArgumentException(name + " must not be negative, found " + window);
    }
  }

  /** With {@link #columnSums}. */
  public TapRequest withColumnSums() {
    return new TapRequest(
        true,
        columnMaxima,
        lastRows,
        fullAttention,
        queries,
        queriesPreRope,
        hiddenStates,
        logits,
        dropCacheBias,
        prunedCaches);
  }

  /** With {@link #columnMaxima}. */
  public TapRequest withColumnMaxima() {
    return new TapRequest(
        columnSums,
        true,
        lastRows,
        fullAttention,
        queries,
        queriesPreRope,
        hiddenStates,
        logits,
        dropCacheBias,
        prunedCaches);
  }

  /** With {@link #lastRows} of so many queries. */
  public TapRequest withLastRows(int window) {
    return new TapRequest(
        columnSums,
        columnMaxima,
        window,
        fullAttention,
        queries,
        queriesPreRope,
        hiddenStates,
        logits,
        dropCacheBias,
        prunedCaches);
  }

  /** With {@link #fullAttention}. */
  public TapRequest withFullAttention() {
    return new TapRequest(
        columnSums,
        columnMaxima,
        lastRows,
        true,
        queries,
        queriesPreRope,
        hiddenStates,
        logits,
        dropCacheBias,
        prunedCaches);
  }

  /** With {@link #queries} of so many of the last. */
  public TapRequest withQueries(int window) {
    return new TapRequest(
        columnSums,
        columnMaxima,
        lastRows,
        fullAttention,
        window,
        queriesPreRope,
        hiddenStates,
        logits,
        dropCacheBias,
        prunedCaches);
  }

  /** With {@link #queriesPreRope} of so many of the last. */
  public TapRequest withQueriesPreRope(int window) {
    return new TapRequest(
        columnSums,
        columnMaxima,
        lastRows,
        fullAttention,
        queries,
        window,
        hiddenStates,
        logits,
        dropCacheBias,
        prunedCaches);
  }

  /** With {@link #hiddenStates}. */
  public TapRequest withHiddenStates() {
    return new TapRequest(
        columnSums,
        columnMaxima,
        lastRows,
        fullAttention,
        queries,
        queriesPreRope,
        true,
        logits,
        dropCacheBias,
        prunedCaches);
  }

  /** With logits of the last query only. */
  public TapRequest withLastLogits() {
    return new TapRequest(
        columnSums,
        columnMaxima,
        lastRows,
        fullAttention,
        queries,
        queriesPreRope,
        hiddenStates,
        Logits.LAST,
        dropCacheBias,
        prunedCaches);
  }

  /** Without the {@code cache_bias} inputs, for even caches. */
  public TapRequest withoutCacheBias() {
    return new TapRequest(
        columnSums,
        columnMaxima,
        lastRows,
        fullAttention,
        queries,
        queriesPreRope,
        hiddenStates,
        logits,
        true,
        false);
  }

  /** Ready for caches from which tokens were removed. */
  public TapRequest withPrunedCaches() {
    return new TapRequest(
        columnSums,
        columnMaxima,
        lastRows,
        fullAttention,
        queries,
        queriesPreRope,
        hiddenStates,
        logits,
        false,
        true);
  }

  /** Whether any attention signal is asked for. */
  public boolean wantsAttention() {
    return columnSums || columnMaxima || lastRows > 0 || fullAttention;
  }

  /** What it asks a graph to show. */
  public Set<GraphSignal> signals() {
    Set<GraphSignal> signals = EnumSet.noneOf(GraphSignal.class);
    if (columnSums) {
      signals.add(GraphSignal.COLUMN_SUMS);
    }
    if (columnMaxima) {
      signals.add(GraphSignal.COLUMN_MAXIMA);
    }
    if (lastRows > 0) {
      signals.add(GraphSignal.LAST_ROWS);
    }
    if (fullAttention) {
      signals.add(GraphSignal.FULL_ATTENTION);
    }
    if (queries > 0) {
      signals.add(GraphSignal.QUERIES);
    }
    if (queriesPreRope > 0) {
      signals.add(GraphSignal.QUERIES_PRE_ROPE);
    }
    if (hiddenStates) {
      signals.add(GraphSignal.HIDDEN_STATES);
    }
    return signals;
  }
}
