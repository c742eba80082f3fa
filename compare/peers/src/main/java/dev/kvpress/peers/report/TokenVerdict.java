package dev.kvpress.peers.report;

import dev.kvpress.compare.bench.Figures;
import dev.kvpress.peers.PeerEngine;
import dev.kvpress.peers.PeerFormat;
import java.util.List;

/**
 * Whether an engine computes the same model: its greedy tokens in float32 against ours. Without
 * that, times say nothing.
 *
 * @param engine the other engine
 * @param same tokens that agree, from the first on
 * @param all tokens that each has
 * @param distinct different tokens among ours; where there is one only, agreement says little
 */
record TokenVerdict(PeerEngine engine, int same, int all, long distinct) {

  /** Compares the first runs of both; all runs of a side must agree among themselves. */
  static TokenVerdict of(SideResults ours, SideResults other) {
    List<Integer> expected = SideResults.tokens(ours.runs().get(0));
    int same = expected.size();
    for (SideResults side : List.of(ours, other)) {
      for (Figures run : side.runs()) {
        same = Math.min(same, agreement(expected, SideResults.tokens(run)));
      }
    }
    return new TokenVerdict(
        other.engine(), same, expected.size(), expected.stream().distinct().count());
  }

  /** Verdicts on every other engine that was measured in float32. */
  static List<TokenVerdict> all(ShapeResults results) {
    return results
        .side(PeerEngine.OURS, PeerFormat.F32)
        .filter(SideResults::isMeasured)
        .map(
            ours ->
                results.sides().stream()
                    .filter(side -> side.format() == PeerFormat.F32 && side != ours)
                    .filter(SideResults::isMeasured)
                    .map(side -> of(ours, side))
                    .toList())
        .orElse(List.of());
  }

  private static int agreement(List<Integer> expected, List<Integer> found) {
    int same = 0;
    while (same < Math.min(expected.size(), found.size())
        && expected.get(same).equals(found.get(same))) {
      same++;
    }
    return same;
  }

  boolean isSame() {
    return same == all;
  }

  String text() {
    String what =
        isSame()
            ? "the same %d greedy tokens as ours (%d different ones)".formatted(all, distinct)
            : "DIFFERS from ours after %d of %d greedy tokens: its figures cannot be compared"
                .formatted(same, all);
    return "%s in float32: %s".formatted(engine.label(), what);
  }
}
