package dev.kvpress.compare.replay;

import dev.kvpress.presses.signal.LayerLedger;

/**
 * Attention that a case gives, {@code [B][H][Q][slots]}. Where heads hold different numbers of
 * tokens a row is as long as its head, or as long as the longest with zeros in front.
 */
final class GivenAttention implements StepAttention.Rows {
  private final NestedFloats attentions;
  private final int queryHeads;
  private final int queries;

  /**
   * Checks the shape.
   *
   * @param ledger holds the tokens of the step already
   * @param queries Q
   * @throws CaseException naming the field, the expected and the found shape
   */
  GivenAttention(NestedFloats attentions, LayerLedger ledger, int queries) {
    this.attentions = attentions;
    this.queryHeads = ledger.queryHeads();
    this.queries = queries;
    if (ledger.isEven()) {
      attentions.require(ledger.batch(), queryHeads, queries, ledger.maxLength());
    } else {
      attentions.requireOuter(ledger.batch(), queryHeads, queries);
      requireRows(ledger);
    }
  }

  private void requireRows(LayerLedger ledger) {
    int group = queryHeads / ledger.kvHeads();
    for (int row = 0; row < ledger.batch() * queryHeads * queries; row++) {
      int b = row / queries / queryHeads;
      int h = row / queries % queryHeads;
      int expected = ledger.length(b, h / group);
      int found = attentions.rowLength(row);
      boolean padded = found == ledger.maxLength() && isZero(row, found - expected);
      if (found != expected && !padded) {
        throw new CaseException(
            "%s[%d][%d][%d]: expected %d numbers, one for each token that KV head %d holds, found %d%s"
                .formatted(
                    attentions.field(),
                    b,
                    h,
                    row % queries,
                    expected,
                    h / group,
                    found,
                    found == ledger.maxLength() ? "; padding must be zeros in front" : ""));
      }
    }
  }

  private boolean isZero(int row, int count) {
    int start = attentions.rowStart(row);
    for (int i = start; i < start + count; i++) {
      if (attentions.data()[i] != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void read(int row, int queryHead, int query, int length, float[] into) {
    int at = (row * queryHeads + queryHead) * queries + query;
    int end = attentions.rowStart(at) + attentions.rowLength(at);
    System.arraycopy(attentions.data(), end - length, into, 0, length);
  }
}
