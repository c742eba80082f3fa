package dev.kvpress.compare.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.hash.Hashing;
import com.google.common.hash.HashingInputStream;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.run.plan.PlannedSample;
import dev.kvpress.compare.run.plan.PlannedTask;
import dev.kvpress.compare.run.plan.RunPlan;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The plan of a run, read back from its folder. Texts of samples stay in the file until they are
 * asked for.
 */
public final class PlannedRun implements AutoCloseable {
  /** Characters of texts that are kept for the next cell, which asks for the same ones. */
  private static final long MOST_KEPT = 64 << 20;

  private static final int BLOCK = 1 << 16;

  private final Path folder;
  private final RunPlan plan;
  private final FileChannel texts;
  private final List<List<PlannedSample>> samples = new ArrayList<>();
  private final Map<PlannedSample, Span> spans = new HashMap<>();
  private final Cache<PlannedSample, PlannedSample.Texts> known =
      CacheBuilder.newBuilder().maximumWeight(MOST_KEPT).weigher(PlannedRun::weight).build();

  /** A line in the file. */
  private record Span(long from, int bytes) {}

  private PlannedRun(Path folder, RunPlan plan, FileChannel texts) {
    this.folder = folder;
    this.plan = plan;
    this.texts = texts;
    plan.tasks().forEach(task -> samples.add(new ArrayList<>()));
  }

  /**
   * Reads the plan of a folder.
   *
   * @throws DataException naming the folder, if there is none or it cannot be read
   */
  public static PlannedRun open(Path folder) {
    Path file = folder.resolve(PlanFiles.SAMPLES);
    PlanFiles.Stored stored = stored(folder.resolve(PlanFiles.PLAN));
    boolean done = false;
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file);
      PlannedRun run = new PlannedRun(folder, stored.plan(), channel);
      if (!run.load(file).equals(stored.samplesSha256())) {
        throw new DataException(
            file
                + ": does not belong to the plan beside it; the run was cut off while it began, and the same command begins it again");
      }
      done = true;
      return run;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + e.getMessage(), e);
    } finally {
      if (!done && channel != null) {
        ReadJournal.close(channel, file);
      }
    }
  }

  private static PlanFiles.Stored stored(Path file) {
    try {
      JsonNode tree = PlanFiles.JSON.readTree(Files.readAllBytes(file));
      int version = tree.path("schema_version").asInt(-1);
      if (version != PlanFiles.SCHEMA_VERSION) {
        throw new DataException(
            "%s: expected a plan of version %d, found %s; use the version of the program that has written it"
                .formatted(
                    file, PlanFiles.SCHEMA_VERSION, version < 0 ? "none" : "version " + version));
      }
      PlanFiles.Stored stored = PlanFiles.JSON.treeToValue(tree, PlanFiles.Stored.class);
      stored.plan().tasks().forEach(PlannedTask::known);
      if (!PlanFiles.hash(stored.plan()).equals(stored.planSha256())) {
        throw new DataException(
            file
                + ": was changed after it was written (its checksum is another); the same command writes it anew");
      }
      return stored;
    } catch (NoSuchFileException e) {
      throw new DataException(
          "%s: expected the folder of a run, found no %s in it; run compare with --output %s first"
              .formatted(file.getParent(), PlanFiles.PLAN, file.getParent()),
          e);
    } catch (JsonProcessingException e) {
      throw new DataException(
          file + ": expected the plan of a run, found " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** Reads all samples and returns the hash of the file. */
  private String load(Path file) throws IOException {
    HashingInputStream hashed =
        new HashingInputStream(Hashing.sha256(), Files.newInputStream(file));
    long from = 0;
    try (InputStream in = new BufferedInputStream(hashed, BLOCK)) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int b = in.read(); b >= 0; b = in.read()) {
        if (b == '\n') {
          take(file, line.toByteArray(), from);
          from += line.size() + 1;
          line.reset();
        } else {
          line.write(b);
        }
      }
    }
    return hashed.hash().toString();
  }

  private void take(Path file, byte[] line, long from) throws IOException {
    PlannedSample sample;
    try {
      sample = PlanFiles.JSON.readValue(line, PlanFiles.Line.class).sample();
    } catch (JsonProcessingException e) {
      throw new DataException(
          "%s: expected a sample at byte %d, found %s"
              .formatted(file, from, e.getOriginalMessage()),
          e);
    }
    if (sample.task() < 0 || sample.task() >= samples.size()) {
      throw new DataException(
          "%s: a sample is of task %d, but the plan has %d"
              .formatted(file, sample.task(), samples.size()));
    }
    samples.get(sample.task()).add(sample);
    spans.put(sample, new Span(from, line.length));
  }

  /** The folder. */
  public Path folder() {
    return folder;
  }

  /** The plan. */
  public RunPlan plan() {
    return plan;
  }

  /** The samples of a task that the run takes, in file order. */
  public List<PlannedSample> samples(PlannedTask task) {
    return List.copyOf(samples.get(task.place()));
  }

  /**
   * What was asked of a sample.
   *
   * @throws DataException if it cannot be read any more
   */
  public PlannedSample.Texts texts(PlannedSample sample) {
    PlannedSample.Texts found = known.getIfPresent(sample);
    if (found == null) {
      found = read(sample);
      known.put(sample, found);
    }
    return found;
  }

  private PlannedSample.Texts read(PlannedSample sample) {
    Span span = spans.get(sample);
    if (span == null) {
      throw new IllegalArgumentException("no sample of this run: " + sample);
    }
    ByteBuffer bytes = ByteBuffer.allocate(span.bytes());
    try {
      while (bytes.hasRemaining() && texts.read(bytes, span.from() + bytes.position()) > 0) {
        // The channel may give less than is wanted.
      }
      return PlanFiles.JSON.readValue(bytes.array(), PlanFiles.Line.class).texts();
    } catch (IOException e) {
      throw new DataException(
          folder.resolve(PlanFiles.SAMPLES) + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static int weight(PlannedSample sample, PlannedSample.Texts texts) {
    int pieces =
        texts.tokens() == null ? 0 : texts.tokens().stream().mapToInt(String::length).sum();
    return 1
        + pieces
        + (texts.question() == null ? 0 : texts.question().length())
        + (texts.context() == null ? 0 : texts.context().length());
  }

  @Override
  public void close() {
    ReadJournal.close(texts, folder.resolve(PlanFiles.SAMPLES));
  }
}
