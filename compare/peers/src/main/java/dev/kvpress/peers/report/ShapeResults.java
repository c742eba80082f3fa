package dev.kvpress.peers.report;

import dev.kvpress.compare.bench.ShapePreset;
import dev.kvpress.peers.PeerEngine;
import dev.kvpress.peers.PeerFormat;
import dev.kvpress.peers.side.Workload;
import java.util.List;
import java.util.Optional;

/**
 * All sides on one model.
 *
 * @param preset the model
 * @param work what they did
 * @param sides in the order of the turns
 */
public record ShapeResults(ShapePreset preset, Workload work, List<SideResults> sides) {
  public ShapeResults {
    sides = List.copyOf(sides);
  }

  /** Whether a side that should have run did not. */
  public boolean hasFailed() {
    return sides.stream().anyMatch(side -> side.failed().isPresent());
  }

  /** A side that was asked for. */
  Optional<SideResults> side(PeerEngine engine, PeerFormat format) {
    return sides.stream()
        .filter(side -> side.engine() == engine && side.format() == format)
        .findFirst();
  }
}
