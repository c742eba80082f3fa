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
}
