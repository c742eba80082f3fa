package dev.kvpress.runtime.decode;

import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.cache.LayerStore;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.SignalPorts;
import dev.kvpress.runtime.ort.HostTensor;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The attention of a pass over slots some of which hold no token, as if those were not there: only
 * the columns of tokens, right aligned as the account of the tokens expects them.
 */
final class TokenColumns {
  private final int[][] columns;
  private final int kvHeads;
  private final int longest;
  private final PassMemory memory;

  /**
   * Finds the columns of tokens.
   *
   * @param store as the pass saw it
   * @param ledger the account before the pass
   * @param queries Q
   * @param memory where the tensors are made
   */
  TokenColumns(LayerStore store, LayerLedger ledger, int queries, PassMemory memory) {
    this.kvHeads = ledger.kvHeads();
    this.memory = memory;
    this.longest = ledger.maxLength() + queries;
    this.columns = new int[ledger.batch() * kvHeads][];
    for (int head = 0; head < columns.length; head++) {
      int length = ledger.length(head / kvHeads, head % kvHeads);
      columns[head] = new int[length + queries];
      int slot = -1;
      for (int i = 0; i < length; i++) {
        slot = store.nextToken(ledger, head, slot + 1);
        columns[head][i] = slot;
      }
      for (int q = 0; q < queries; q++) {
        columns[head][length + q] = store.slots() + q;
      }
    }
  }

  /** All outputs, those with columns of slots replaced. */
  Map<String, HostTensor> of(Map<String, HostTensor> outputs, SignalPorts ports) {
    Map<String, HostTensor> all = new HashMap<>(outputs);
    replace(all, ports.attentionSums());
    replace(all, ports.attentionRows());
    replace(all, ports.attentions());
    return all;
  }

  private void replace(Map<String, HostTensor> all, @Nullable String name) {
    if (name != null) {
      all.computeIfPresent(name, (key, tensor) -> gathered(tensor));
    }
  }

  /** {@code [B, H, …, T]} with fewer columns. */
  private HostTensor gathered(HostTensor whole) {
    long[] shape = whole.shape().clone();
    int total = (int) shape[shape.length - 1];
    shape[shape.length - 1] = longest;
    HostTensor tensor = memory.tensor(ElementType.FLOAT32, shape);
    FloatBuffer from = whole.floats();
    FloatBuffer to = tensor.floats();
    int lines = from.capacity() / total;
    int linesOfHead = lines / columns.length;
    for (int line = 0; line < lines; line++) {
      int[] own = columns[line / linesOfHead];
      int padding = longest - own.length;
      for (int i = 0; i < padding; i++) {
        to.put(line * longest + i, 0);
      }
      for (int i = 0; i < own.length; i++) {
        to.put(line * longest + padding + i, from.get(line * total + own[i]));
      }
    }
    return tensor;
  }
}
