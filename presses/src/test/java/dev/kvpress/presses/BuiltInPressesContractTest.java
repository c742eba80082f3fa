package dev.kvpress.presses;

import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.testing.PressContractTest;
import org.junit.jupiter.api.Nested;

/** The contract, for every press of this module; a line for each. */
class BuiltInPressesContractTest {
  abstract static class Contract extends PressContractTest {
    private final String spec;

    Contract(String spec) {
      this.spec = spec;
    }

    @Override
    protected ModelPress press() {
      return PressCatalog.load().make(spec).press();
    }
  }

  @Nested
  class Baseline extends Contract {
    Baseline() {
      super("baseline");
    }
  }

  @Nested
  class ObservedAttention extends Contract {
    ObservedAttention() {
      super("observed_attention");
    }
  }

  @Nested
  class ObservedAttentionNormalizeFalse extends Contract {
    ObservedAttentionNormalizeFalse() {
      super("observed_attention(normalize=false)");
    }
  }

  @Nested
  class H2o extends Contract {
    H2o() {
      super("h2o");
    }
  }

  @Nested
  class H2oLocalWindowSize8 extends Contract {
    H2oLocalWindowSize8() {
      super("h2o(local_window_size=8)");
    }
  }

  @Nested
  class H2oLocalWindowSize0NormalizeFalseDecodingTrue extends Contract {
    H2oLocalWindowSize0NormalizeFalseDecodingTrue() {
      super("h2o(local_window_size=0,normalize=false,decoding=true)");
    }
  }

  @Nested
  class H2oHhSize4RecentSize4 extends Contract {
    H2oHhSize4RecentSize4() {
      super("h2o(hh_size=4,recent_size=4)");
    }
  }

  @Nested
  class H2oHeavyRatio02RecentRatio03 extends Contract {
    H2oHeavyRatio02RecentRatio03() {
      super("h2o(heavy_ratio=0.2,recent_ratio=0.3)");
    }
  }

  @Nested
  class StreamingLlm extends Contract {
    StreamingLlm() {
      super("streaming_llm");
    }
  }

  @Nested
  class StreamingLlmNSink16 extends Contract {
    StreamingLlmNSink16() {
      super("streaming_llm(n_sink=16)");
    }
  }

  @Nested
  class Local extends Contract {
    Local() {
      super("local");
    }
  }

  @Nested
  class Random extends Contract {
    Random() {
      super("random");
    }
  }

  @Nested
  class RandomSeed7 extends Contract {
    RandomSeed7() {
      super("random(seed=7)");
    }
  }

  @Nested
  class Knorm extends Contract {
    Knorm() {
      super("knorm");
    }
  }

  @Nested
  class Snapkv extends Contract {
    Snapkv() {
      super("snapkv");
    }
  }

  @Nested
  class SnapkvWindowSize4KernelSize3 extends Contract {
    SnapkvWindowSize4KernelSize3() {
      super("snapkv(window_size=4,kernel_size=3)");
    }
  }

  @Nested
  class Tova extends Contract {
    Tova() {
      super("tova");
    }
  }

  @Nested
  class DmsRandomSlidingWindowSize8DecodingTrue extends Contract {
    DmsRandomSlidingWindowSize8DecodingTrue() {
      super("dms(random,sliding_window_size=8,decoding=true)");
    }
  }

  @Nested
  class DmsH2oLocalWindowSize4Threshold003SlidingWindowSize8DecodingTrue extends Contract {
    DmsH2oLocalWindowSize4Threshold003SlidingWindowSize8DecodingTrue() {
      super("dms(h2o(local_window_size=4),threshold=0.03,sliding_window_size=8,decoding=true)");
    }
  }

  @Nested
  class DmsSnapkvWindowSize4Threshold002SlidingWindowSize0 extends Contract {
    DmsSnapkvWindowSize4Threshold002SlidingWindowSize0() {
      super("dms(snapkv(window_size=4),threshold=0.02,sliding_window_size=0)");
    }
  }

