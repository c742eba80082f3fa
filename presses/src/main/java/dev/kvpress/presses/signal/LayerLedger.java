package dev.kvpress.presses.signal;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.PressStates;
import dev.kvpress.presses.SavedState;
import dev.kvpress.presses.kernel.Workers;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The account kept beside the cache of one layer: which original tokens are in it, what attention
 * they have received, and what the press wants to remember. Every edit of the cache is booked here
 * too, so slots always mean the same tokens in both.
 *
 * <p>Tokens of a row are numbered from 0 in the order in which they passed; this number is the
 * token's original position and survives every edit. Tensors that come from a graph are read right
 * aligned: the last {@link #length} columns of a head are its tokens, whatever stands before is
 * padding. Not thread-safe; fork it for another cell.
 */
public final class LayerLedger {
  static final String KIND = "ledger";

  private final int batch;
  private final int queryHeads;
  private final int kvHeads;
  private final int[] seen;
  // [B*G][slots, grown by half], original position of each slot, ascending.
  private final int[][] positions;
  private final int[] lengths;
  private final ObservedAttention attention;
  private final Map<Signal.QueryMoments, ObservedQueries> queries = new LinkedHashMap<>();
  private @Nullable PressState state;

  /**
   * An empty account.
   *
   * @param batch B
   * @param queryHeads H
   * @param kvHeads G, divides H
   * @param attentionSums whether column sums are to be kept
   * @param rowWindow how many of the last attention rows are to be kept, 0 for none
   */
  public LayerLedger(int batch, int queryHeads, int kvHeads, boolean attentionSums, int rowWindow) {
    checkArgument(batch >= 1, "batch must be at least 1, found %s", batch);
    checkArgument(
        kvHeads >= 1 && queryHeads % kvHeads == 0,
        "KV heads must divide query heads, found %s KV heads for %s query heads",
        kvHeads,
        queryHeads);
    checkArgument(rowWindow >= 0, "row window must not be negative, found %s", rowWindow);
    this.batch = batch;
    this.queryHeads = queryHeads;
    this.kvHeads = kvHeads;
    this.seen = new int[batch];
    this.positions = new int[batch * kvHeads][0];
    this.lengths = new int[batch * kvHeads];
    this.attention = new ObservedAttention(batch, queryHeads, kvHeads, attentionSums, rowWindow);
  }

  /**
   * An empty account that keeps what a set of signals needs kept.
   *
   * @param batch B
   * @param queryHeads H
   * @param kvHeads G, divides H
   */
  public static LayerLedger observing(Set<Signal> signals, int batch, int queryHeads, int kvHeads) {
    boolean sums = signals.stream().anyMatch(signal -> signal instanceof Signal.AttentionSums);
    LayerLedger ledger =
        new LayerLedger(batch, queryHeads, kvHeads, sums, Signal.rowWindow(signals));
    if (signals.contains(new Signal.AttentionMaxima())) {
      ledger.attention.keepMaxima();
    }
    for (Signal signal : signals) {
      if (signal instanceof Signal.QueryMoments moments) {
        ledger.queries.put(moments, new ObservedQueries(moments, batch, queryHeads));
      }
    }
    return ledger;
  }

  private LayerLedger(LayerLedger that, KeptSlots kept) {
    this(that.batch, that.queryHeads, that.kvHeads, false, 0);
    // Queries do not go with the tokens; nothing passes through a selection that would change them.
    queries.putAll(that.queries);
    System.arraycopy(that.seen, 0, seen, 0, batch);
    for (int head = 0; head < positions.length; head++) {
      positions[head] = that.positions[head];
      lengths[head] = that.lengths[head];
      cut(head / kvHeads, head % kvHeads, kept.of(head / kvHeads, head % kvHeads));
    }
  }

  /** Some of the tokens, without what attention was observed; cheap, for looking at parts. */
  public LayerLedger select(KeptSlots kept) {
    return new LayerLedger(this, kept);
  }

  private LayerLedger(LayerLedger that, ObservedAttention attention) {
    batch = that.batch;
    queryHeads = that.queryHeads;
    kvHeads = that.kvHeads;
    seen = that.seen.clone();
    lengths = that.lengths.clone();
    that.queries.forEach((signal, observed) -> queries.put(signal, observed.fork()));
    positions = new int[that.positions.length][];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = that.positions[i].clone();
    }
    this.attention = attention;
    state = that.state == null ? null : that.state.fork();
  }

  /** The same tokens, of which nothing has been observed and nothing is remembered. */
  public LayerLedger observingAnew(Set<Signal> signals) {
    LayerLedger fresh = observing(signals, batch, queryHeads, kvHeads);
    System.arraycopy(seen, 0, fresh.seen, 0, batch);
    for (int head = 0; head < positions.length; head++) {
      fresh.positions[head] = positions(head / kvHeads, head % kvHeads);
      fresh.lengths[head] = lengths[head];
    }
    return fresh;
  }

  /** An independent copy, for a forked cache. */
  public LayerLedger fork() {
    return new LayerLedger(this, attention.fork());
  }

  /**
   * A copy that holds no memory and need not be closed; its attention rows are valid while this
   * account holds them, or until an edit of the copy.
   */
  LayerLedger view() {
    return new LayerLedger(this, attention.view());
  }

  /** Lets go of attention rows that lie in shared memory; closing twice does nothing more. */
  public void close() {
    attention.close();
  }

  /** B. */
  public int batch() {
    return batch;
  }

  /** H. */
  public int queryHeads() {
    return queryHeads;
  }

  /** G. */
  public int kvHeads() {
    return kvHeads;
  }

  /** Tokens of one row that have passed so far, evicted ones included. */
  public int tokensSeen(int row) {
    return seen[row];
  }

  /** Tokens of one head that are in the cache. */
  public int length(int row, int kvHead) {
    return lengths[row * kvHeads + kvHead];
  }

  /** S, the length of the longest head. */
  public int maxLength() {
    int max = 0;
    for (int length : lengths) {
      max = Math.max(max, length);
    }
    return max;
  }

  /** Whether all heads of all rows hold the same number of tokens. */
  public boolean isEven() {
    return Arrays.stream(lengths).allMatch(length -> length == lengths[0]);
  }

  /** Whether all heads of a row hold the same tokens. */
  public boolean holdsSameTokens(int row) {
    int first = row * kvHeads;
    for (int head = first + 1; head < first + kvHeads; head++) {
      if (!Arrays.equals(positions[first], 0, lengths[first], positions[head], 0, lengths[head])) {
        return false;
      }
    }
    return true;
  }

  /** Tokens in the cache, over all rows and heads. */
  public long totalLength() {
    return Arrays.stream(lengths).asLongStream().sum();
  }

  /** Original position of a slot. */
  public int position(int row, int kvHead, int slot) {
    return positions[row * kvHeads + kvHead][slot];
  }

  /** Number of cached tokens of one head whose original position is below a given one. */
  public int slotsBefore(int row, int kvHead, int position) {
    int head = row * kvHeads + kvHead;
    int at = Arrays.binarySearch(positions[head], 0, lengths[head], position);
    return at >= 0 ? at : -at - 1;
  }

  /** Original positions of one head, ascending. */
  public int[] positions(int row, int kvHead) {
    int head = row * kvHeads + kvHead;
    return Arrays.copyOf(positions[head], lengths[head]);
  }

  /** The observed attention. */
  public ObservedAttention attention() {
    return attention;
  }

  /** Moments of the queries that have passed, if they were asked for. */
  public Optional<ObservedQueries> queries(Signal.QueryMoments signal) {
    return Optional.ofNullable(queries.get(signal));
  }

  /** Whether moments of queries are kept. */
  public boolean hasQueryMoments() {
    return !queries.isEmpty();
  }

  /** What the press has asked to be remembered. */
  public Optional<PressState> state() {
    return Optional.ofNullable(state);
  }

  /**
   * Books tokens that have passed, the same number for every row.
   *
   * @param newTokens at least 0
   */
  public void append(int newTokens) {
    int[] perRow = new int[batch];
    Arrays.fill(perRow, newTokens);
    append(perRow);
  }

  /**
   * Books tokens that have passed.
   *
   * @param newTokens {@code [B]}, valid (not padding) new tokens of each row
   */
  public void append(int[] newTokens) {
    for (int b = 0; b < batch; b++) {
      for (int g = 0; g < kvHeads; g++) {
        int head = b * kvHeads + g;
        int length = lengths[head] + newTokens[b];
        if (positions[head].length < length) {
          positions[head] =
              Arrays.copyOf(
                  positions[head],
                  Math.max(length, positions[head].length + (positions[head].length >> 1)));
        }
        for (int i = 0; i < newTokens[b]; i++) {
          positions[head][lengths[head] + i] = seen[b] + i;
        }
        lengths[head] = length;
      }
      seen[b] += newTokens[b];
    }
  }

  /**
   * Adds column sums of the queries of one pass, after the tokens of the pass were appended. Where
   * no sums are kept they are left alone, as rows are where none are kept.
   *
   * @param sums {@code [B, H, T]}, right aligned
   * @param slotsInTensor T
   */
  public void observeSums(FloatBuffer sums, int slotsInTensor) {
    if (!attention.hasSums()) {
      return;
    }
    for (int b = 0; b < batch; b++) {
      for (int g = 0; g < kvHeads; g++) {
        attention.addSums(b, g, sums, slotsInTensor, length(b, g));
      }
    }
  }

  /**
   * Takes up the column maxima of the queries of one pass, after the tokens of the pass were
   * appended; left alone where none are kept.
   *
   * @param maxima {@code [B, H, T]}, right aligned
   * @param slotsInTensor T
   */
  public void observeMaxima(FloatBuffer maxima, int slotsInTensor) {
    if (!attention.hasMaxima()) {
      return;
    }
    for (int b = 0; b < batch; b++) {
      for (int g = 0; g < kvHeads; g++) {
        attention.raiseMaxima(b, g, maxima, slotsInTensor, length(b, g));
      }
    }
  }

  /**
   * Takes the attention rows of the last queries of one pass, after the tokens of the pass were
   * appended.
   *
   * @param rows {@code [B, H, W, T]}, right aligned in T, the last query last
   * @param rowsInTensor W, at most the queries of the pass
   * @param slotsInTensor T
   * @param newTokens {@code [B]}, valid queries of the pass; rows of padding are skipped
   */
  public void observeRows(FloatBuffer rows, int rowsInTensor, int slotsInTensor, int[] newTokens) {
    int count = Math.toIntExact((long) batch * queryHeads * rowsInTensor * slotsInTensor);
    SharedFloats copy = SharedFloats.ofHeap(count);
    copy.floats().put(0, rows, 0, count);
    observeRows(copy, rowsInTensor, slotsInTensor, newTokens);
  }

  /**
   * The same without a copy: the rows stay where they are and are held until newer ones or an edit
   * take their place, or until {@link #close}.
   */
  public void observeRows(SharedFloats rows, int rowsInTensor, int slotsInTensor, int[] newTokens) {
    int[][] perHead = new int[batch][queryHeads];
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < queryHeads; h++) {
        perHead[b][h] = length(b, h / (queryHeads / kvHeads));
      }
    }
    attention.addRows(rows, rowsInTensor, slotsInTensor, newTokens, perHead);
  }

  /**
   * Takes up the queries of one pass.
   *
   * @param passed before rotation {@code [B, H, Q, D]}, right aligned in Q
   * @param newTokens {@code [B]}, valid queries of the pass; those of padding are skipped
   * @param workers threads that may share the work
   */
  public void observeQueries(FloatTensor passed, int[] newTokens, Workers workers) {
    queries.values().forEach(observed -> observed.add(passed, newTokens, workers));
  }

  /**
   * Books an edit: slots that go, and the state to remember.
   *
   * @throws IllegalArgumentException if the edit names a slot that is not in the cache
   */
  public void apply(CacheEdit edit) {
    apply(edit, stateAfter(edit));
  }

  /** What will be remembered after an edit; presses of others have a say in it and may fail. */
  public Optional<PressState> stateAfter(CacheEdit edit) {
    Optional<PressState> next = edit.state().or(this::state);
    return edit.kept().isEmpty() ? next : next.map(known -> known.afterEdit(edit));
  }

  /** Books an edit whose state is known already. */
  public void apply(CacheEdit edit, Optional<PressState> next) {
    if (edit.kept().isPresent()) {
      KeptSlots kept = edit.kept().get();
      checkArgument(
          kept.batch() == batch && kept.kvHeads() == kvHeads,
          "the edit is for %s rows and %s KV heads, the cache has %s and %s",
          kept.batch(),
          kept.kvHeads(),
          batch,
          kvHeads);
      for (int b = 0; b < batch; b++) {
        for (int g = 0; g < kvHeads; g++) {
          cut(b, g, kept.of(b, g));
        }
      }
      attention.keep(kept);
    }
    state = next.orElse(null);
  }

  /**
   * The account as numbers for a file, without the press's state.
   *
   * @param observed whether what was observed of attention and queries goes along
   */
  public SavedState saved(boolean observed) {
    int[][] own = new int[positions.length][];
    Arrays.setAll(own, head -> Arrays.copyOf(positions[head], lengths[head]));
    SavedState saved =
        new SavedState(KIND)
            .with("seen", seen.clone())
            .with("lengths", lengths.clone())
            .with("positions", SavedState.joined(own));
    if (observed) {
      saved.with("attention", attention.saved(this));
      int index = 0;
      for (ObservedQueries one : queries.values()) {
        saved.with("queries_" + index++, one.saved());
      }
    }
    return saved;
  }

  /**
   * Takes an account out of a file, into one that is empty.
   *
   * @param saved the account as the file has it
   * @param pressState what the press had asked to be remembered
   * @throws IllegalArgumentException naming what is wrong with it; this account is of no more use
   */
  public void restore(SavedState saved, Optional<SavedState> pressState) {
    new LedgerReading(saved, batch, kvHeads).into(seen, lengths, positions);
    if (saved.parts().containsKey("attention")) {
      attention.restore(saved.part("attention"), this);
    }
    int index = 0;
    for (Map.Entry<Signal.QueryMoments, ObservedQueries> one : queries.entrySet()) {
      String name = "queries_" + index++;
      if (saved.parts().containsKey("attention")) {
        one.setValue(ObservedQueries.restored(saved.part(name), one.getKey(), this));
      }
    }
    state = pressState.map(one -> PressStates.restored(one, this)).orElse(null);
  }

  private void cut(int row, int kvHead, int[] slots) {
    int head = row * kvHeads + kvHead;
    int[] cut = new int[slots.length];
    for (int i = 0; i < slots.length; i++) {
      // Not checkArgument, which would box its arguments for every token.
      if (slots[i] >= lengths[head]) {
        throw new IllegalArgumentException(
            "the edit keeps slot %d of row %d, KV head %d, which holds %d tokens"
                .formatted(slots[i], row, kvHead, lengths[head]));
      }
      cut[i] = positions[head][slots[i]];
    }
    positions[head] = cut;
    lengths[head] = cut.length;
  }
}
