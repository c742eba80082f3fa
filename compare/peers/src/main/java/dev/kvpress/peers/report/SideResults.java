package dev.kvpress.peers.report;

import dev.kvpress.compare.bench.Figures;
import dev.kvpress.peers.PeerEngine;
import dev.kvpress.peers.PeerFormat;
import dev.kvpress.peers.side.PeerClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All runs of one engine with one format of weights, or why there are none. */
public final class SideResults {
  private final PeerEngine engine;
  private final PeerFormat format;
  private final String formatName;
  private final List<Figures> runs;
  private Optional<String> skipped = Optional.empty();
  private Optional<String> failed = Optional.empty();

  /** A side; runs are added as they are measured. */
  public SideResults(PeerEngine engine, PeerFormat format, String formatName, List<Figures> runs) {
    this.engine = engine;
    this.format = format;
    this.formatName = formatName;
    this.runs = runs;
  }

  PeerEngine engine() {
    return engine;
  }

  PeerFormat format() {
    return format;
  }

  /** What the engine calls the format. */
  String formatName() {
    return formatName;
  }

  /** The runs so far. */
  public List<Figures> runs() {
    return runs;
  }

  /** It is not run, for a reason. */
  public void skip(String reason) {
    skipped = Optional.of(reason);
  }

  /** It was run and failed; it is not run again. */
  public void fail(String reason) {
    failed = Optional.of(reason);
  }

  /** Whether it goes on. */
  public boolean isOpen() {
    return skipped.isEmpty() && failed.isEmpty();
  }

  Optional<String> skipped() {
    return skipped;
  }

  Optional<String> failed() {
    return failed;
  }

  boolean isMeasured() {
    return isOpen() && !runs.isEmpty();
  }

  /** The tokens of one run. */
  static List<Integer> tokens(Figures run) {
    List<Integer> tokens = new ArrayList<>();
    for (int i = 0; run.values().containsKey(PeerClock.TOKEN + i); i++) {
      tokens.add((int) run.get(PeerClock.TOKEN + i));
    }
    return tokens;
  }
}