  @Nested
  class KnormBudget10 extends Contract {
    KnormBudget10() {
      super("knorm(budget=10)");
    }
  }

  @Nested
  class Keydiff extends Contract {
    Keydiff() {
      super("keydiff");
    }
  }

  @Nested
  class Lagkv extends Contract {
    Lagkv() {
      super("lagkv");
    }
  }

  @Nested
  class LagkvNSink2LagSize5 extends Contract {
    LagkvNSink2LagSize5() {
      super("lagkv(n_sink=2,lag_size=5)");
    }
  }

  @Nested
  class LagkvLagSize4CrossScoringTrue extends Contract {
    LagkvLagSize4CrossScoringTrue() {
      super("lagkv(lag_size=4,cross_scoring=true)");
    }
  }

  @Nested
  class Cur extends Contract {
    Cur() {
      super("cur");
    }
  }

  @Nested
  class CurLeverageTypeKvAvgUseRandomLeverageTrueUseLocalApproximationFalse extends Contract {
    CurLeverageTypeKvAvgUseRandomLeverageTrueUseLocalApproximationFalse() {
      super("cur(leverage_type=kv_avg,use_random_leverage=true,use_local_approximation=false)");
    }
  }

  @Nested
  class Qfilter extends Contract {
    Qfilter() {
      super("qfilter");
    }
  }

  @Nested
  class PyramidkvWindowSize2KernelSize3Beta2 extends Contract {
    PyramidkvWindowSize2KernelSize3Beta2() {
      super("pyramidkv(window_size=2,kernel_size=3,beta=2)");
    }
  }

  @Nested
  class Minikv extends Contract {
    Minikv() {
      super("minikv");
    }
  }

  @Nested
  class MinikvHeavyRatio02RecentRatio03 extends Contract {
    MinikvHeavyRatio02RecentRatio03() {
      super("minikv(heavy_ratio=0.2,recent_ratio=0.3)");
    }
  }

  @Nested
  class QuantizedKnormBits8 extends Contract {
    QuantizedKnormBits8() {
      super("quantized(knorm,bits=8)");
    }
  }

  @Nested
  class ExpectedAttention extends Contract {
    ExpectedAttention() {
      super("expected_attention");
    }
  }

  @Nested
  class ExpectedAttentionNFuturePositions8NSink0UseVnormFalse extends Contract {
    ExpectedAttentionNFuturePositions8NSink0UseVnormFalse() {
      super("expected_attention(n_future_positions=8,n_sink=0,use_vnorm=false)");
    }
  }

  @Nested
  class ThinkKeyChannelCompressionRatio05WindowSize4 extends Contract {
    ThinkKeyChannelCompressionRatio05WindowSize4() {
      super("think(key_channel_compression_ratio=0.5,window_size=4)");
    }
  }

  @Nested
  class SimlayerkvLazyThreshold01NRecent8NInitial2 extends Contract {
    SimlayerkvLazyThreshold01NRecent8NInitial2() {
      super("simlayerkv(lazy_threshold=0.1,n_recent=8,n_initial=2)");
    }
  }

  @Nested
  class H2oSimpleHhSize4RecentSize8 extends Contract {
    H2oSimpleHhSize4RecentSize8() {
      super("h2o_simple(hh_size=4,recent_size=8)");
    }
  }

  @Nested
  class AdakvKnorm extends Contract {
    AdakvKnorm() {
      super("adakv(knorm)");
    }
  }

  @Nested
  class AdakvH2oLocalWindowSize4AlphaSafeguard0 extends Contract {
    AdakvH2oLocalWindowSize4AlphaSafeguard0() {
      super("adakv(h2o(local_window_size=4),alpha_safeguard=0)");
    }
  }

  @Nested
  class AdakvSnapkvWindowSize4AlphaSafeguard1 extends Contract {
    AdakvSnapkvWindowSize4AlphaSafeguard1() {
      super("adakv(snapkv(window_size=4),alpha_safeguard=1)");
    }
  }

