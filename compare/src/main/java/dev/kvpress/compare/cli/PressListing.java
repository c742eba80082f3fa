package dev.kvpress.compare.cli;

import dev.kvpress.compare.support.PressEntry;
import dev.kvpress.compare.support.PressTraits;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The presses of a catalogue. */
final class PressListing implements Listing {
  private final List<PressTraits> presses;

  PressListing(PressCatalog catalog) {
    this.presses =
        catalog.descriptors().stream().map(line -> PressTraits.of(line, catalog)).toList();
  }

  @Override
  public String text() {
    StringBuilder text = new StringBuilder();
    presses.forEach(press -> describe(text, press));
    return text.append("Every press also takes compression_ratio= or budget= in its spec.\n")
        .toString();
  }

  private static void describe(StringBuilder text, PressTraits press) {
    PressDescriptor line = press.descriptor();
    text.append(line.name());
    if (!line.aliases().isEmpty()) {
      text.append(" (also ").append(String.join(", ", line.aliases())).append(')');
    }
    text.append('\n');
    add(text, line.summary());
    for (Parameter parameter : line.parameters()) {
      add(
          text,
          "%s=%s  %s; %s"
              .formatted(
                  parameter.name(),
                  parameter.defaultText() == null ? "none" : parameter.defaultText(),
                  parameter.description(),
                  parameter.range()));
    }
    if (press.example().isEmpty()) {
      add(text, "phases, signals, budget: as given; " + press.missing());
    } else {
      String own = press.signals().isEmpty() ? "none" : String.join(", ", press.signals());
      String inside = "those of the press inside" + (own.equals("none") ? "" : ", " + own);
      add(text, "phases: " + String.join(", ", press.phases()));
      add(text, "signals: " + (press.wraps() ? inside : own));
      add(text, "budget: " + press.budget());
    }
    if (!line.source().isEmpty()) {
      add(text, "source: " + line.source());
    }
    text.append('\n');
  }

  private static void add(StringBuilder text, String content) {
    text.append("  ").append(content).append('\n');
  }

  @Override
  public List<Map<String, Object>> entries() {
    return presses.stream().map(PressEntry::of).toList();
  }

  @Override
  public Optional<String> markdown() {
    StringBuilder table =
        new StringBuilder("| press | what it does | parameters | from |\n|---|---|---|---|\n");
    for (PressTraits press : presses) {
      PressDescriptor line = press.descriptor();
      List<String> names = new ArrayList<>(line.aliases());
      names.add(0, line.name());
      table
          .append("| ")
          .append(names.stream().map(PressListing::code).collect(Collectors.joining(", ")))
          .append(" | ")
          .append(cell(line.summary()))
          .append(" | ")
          .append(
              line.parameters().stream()
                  .map(p -> code(p.name() + (p.defaultText() == null ? "" : "=" + p.defaultText())))
                  .collect(Collectors.joining(", ")))
          .append(" | ")
          .append(cell(line.source()))
          .append(" |\n");
    }
    return Optional.of(table.toString());
  }

  private static String code(String text) {
    return "`" + cell(text) + "`";
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
