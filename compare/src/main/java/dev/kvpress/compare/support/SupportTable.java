package dev.kvpress.compare.support;

import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.decode.DecoderModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which presses work on which models, in both phases, as Markdown. Nothing is derived: every press
 * cuts a prompt's cache on every model and goes on from it.
 */
public final class SupportTable {
  private static final String WORKS = "yes";

  private final List<PressTraits> presses;
  private final PressCatalog catalog;
  private final Map<String, List<PressTrial>> columns = new LinkedHashMap<>();
  private final Map<String, Integer> reasons = new LinkedHashMap<>();

  /** A table without models yet. */
  public SupportTable(PressCatalog catalog) {
    this.catalog = catalog;
    presses = catalog.descriptors().stream().map(line -> PressTraits.of(line, catalog)).toList();
  }

  /** Tries every press on a model; one with the same answers as an earlier one adds nothing. */
  public void add(DecoderModel model) {
    List<PressTrial> trials = new ArrayList<>();
    for (PressTraits press : presses) {
      trials.add(PressTrial.of(model, catalog, press));
    }
    String architecture = model.info().architecture();
    List<PressTrial> before = columns.get(architecture);
    if (before == null) {
      columns.put(architecture, trials);
    } else if (!before.equals(trials) && !columns.containsValue(trials)) {
      columns.put(architecture + " (" + model.info().name() + ")", trials);
    }
  }

  /** Presses down, models across; a number leads to the reason below. */
  public String markdown() {
    StringBuilder text = new StringBuilder("| press |");
    columns.keySet().forEach(name -> text.append(' ').append(name).append(" |"));
    text.append("\n|---|").append("---|".repeat(columns.size())).append('\n');
    for (int p = 0; p < presses.size(); p++) {
      text.append("| `").append(presses.get(p).descriptor().name()).append("` |");
      for (List<PressTrial> trials : columns.values()) {
        text.append(' ').append(cell(trials.get(p))).append(" |");
      }
      text.append('\n');
    }
    text.append('\n');
    reasons.forEach(
        (reason, number) -> text.append(number).append(". ").append(reason).append('\n'));
    return text.toString();
  }

  private String cell(PressTrial trial) {
    return mark(trial.prefill()) + " / " + mark(trial.decoding());
  }

  private String mark(Optional<String> refusal) {
    return refusal
        .map(reason -> "no [" + reasons.computeIfAbsent(reason, r -> reasons.size() + 1) + "]")
        .orElse(WORKS);
  }
}
