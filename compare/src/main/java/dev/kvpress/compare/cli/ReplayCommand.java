package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.replay.CaseBatch;
import dev.kvpress.presses.spec.PressCatalog;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Plays steps of JSON lines through presses. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description =
        "Plays a prefill and decoding steps through presses: kept positions after each step.")
final class ReplayCommand implements Action {
  @Mixin BatchOptions batch = new BatchOptions();
  private final PressCatalog catalog;

  ReplayCommand(PressCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public int run(Console console, Problems problems) {
    return batch.run(console, problems, catalog, CaseBatch::replay);
  }
}
