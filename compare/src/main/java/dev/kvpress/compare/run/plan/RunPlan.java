package dev.kvpress.compare.run.plan;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run is going to do, but for its samples.
 *
 * @param basis what the results rest on, by name: model, data, code, settings; equal for runs whose
 *     results belong together
 * @param common what the keys of all its work have in common
 * @param shard which part of the contexts it takes
 * @param merged whether it was put together from others
 * @param contexts in all, also where a shard takes a part of them
 * @param widestWindow of a model in which no layer sees further; null where one does
 * @param reference the full cache on other weights; null where the run's own weights cost nothing
 * @param cells methods at their budgets
 * @param tasks in the order of reports
 */
public record RunPlan(
    Map<String, String> basis,
    String common,
    Shard shard,
    boolean merged,
    int contexts,
    @Nullable Integer widestWindow,
    @Nullable PlannedReference reference,
    List<CellFacts> cells,
    List<PlannedTask> tasks) {
  /** Takes copies. */
  public RunPlan {
    basis = ImmutableMap.copyOf(basis);
    requireNonNull(common, "common");
    requireNonNull(shard, "shard");
    cells = ImmutableList.copyOf(cells);
    tasks = ImmutableList.copyOf(tasks);
  }

  /** The same with what is known of the reference by now. */
  public RunPlan with(PlannedReference known) {
    return new RunPlan(basis, common, shard, merged, contexts, widestWindow, known, cells, tasks);
  }

  /** The same but for what is run on other weights. */
  public RunPlan withoutReference() {
    return new RunPlan(basis, common, shard, merged, contexts, widestWindow, null, cells, tasks);
  }

  /** The key of a cell's work on a sample. */
  public String key(PlannedSample sample, CellFacts cell) {
    return key(common, sample.content(), cell);
  }

  /**
   * Names work by its content: two pieces of work with the same key have the same result but for
   * times.
   *
   * @param common what all work of the run shares: model, code, provider, settings
   * @param content of the sample: shape of the data, tokens, what is asked
   */
  public static String key(String common, String content, CellFacts cell) {
    Hasher hasher = Hashing.sha256().newHasher();
    put(hasher, common);
    put(hasher, content);
    put(hasher, cell.spec());
    put(hasher, cell.budget());
    put(hasher, cell.positions());
    return hasher.hash().toString();
  }

  private static void put(Hasher hasher, String text) {
    hasher.putInt(text.length()).putString(text, StandardCharsets.UTF_8);
  }
}
