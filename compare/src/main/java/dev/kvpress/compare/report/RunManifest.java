package dev.kvpress.compare.report;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a result comes from: what is needed to get it again.
 *
 * @param schemaVersion of this file
 * @param startedAt ISO 8601 in UTC
 * @param versions of kvpress, the engine, Java and the operating system
 * @param machine processor, cores, memory
 * @param model name, architecture, shape and content hash
 * @param data for each task name, content hash and number of samples
 * @param parameters everything that was asked for, defaults included
 */
public record RunManifest(
    int schemaVersion,
    String startedAt,
    Map<String, String> versions,
    Map<String, String> machine,
    Map<String, Object> model,
    List<Map<String, Object>> data,
    Map<String, Object> parameters) {

  /** Takes copies. */
  public RunManifest {
    versions = ImmutableMap.copyOf(versions);
    machine = ImmutableMap.copyOf(machine);
    model = ImmutableMap.copyOf(model);
    data = List.copyOf(data);
    parameters = ImmutableMap.copyOf(parameters);
  }

  /** The same, of whose machine more is to be said. */
  public RunManifest onMachine(Map<String, String> more) {
    return new RunManifest(
        schemaVersion,
        startedAt,
        versions,
        ImmutableMap.<String, String>builder().putAll(machine).putAll(more).buildOrThrow(),
        model,
        data,
        parameters);
  }

  /** In the order and with the names of the file. */
  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("schema_version", schemaVersion);
    json.put("started_at", startedAt);
    json.put("versions", versions);
    json.put("machine", machine);
    json.put("model", model);
    json.put("data", data);
    json.put("parameters", parameters);
    return json;
  }
}
