package dev.kvpress.runtime.graph.kernels;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.OperatorSetIdProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nodes without a kernel are found wherever they stand, and types are followed to them. */
class CudaKernelsTest {
  private static final int FLOAT = ElementType.FLOAT32.onnxNumber();
  private static final int HALF = ElementType.FLOAT16.onnxNumber();

  private final GraphBuilder graph = new GraphBuilder();

  private List<Fallback> fallbacks(int opset) {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
            .addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain("com.microsoft").setVersion(1));
    return CudaKernels.fallbacks(model.setGraph(graph.build("g")).build());
  }

  @Test
  void typesAreFollowedThroughCastsAndConstants() {
    graph.input("x", ElementType.FLOAT32, "n");
    String half = graph.op("Cast", "half", List.of(attribute("to", HALF)), "x");
    graph.op("Range", "counted", half, half, half);
    graph.op("Range", "well", graph.longScalar(0), graph.longScalar(4), graph.longScalar(1));
    assertThat(fallbacks(18))
        .containsExactly(
            new Fallback(
                "Range",
                "its CUDA kernel is for f32, f64, i16, i32, i64, found f16",
                List.of("counted")));
  }

  @Test
  void nodesInsideBodiesAreJudgedByTheTypesThatReachThem() {
    graph.input("x", ElementType.FLOAT32, "n");
    GraphBuilder body = graph.body();
    body.input("round", ElementType.INT64);
    body.input("go", ElementType.BOOL);
    body.op("Identity", "on", "go");
    String half = body.op("Cast", "inside_half", List.of(attribute("to", HALF)), "carried");
    body.op("Acos", "bent", half);
    body.op("Cast", "next", List.of(attribute("to", FLOAT)), "x");
    body.op("Range", "counted", half, half, half);
    // As it is written by hand: neither carried values nor outputs have a declared type.
    var open =
        body.build("body").toBuilder()
            .addInput(ValueInfoProto.newBuilder().setName("carried"))
            .addOutput(ValueInfoProto.newBuilder().setName("on"))
            .addOutput(ValueInfoProto.newBuilder().setName("next"))
            .build();
    graph.op("Loop", "looped", List.of(attribute("body", open)), graph.longScalar(2), "", "x");
    graph.op("Softmax", "after", "looped");
    assertThat(fallbacks(18))
        .extracting(Fallback::operator, Fallback::nodes)
        .containsExactly(tuple("Acos", List.of("bent")), tuple("Range", List.of("counted")));
  }

  @Test
  void nodesOfOneKindAreToldTogetherAndThoseThatAKernelRefusesToo() {
    graph.input("q", ElementType.FLOAT16, "b", "s", "e");
    graph.input("past", ElementType.FLOAT16, "b", "g", "p", "d");
    graph.input("n", ElementType.INT32, "b");
    for (String layer : List.of("a", "b")) {
      graph.add(
          GraphBuilder.CONTRIB,
          "GroupQueryAttention",
          List.of(),
          List.of(layer, layer + ".k", layer + ".v", layer + ".qk"),
          List.of("q", "q", "q", "past", "past", "n", "n"));
    }
    graph.add(
        GraphBuilder.CONTRIB,
        "GroupQueryAttention",
        List.of(),
        List.of("quiet", "quiet.k", "quiet.v"),
        List.of("q", "q", "q", "past", "past", "n", "n"));
    List<Fallback> found = fallbacks(18);
    assertThat(found)
        .containsExactly(
            new Fallback(
                "com.microsoft.GroupQueryAttention",
                "its CUDA kernel refuses output_qk",
                List.of("a", "b")));
    assertThat(found.get(0))
        .hasToString(
            "com.microsoft.GroupQueryAttention (2 nodes): its CUDA kernel refuses output_qk");
  }

  @Test
  void operatorsThatNobodyKnowsAndTypesThatCannotBeToldAreNeverTakenForGood() {
    graph.input("x", ElementType.FLOAT32, "n");
    graph.op("Undreamt", "strange", "x");
    graph.op("Softmax", "after", "strange");
    graph.op("Cast", "untold", "x");
    assertThat(fallbacks(18))
        .extracting(Fallback::reason)
        .containsExactly(
            "no CUDA kernel of that name is known",
            "the element type of its output untold cannot be told");
  }

  @Test
  void operatorsThatCallCudnnAreNamedOnce() {
    graph.input("x", ElementType.FLOAT32, "n", "m");
    graph.op("ReduceMax", "most", "x");
    graph.op("ReduceMax", "most_again", "x");
    graph.op("ReduceSum", "sum", "x");
    GraphBuilder body = graph.body();
    body.op("Einsum", "inside", List.of(attribute("equation", "ij->i")), "x");
    body.output("inside", ElementType.FLOAT32, "n");
    var branch = body.build("branch");
    graph.input("which", ElementType.BOOL);
    graph.op(
        "If",
        "chosen",
        List.of(attribute("then_branch", branch), attribute("else_branch", branch)),
        "which");
    ModelProto model =
        ModelProto.newBuilder()
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(18))
            .setGraph(graph.build("g"))
            .build();
    assertThat(CudaKernels.cudnnOperators(model)).containsExactly("Einsum", "ReduceMax");
    assertThat(CudaKernels.fallbacks(model)).isEmpty();
  }
}
