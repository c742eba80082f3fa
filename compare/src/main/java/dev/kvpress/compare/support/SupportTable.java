package dev.kvpress.compare.support;

import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.DecoderModel;
import java.util.ArrayList;
import java.util.List;

/**
 * Which presses work on which models, in both phases, as Markdown. Nothing is derived: every press
 * cuts a prompt's cache on every model and goes on from it.
 */
public final class SupportTable {
  private final List<PressTraits> presses;
  private final PressCatalog catalog;
  private final List<ModelTrials> models = new ArrayList<>();

  /** A table without models yet. */
  public SupportTable(PressCatalog catalog) {
    this.catalog = catalog;
    presses = catalog.descriptors().stream().map(line -> PressTraits.of(line, catalog)).toList();
  }

  /** Tries every press on a model. */
  public void add(DecoderModel model) {
    List<PressTrial> trials =
        presses.stream().map(press -> PressTrial.of(model, catalog, press)).toList();
    models.add(new ModelTrials(model.info().architecture(), model.info().name(), trials));
  }

  /** Presses down, kinds of models across; letters and numbers lead to the lists below. */
  public String markdown() {
    return new SupportMarkdown(ModelKind.of(models)).text();
  }
}
