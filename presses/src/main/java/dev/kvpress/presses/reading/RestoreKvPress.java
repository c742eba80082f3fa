package dev.kvpress.presses.reading;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ReadingPress;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Reader;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressArguments;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * KVzip, whose budget is shared with trained tokens: these read the whole context once, through
 * weights that were adapted for them, and their keys and values stay. What the context loses more
 * is what they take, {@code tokens / S} of it.
 *
 * <p>Where the budget holds no more than they take, every head keeps its best token beside them,
 * which is more than the budget; kvpress {@code restorekv_press.py} keeps none.
 */
public final class RestoreKvPress implements ReadingPress {
  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("restorekv")
          .with(KvZipPress.LAYERWISE)
          .with(KvZipPress.HEADWISE)
          .with(KvZipPress.SINKS)
          .with(KvZipPress.CHUNK)
          .summary("KVzip beside trained tokens that read the context and stay in its place.")
          .source("RestoreKV, arXiv 2608.01247; kvpress restorekv_press.py")
          .madeBy(arguments -> of(arguments, "restorekv", false));

  /** The catalogue line of the normalised form. */
  public static final PressDescriptor PLUS_DESCRIPTOR =
      PressDescriptor.named("restorekv_plus")
          .with(KvZipPress.LAYERWISE)
          .with(KvZipPress.HEADWISE)
          .with(KvZipPress.SINKS)
          .with(KvZipPress.CHUNK)
          .summary("RestoreKV with the scores of KVzip+ and tokens trained beside these.")
          .source("RestoreKV, arXiv 2608.01247; kvpress restorekv_press.py")
          .madeBy(arguments -> of(arguments, "restorekv_plus", true));

  private final String tokens;
  private final KvZipScores scores;
  private final Shares shares;

  /**
   * Takes the parts.
   *
   * @param tokens name of the trained tokens, see {@link #appends()}
   * @param scores of the context's tokens
   * @param shares among whom what is left of the budget is shared
   */
  public RestoreKvPress(String tokens, KvZipScores scores, Shares shares) {
    this.tokens = tokens;
    this.scores = scores;
    this.shares = shares;
  }

  private static RestoreKvPress of(PressArguments arguments, String tokens, boolean normalized) {
    return new RestoreKvPress(
        tokens, KvZipPress.scores(arguments, normalized), KvZipPress.shares(arguments));
  }

  /** What is asked for to know how many trained tokens there are. */
  private Signal.Auxiliary embeddings() {
    return new Signal.Auxiliary(tokens + ".embeddings");
  }

  @Override
  public List<CacheEdit> compress(ModelSignals model, Reader reader, Budget budget) {
    LayerSignals layer = model.layers().get(0);
    FloatTensor trained = layer.auxiliary(embeddings().name());
    checkArgument(
        trained.shape().length == 2,
        "%s must have the shape [tokens, E], found %s axes",
        embeddings().name(),
        trained.shape().length);
    int count = trained.shape()[0];
    int context = layer.maxLength();
    List<CacheEdit> edits =
        new ArrayList<>(
            shares.edits(model, scores.of(model, reader), left(budget, count, context)));
    if (budget.keptOf(context) <= count) {
      edits.set(
          0,
          edits
              .get(0)
              .withNotice(
                  "%s of a context of %d tokens is no more than the %d restore tokens take; every head keeps one token beside them"
                      .formatted(budget.describe(), context, count)));
    }
    return edits;
  }

  /** What the trained tokens leave of a budget. */
  static Budget left(Budget budget, int tokens, int context) {
    OptionalDouble ratio = budget.compressionRatio();
    if (ratio.isPresent()) {
      double raised = ratio.getAsDouble() + (double) tokens / context;
      return Budget.ratio(Math.min(Math.nextDown(1.0), raised));
    }
    return Budget.tokens(Math.max(1, budget.keptOf(context + tokens) - tokens));
  }

  @Override
  public Optional<String> appends() {
    return Optional.of(tokens);
  }

  @Override
  public Set<Signal> needs() {
    return Signal.union(List.of(scores.needs(), Set.of(embeddings())));
  }

  @Override
  public Set<Signal> needsOfReading() {
    return scores.needsOfReading();
  }

  @Override
  public CacheShape leaves() {
    return shares == Shares.HEAD ? CacheShape.SAME_LENGTH : CacheShape.BY_HEAD;
  }

  @Override
  public BudgetKind budgetKind() {
    return BudgetKind.GRANULAR;
  }
}
