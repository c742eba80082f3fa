package dev.kvpress.presses;

import com.google.common.collect.ImmutableList;
import dev.kvpress.presses.reading.KvComposePress;
import dev.kvpress.presses.reading.KvZipPress;
import dev.kvpress.presses.reading.RestoreKvPress;
import dev.kvpress.presses.rule.DefensiveKvPress;
import dev.kvpress.presses.rule.DuoAttentionPress;
import dev.kvpress.presses.rule.FastKvZipPress;
import dev.kvpress.presses.rule.FinchPress;
import dev.kvpress.presses.rule.H2oSimplePress;
import dev.kvpress.presses.rule.LayerDefensiveKvPress;
import dev.kvpress.presses.rule.SimLayerKvPress;
import dev.kvpress.presses.rule.ThinkPress;
import dev.kvpress.presses.scorer.CapPress;
import dev.kvpress.presses.scorer.CompactorPress;
import dev.kvpress.presses.scorer.CurPress;
import dev.kvpress.presses.scorer.DropKvPress;
import dev.kvpress.presses.scorer.ExpectedAttentionPress;
import dev.kvpress.presses.scorer.H2oPress;
import dev.kvpress.presses.scorer.KeyDiffPress;
import dev.kvpress.presses.scorer.KnormPress;
import dev.kvpress.presses.scorer.KvZapPress;
import dev.kvpress.presses.scorer.LagKvPress;
import dev.kvpress.presses.scorer.LeverageScorePress;
import dev.kvpress.presses.scorer.MiniKvPress;
import dev.kvpress.presses.scorer.NonCausalAttentionPress;
import dev.kvpress.presses.scorer.ObservedAttentionPress;
import dev.kvpress.presses.scorer.PyramidKvPress;
import dev.kvpress.presses.scorer.QFilterPress;
import dev.kvpress.presses.scorer.RandomPress;
import dev.kvpress.presses.scorer.RkvPress;
import dev.kvpress.presses.scorer.SnapKvPress;
import dev.kvpress.presses.scorer.StreamingLlmPress;
import dev.kvpress.presses.scorer.TovaPress;
import dev.kvpress.presses.scorer.TriAttentionPress;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.presses.spec.PressProvider;
import dev.kvpress.presses.wrapper.AdaKvPress;
import dev.kvpress.presses.wrapper.BlockPress;
import dev.kvpress.presses.wrapper.CamPress;
import dev.kvpress.presses.wrapper.ChunkKvPress;
import dev.kvpress.presses.wrapper.ChunkPress;
import dev.kvpress.presses.wrapper.ComposedPress;
import dev.kvpress.presses.wrapper.CriticalAdaKvPress;
import dev.kvpress.presses.wrapper.CriticalKvPress;
import dev.kvpress.presses.wrapper.DecodingPress;
import dev.kvpress.presses.wrapper.DmsPress;
import dev.kvpress.presses.wrapper.KeyRerotationPress;
import dev.kvpress.presses.wrapper.LuKvPress;
import dev.kvpress.presses.wrapper.MergingPress;
import dev.kvpress.presses.wrapper.PerLayerPress;
import dev.kvpress.presses.wrapper.PrefillDecodingPress;
import dev.kvpress.presses.wrapper.QuantizedPress;
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
        ExpectedAttentionPress.STATISTICS_DESCRIPTOR,
        CapPress.DESCRIPTOR,
        DropKvPress.DESCRIPTOR,
        RkvPress.DESCRIPTOR,
        TriAttentionPress.DESCRIPTOR,
        NonCausalAttentionPress.DESCRIPTOR,
        LeverageScorePress.DESCRIPTOR,
        CompactorPress.DESCRIPTOR,
        MiniKvPress.DESCRIPTOR,
        KvZapPress.DESCRIPTOR,
        KvZapPress.NO_SINK_DESCRIPTOR,
        FastKvZipPress.DESCRIPTOR,
        ThinkPress.DESCRIPTOR,
        SimLayerKvPress.DESCRIPTOR,
        DuoAttentionPress.DESCRIPTOR,
        FinchPress.DESCRIPTOR,
        DefensiveKvPress.DESCRIPTOR,
        LayerDefensiveKvPress.DESCRIPTOR,
        H2oSimplePress.DESCRIPTOR,
        KvZipPress.DESCRIPTOR,
        KvZipPress.PLUS_DESCRIPTOR,
        RestoreKvPress.DESCRIPTOR,
        RestoreKvPress.PLUS_DESCRIPTOR,
        KvComposePress.DESCRIPTOR,
        DmsPress.DESCRIPTOR,
        AdaKvPress.DESCRIPTOR,
        CriticalKvPress.DESCRIPTOR,
        CriticalAdaKvPress.DESCRIPTOR,
        ChunkPress.DESCRIPTOR,
        ChunkKvPress.DESCRIPTOR,
        BlockPress.DESCRIPTOR,
        LuKvPress.DESCRIPTOR,
        MergingPress.DESCRIPTOR,
        ComposedPress.DESCRIPTOR,
        PerLayerPress.DESCRIPTOR,
        KeyRerotationPress.DESCRIPTOR,
        DecodingPress.DESCRIPTOR,
        DecodingPress.RATIO_DESCRIPTOR,
        CamPress.DESCRIPTOR,
        PrefillDecodingPress.DESCRIPTOR,
        QuantizedPress.DESCRIPTOR);
  }
}