  @Nested
  class CriticalkvKnorm extends Contract {
    CriticalkvKnorm() {
      super("criticalkv(knorm)");
    }
  }

  @Nested
  class CriticalkvH2oLocalWindowSize4FirstStageRatio0 extends Contract {
    CriticalkvH2oLocalWindowSize4FirstStageRatio0() {
      super("criticalkv(h2o(local_window_size=4),first_stage_ratio=0)");
    }
  }

  @Nested
  class CriticalAdakvObservedAttention extends Contract {
    CriticalAdakvObservedAttention() {
      super("critical_adakv(observed_attention)");
    }
  }

  @Nested
  class ChunkKnormChunkLength7 extends Contract {
    ChunkKnormChunkLength7() {
      super("chunk(knorm,chunk_length=7)");
    }
  }

  @Nested
  class ChunkH2oLocalWindowSize4ChunkLength10 extends Contract {
    ChunkH2oLocalWindowSize4ChunkLength10() {
      super("chunk(h2o(local_window_size=4),chunk_length=10)");
    }
  }

  @Nested
  class ChunkkvKnormChunkLength4 extends Contract {
    ChunkkvKnormChunkLength4() {
      super("chunkkv(knorm,chunk_length=4)");
    }
  }

  @Nested
  class ChunkkvSnapkvWindowSize4 extends Contract {
    ChunkkvSnapkvWindowSize4() {
      super("chunkkv(snapkv(window_size=4))");
    }
  }

  @Nested
  class BlockKeydiffBlockSize16 extends Contract {
    BlockKeydiffBlockSize16() {
      super("block(keydiff,block_size=16)");
    }
  }

  @Nested
  class BlockTova extends Contract {
    BlockTova() {
      super("block(tova)");
    }
  }

  @Nested
  class ComposedH2oLocalWindowSize4Knorm extends Contract {
    ComposedH2oLocalWindowSize4Knorm() {
      super("composed(h2o(local_window_size=4),knorm)");
    }
  }

  @Nested
  class ComposedKnormAdakvTova extends Contract {
    ComposedKnormAdakvTova() {
      super("composed(knorm,adakv(tova))");
    }
  }

  @Nested
  class PerLayerKnormCompressionRatios0000005 extends Contract {
    PerLayerKnormCompressionRatios0000005() {
      super("per_layer(knorm,compression_ratios=[0,0,0,0,0,0.5])");
    }
  }

  @Nested
  class KeyRerotationSnapkvWindowSize4 extends Contract {
    KeyRerotationSnapkvWindowSize4() {
      super("key_rerotation(snapkv(window_size=4))");
    }
  }

  @Nested
  class DecodingKnormCompressionInterval2TargetSize16 extends Contract {
    DecodingKnormCompressionInterval2TargetSize16() {
      super("decoding(knorm,compression_interval=2,target_size=16)");
    }
  }

  @Nested
  class CompressionRatioDecodingH2oLocalWindowSize4CompressionInterval3 extends Contract {
    CompressionRatioDecodingH2oLocalWindowSize4CompressionInterval3() {
      super("compression_ratio_decoding(h2o(local_window_size=4),compression_interval=3)");
    }
  }

  @Nested
  class PrefillDecodingKnormDecodingTovaCompressionInterval2TargetSize16 extends Contract {
    PrefillDecodingKnormDecodingTovaCompressionInterval2TargetSize16() {
      super("prefill_decoding(knorm,decoding(tova,compression_interval=2,target_size=16))");
    }
  }

  @Nested
  class AdakvPyramidkvWindowSize2KernelSize3Beta2 extends Contract {
    AdakvPyramidkvWindowSize2KernelSize3Beta2() {
      super("adakv(pyramidkv(window_size=2,kernel_size=3,beta=2))");
    }
  }

