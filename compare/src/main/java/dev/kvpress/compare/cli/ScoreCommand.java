package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.replay.CaseBatch;
import dev.kvpress.presses.spec.PressCatalog;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Scores the tensors of JSON lines. */
@Command(
    name = "score",
    mixinStandardHelpOptions = true,
    description =
        "Runs presses on the tensors of one layer: scores and kept positions, one JSON line a case.")
final class ScoreCommand implements Action {
  @Mixin BatchOptions batch = new BatchOptions();
  private final PressCatalog catalog;

  ScoreCommand(PressCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public int run(Console console, Problems problems) {
    return batch.run(console, problems, catalog, CaseBatch::score);
  }
}
