package dev.kvpress.compare.cli;

import com.google.common.collect.ImmutableSet;
import dev.kvpress.compare.report.RunManifest;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What results rest on, by name: what two runs must have in common for their results to stand in
 * one table. It is taken from what is written down of a run anyway.
 */
final class Basis {
  /** Where things lie on a machine, and what follows from other entries or stands elsewhere. */
  private static final Set<String> LEFT_OUT =
      ImmutableSet.of(
          "model.path",
          "model.name",
          "data.path",
          "parameters.press_kernels",
          "parameters.cells",
          "parameters.shard");

  /** Hashes by path. */
  private static final String FILES = "data.files";

  private Basis() {}

  /**
   * Of a run.
   *
   * @param manifest what it was run with
   * @param program hash of the code that takes part
   */
  static Map<String, String> of(RunManifest manifest, String program) {
    Map<String, String> basis = new LinkedHashMap<>();
    basis.put("code", program);
    for (String name : new String[] {"kvpress", "onnxruntime", "provider"}) {
      basis.put(name, String.valueOf(manifest.versions().get(name)));
    }
    add(basis, "model", "model", manifest.model());
    for (int i = 0; i < manifest.data().size(); i++) {
      add(basis, "data", "data " + (i + 1), manifest.data().get(i));
    }
    add(basis, "parameters", "setting", manifest.parameters());
    return basis;
  }

  private static void add(
      Map<String, String> basis, String part, String shown, Map<String, Object> values) {
    values.forEach(
        (name, value) -> {
          if (FILES.equals(part + "." + name) && value instanceof Map<?, ?> hashes) {
            basis.put(shown + ": files", text(hashes.values()));
          } else if (!LEFT_OUT.contains(part + "." + name)) {
            basis.put(shown + ": " + name.replace('_', ' '), text(value));
          }
        });
  }

  /** The same text for the same value, whatever the order of a map. */
  private static String text(Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, String> sorted = new TreeMap<>();
      map.forEach((key, own) -> sorted.put(String.valueOf(key), text(own)));
      return sorted.toString();
    }
    return value instanceof Collection<?> all
        ? all.stream().map(Basis::text).toList().toString()
        : String.valueOf(value);
  }
}
