package dev.kvpress.peers;

import dev.kvpress.compare.bench.ShapePreset;
import dev.kvpress.peers.report.ShapeResults;
import dev.kvpress.peers.report.SideResults;
import dev.kvpress.peers.side.PeerProcess;
import dev.kvpress.peers.side.Workload;
import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Lets all sides take turns: format by format, all engines, then the next round. */
final class PeerRounds {
  private final List<Peer> peers;
  private final List<PeerFormat> formats;
  private final Duration limit;

  private record Side(Peer peer, PeerFormat format, SideResults results) {}

  PeerRounds(List<Peer> peers, List<PeerFormat> formats, Duration limit) {
    this.peers = peers;
    this.formats = formats;
    this.limit = limit;
  }

  ShapeResults run(ShapePreset preset, Workload work, int rounds) {
    List<Side> sides = new ArrayList<>();
    for (PeerFormat format : formats) {
      for (Peer peer : peers) {
        SideResults results =
            new SideResults(peer.engine(), format, peer.nameOf(format), new ArrayList<>());
        sides.add(new Side(peer, format, results));
        peer.refusal(format).ifPresentOrElse(results::skip, () -> prepare(peer, format, results));
      }
    }
    for (int round = 0; round < rounds; round++) {
      for (Side side : sides) {
        if (side.results().isOpen()) {
          measure(side);
        }
      }
      System.err.printf("bench peers: %s, round %d of %d%n", preset.label(), round + 1, rounds);
    }
    return new ShapeResults(preset, work, sides.stream().map(Side::results).toList());
  }

  private static void prepare(Peer peer, PeerFormat format, SideResults results) {
    try {
      peer.prepare(format);
    } catch (IOException | ModelException e) {
      results.fail(String.valueOf(e.getMessage()));
    }
  }

  private void measure(Side side) {
    try {
      side.results().runs().add(PeerProcess.run(side.peer().command(side.format()), limit));
    } catch (IOException e) {
      side.results().fail(String.valueOf(e.getMessage()));
    }
  }
}
