package dev.kvpress.compare.scale.shard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.WholeFile;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.runtime.file.FileFaults;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The run.json of a merged folder: what the runs have in common, and the machine of each. Runs that
 * have not ended have none yet.
 */
final class MergedManifest {
  private static final String FILE = "run.json";
  private static final String MACHINE = "machine";
  private static final String MACHINES = "machines";
  private static final String SHARD = "shard";
  private static final String PROCESSOR = "cpu";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private MergedManifest() {}

  /**
   * Writes it.
   *
   * @param notices takes a remark where the machines are of several kinds
   */
  static void write(List<RunFolder> folders, Path into, Consumer<String> notices) {
    ObjectNode merged = JSON.createObjectNode();
    ArrayNode machines = JSON.createArrayNode();
    List<String> started = new ArrayList<>();
    for (RunFolder folder : folders) {
      Optional<ObjectNode> own = read(folder.path().resolve(FILE));
      own.ifPresent(
          run -> {
            started.add(run.path("started_at").asText());
            machines(run, machines);
            run.properties().stream()
                .filter(field -> !merged.has(field.getKey()))
                .forEach(field -> merged.set(field.getKey(), field.getValue()));
          });
    }
    if (started.isEmpty()) {
      merged.put("schema_version", 1);
    } else {
      merged.put("started_at", started.stream().sorted().findFirst().orElseThrow());
    }
    merged.remove(List.of(MACHINE, MACHINES));
    if (merged.path("parameters") instanceof ObjectNode parameters) {
      parameters.remove(SHARD);
    }
    Set<String> processors = new TreeSet<>(machines.findValuesAsText(PROCESSOR));
    if (processors.size() > 1) {
      notices.accept(
          "run on processors of several kinds (%s), whose last digits may differ from those of one"
              .formatted(String.join("; ", processors)));
    }
    merged.put("merged_from", folders.size());
    merged.set(MACHINES, machines);
    WholeFile.write(into.resolve(FILE), writer -> writer.write(JSON.writeValueAsString(merged)));
  }

  /** Those of a folder that was merged itself, or its one. */
  private static void machines(ObjectNode run, ArrayNode all) {
    if (run.path(MACHINES).isArray()) {
      run.path(MACHINES).forEach(all::add);
    } else if (run.path(MACHINE) instanceof ObjectNode machine) {
      ObjectNode own = JSON.createObjectNode();
      JsonNode shard = run.path("parameters").path(SHARD);
      if (shard.isTextual()) {
        own.set(SHARD, shard);
      }
      all.add(own.setAll(machine));
    }
  }

  private static Optional<ObjectNode> read(Path file) {
    if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file)) {
      if (JSON.readTree(in) instanceof ObjectNode run) {
        return Optional.of(run);
      }
      throw new DataException(
          file + ": expected a JSON object, found something else; the same command writes it anew");
    } catch (JsonProcessingException e) {
      throw new DataException(
          file + ": expected a JSON object, found broken JSON; the same command writes it anew", e);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + FileFaults.reason(e), e);
    }
  }
}