  @Nested
  class DmsExpectedAttentionThreshold001SlidingWindowSize4 extends Contract {
    DmsExpectedAttentionThreshold001SlidingWindowSize4() {
      super("dms(expected_attention,threshold=0.01,sliding_window_size=4)");
    }
  }

  @Nested
  class NonCausalAttnChunkSize16 extends Contract {
    NonCausalAttnChunkSize16() {
      super("non_causal_attn(chunk_size=16)");
    }
  }

  @Nested
  class LeverageScoreSketchDimension4 extends Contract {
    LeverageScoreSketchDimension4() {
      super("leverage_score(sketch_dimension=4)");
    }
  }

  @Nested
  class CompactorSinkSizeStart2SinkSizeEnd1ChunkSize16SketchDimension4 extends Contract {
    CompactorSinkSizeStart2SinkSizeEnd1ChunkSize16SketchDimension4() {
      super("compactor(sink_size_start=2,sink_size_end=1,chunk_size=16,sketch_dimension=4)");
    }
  }

  @Nested
  class Kvzap extends Contract {
    Kvzap() {
      super("kvzap");
    }
  }

  @Nested
  class KvzapModelTypeLinearNSink0 extends Contract {
    KvzapModelTypeLinearNSink0() {
      super("kvzap(model_type=linear,n_sink=0)");
    }
  }

  @Nested
  class KvzapNoSink extends Contract {
    KvzapNoSink() {
      super("kvzap_no_sink");
    }
  }

  @Nested
  class ExpectedAttentionWithStatsNFuturePositions8 extends Contract {
    ExpectedAttentionWithStatsNFuturePositions8() {
      super("expected_attention_with_stats(n_future_positions=8)");
    }
  }

  @Nested
  class Cap extends Contract {
    Cap() {
      super("cap");
    }
  }

  @Nested
  class CapTau2NSink0NFuturePositions8 extends Contract {
    CapTau2NSink0NFuturePositions8() {
      super("cap(tau=2,n_sink=0,n_future_positions=8)");
    }
  }

  @Nested
  class Dropkv extends Contract {
    Dropkv() {
      super("dropkv");
    }
  }

  @Nested
  class DropkvWindowSize4KernelSize3 extends Contract {
    DropkvWindowSize4KernelSize3() {
      super("dropkv(window_size=4,kernel_size=3)");
    }
  }

  @Nested
  class DuoAttentionHeadCompressionRatio05SinkSize2RecentSize5 extends Contract {
    DuoAttentionHeadCompressionRatio05SinkSize2RecentSize5() {
      super("duo_attention(head_compression_ratio=0.5,sink_size=2,recent_size=5)");
    }
  }

  @Nested
  class DuoAttentionHeadCompressionRatio05OnTheFlyScoringTrueSinkSize2RecentSize0 extends Contract {
    DuoAttentionHeadCompressionRatio05OnTheFlyScoringTrueSinkSize2RecentSize0() {
      super(
          "duo_attention(head_compression_ratio=0.5,on_the_fly_scoring=true,sink_size=2,recent_size=0)");
    }
  }

  @Nested
  class FinchWindowSize4 extends Contract {
    FinchWindowSize4() {
      super("finch(window_size=4)");
    }
  }

  @Nested
  class FinchWindowSize2ChunkLength40NormalizeScoresFalseRerotateKeysFalse extends Contract {
    FinchWindowSize2ChunkLength40NormalizeScoresFalseRerotateKeysFalse() {
      super("finch(window_size=2,chunk_length=40,normalize_scores=false,rerotate_keys=false)");
    }
  }

  @Nested
  class AdakvKvzap extends Contract {
    AdakvKvzap() {
      super("adakv(kvzap)");
    }
  }

  @Nested
  class CriticalAdakvExpectedAttentionNFuturePositions8 extends Contract {
    CriticalAdakvExpectedAttentionNFuturePositions8() {
      super("critical_adakv(expected_attention(n_future_positions=8))");
    }
  }

