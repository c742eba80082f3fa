package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.presses.spec.PressSpecException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** Lists the presses there are. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists all presses with parameters, defaults, phases, signals and sources.")
final class ListCommand implements Action {
  private final PressCatalog catalog;

  ListCommand(PressCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public int run(Console console, Problems problems) {
    problems.throwIfAny();
    StringBuilder text = new StringBuilder();
    for (PressDescriptor press : catalog.descriptors()) {
      describe(text, press);
    }
    text.append("Every press also takes compression_ratio= or budget= in its spec.\n");
    console.out().print(text);
    return ExitCode.OK;
  }

  private void describe(StringBuilder text, PressDescriptor press) {
    text.append(press.name());
    if (!press.aliases().isEmpty()) {
      text.append(" (also ").append(String.join(", ", press.aliases())).append(')');
    }
    text.append('\n');
    line(text, press.summary());
    for (Parameter parameter : press.parameters()) {
      line(
          text,
          "%s=%s  %s; %s"
              .formatted(
                  parameter.name(),
                  parameter.defaultText() == null ? "none" : parameter.defaultText(),
                  parameter.description(),
                  parameter.range()));
    }
    made(press.name())
        .ifPresentOrElse(
            made -> traits(text, made), () -> line(text, "phases, signals: as the press inside"));
    if (!press.source().isEmpty()) {
      line(text, "source: " + press.source());
    }
    text.append('\n');
  }

  /** The press with its defaults; wrappers cannot be made alone. */
  private Optional<ModelPress> made(String name) {
    try {
      return Optional.of(catalog.make(name).press());
    } catch (PressSpecException e) {
      return Optional.empty();
    }
  }

  private static void traits(StringBuilder text, ModelPress press) {
    line(text, "phases: " + lower(press.phases().stream().map(Enum::name).toList()));
    List<String> signals = press.needs().stream().map(Signal::label).sorted().toList();
    line(text, "signals: " + (signals.isEmpty() ? "none" : String.join(", ", signals)));
    line(text, "budget: " + press.budgetKind().name().toLowerCase(Locale.ROOT));
  }

  private static String lower(List<String> names) {
    return names.stream()
        .map(name -> name.toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }

  private static void line(StringBuilder text, String content) {
    text.append("  ").append(content).append('\n');
  }
}
