package dev.kvpress.presses;

import com.google.common.collect.ImmutableList;
import dev.kvpress.presses.scorer.CurPress;
import dev.kvpress.presses.scorer.ExpectedAttentionPress;
import dev.kvpress.presses.scorer.H2oPress;
import dev.kvpress.presses.scorer.KeyDiffPress;
import dev.kvpress.presses.scorer.KnormPress;
import dev.kvpress.presses.scorer.LagKvPress;
import dev.kvpress.presses.scorer.ObservedAttentionPress;
import dev.kvpress.presses.scorer.PyramidKvPress;
import dev.kvpress.presses.scorer.QFilterPress;
import dev.kvpress.presses.scorer.RandomPress;
import dev.kvpress.presses.scorer.SnapKvPress;
import dev.kvpress.presses.scorer.StreamingLlmPress;
import dev.kvpress.presses.scorer.TovaPress;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.presses.spec.PressProvider;
import dev.kvpress.presses.wrapper.DmsPress;
import java.util.List;

/** The presses of this module: one line each. */
public final class BuiltInPresses implements PressProvider {
  @Override
  public List<PressDescriptor> presses() {
    return ImmutableList.of(
        BaselinePress.DESCRIPTOR,
        ObservedAttentionPress.DESCRIPTOR,
        H2oPress.DESCRIPTOR,
        StreamingLlmPress.DESCRIPTOR,
        StreamingLlmPress.LOCAL_DESCRIPTOR,
        RandomPress.DESCRIPTOR,
        KnormPress.DESCRIPTOR,
        SnapKvPress.DESCRIPTOR,
        TovaPress.DESCRIPTOR,
        PyramidKvPress.DESCRIPTOR,
        KeyDiffPress.DESCRIPTOR,
        LagKvPress.DESCRIPTOR,
        CurPress.DESCRIPTOR,
        QFilterPress.DESCRIPTOR,
        ExpectedAttentionPress.DESCRIPTOR,
        DmsPress.DESCRIPTOR);
  }
}