  @Nested
  class CriticalkvKvzapNoSink extends Contract {
    CriticalkvKvzapNoSink() {
      super("criticalkv(kvzap_no_sink)");
    }
  }

  @Nested
  class DmsKvzapThreshold0SlidingWindowSize4DecodingTrue extends Contract {
    DmsKvzapThreshold0SlidingWindowSize4DecodingTrue() {
      super("dms(kvzap,threshold=0,sliding_window_size=4,decoding=true)");
    }
  }

  @Nested
  class DecodingExpectedAttentionCompressionInterval3TargetSize16 extends Contract {
    DecodingExpectedAttentionCompressionInterval3TargetSize16() {
      super("decoding(expected_attention,compression_interval=3,target_size=16)");
    }
  }

  @Nested
  class DecodingAdakvKvzapCompressionInterval2TargetSize16 extends Contract {
    DecodingAdakvKvzapCompressionInterval2TargetSize16() {
      super("decoding(adakv(kvzap),compression_interval=2,target_size=16)");
    }
  }

  @Nested
  class CompressionRatioDecodingCapCompressionInterval3 extends Contract {
    CompressionRatioDecodingCapCompressionInterval3() {
      super("compression_ratio_decoding(cap,compression_interval=3)");
    }
  }

  @Nested
  class PrefillDecodingKvzapNoSinkDecodingKvzapCompressionInterval2TargetSize16 extends Contract {
    PrefillDecodingKvzapNoSinkDecodingKvzapCompressionInterval2TargetSize16() {
      super(
          "prefill_decoding(kvzap_no_sink,decoding(kvzap,compression_interval=2,target_size=16))");
    }
  }

  @Nested
  class ChunkExpectedAttentionWithStatsChunkLength20 extends Contract {
    ChunkExpectedAttentionWithStatsChunkLength20() {
      super("chunk(expected_attention_with_stats,chunk_length=20)");
    }
  }

  @Nested
  class KeyRerotationDropkvWindowSize4 extends Contract {
    KeyRerotationDropkvWindowSize4() {
      super("key_rerotation(dropkv(window_size=4))");
    }
  }

  @Nested
  class MergingKnorm extends Contract {
    MergingKnorm() {
      super("merging(knorm)");
    }
  }

  @Nested
  class MergingAdakvH2oLocalWindowSize4SimilarityThreshold03MergeFraction06 extends Contract {
    MergingAdakvH2oLocalWindowSize4SimilarityThreshold03MergeFraction06() {
      super("merging(adakv(h2o(local_window_size=4)),similarity_threshold=0.3,merge_fraction=0.6)");
    }
  }

  @Nested
  class CamKnormCompressionInterval3TargetSize16MergeBudget4 extends Contract {
    CamKnormCompressionInterval3TargetSize16MergeBudget4() {
      super("cam(knorm,compression_interval=3,target_size=16,merge_budget=4)");
    }
  }

  @Nested
  class CamTovaCompressionInterval1TargetSize10 extends Contract {
    CamTovaCompressionInterval1TargetSize10() {
      super("cam(tova,compression_interval=1,target_size=10)");
    }
  }

  @Nested
  class LukvKnorm extends Contract {
    LukvKnorm() {
      super("lukv(knorm)");
    }
  }

  @Nested
  class LukvSnapkvWindowSize4Sink0Window3 extends Contract {
    LukvSnapkvWindowSize4Sink0Window3() {
      super("lukv(snapkv(window_size=4),sink=0,window=3)");
    }
  }

  @Nested
  class KvzapModelTypeLinear extends Contract {
    KvzapModelTypeLinear() {
      super("kvzap(model_type=linear)");
    }
  }

  @Nested
  class Kvzip extends Contract {
    Kvzip() {
      super("kvzip");
    }
  }

  @Nested
  class KvzipLayerwiseTrueChunkSize7 extends Contract {
    KvzipLayerwiseTrueChunkSize7() {
      super("kvzip(layerwise=true,chunk_size=7)");
    }
  }

