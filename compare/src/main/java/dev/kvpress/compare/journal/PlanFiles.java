package dev.kvpress.compare.journal;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.kvpress.compare.WholeFile;
import dev.kvpress.compare.run.Work.Described;
import dev.kvpress.compare.run.plan.PlannedSample;
import dev.kvpress.compare.run.plan.RunPlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The plan of a run in its output folder, written before the run: {@code plan.json}, and in {@code
 * contexts.jsonl} a line for each sample. Each appears whole; the plan, which comes last, names the
 * samples that belong to it by their hash, and itself by its own.
 */
public final class PlanFiles {
  /** Name of the plan. */
  public static final String PLAN = "plan.json";

  /** Name of the file with its samples. */
  public static final String SAMPLES = "contexts.jsonl";

  static final int SCHEMA_VERSION = 2;

  static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // What is not there would be read as 0 or false, and might be anything.
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .serializationInclusion(JsonInclude.Include.NON_NULL)
          .build();

  private final Path folder;
  private final String samplesHash;

  private PlanFiles(Path folder, String samplesHash) {
    this.folder = folder;
    this.samplesHash = samplesHash;
  }

  /**
   * What plan.json holds.
   *
   * @param schemaVersion of both files
   * @param samplesSha256 hash of the file with the samples
   * @param planSha256 hash of all else as JSON without white space
   * @param plan all else
   */
  record Stored(int schemaVersion, String samplesSha256, String planSha256, RunPlan plan) {}

  /**
   * A line of the file with the samples.
   *
   * @param sample what reports ask of it
   * @param texts what was asked
   */
  record Line(PlannedSample sample, PlannedSample.Texts texts) {}

  /**
   * Writes both.
   *
   * @param samples task by task, in each in file order
   * @throws java.io.UncheckedIOException if they cannot be written
   */
  public static PlanFiles write(Path folder, RunPlan plan, Stream<Described> samples) {
    Hasher hasher = Hashing.sha256().newHasher();
    WholeFile.write(
        folder.resolve(SAMPLES),
        writer -> {
          for (Described one : (Iterable<Described>) samples::iterator) {
            String line = json(new Line(one.sample(), one.texts())) + "\n";
            hasher.putString(line, StandardCharsets.UTF_8);
            writer.write(line);
          }
        });
    PlanFiles files = new PlanFiles(folder, hasher.hash().toString());
    files.replace(plan);
    return files;
  }

  /**
   * What the results of an earlier run into a folder rest on, as {@link RunPlan#basis()}; empty
   * where nobody can tell.
   */
  public static Map<String, String> basis(Path folder) {
    try {
      JsonNode basis = JSON.readTree(folder.resolve(PLAN).toFile()).at("/plan/basis");
      Map<String, String> found = new LinkedHashMap<>();
      basis.properties().forEach(field -> found.put(field.getKey(), field.getValue().asText()));
      return found;
    } catch (IOException e) {
      // There is none, or it is damaged: it is written anew.
      return Map.of();
    }
  }

  /** Whether the plan of a folder is this one; not where it is damaged. */
  public static boolean isOf(Path folder, RunPlan plan) {
    try {
      JsonNode stored = JSON.readTree(folder.resolve(PLAN).toFile());
      // What is known of a reference comes later, and is no other plan.
      RunPlan found = JSON.treeToValue(stored.path("plan"), RunPlan.class);
      return found != null && hash(found.withoutReference()).equals(hash(plan.withoutReference()));
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Writes the plan anew, for the same samples.
   *
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void replace(RunPlan plan) {
    Stored stored = new Stored(SCHEMA_VERSION, samplesHash, hash(plan), plan);
    WholeFile.write(
        folder.resolve(PLAN),
        writer ->
            writer.write(
                JSON.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(stored)));
  }

  /** What a plan is known by, however it is laid out in its file. */
  static String hash(RunPlan plan) {
    return Hashing.sha256().hashString(json(plan), StandardCharsets.UTF_8).toString();
  }

  private static String json(Object part) {
    try {
      return JSON.writeValueAsString(part);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a part of a plan cannot be written as JSON", e);
    }
  }
}
