package dev.kvpress.presses;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Reader;
import dev.kvpress.presses.signal.Signal;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * A press that lets the model read the context a second time before it decides what stays.
 *
 * <p>It asks a {@link Reader} and touches neither sessions nor tokenizers. What is read costs
 * passes of the model, which are counted beside the time within the press.
 */
public interface ReadingPress extends ModelPress {
  @Override
  Set<Signal> needsOfReading();

  /**
   * Cuts the caches of all layers.
   *
   * @param model the signals of each layer after the prefill
   * @param reader reads tokens behind the context; the cache stays as it is
   * @param budget how much may stay; removes something
   * @return one edit for each layer, in order
   */
  List<CacheEdit> compress(ModelSignals model, Reader reader, Budget budget);

  @Override
  default List<CacheEdit> compress(ModelSignals model, Budget budget) {
    if (budget.keepsAll()) {
      return Collections.nCopies(model.layers().size(), CacheEdit.none());
    }
    for (LayerSignals layer : model.layers()) {
      checkArgument(
          layer.batch() == 1,
          "a press that reads the context again takes one row, found %s; press rows one by one",
          layer.batch());
    }
    return compress(model, model.reader(), budget);
  }

  @Override
  default boolean readsAgain() {
    return true;
  }

  @Override
  default Set<Signal> needs() {
    return Set.of();
  }

  /** Every token must still be there: it is the whole text that is read again. */
  @Override
  default CacheShape accepts() {
    return CacheShape.WHOLE;
  }

  @Override
  default CacheShape leaves() {
    return CacheShape.BY_HEAD;
  }

  @Override
  default BudgetKind budgetKind() {
    return BudgetKind.GRANULAR;
  }
}
