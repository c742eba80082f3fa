package dev.kvpress.runtime.decode;

import dev.kvpress.presses.signal.LayerLedger;
import java.util.List;

/** What the caches of all layers hold together. */
record CacheCount(List<LayerCache> layers) {
  /** Tokens that have passed in the longest row, evicted ones included. */
  int tokensSeen() {
    LayerLedger first = layers.get(0).ledger();
    int most = 0;
    for (int b = 0; b < first.batch(); b++) {
      most = Math.max(most, first.tokensSeen(b));
    }
    return most;
  }

  /** Tokens in the cache, over rows, layers and KV heads. */
  long kept() {
    return layers.stream().mapToLong(layer -> layer.ledger().totalLength()).sum();
  }

  /** Tokens that have passed, over rows, layers and KV heads. */
  long seen() {
    long seen = 0;
    for (LayerCache layer : layers) {
      LayerLedger ledger = layer.ledger();
      for (int b = 0; b < ledger.batch(); b++) {
        seen += (long) ledger.tokensSeen(b) * ledger.kvHeads();
      }
    }
    return seen;
  }

  boolean hasEvicted() {
    return kept() < seen();
  }

  /** Fraction of the tokens seen that is gone; 0 before anything has passed. */
  double achievedRatio() {
    long seen = seen();
    return seen == 0 ? 0 : 1.0 - (double) kept() / seen;
  }

  /** Bytes of what is kept. */
  long logicalBytes() {
    return layers.stream().mapToLong(layer -> layer.store().logicalBytes(layer.ledger())).sum();
  }

  /** Bytes taken, padding and spare room included. */
  long physicalBytes() {
    return layers.stream().mapToLong(layer -> layer.store().physicalBytes()).sum();
  }
}
