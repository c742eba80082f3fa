package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.presses.spec.PressCatalog;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists what there is to choose from. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists presses, tasks, data sets or providers.")
final class ListCommand implements Action {
  private static final String PRESSES = "presses";

  private enum Format {
    TEXT,
    JSON,
    MARKDOWN
  }

  @Parameters(
      arity = "0..1",
      paramLabel = "WHAT",
      description = "presses, tasks, datasets or providers (default: ${DEFAULT-VALUE}).")
  String what = PRESSES;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      description = "text, json, or markdown (presses and datasets) (default: ${DEFAULT-VALUE}).")
  String format = "text";

  private final PressCatalog catalog;

  ListCommand(PressCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public int run(Console console, Problems problems) {
    Values values = new Values(problems);
    Map<String, Supplier<Listing>> listings = new LinkedHashMap<>();
    listings.put(PRESSES, () -> new PressListing(catalog));
    listings.put("tasks", TaskListing::new);
    listings.put("datasets", DatasetListing::new);
    listings.put("providers", ProviderListing::new);
    Optional<Supplier<Listing>> chosen = values.choice("list", what, listings);
    Map<String, Format> formats = new LinkedHashMap<>();
    for (Format one : Format.values()) {
      formats.put(one.name().toLowerCase(Locale.ROOT), one);
    }
    Format form = values.choice("--format", format, formats).orElse(Format.TEXT);
    problems.throwIfAny();
    Listing listing = chosen.orElseThrow().get();
    if (form == Format.MARKDOWN && listing.markdown().isEmpty()) {
      problems.add("--format: markdown is for presses and datasets only; take text or json");
    }
    problems.throwIfAny();
    console
        .out()
        .print(
            switch (form) {
              case TEXT -> listing.text();
              case JSON -> Json.pretty(Map.of(what, listing.entries()));
              case MARKDOWN -> listing.markdown().orElseThrow();
            });
    return ExitCode.OK;
  }
}
