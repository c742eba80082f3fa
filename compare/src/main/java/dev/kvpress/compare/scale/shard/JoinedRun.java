package dev.kvpress.compare.scale.shard;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.UsageException;
import dev.kvpress.compare.run.plan.PlannedReference;
import dev.kvpress.compare.run.plan.PlannedSample;
import dev.kvpress.compare.run.plan.PlannedTask;
import dev.kvpress.compare.run.plan.RunPlan;
import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.compare.task.Task;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Folders of runs that belong together, seen as one run. */
public final class JoinedRun implements AutoCloseable {
  private final ImmutableList<RunFolder> folders;
  private final RunPlan plan;

  /** Samples by the place of their task, in file order. */
  private final List<List<Owned>> samples = new ArrayList<>();

  /**
   * A sample and the folder that has it.
   *
   * @param sample the sample
   * @param folder whose it is
   */
  record Owned(PlannedSample sample, RunFolder folder) {}

  private record Place(int task, int sample) {}

  private JoinedRun(List<RunFolder> folders) {
    this.folders = ImmutableList.copyOf(folders);
    RunPlan first = folders.get(0).plan();
    this.plan =
        new RunPlan(
            first.basis(),
            first.common(),
            Shard.WHOLE,
            true,
            first.contexts(),
            first.widestWindow(),
            reference(folders).orElse(null),
            first.cells(),
            first.tasks());
    for (PlannedTask task : plan.tasks()) {
      List<Owned> own = new ArrayList<>();
      for (RunFolder folder : folders) {
        folder.run().samples(task).forEach(sample -> own.add(new Owned(sample, folder)));
      }
      own.sort(Comparator.comparingInt(owned -> owned.sample().sample()));
      samples.add(own);
    }
  }

  /**
   * Opens folders.
   *
   * @param paths at least one
   * @param notices takes a remark on each damaged journal
   * @throws UsageException naming in what they do not belong together, and work that stands in two
   *     of them
   * @throws dev.kvpress.compare.data.DataException if one of them is none of a run
   */
  public static JoinedRun open(List<Path> paths, Consumer<String> notices) {
    requireDistinct(paths);
    List<RunFolder> folders = new ArrayList<>();
    boolean done = false;
    try {
      paths.forEach(path -> folders.add(RunFolder.open(path, notices)));
      List<String> differences = Agreement.differences(folders);
      if (!differences.isEmpty()) {
        throw new UsageException(differences);
      }
      JoinedRun run = new JoinedRun(folders);
      List<String> doubles = run.doubles();
      if (!doubles.isEmpty()) {
        throw new UsageException(doubles);
      }
      done = true;
      return run;
    } finally {
      if (!done) {
        folders.forEach(RunFolder::close);
      }
    }
  }

  private static void requireDistinct(List<Path> paths) {
    Set<Path> seen = new HashSet<>();
    List<String> twice = new ArrayList<>();
    for (Path path : paths) {
      if (!seen.add(real(path))) {
        twice.add("%s stands there twice; give each folder once".formatted(path));
      }
    }
    if (!twice.isEmpty()) {
      throw new UsageException(twice);
    }
  }

  /** The folder itself, whatever leads there; the path as it is where there is none. */
  static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path.toAbsolutePath().normalize();
    }
  }

  /** Samples that two folders have, a line for each two of them. */
  private List<String> doubles() {
    Map<Place, Owned> owners = new HashMap<>();
    Map<List<Path>, List<Owned>> found = new LinkedHashMap<>();
    for (Owned owned : all()) {
      Owned other =
          owners.putIfAbsent(new Place(owned.sample().task(), owned.sample().sample()), owned);
      if (other != null) {
        found
            .computeIfAbsent(
                List.of(other.folder().path(), owned.folder().path()), key -> new ArrayList<>())
            .add(owned);
      }
    }
    List<String> lines = new ArrayList<>();
    found.forEach(
        (pair, twice) ->
            lines.add(
                "%s and %s both have %,d samples, first sample %d of %s; give each shard once"
                    .formatted(
                        pair.get(0),
                        pair.get(1),
                        twice.size(),
                        twice.get(0).sample().sample(),
                        plan.tasks().get(twice.get(0).sample().task()).describe())));
    return lines;
  }

  /** The reference run of all: begun if it is anywhere, else to come if it is anywhere. */
  private static Optional<PlannedReference> reference(List<RunFolder> folders) {
    List<PlannedReference> all =
        folders.stream().flatMap(f -> Optional.ofNullable(f.plan().reference()).stream()).toList();
    return all.stream()
        .filter(one -> one.common() != null)
        .findFirst()
        .or(() -> all.stream().filter(one -> one.missing() == null).findFirst())
        .or(() -> all.stream().findFirst());
  }

  /** What was measured. */
  public List<Task> tasks() {
    return plan.tasks().stream().map(PlannedTask::known).distinct().toList();
  }

  /** The plan of all together. */
  RunPlan plan() {
    return plan;
  }

  List<RunFolder> folders() {
    return folders;
  }

  /** The samples of a task that some folder has, in file order. */
  List<Owned> samples(PlannedTask task) {
    return samples.get(task.place());
  }

  /** All samples, task by task. */
  List<Owned> all() {
    return samples.stream().flatMap(Collection::stream).toList();
  }

  /** Places of contexts that no folder has. */
  List<Integer> absentContexts() {
    BitSet there = new BitSet(plan.contexts());
    all().forEach(owned -> there.set(owned.sample().context()));
    List<Integer> absent = new ArrayList<>();
    for (int c = there.nextClearBit(0); c < plan.contexts(); c = there.nextClearBit(c + 1)) {
      absent.add(c);
    }
    return absent;
  }

  /** Shards that are not there; empty where the folders are not shards of one division. */
  List<Shard> absentShards() {
    Set<Integer> numbers = new TreeSet<>();
    Set<Integer> divisions = new TreeSet<>();
    for (RunFolder folder : folders) {
      numbers.add(folder.plan().shard().number());
      divisions.add(folder.plan().shard().of());
    }
    List<Shard> absent = new ArrayList<>();
    if (divisions.size() == 1 && folders.stream().noneMatch(f -> f.plan().merged())) {
      int of = divisions.iterator().next();
      for (int number = 1; number <= of; number++) {
        if (!numbers.contains(number)) {
          absent.add(new Shard(number, of));
        }
      }
    }
    return absent;
  }

  @Override
  public void close() {
    folders.forEach(RunFolder::close);
  }
}
