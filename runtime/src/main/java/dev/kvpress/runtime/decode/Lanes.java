package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.graph.DecoderGraph;
import java.util.ArrayList;
import java.util.List;

/**
 * The lanes of a batch. A row passes in the form that it would take alone: through the fused graph
 * where that serves, else through the other one, padded, or by itself where padding would change
 * what the graph gives.
 */
final class Lanes implements AutoCloseable {
  private final DecoderModel model;
  private final SlabLane inPlace;
  private final PaddedLane padded;
  private final List<SoloLane> solo = new ArrayList<>();
  private final boolean padding;

  Lanes(DecoderModel model, int mostRows) {
    this.model = model;
    inPlace = new SlabLane(model, mostRows);
    padded = new PaddedLane(model);
    DecoderGraph graph = model.graph();
    padding =
        graph.ports().states().isEmpty()
            && graph.fixedBatch().isEmpty()
            && model.paddingRefusal().isEmpty();
  }

  /** The lanes that have rows. */
  List<Lane> used() {
    List<Lane> used = new ArrayList<>(solo);
    used.add(padded);
    used.add(inPlace);
    used.removeIf(lane -> lane.rows().isEmpty());
    return used;
  }

  /** Rows of all lanes. */
  int rows() {
    return used().stream().mapToInt(lane -> lane.rows().size()).sum();
  }

  /** Takes a row in whose tokens are in memory of its own. */
  void join(BatchRow row) {
    if (passesInPlace(row)) {
      inPlace.join(row);
    } else if (padding) {
      padded.join(row);
    } else {
      SoloLane own = new SoloLane();
      own.join(row);
      solo.add(own);
    }
  }

  private boolean passesInPlace(BatchRow row) {
    Context context = row.context();
    return model.graph().ports().hasCacheLength()
        || context.passesInPlace(1, SignalTaps.request(context.observed(), true));
  }

  /** Moves a row to another lane where its next token no longer suits this one. */
  void review(Lane lane, BatchRow row) {
    row.context().requireEvictionBorne(1);
    if (passesInPlace(row) != (lane == inPlace)) {
      lane.takeHome(row);
      // Joining may fail, leaving cannot.
      join(row);
      leave(lane, row);
    }
  }

  void leave(Lane lane, BatchRow row) {
    lane.leave(row);
    solo.removeIf(own -> own.rows().isEmpty());
  }

  /** Bytes of the memory that all rows take. */
  long physicalBytes() {
    return used().stream().mapToLong(Lane::physicalBytes).sum();
  }

  @Override
  public void close() {
    inPlace.close();
    padded.close();
  }
}
