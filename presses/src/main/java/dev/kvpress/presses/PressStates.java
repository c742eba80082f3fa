package dev.kvpress.presses;

import dev.kvpress.presses.scorer.ExpectedAttentionPress;
import dev.kvpress.presses.scorer.KvZapPress;
import dev.kvpress.presses.scorer.RkvPress;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.wrapper.CamPress;
import dev.kvpress.presses.wrapper.DecodingPress;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BiFunction;

/** The one list of states that can be kept in files, by the kind that {@link SavedState} names. */
public final class PressStates {
  /** Name of the part in which a wrapper keeps what the press inside remembers. */
  public static final String INNER = "inner";

  private static final Map<String, BiFunction<SavedState, LayerLedger, PressState>> READERS =
      Map.of(
          DecodingPress.STATE, DecodingPress::restored,
          CamPress.STATE, CamPress::restored,
          KvZapPress.STATE, KvZapPress::restored,
          RkvPress.STATE, RkvPress::restored,
          ExpectedAttentionPress.STATE, ExpectedAttentionPress::restored);

  private PressStates() {}

  /**
   * A state out of a file.
   *
   * @param ledger the account of the tokens that it belongs to, complete but for it
   * @throws IllegalArgumentException naming what is wrong with it
   */
  public static PressState restored(SavedState saved, LayerLedger ledger) {
    BiFunction<SavedState, LayerLedger, PressState> reader = READERS.get(saved.kind());
    if (reader == null) {
      throw new IllegalArgumentException(
          "press state must be one of %s, found %s"
              .formatted(new TreeSet<>(READERS.keySet()), saved.kind()));
    }
    return reader.apply(saved, ledger);
  }

  /** A wrapper's state with that of the press inside; empty where that cannot be kept. */
  public static Optional<SavedState> withInner(SavedState saved, Optional<PressState> inner) {
    return inner.isEmpty()
        ? Optional.of(saved)
        : inner.flatMap(PressState::saved).map(state -> saved.with(INNER, state));
  }

  /** What the press inside remembers, out of a wrapper's state. */
  public static Optional<PressState> inner(SavedState saved, LayerLedger ledger) {
    return Optional.ofNullable(saved.parts().get(INNER)).map(state -> restored(state, ledger));
  }

  /** Refuses a number of tokens that a head does not hold. */
  public static void requireTokens(SavedState saved, LayerLedger ledger, int head, int tokens) {
    int held = ledger.length(head / ledger.kvHeads(), head % ledger.kvHeads());
    if (tokens < 0 || tokens > held) {
      throw new IllegalArgumentException(
          "%s: head %d has %d numbers, but holds %d tokens"
              .formatted(saved.kind(), head, tokens, held));
    }
  }
}
