package dev.kvpress.compare.run;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.compare.run.Schedule.Asking;
import dev.kvpress.compare.run.Schedule.SharedContext;
import dev.kvpress.compare.run.plan.CellFacts;
import dev.kvpress.compare.run.plan.RunPlan;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A context of which work is to be done, and which of it is still to be done. */
public final class OpenContext {
  private final SharedContext context;
  private final ImmutableList<Todo> todo;
  private final BitSet settled = new BitSet();

  /** Made when first asked for: of a million pieces of work few are looked up at a time. */
  private @Nullable Map<String, Integer> places;

  private OpenContext(SharedContext context, List<Todo> todo) {
    this.context = context;
    this.todo = ImmutableList.copyOf(todo);
  }

  /**
   * The work of all cells on a context.
   *
   * @param common what the keys of all work have in common
   * @param wanted which keys are to be done
   */
  static OpenContext of(
      SharedContext context, List<CellPlan> cells, String common, Predicate<String> wanted) {
    List<Todo> todo = new ArrayList<>();
    List<String> contents =
        context.probes().stream()
            .map(asking -> WorkKeys.content(asking.assignment(), asking.probe()))
            .toList();
    for (CellPlan cell : cells) {
      CellFacts facts = cell.facts();
      for (int p = 0; p < contents.size(); p++) {
        Asking asking = context.probes().get(p);
        String key = RunPlan.key(common, contents.get(p), facts);
        if (wanted.test(key)) {
          todo.add(new Todo(cell, asking, context.place(), key));
        }
      }
    }
    return new OpenContext(context, todo);
  }

  /** Its place in the whole schedule, from 0. */
  public int place() {
    return context.place();
  }

  ImmutableIntArray ids() {
    return context.ids();
  }

  /** All work, done or not. */
  List<Todo> todo() {
    return todo;
  }

  /** Work that is still to be done. */
  Stream<Todo> open() {
    return IntStream.range(0, todo.size()).filter(i -> !settled.get(i)).mapToObj(todo::get);
  }

  /** Whether nothing is to be done any more. */
  public boolean isSettled() {
    return settled.cardinality() == todo.size();
  }

  /** Marks a piece of work as done; empty if there is none of that key, or it was before. */
  Optional<Todo> settle(String key) {
    Map<String, Integer> known = places;
    if (known == null) {
      known = new HashMap<>();
      for (int i = 0; i < todo.size(); i++) {
        known.put(todo.get(i).key(), i);
      }
      places = known;
    }
    Integer place = known.get(key);
    if (place == null || settled.get(place)) {
      return Optional.empty();
    }
    settled.set(place);
    if (isSettled()) {
      places = null;
    }
    return Optional.of(todo.get(place));
  }
}
