package dev.kvpress.compare.support;

import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A press as a tree of JSON. */
public final class PressEntry {
  private PressEntry() {}

  /** A line of the catalogue with all that is seen on its example. */
  public static Map<String, Object> of(PressTraits press) {
    PressDescriptor line = press.descriptor();
    Map<String, Object> entry = named(line);
    entry.put("parameters", line.parameters().stream().map(PressEntry::parameter).toList());
    entry.put("wraps", press.wraps());
    entry.put("example", press.example().map(PressEntry::spec).orElse(null));
    entry.put("phases", press.phases());
    entry.put("signals", press.signals());
    entry.put("budget", press.budget().isEmpty() ? null : press.budget());
    entry.put("source", line.source());
    return entry;
  }

  /** The first fields of an entry, to which others may be added. */
  public static Map<String, Object> named(PressDescriptor line) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("name", line.name());
    entry.put("aliases", line.aliases());
    entry.put("summary", line.summary());
    return entry;
  }

  private static String spec(NamedPress press) {
    return press.spec().toString();
  }

  private static Map<String, Object> parameter(Parameter parameter) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("name", parameter.name());
    entry.put("type", parameter.type().name().toLowerCase(Locale.ROOT));
    entry.put("default", parameter.defaultText());
    entry.put("min", finite(parameter.min()));
    entry.put("max", finite(parameter.max()));
    entry.put("range", parameter.range());
    entry.put("description", parameter.description());
    return entry;
  }

  /** Open ends are null, since JSON has no infinity. */
  private static @Nullable Object finite(double bound) {
    return Double.isInfinite(bound) || Math.abs(bound) >= Integer.MAX_VALUE ? null : bound;
  }
}
