package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkState;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.graph.TapRequest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** One press cuts the caches of one context; see {@link Context#compress}. */
final class Cut {
  private final DecoderModel model;
  private final Context context;
  private final List<LayerCache> layers;
  private final CacheCount count;
  private final ContextGuard guard;

  /** Nothing is asked yet. */
  Cut(DecoderModel model, Context context, ContextGuard guard) {
    this.model = model;
    this.context = context;
    this.layers = context.layers();
    this.count = context.count();
    this.guard = guard;
  }

  /**
   * Cuts.
   *
   * @throws ModelException if the graph cannot go on with what the press wants to leave
   */
  EditSummary by(ModelPress given, Budget budget) {
    checkState(
        count.tokensSeen() > 0, "nothing has passed yet; prefill a prompt before compressing");
    EditRules rules = new EditRules(model);
    RunState run = context.run();
    ModelPress press = run.standing().suited(given);
    press.cacheFormat().ifPresent(format -> new CacheForms(model).require(format));
    if (press.needs().contains(new Signal.Rotary())) {
      rules.requireOneRotation(run.firstStepEnd(), run.nextPosition());
    }
    ModelSignals seen =
        LayerCache.signals(
            model, layers, run.phase(), run.lastStepTokens(), count.tokensSeen(), run.standing());
    ContextReader reader = new ContextReader(model, context);
    Optional<DecoderModel> adapted = adapted(press, budget);
    long start = System.nanoTime();
    List<CacheEdit> edits = press.compress(press.readsAgain() ? seen.with(reader) : seen, budget);
    long pressed = System.nanoTime();
    guard.requireWanted();
    run.standing().requireFitting(given, edits);
    long before = count.kept();
    long read = reader.nanos();
    int appended = adapted.isPresent() ? append(adapted.get(), edits, rules, reader) : 0;
    if (appended == 0) {
      apply(context, edits, rules);
    }
    press.cacheFormat().ifPresent(context::pack);
    // Trained tokens have put another state in the place of the one before.
    context.run().note(run.notes().cutBy(press.getClass().getSimpleName(), budget.describe()));
    return new EditSummary(
        pressed - start - read,
        System.nanoTime() - pressed - (reader.nanos() - read),
        reader.nanos(),
        reader.tokens(),
        before + appended * heads() - count.kept(),
        Stream.concat(
                edits.stream().flatMap(edit -> edit.notices().stream()), reader.notice().stream())
            .distinct()
            .toList());
  }

  private long heads() {
    LayerLedger first = layers.get(0).ledger();
    return (long) layers.size() * first.batch() * first.kvHeads();
  }

  /** The model through which trained tokens of a press pass, opened before anything is timed. */
  private Optional<DecoderModel> adapted(ModelPress press, Budget budget) {
    if (press.appends().isEmpty() || budget.keepsAll()) {
      return Optional.empty();
    }
    checkState(
        context.format().isEmpty(), "trained tokens pass over a cache in full; press it before");
    return press.appends().map(model::adapted);
  }

  /**
   * Where a press cuts, lets its trained tokens pass behind the context and carries out its edits,
   * which keep these; all of it or nothing.
   *
   * @param adapted whose vocabulary is the tokens
   * @param reader is told what that has cost
   * @return tokens that have passed
   */
  private int append(
      DecoderModel adapted, List<CacheEdit> edits, EditRules rules, ContextReader reader) {
    if (edits.stream().allMatch(CacheEdit::changesNothing)) {
      return 0;
    }
    RunState run = context.run();
    TrainedTokens tokens = new TrainedTokens(adapted.info().vocabulary());
    int[] ids = tokens.ids();
    try (Context other = context.through(adapted)) {
      TapRequest tap = SignalTaps.request(run.signals(), true);
      int[] end = run.positionsAfter(ids.length);
      long start = System.nanoTime();
      other.pass(TokenBlock.of(List.of(ids)), tap, true, false, end, ids.length);
      reader.passed(ids.length, end[0], System.nanoTime() - start);
      other.run().stepEnded(false, ids.length);
      other.run().markTrained(ids.length);
      guard.requireWanted();
      apply(other, tokens.staying(other.layers(), edits), rules);
      context.restore(other);
    }
    return ids.length;
  }

  /** All edits or none. */
  private static void apply(Context to, List<CacheEdit> edits, EditRules rules) {
    int seen = to.count().tokensSeen();
    OptionalInt position = rules.nextPosition(edits, seen);
    rules.checked(to.layers(), edits, seen).apply();
    position.ifPresent(to.run()::moveTo);
  }
}
