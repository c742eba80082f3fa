package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.graph.AttentionForm;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The lanes of a batch. A row passes in the form that it would take alone: through the fused graph
 * where that serves up to its end, else through the other one, padded, or by itself where the graph
 * would then give something else, its cache is of another kind, or it is to be kept.
 */
final class Lanes implements AutoCloseable {
  private final DecoderModel model;
  private final SlabLane inPlace;
  private final SlabLane byHead;
  private final PaddedLane padded;
  private final List<SoloLane> solo = new ArrayList<>();
  private final boolean together;

  Lanes(DecoderModel model, BatchOptions options) {
    this.model = model;
    inPlace = new SlabLane(model, AttentionForm.FUSED, options);
    byHead = new SlabLane(model, AttentionForm.FUSED_BY_HEAD, options);
    padded = new PaddedLane(model);
    together = model.joinRefusal().isEmpty();
  }

  /** The lanes that have rows. */
  List<Lane> used() {
    List<Lane> used = new ArrayList<>(solo);
    used.add(padded);
    used.add(byHead);
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
    row.context().requireEvictionBorne(row.answer().stepsLeft());
    Lane lane = laneOf(row);
    lane.join(row);
    if (lane instanceof SoloLane own) {
      solo.add(own);
    }
  }

  private Lane laneOf(BatchRow row) {
    if (passesByItself(row)) {
      return new SoloLane();
    }
    // To its end, so that no row ever changes lanes.
    Optional<AttentionForm> form =
        model.graph().ports().hasCacheLength()
            ? Optional.of(AttentionForm.FUSED)
            : row.context().formInPlace(row.answer().stepsLeft(), row.evicting());
    if (form.isPresent()) {
      return form.get() == AttentionForm.FUSED ? inPlace : byHead;
    }
    return together ? padded : new SoloLane();
  }

  /** Memory of all rows has keys and values in full, rotated once and for all. */
  private static boolean passesByItself(BatchRow row) {
    return row.ticket().request().keepsContext()
        || row.context().format().isPresent()
        || row.context().positions() == Positions.ROLLED;
  }

  void leave(Lane lane, BatchRow row) {
    lane.leave(row);
    solo.removeIf(own -> own.rows().isEmpty());
  }

  /** Bytes of the memory that all rows take. */
  long physicalBytes() {
    return used().stream().mapToLong(Lane::physicalBytes).sum();
  }

  /** Bytes that all rows take at most until they have ended, those of passes included. */
  long bytesAtMost() {
    return used().stream().mapToLong(Lane::bytesAtMost).sum();
  }

  /** The same with a row more, whose tokens are in memory of its own. */
  long bytesAtMostWith(BatchRow row) {
    Lane lane = laneOf(row);
    long others = used().stream().filter(other -> other != lane).mapToLong(Lane::bytesAtMost).sum();
    return others + lane.bytesAtMostWith(row);
  }

  /** Bytes of the largest tensor that this needs at most. */
  long tensorBytesAtMostWith(BatchRow row) {
    return laneOf(row).tensorBytesAtMostWith(row);
  }

  /** Gives memory back that is no longer needed. */
  void tidy() {
    used().forEach(Lane::tidy);
  }

  @Override
  public void close() {
    inPlace.close();
    byHead.close();
    padded.close();
  }
}
