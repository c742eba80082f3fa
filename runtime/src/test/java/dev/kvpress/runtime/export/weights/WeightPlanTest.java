package dev.kvpress.runtime.export.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WeightPlanTest {
  private static final UsedWeight EMBEDDING =
      weight("embedding", true, Set.of(WeightUse.PIECES, WeightUse.PRODUCT), 1000, 256);
  private static final UsedWeight PROJECTION =
      weight("projection", false, Set.of(WeightUse.PRODUCT), 512, 256);
  private static final UsedWeight TURNED =
      weight("turned", false, Set.of(WeightUse.TURNED_PRODUCT), 256, 500);
  private static final UsedWeight EXPERTS =
      weight("experts", false, Set.of(WeightUse.PIECES), 8, 512, 256);
  private static final UsedWeight ROUTER = weight("router", false, Set.of(WeightUse.WHOLE), 8, 256);
  private static final UsedWeight NORM = weight("norm", false, Set.of(WeightUse.WHOLE), 256);
  private static final UsedWeight BOTH_WAYS =
      weight("both", false, Set.of(WeightUse.PRODUCT, WeightUse.TURNED_PRODUCT), 256, 256);
  private static final List<UsedWeight> ALL =
      List.of(EMBEDDING, PROJECTION, TURNED, EXPERTS, ROUTER, NORM, BOTH_WAYS);

  private static UsedWeight weight(String name, boolean outer, Set<WeightUse> uses, long... shape) {
    return new UsedWeight(TensorSpec.of(name, shape), uses, outer);
  }

  @Test
  void fourBitsLeaveEmbeddingAndOutputMatrixAtEight() {
    WeightPlan plan = WeightPlan.of(ALL, WeightFormat.INT4, true);
    assertThat(block(plan, "embedding").bits()).isEqualTo(8);
    assertThat(block(plan, "projection").bits()).isEqualTo(4);
    assertThat(block(plan, "turned").bits()).isEqualTo(4);
    assertThat(block(plan, "turned").vectors()).isEqualTo(500);
    assertThat(block(plan, "experts").vectors()).isEqualTo(8 * 512);
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  void whatIsReadAsAWholeStaysWide(WeightFormat format) {
    WeightPlan plan = WeightPlan.of(ALL, format, true);
    assertThat(plan.form("router")).isInstanceOf(WideForm.class);
    assertThat(plan.form("norm")).isInstanceOf(WideForm.class);
  }

  @Test
  void whatIsReadBothWaysIsNotRounded() {
    assertThat(WeightPlan.of(ALL, WeightFormat.INT8, true).form("both"))
        .isInstanceOf(WideForm.class);
  }

  @Test
  void blocksDivideTheInputs() {
    assertThat(blockOf(WeightFormat.INT8, 256)).isEqualTo(128);
    assertThat(blockOf(WeightFormat.INT8, 2880)).isEqualTo(64);
    assertThat(blockOf(WeightFormat.INT4, 256)).isEqualTo(32);
    assertThat(blockOf(WeightFormat.INT4, 48)).isEqualTo(16);
  }

  @Test
  void productsFillUpTheirLastBlock() {
    UsedWeight odd = weight("odd", false, Set.of(WeightUse.PRODUCT), 64, 100);
    BlockForm form = block(WeightPlan.of(List.of(odd), WeightFormat.INT8, true), "odd");
    assertThat(form.block()).isEqualTo(128);
    assertThat(form.regionBytes()).containsExactly(64L * 128, 64L * Float.BYTES);
  }

  @Test
  void piecesAreCutWhereBlocksEnd() {
    UsedWeight odd = weight("odd", false, Set.of(WeightUse.PIECES), 64, 100);
    assertThat(WeightPlan.of(List.of(odd), WeightFormat.INT8, true).form("odd"))
        .isInstanceOf(WideForm.class);
  }

  @Test
  void whatIsShorterThanABlockStaysWide() {
    UsedWeight small = weight("small", false, Set.of(WeightUse.PRODUCT), 64, 12);
    assertThat(WeightPlan.of(List.of(small), WeightFormat.INT8, true).form("small"))
        .isInstanceOf(WideForm.class);
  }

  @Test
  void halvesAreWidenedOnceWhereTheEngineWouldDoItForEachSession() {
    assertThat(WeightPlan.of(ALL, WeightFormat.F16, true).form("projection"))
        .isInstanceOf(RoundedForm.class);
    assertThat(WeightPlan.of(ALL, WeightFormat.F16, false).form("projection"))
        .isInstanceOf(HalfForm.class);
  }

  @Test
  void regionsAreAsLargeAsTheirConstants() {
    WeightPlan plan = WeightPlan.of(ALL, WeightFormat.INT4, true);
    for (WeightForm form : plan.forms()) {
      for (StoredTensor tensor : form.tensors()) {
        long elements = tensor.dims().stream().reduce(1L, Math::multiplyExact);
        int bytes = tensor.type().name().equals("UINT8") ? 1 : Float.BYTES;
        assertThat(form.regionBytes().get(tensor.region()))
            .as(tensor.name())
            .isEqualTo(elements * bytes);
      }
    }
  }

  private static int blockOf(WeightFormat format, long inputs) {
    UsedWeight weight = weight("w", false, Set.of(WeightUse.PRODUCT), 64, inputs);
    return block(WeightPlan.of(List.of(weight), format, true), "w").block();
  }

  private static BlockForm block(WeightPlan plan, String name) {
    return (BlockForm) plan.form(name);
  }
}
