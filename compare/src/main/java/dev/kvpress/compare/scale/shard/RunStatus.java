package dev.kvpress.compare.scale.shard;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.journal.PlanFiles;
import dev.kvpress.compare.run.plan.PlannedTask;
import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.compare.scale.shard.Tally.CellCount;
import dev.kvpress.compare.scale.shard.Tally.Counts;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How far runs are that belong together.
 *
 * @param complete whether everything is done and nothing has failed
 * @param contexts in all
 * @param together all folders as one run
 * @param folders each of them
 * @param absentShards shards of the same division that no folder has, as {@code 3/4}
 * @param absentContexts how many contexts no folder has
 * @param cells by task and cell
 */
public record RunStatus(
    boolean complete,
    int contexts,
    Work together,
    List<Folder> folders,
    List<String> absentShards,
    int absentContexts,
    List<Cell> cells) {
  /** Takes copies. */
  public RunStatus {
    folders = ImmutableList.copyOf(folders);
    absentShards = ImmutableList.copyOf(absentShards);
    cells = ImmutableList.copyOf(cells);
  }

  /**
   * Pieces of work, each a cell on a sample.
   *
   * @param done with a result
   * @param missing still to be done
   * @param failed without a result
   * @param needless left out behind a failure of their cell
   */
  public record Work(long done, long missing, long failed, long needless) {
    private static Work of(Counts counts) {
      return new Work(counts.done(), counts.missing(), counts.failed(), counts.needless());
    }
  }

  /**
   * One folder.
   *
   * @param folder as it was given
   * @param begun whether a run has begun there
   * @param shard which part it takes; null where nothing has begun or several parts were merged
   * @param contexts that it takes
   * @param work its pieces
   */
  public record Folder(
      String folder, boolean begun, @Nullable String shard, int contexts, Work work) {}

  /**
   * One cell.
   *
   * @param task what is measured
   * @param data name of the data
   * @param cell method and budget
   * @param work its pieces
   * @param error of the first sample that failed, or null
   */
  public record Cell(String task, String data, String cell, Work work, @Nullable String error) {}

  /**
   * Looks at folders; those in which nothing has begun are said to be so.
   *
   * @param notices takes a remark on each damaged journal
   * @throws dev.kvpress.compare.UsageException if they do not belong together
   * @throws dev.kvpress.compare.data.DataException if a run has begun in none of them, or one
   *     cannot be read
   */
  public static RunStatus of(List<Path> paths, Consumer<String> notices) {
    List<Path> begun =
        paths.stream()
            // A plan that is there and cannot be read has begun: opening it says what is wrong.
            .filter(
                path -> !Files.notExists(path.resolve(PlanFiles.PLAN), LinkOption.NOFOLLOW_LINKS))
            .toList();
    // Where none has begun, the first says what is expected.
    try (JoinedRun run = JoinedRun.open(begun.isEmpty() ? paths : begun, notices)) {
      return of(run, paths.stream().filter(path -> !begun.contains(path)).toList());
    }
  }

  private static RunStatus of(JoinedRun run, List<Path> idle) {
    Tally tally = Tally.of(run);
    List<Folder> folders = new ArrayList<>();
    tally.folders().forEach((folder, counts) -> folders.add(of(folder, counts)));
    idle.forEach(
        path -> folders.add(new Folder(path.toString(), false, null, 0, Work.of(Counts.NONE))));
    List<Shard> absent = run.absentShards();
    Counts together = tally.together();
    return new RunStatus(
        together.missing() == 0 && together.failed() == 0,
        run.plan().contexts(),
        Work.of(together),
        folders,
        absent.stream().map(Shard::toString).toList(),
        run.absentContexts().size(),
        tally.cells().stream().map(RunStatus::of).toList());
  }

  private static Folder of(RunFolder folder, Counts counts) {
    int contexts =
        (int)
            folder.plan().tasks().stream()
                .flatMap((PlannedTask task) -> folder.run().samples(task).stream())
                .mapToInt(sample -> sample.context())
                .distinct()
                .count();
    return new Folder(
        folder.path().toString(),
        true,
        folder.plan().merged() ? null : folder.plan().shard().toString(),
        contexts,
        Work.of(counts));
  }

  private static Cell of(CellCount count) {
    return new Cell(
        count.task().task(),
        count.task().data(),
        count.cell(),
        Work.of(count.counts()),
        count.error().orElse(null));
  }
}
