package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ForwardingLayerPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.PressStates;
import dev.kvpress.presses.SavedState;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressArguments;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Lets the prefill pass and cuts the cache in decoding, every so many steps, to a number of tokens
 * or to a share of the tokens seen.
 *
 * <p>A step counts as one however many tokens it has; a step of at least the target's number of
 * tokens is cut at once. Attention scorers use all the attention observed so far, where kvpress
 * {@code decoding_press.py} sees the current row only, and positions stay those of the text, where
 * kvpress hands a cache in the order of the last scores on to scorers of positions. A press that
 * needs hidden states or queries remembers all it needs since the prefill, where kvpress keeps the
 * hidden states of at most {@code hidden_states_buffer_size} steps and forgets them at each cut;
 * there is no such parameter here.
 */
public final class DecodingPress extends ForwardingLayerPress {
  static final Parameter INTERVAL =
      Parameter.integer("compression_interval", 512, 1, "steps from one cut to the next");

  static final Parameter TARGET =
      Parameter.integer("target_size", 2048, 1, "tokens kept at each cut");

  /** The catalogue line of the form with a number of tokens. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("decoding")
          .wraps("base_press")
          .with(INTERVAL)
          .with(TARGET)
          .summary("Wraps a press: cuts to a fixed size every so many decoding steps.")
          .source("kvpress decoding_press.py")
          .madeBy(arguments -> of(arguments, Budget.tokens(arguments.integer(TARGET))));

  /** The catalogue line of the form with a share of the tokens seen. */
  public static final PressDescriptor RATIO_DESCRIPTOR =
      PressDescriptor.named("compression_ratio_decoding")
          .wraps("base_press")
          .with(INTERVAL)
          .with(
              Parameter.number(
                  "target_compression_ratio",
                  0.5,
                  0,
                  Math.nextDown(1.0),
                  "fraction of the tokens seen removed at each cut"))
          .summary("Wraps a press: cuts to a share of the text every so many decoding steps.")
          .source("kvpress compression_ratio_decoding_press.py")
          .madeBy(
              arguments ->
                  of(arguments, Budget.ratio(arguments.number("target_compression_ratio"))));

  /** What its state is called in files. */
  public static final String STATE = "decoding";

  private final int interval;
  private final Budget target;

  /**
   * Wraps a press.
   *
   * @param interval steps from one cut to the next, at least 1
   * @param target what stays at each cut
   */
  public DecodingPress(Press press, int interval, Budget target) {
    super(press);
    this.interval = INTERVAL.checked(interval);
    this.target = target;
  }

  private static DecodingPress of(PressArguments arguments, Budget target) {
    Press press = arguments.layerPress();
    Refusals.requireDecoding(arguments.press(), arguments.name());
    return new DecodingPress(press, arguments.integer(INTERVAL), target);
  }

  /** Steps since the last cut, and what the press inside remembers. */
  private record Steps(int count, Optional<PressState> inner) implements PressState {
    @Override
    public Optional<SavedState> saved() {
      SavedState saved = new SavedState(STATE).with("count", count);
      return PressStates.withInner(saved, inner);
    }

    @Override
    public PressState fork() {
      return new Steps(count, inner.map(PressState::fork));
    }

    @Override
    public PressState afterEdit(CacheEdit edit) {
      return new Steps(count, inner.map(state -> state.afterEdit(edit)));
    }
  }

  /**
   * Its state out of a file.
   *
   * @throws IllegalArgumentException naming what is wrong with it
   */
  public static PressState restored(SavedState saved, LayerLedger ledger) {
    saved.require(STATE, "count", PressStates.INNER);
    int count = saved.integer("count", 0, Integer.MAX_VALUE - 1);
    return new Steps(count, PressStates.inner(saved, ledger));
  }

  @Override
  public Optional<PressState> observe(LayerSignals layer) {
    return press.observe(layer).map(inner -> new Steps(0, Optional.of(inner)));
  }

  @Override
  public CacheEdit compress(LayerSignals layer, Budget budget) {
    if (layer.phase() == Phase.PREFILL) {
      return CacheEdit.none().remembering(observe(layer));
    }
    Optional<Steps> before = layer.state().filter(Steps.class::isInstance).map(Steps.class::cast);
    int steps = before.map(Steps::count).orElse(0) + 1;
    LayerSignals inner = before.flatMap(Steps::inner).map(layer::withState).orElse(layer);
    boolean due = steps >= interval || layer.newTokens() >= target.keptOf(layer.tokensSeen(0));
    if (!due) {
      return CacheEdit.none().withState(new Steps(steps, press.observe(inner)));
    }
    CacheEdit cut = press.compress(inner, target);
    return cut.withState(new Steps(0, cut.state().or(() -> press.observe(inner))));
  }

  @Override
  public Set<Phase> phases() {
    return EnumSet.allOf(Phase.class);
  }

  @Override
  public boolean evictsWhileDecoding() {
    return true;
  }

  @Override
  public BudgetKind budgetKind() {
    return BudgetKind.OWN;
  }
}
