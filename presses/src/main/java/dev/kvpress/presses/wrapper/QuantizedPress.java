package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.ForwardingPress;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressArguments;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.List;
import java.util.Optional;

/**
 * Any press with its cache in 8, 4 or 2 bits (KIVI): keys in blocks of one channel over a group of
 * tokens, values in blocks of channels of one token, the most recent tokens in full. The press
 * decides what stays as it does alone; around the baseline nothing goes but bits.
 */
public final class QuantizedPress extends ForwardingPress {
  private static final Parameter BITS =
      Parameter.integer("bits", 4, 2, "bits per number: 8, 4 or 2");

  private static final Parameter GROUP =
      Parameter.integer(
          "group_size", CacheFormat.DEFAULT_GROUP, 1, "tokens or channels that share a scale");

  private static final Parameter RESIDUAL =
      Parameter.integer(
          "residual_length", CacheFormat.DEFAULT_RESIDUAL, 0, "most recent tokens left in full");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("quantized")
          .wraps("press")
          .with(BITS)
          .with(GROUP)
          .with(RESIDUAL)
          .summary("Wraps a press: keeps the cache that it leaves in 8, 4 or 2 bits.")
          .source("KIVI, arXiv 2402.02750")
          .madeBy(QuantizedPress::of);

  private final ModelPress press;
  private final CacheFormat format;

  /**
   * Wraps a press.
   *
   * @param press what stays of the cache
   * @param format what the cache is kept in, whatever comes with the press itself
   */
  public QuantizedPress(ModelPress press, CacheFormat format) {
    super(press);
    this.press = press;
    this.format = format;
  }

  private static QuantizedPress of(PressArguments arguments) {
    CacheFormat format =
        Refusals.format(
            arguments,
            arguments.integer(BITS),
            arguments.integer(GROUP),
            arguments.integer(RESIDUAL));
    arguments
        .press()
        .press()
        .cacheFormat()
        .ifPresent(
            own -> {
              throw Refusals.refused(
                  "quantized sets the bits of the cache, '%s' comes with %s; set those there instead",
                  arguments.press().spec(), own.describe());
            });
    return new QuantizedPress(arguments.press().press(), format);
  }

  @Override
  public Optional<CacheFormat> cacheFormat() {
    return Optional.of(format);
  }

  @Override
  public List<Optional<PressState>> observe(ModelSignals model) {
    return press.observe(model);
  }

  @Override
  public List<CacheEdit> compress(ModelSignals model, Budget budget) {
    return press.compress(model, budget);
  }

  @Override
  public BudgetKind budgetKind() {
    return press.keepsAll() ? BudgetKind.OWN : press.budgetKind();
  }
}
