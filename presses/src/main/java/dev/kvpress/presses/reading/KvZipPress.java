package dev.kvpress.presses.reading;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ReadingPress;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Reader;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressArguments;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.presses.spec.PressSpecException;
import java.util.List;
import java.util.Set;

/**
 * Lets the model repeat the context and keeps the tokens that drew the most attention meanwhile;
 * see {@link KvZipScores}. The heads of all layers share one budget, or those of each layer, or
 * every head has its own.
 *
 * <p>Tokens really go, where kvpress {@code kvzip_press.py} masks them, and every head keeps its
 * best token. Of equal scores the later token stays.
 */
public final class KvZipPress implements ReadingPress {
  static final Parameter LAYERWISE =
      Parameter.flag("layerwise", false, "whether every layer loses the same number of tokens");
  static final Parameter HEADWISE =
      Parameter.flag("headwise", false, "whether every head loses the same number of tokens");
  static final Parameter SINKS =
      Parameter.integer("n_sink", 4, 0, "first tokens that take attention beside each part");
  static final Parameter CHUNK =
      Parameter.integer("chunk_size", KvZipScores.CHUNK, 1, "tokens that are repeated at once");
  private static final Parameter PLUS =
      Parameter.flag("kvzip_plus_normalization", false, "whether scores are those of KVzip+");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("kvzip")
          .with(LAYERWISE)
          .with(HEADWISE)
          .with(SINKS)
          .with(PLUS)
          .with(CHUNK)
          .summary("Reads the context again and keeps the tokens that are needed to repeat it.")
          .source("KVzip, arXiv 2505.23416; kvpress kvzip_press.py")
          .madeBy(
              arguments ->
                  new KvZipPress(
                      scores(arguments, arguments.flag(PLUS.name())), shares(arguments)));

  /** The catalogue line of the normalised form. */
  public static final PressDescriptor PLUS_DESCRIPTOR =
      PressDescriptor.named("kvzip_plus")
          .with(LAYERWISE)
          .with(HEADWISE)
          .with(SINKS)
          .with(CHUNK)
          .summary("KVzip with attention weighed by what the value does to the hidden state.")
          .source("KVzip+, arXiv 2601.07891; kvpress kvzip_press.py")
          .madeBy(arguments -> new KvZipPress(scores(arguments, true), shares(arguments)));

  private final KvZipScores scores;
  private final Shares shares;

  /** Takes what is scored and among whom the budget is shared. */
  public KvZipPress(KvZipScores scores, Shares shares) {
    this.scores = scores;
    this.shares = shares;
  }

  static KvZipScores scores(PressArguments arguments, boolean normalized) {
    return new KvZipScores(
        arguments.integer(SINKS), normalized, arguments.integer(CHUNK), KvZipScores.TAIL);
  }

  static Shares shares(PressArguments arguments) {
    boolean layerwise = arguments.flag(LAYERWISE.name());
    boolean headwise = arguments.flag(HEADWISE.name());
    if (layerwise && headwise) {
      throw new PressSpecException(
          arguments.name()
              + ": layerwise lets the heads of a layer share a budget, headwise does not; give one of them");
    }
    return headwise ? Shares.HEAD : layerwise ? Shares.LAYER : Shares.MODEL;
  }

  @Override
  public List<CacheEdit> compress(ModelSignals model, Reader reader, Budget budget) {
    return shares.edits(model, scores.of(model, reader), budget);
  }

  @Override
  public Set<Signal> needs() {
    return scores.needs();
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
    return shares == Shares.HEAD ? BudgetKind.EXACT : BudgetKind.GRANULAR;
  }
}
