package dev.kvpress.compare.serve.model;

import static java.util.Objects.requireNonNull;

import dev.kvpress.compare.support.PressEntry;
import dev.kvpress.compare.support.PressTraits;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.presses.spec.PressSpecException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The presses that may be named in a request, as JSON: what each does, and whether it can here. */
public final class PressList {
  private final PressMaker maker;
  private final Function<NamedPress, Optional<String>> refusal;

  /**
   * A list for a model.
   *
   * @param maker makes presses as requests are given them
   * @param refusal why the model cannot be used with a press; empty where it can
   */
  public PressList(PressMaker maker, Function<NamedPress, Optional<String>> refusal) {
    this.maker = requireNonNull(maker, "maker is null");
    this.refusal = requireNonNull(refusal, "refusal is null");
  }

  /** All lines of the catalogue, in order. */
  public Map<String, Object> all() {
    List<Map<String, Object>> entries = new ArrayList<>();
    for (PressDescriptor line : maker.catalog().descriptors()) {
      PressTraits traits = PressTraits.of(line, maker.catalog());
      Map<String, Object> entry = PressEntry.of(traits);
      Optional<NamedPress> alone = alone(line.name());
      entry.put("complete", alone.isPresent());
      alone
          .or(traits::example)
          .ifPresentOrElse(
              press -> verdict(entry, press), () -> verdict(entry, Optional.of(traits.missing())));
      entries.add(entry);
    }
    return list(entries);
  }

  /**
   * The press that a spec makes, in a list of its own.
   *
   * @throws PressSpecException if it makes none; the message says what to write instead
   */
  public Map<String, Object> one(String spec) {
    NamedPress press = maker.named(spec);
    Map<String, Object> entry = PressEntry.named(press.descriptor());
    entry.put("spec", press.spec().toString());
    entry.put("complete", true);
    verdict(entry, press);
    return list(List.of(entry));
  }

  private Optional<NamedPress> alone(String name) {
    try {
      return Optional.of(maker.named(name));
    } catch (PressSpecException e) {
      return Optional.empty();
    }
  }

  private void verdict(Map<String, Object> entry, NamedPress press) {
    entry.put("follows_ratio", press.press().budgetKind() != BudgetKind.OWN);
    verdict(entry, refusal(press));
  }

  /** Why a request that names the press would be refused. */
  private Optional<String> refusal(NamedPress press) {
    try {
      return refusal.apply(maker.kept(press));
    } catch (PressSpecException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static void verdict(Map<String, Object> entry, Optional<String> reason) {
    entry.putIfAbsent("follows_ratio", false);
    entry.put("supported", reason.isEmpty());
    entry.put("reason", reason.orElse(null));
  }

  private static Map<String, Object> list(List<Map<String, Object>> entries) {
    Map<String, Object> list = new LinkedHashMap<>();
    list.put("object", "list");
    list.put("data", entries);
    return list;
  }
}
