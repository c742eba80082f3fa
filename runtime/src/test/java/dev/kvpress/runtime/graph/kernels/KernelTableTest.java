package dev.kvpress.runtime.graph.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The notation of the table, and how versions and types decide. */
class KernelTableTest {
  private static final KernelTable TABLE =
      KernelTable.parse(
          """
          # a remark
          set wide f64,f32
          set all bf16,@wide
          ai.onnx.Turn | 7,13,22 | T i64 T* > T bool | 22+ T=@all | 7-13 T=@wide
          own.Turn | 1 | T > T | 1+ T=f16 | ! output 0 turned
          ai.onnx.Twist | 1 | > T | none
          """);

  private static OperatorKernels turn() {
    return TABLE.find("", "Turn").orElseThrow();
  }

  @Test
  void readsSignaturesWhoseLastInputHoldsForAllFurther() {
    assertThat(turn().inputs()).containsExactly("T", "i64", "T");
    assertThat(turn().input(5)).isEqualTo("T");
    assertThat(turn().output(1)).isEqualTo("bool");
    assertThat(TABLE.find("own", "Turn").orElseThrow().refusals())
        .containsExactly(new OperatorKernels.Refusal(true, 0, "turned"));
    assertThat(TABLE.find("other", "Turn")).isEmpty();
  }

  @Test
  void aKernelServesTheVersionsItNamesAndAnOpenOneUntilTheNextChange() {
    Map<String, List<String>> types = Map.of("T", List.of("f32"));
    assertThat(turn().refusal(7, types)).isEmpty();
    assertThat(turn().refusal(21, types)).isEmpty();
    assertThat(turn().refusal(30, types)).isEmpty();
    assertThat(turn().refusal(6, types).orElseThrow())
        .isEqualTo(
            "its CUDA kernels are for versions 22, 7 to 13 of the operator, the graph has version 0");
  }

  @Test
  void everyTypeFoundMustBeAllowed() {
    assertThat(turn().refusal(22, Map.of("T", List.of("bf16")))).isEmpty();
    assertThat(turn().refusal(13, Map.of("T", List.of("f32", "bf16"))).orElseThrow())
        .isEqualTo("its CUDA kernel is for f32, f64, found bf16");
    assertThat(TABLE.find("", "Twist").orElseThrow().refusal(1, Map.of()))
        .hasValue("it has no CUDA kernel");
  }

  @Test
  void misspelledTablesAreRefused() {
    assertThatThrownBy(() -> KernelTable.parse("ai.onnx.X | 1 | T > T | 1+ T=f33"))
        .hasMessage("there is no type f33");
    assertThatThrownBy(() -> KernelTable.parse("ai.onnx.X | 1 | T > T | 1+ T=@no"))
        .hasMessage("there is no set @no");
    assertThatThrownBy(() -> KernelTable.parse("ai.onnx.X | 1"))
        .hasMessageContaining("four fields or more");
    assertThatThrownBy(() -> KernelTable.parse("a.X | 1 | T > T | none\na.X | 1 | T > T | none"))
        .hasMessage("a.X stands in the table twice");
  }

  /** The facts that decide most for decoders, so that a slip of the pen in the table is seen. */
  @Test
  void theRecordedTableKnowsWhatDecodersAreMadeOf() {
    KernelTable cuda = KernelTable.read("cuda.txt");
    OperatorKernels grouped = cuda.find("com.microsoft", "GroupQueryAttention").orElseThrow();
    assertThat(grouped.refusal(1, Map.of("T", List.of("f16"), "C", List.of("f16")))).isEmpty();
    assertThat(grouped.refusal(1, Map.of("T", List.of("f32"), "C", List.of("f32")))).isPresent();
    OperatorKernels quantised = cuda.find("com.microsoft", "MatMulNBits").orElseThrow();
    assertThat(quantised.refusal(1, Map.of("T1", List.of("f32"), "T2", List.of("u8")))).isEmpty();
    OperatorKernels range = cuda.find("", "Range").orElseThrow();
    assertThat(range.refusal(18, Map.of("T", List.of("i64")))).isEmpty();
    assertThat(range.refusal(18, Map.of("T", List.of("f16")))).isPresent();
  }
}