  @Nested
  class KvzipHeadwiseTrueNSink0KvzipPlusNormalizationTrue extends Contract {
    KvzipHeadwiseTrueNSink0KvzipPlusNormalizationTrue() {
      super("kvzip(headwise=true,n_sink=0,kvzip_plus_normalization=true)");
    }
  }

  @Nested
  class KvzipPlus extends Contract {
    KvzipPlus() {
      super("kvzip_plus");
    }
  }

  @Nested
  class Restorekv extends Contract {
    Restorekv() {
      super("restorekv");
    }
  }

  @Nested
  class RestorekvHeadwiseTrueNSink0ChunkSize7 extends Contract {
    RestorekvHeadwiseTrueNSink0ChunkSize7() {
      super("restorekv(headwise=true,n_sink=0,chunk_size=7)");
    }
  }

  @Nested
  class RestorekvPlus extends Contract {
    RestorekvPlus() {
      super("restorekv_plus");
    }
  }

  @Nested
  class PrefillDecodingKvzip extends Contract {
    PrefillDecodingKvzip() {
      super("prefill_decoding(kvzip,decoding(knorm,compression_interval=3,target_size=8))");
    }
  }

  @Nested
  class Rkv extends Contract {
    Rkv() {
      super("rkv");
    }
  }

  @Nested
  class RkvWindowSize4KernelSize3MixLambda05 extends Contract {
    RkvWindowSize4KernelSize3MixLambda05() {
      super("rkv(window_size=4,kernel_size=3,mix_lambda=0.5)");
    }
  }

  @Nested
  class DecodingRkvWindowSize4CompressionInterval3TargetSize16 extends Contract {
    DecodingRkvWindowSize4CompressionInterval3TargetSize16() {
      super("decoding(rkv(window_size=4),compression_interval=3,target_size=16)");
    }
  }

  @Nested
  class Defensivekv extends Contract {
    Defensivekv() {
      super("defensivekv");
    }
  }

  @Nested
  class DefensivekvWindowSize4KernelSize3 extends Contract {
    DefensivekvWindowSize4KernelSize3() {
      super("defensivekv(window_size=4,kernel_size=3)");
    }
  }

  @Nested
  class LayerDefensivekvWindowSize4 extends Contract {
    LayerDefensivekvWindowSize4() {
      super("layer_defensivekv(window_size=4)");
    }
  }

  @Nested
  class Triattention extends Contract {
    Triattention() {
      super("triattention");
    }
  }

  @Nested
  class TriattentionOffsetMaxLength3NormalizeScoresFalse extends Contract {
    TriattentionOffsetMaxLength3NormalizeScoresFalse() {
      super("triattention(offset_max_length=3,normalize_scores=false)");
    }
  }

  @Nested
  class Fastkvzip extends Contract {
    Fastkvzip() {
      super("fastkvzip");
    }
  }

  @Nested
  class FastkvzipLayerwiseTrueNSink0WindowRatio01 extends Contract {
    FastkvzipLayerwiseTrueNSink0WindowRatio01() {
      super("fastkvzip(layerwise=true,n_sink=0,window_ratio=0.1)");
    }
  }

  @Nested
  class Kvcompose extends Contract {
    Kvcompose() {
      super("kvcompose");
    }
  }

  @Nested
  class KvcomposeStructuredFalseAggTaskMean extends Contract {
    KvcomposeStructuredFalseAggTaskMean() {
      super("kvcompose(structured=false,agg_task=mean,agg_group=max)");
    }
  }

  @Nested
  class KvcomposeAggHeadMaxAddVNormTrueKeepTokenLowerBound3 extends Contract {
    KvcomposeAggHeadMaxAddVNormTrueKeepTokenLowerBound3() {
      super(
          "kvcompose(agg_head=max,add_v_norm=true,add_mean_across_heads=false,keep_token_lower_bound=3)");
    }
  }
}
