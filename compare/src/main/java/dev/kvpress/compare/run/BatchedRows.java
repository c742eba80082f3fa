package dev.kvpress.compare.run;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.task.Crowd;
import dev.kvpress.runtime.decode.Batch;
import dev.kvpress.runtime.decode.BatchOptions;
import dev.kvpress.runtime.decode.BatchRequest;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.Logits;
import dev.kvpress.runtime.decode.Ticket;
import java.util.ArrayList;
import java.util.List;

/** Forks of one compressed context as rows of a batch. */
final class BatchedRows implements Crowd {
  private final Batch batch;
  private final List<Ticket> rows = new ArrayList<>();

  private BatchedRows(Batch batch) {
    this.batch = batch;
  }

  /**
   * Hands the rows over; all of them run from the first step on.
   *
   * @param context stays the caller's
   * @param last logits of its last token
   * @param steps that no row ends before
   */
  static Crowd of(
      DecoderModel model,
      CellPlan cell,
      Context context,
      ImmutableIntArray ids,
      Logits last,
      int rows,
      int steps) {
    // The first token needs no step, and the last step is not to end the rows.
    BatchRequest request =
        BatchRequest.greedy(ids.toArray(), cell.press(), cell.budget(), steps + 2);
    BatchedRows crowd = new BatchedRows(Batch.over(model, new BatchOptions(rows, ids.length())));
    boolean done = false;
    try {
      for (int r = 0; r < rows; r++) {
        crowd.rows.add(crowd.batch.join(request, context.fork(), last));
      }
      done = true;
    } finally {
      if (!done) {
        crowd.close();
      }
    }
    return crowd;
  }

  @Override
  public void step() {
    batch.step();
    for (Ticket row : rows) {
      if (row.isDone()) {
        // Throws what has ended it.
        throw new IllegalStateException("a row has ended early: " + row.result().stopReason());
      }
    }
  }

  @Override
  public long physicalBytes() {
    return batch.cacheBytes();
  }

  @Override
  public void close() {
    batch.close();
  }
}
