package dev.kvpress.compare.scale.shard;

import dev.kvpress.compare.UsageException;
import dev.kvpress.compare.WholeFile;
import dev.kvpress.compare.attention.AttentionFile;
import dev.kvpress.compare.journal.Journal;
import dev.kvpress.compare.journal.PlanFiles;
import dev.kvpress.compare.journal.PlannedRun;
import dev.kvpress.compare.journal.ReadJournal;
import dev.kvpress.compare.report.Gather;
import dev.kvpress.compare.report.RenderedReport;
import dev.kvpress.compare.report.ResultFiles;
import dev.kvpress.compare.report.RunResults;
import dev.kvpress.compare.run.Work;
import dev.kvpress.compare.run.plan.CellFacts;
import dev.kvpress.compare.run.plan.PlannedTask;
import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.compare.scale.shard.JoinedRun.Owned;
import dev.kvpress.compare.task.PerplexityTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Makes one folder of several: plan, journal, results and report, as if one run had done all. */
public final class Merge {
  /** Absent contexts that are named; of more, how many there are. */
  private static final int MOST_NAMED = 12;

  private final JoinedRun run;
  private final Consumer<String> notices;

  /**
   * Prepares it.
   *
   * @param run what is merged
   * @param notices takes remarks
   */
  public Merge(JoinedRun run, Consumer<String> notices) {
    this.run = run;
    this.notices = notices;
  }

  /**
   * Says early what a merge would find out late, when all shards are done.
   *
   * @throws UsageException if a run of its own stands in the folder
   */
  public static void requirePlace(Path output) {
    MergedFolder.requireNoRun(output);
  }

  /**
   * Does it.
   *
   * @param output where the merged folder goes; what an earlier merge left there is replaced, all
   *     else there stays
   * @param partial whether work may be missing
   * @return what results.json says
   * @throws UsageException naming what is missing, or why nothing can be written there
   */
  public RunResults into(Path output, boolean partial) {
    List<String> gaps = gaps();
    if (!gaps.isEmpty() && !partial) {
      throw new UsageException(
          gaps.stream()
              .map(gap -> gap + "; do it, or merge what there is with --partial")
              .toList());
    }
    gaps.forEach(notices);
    for (RunFolder folder : run.folders()) {
      if (JoinedRun.real(folder.path()).equals(JoinedRun.real(output))) {
        throw new UsageException(
            List.of(
                "--output: %s is one of the folders that are merged; give another"
                    .formatted(output)));
      }
    }
    try (MergedFolder merged = MergedFolder.begin(output, notices)) {
      RunResults results = write(merged.staging());
      merged.finish();
      return results;
    }
  }

  /** What is not there, a line each. */
  private List<String> gaps() {
    List<String> gaps = new ArrayList<>();
    List<Integer> absent = run.absentContexts();
    if (!absent.isEmpty()) {
      List<Shard> shards = run.absentShards();
      gaps.add(
          "%,d of %,d contexts are in none of the folders (%s)"
              .formatted(
                  absent.size(),
                  run.plan().contexts(),
                  shards.isEmpty()
                      ? named(absent)
                      : shards.stream()
                          .map(shard -> "shard " + shard)
                          .collect(Collectors.joining(", "))));
    }
    Tally tally = Tally.of(run);
    tally
        .folders()
        .forEach(
            (folder, counts) -> {
              if (counts.missing() > 0) {
                gaps.add(
                    "%s: %,d pieces of work are missing, %,d are done"
                        .formatted(folder.path(), counts.missing(), counts.done()));
              }
            });
    // What a shard would still have to do behind a failure in another one changes nothing.
    return tally.together().missing() == 0 ? List.of() : gaps;
  }

  private static String named(List<Integer> contexts) {
    String shown =
        contexts.stream()
            .limit(MOST_NAMED)
            .map(place -> String.valueOf(place + 1))
            .collect(Collectors.joining(", "));
    return "%s %s%s, counted from 1"
        .formatted(
            contexts.size() == 1 ? "context" : "contexts",
            shown,
            contexts.size() > MOST_NAMED ? ", …" : "");
  }

  private RunResults write(Path folder) {
    WholeFile.write(folder.resolve(Journal.FILE), this::writeJournal);
    PlanFiles.write(
        folder,
        run.plan(),
        run.all().stream()
            .map(
                owned ->
                    new Work.Described(
                        owned.sample(), owned.folder().run().texts(owned.sample()))));
    RunResults results;
    try (PlannedRun planned = PlannedRun.open(folder);
        ReadJournal journal = ReadJournal.open(folder, notices)) {
      results = Gather.write(planned, journal, new ResultFiles(folder));
    }
    MergedManifest.write(run.folders(), folder, notices);
    copyAttention(folder);
    RenderedReport.write(folder, notices);
    return results;
  }

  /** The last line of each piece of work, task by task and cell by cell. */
  private void writeJournal(Writer writer) throws IOException {
    for (PlannedTask task : run.plan().tasks()) {
      for (CellFacts cell : run.plan().cells()) {
        boolean again = cell.baseline() && task.task().equals(PerplexityTask.PERPLEXITY);
        for (Owned owned : run.samples(task)) {
          copy(owned, cell, false, writer);
          if (again) {
            copy(owned, cell, true, writer);
          }
        }
      }
    }
  }

  private static void copy(Owned owned, CellFacts cell, boolean reference, Writer writer)
      throws IOException {
    Optional<byte[]> line =
        owned.folder().key(owned.sample(), cell, reference).flatMap(owned.folder().journal()::line);
    if (line.isPresent()) {
      writer.write(new String(line.get(), StandardCharsets.UTF_8));
      writer.write('\n');
    }
  }

  /** Attention was looked at by the run that had the first context. */
  private void copyAttention(Path folder) {
    Optional<Path> file =
        run.all().stream()
            .filter(owned -> owned.sample().context() == 0)
            .map(owned -> owned.folder().path().resolve(AttentionFile.NAME))
            .findFirst()
            .filter(Files::isRegularFile);
    if (file.isPresent()) {
      try {
        Files.copy(file.get(), folder.resolve(AttentionFile.NAME));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot copy " + file.get(), e);
      }
    }
  }
}
