package dev.kvpress.compare.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.hash.Hashing;
import com.google.common.hash.HashingInputStream;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.run.plan.PlannedSample;
import dev.kvpress.compare.run.plan.PlannedTask;
import dev.kvpress.compare.run.plan.RunPlan;
import dev.kvpress.runtime.file.FileFaults;
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

  private static final String ANEW = "the same command writes it anew";

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
                + ": does not belong to the plan beside it; the run was cut off while it began, and"
                + " the same command begins it again");
      }
      done = true;
      return run;
    } catch (NoSuchFileException e) {
      throw new DataException(
          file + ": expected the samples of the plan beside it, found nothing; " + ANEW, e);
    } catch (IOException e) {
      throw cannotRead(file, e);
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
      if (stored.plan() == null) {
        throw new DataException(file + ": expected the plan of a run, found none in it; " + ANEW);
      }
      stored.plan().tasks().forEach(PlannedTask::known);
      if (!PlanFiles.hash(stored.plan()).equals(stored.planSha256())) {
        throw new DataException(
            file + ": was changed after it was written (its checksum is another); " + ANEW);
      }
      return stored;
    } catch (NoSuchFileException e) {
      throw new DataException(
          "%s: expected the folder of a run, found no %s in it; run compare with --output %s first"
              .formatted(file.getParent(), PlanFiles.PLAN, file.getParent()),
          e);
    } catch (JsonMappingException e) {
      throw new DataException(
          "%s: expected the plan of a run, found another value than compare writes at %s; %s"
              .formatted(file, place(e), ANEW),
          e);
    } catch (JsonProcessingException e) {
      throw new DataException(
          "%s: expected the plan of a run, found broken JSON in line %d; %s"
              .formatted(file, e.getLocation() == null ? 1 : e.getLocation().getLineNr(), ANEW),
          e);
    } catch (IOException e) {
      throw cannotRead(file, e);
    }
  }

  /** The field that does not fit. */
  private static String place(JsonMappingException e) {
    StringBuilder place = new StringBuilder();
    for (Reference step : e.getPath()) {
      place.append(
          step.getFieldName() == null
              ? "[" + step.getIndex() + "]"
              : (place.isEmpty() ? "" : ".") + step.getFieldName());
    }
    return place.isEmpty() ? "its beginning" : place.toString();
  }

  private static DataException cannotRead(Path file, IOException e) {
    return new DataException(file + ": cannot be read: " + FileFaults.reason(e), e);
  }

  /** Reads all samples and returns the hash of the file. */
  private String load(Path file) throws IOException {
    int number = 1;
    HashingInputStream hashed =
        new HashingInputStream(Hashing.sha256(), Files.newInputStream(file));
    long from = 0;
    try (InputStream in = new BufferedInputStream(hashed, BLOCK)) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int b = in.read(); b >= 0; b = in.read()) {
        if (b == '\n') {
          take(file, line.toByteArray(), from, number++);
          from += line.size() + 1;
          line.reset();
        } else {
          line.write(b);
        }
      }
    }
    return hashed.hash().toString();
  }

  private void take(Path file, byte[] text, long from, int number) throws IOException {
    PlanFiles.Line line;
    try {
      line = PlanFiles.JSON.readValue(text, PlanFiles.Line.class);
    } catch (JsonMappingException e) {
      throw noSample(file, number, "another value than compare writes at " + place(e));
    } catch (JsonProcessingException e) {
      throw noSample(file, number, "broken JSON");
    }
    // The text "null" is JSON too.
    if (line == null || line.sample() == null || line.texts() == null) {
      throw noSample(file, number, "JSON without its fields");
    }
    PlannedSample sample = line.sample();
    if (sample.task() < 0 || sample.task() >= samples.size()) {
      throw new DataException(
          "%s: line %d: a sample is of task %d, but the plan has %d; %s"
              .formatted(file, number, sample.task(), samples.size(), ANEW));
    }
    samples.get(sample.task()).add(sample);
    spans.put(sample, new Span(from, text.length));
  }

  private static DataException noSample(Path file, int number, String found) {
    return new DataException(
        "%s: line %d: expected a sample of the plan, found %s; %s"
            .formatted(file, number, found, ANEW));
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
      throw cannotRead(folder.resolve(PlanFiles.SAMPLES), e);
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
