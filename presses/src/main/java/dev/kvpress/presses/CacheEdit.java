package dev.kvpress.presses;

import com.google.common.collect.ImmutableList;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a press wants done to the cache of one layer. All parts are optional and combine; they are
 * carried out in the order of the fields.
 *
 * @param kept slots that stay, per row and KV head; empty: all
 * @param keys replaced keys of the kept tokens {@code [B, G, kept, D]} (merging, re-rotation)
 * @param values replaced values of the kept tokens {@code [B, G, kept, D]}
 * @param zeroedChannels key channels set to zero, {@code [B*G][channels]} (ThinK)
 * @param nextPosition position of the next token, where re-rotation has closed the gaps; empty: the
 *     true position goes on
 * @param state what the press wants to be given back at the next step
 * @param notices remarks for the user, each said once per run
 */
public record CacheEdit(
    Optional<KeptSlots> kept,
    Optional<HeadVectors> keys,
    Optional<HeadVectors> values,
    Optional<ZeroedChannels> zeroedChannels,
    OptionalInt nextPosition,
    Optional<PressState> state,
    ImmutableList<String> notices) {

  private static final CacheEdit NONE =
      new CacheEdit(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          ImmutableList.of());

  /** The edit that changes nothing. */
  public static CacheEdit none() {
    return NONE;
  }

  /** An edit that keeps the chosen slots of each head; {@link #none()} if that is all of them. */
  public static CacheEdit keep(LayerSignals layer, KeptSlots.Choice choice) {
    KeptSlots kept = KeptSlots.chosen(layer, choice);
    return kept.removesFrom(layer) ? keep(kept) : NONE;
  }

  /** An edit that keeps these slots and removes the others. */
  public static CacheEdit keep(KeptSlots kept) {
    return new CacheEdit(
        Optional.of(kept),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        ImmutableList.of());
  }

  /** The same edit with a state to carry to the next step. */
  public CacheEdit withState(PressState next) {
    return new CacheEdit(
        kept, keys, values, zeroedChannels, nextPosition, Optional.of(next), notices);
  }

  /** The same edit with a state to carry to the next step, if there is one. */
  public CacheEdit remembering(Optional<PressState> next) {
    return next.isPresent() ? withState(next.get()) : this;
  }

  /** The same edit with a state to carry, or without any. */
  public CacheEdit onlyRemembering(Optional<PressState> next) {
    return new CacheEdit(kept, keys, values, zeroedChannels, nextPosition, next, notices);
  }

  /** The same edit with one more remark for the user. */
  public CacheEdit withNotice(String notice) {
    return new CacheEdit(
        kept,
        keys,
        values,
        zeroedChannels,
        nextPosition,
        state,
        ImmutableList.<String>builder().addAll(notices).add(notice).build());
  }

  /**
   * This edit and then another, which was decided on {@code LayerSignals.after(this)}, as one. Of
   * two states the later one is carried.
   */
  public CacheEdit then(CacheEdit next) {
    Optional<KeptSlots> both =
        kept.isPresent() && next.kept.isPresent()
            ? Optional.of(kept.get().then(next.kept.get()))
            : next.kept.or(() -> kept);
    Optional<ZeroedChannels> zeroed =
        zeroedChannels.isPresent() && next.zeroedChannels.isPresent()
            ? Optional.of(zeroedChannels.get().and(next.zeroedChannels.get()))
            : next.zeroedChannels.or(() -> zeroedChannels);
    return new CacheEdit(
        both,
        next.keys.or(() -> keys.map(own -> next.kept.map(own::keep).orElse(own))),
        next.values.or(() -> values.map(own -> next.kept.map(own::keep).orElse(own))),
        zeroed,
        next.nextPosition.isPresent() ? next.nextPosition : nextPosition,
        next.state.or(() -> state),
        ImmutableList.<String>builder().addAll(notices).addAll(next.notices).build());
  }

  /** The same edit with keys in the place of those of the kept tokens. */
  public CacheEdit withKeys(HeadVectors replaced, OptionalInt position) {
    return new CacheEdit(
        kept, Optional.of(replaced), values, zeroedChannels, position, state, notices);
  }

  /** The same edit with values in the place of those of the kept tokens. */
  public CacheEdit withValues(HeadVectors replaced) {
    return new CacheEdit(
        kept, keys, Optional.of(replaced), zeroedChannels, nextPosition, state, notices);
  }

  /** An edit that sets key channels to zero. */
  public static CacheEdit zero(ZeroedChannels channels) {
    return new CacheEdit(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(channels),
        OptionalInt.empty(),
        Optional.empty(),
        ImmutableList.of());
  }

  /** Whether keys and values stay as they are. */
  public boolean changesNothing() {
    return kept.isEmpty() && keys.isEmpty() && values.isEmpty() && zeroedChannels.isEmpty();
  }
}
