package dev.kvpress.runtime.graph.pack;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.OperatorSetIdProto;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedProductsTest {
  private static final int K = 512;
  private static final int N = 1024;

  @TempDir Path folder;

  /** One large weight of a product, one small, and a large one that is looked up. */
  @Test
  void largeWeightsOfProductsNeedNotBeFedAndGiveTheSame() throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(4 * K * N).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < K * N; i++) {
      bytes.putFloat(i % 17 / 16f);
    }
    Files.write(folder.resolve("w.bin"), bytes.array());
    GraphBuilder graph = new GraphBuilder();
    graph.input("x", ElementType.FLOAT32, "rows", K);
    graph.output("y", ElementType.FLOAT32, "rows", N);
    graph.initializer(external("large", K, N));
    graph.initializer(external("small", N, 8));
    graph.initializer(external("table", K, N));
    graph.op("MatMul", "y", "x", "large");
    graph.op("MatMul", "less", "y", "small");
    graph.op("Gather", "row", "table", graph.longs(3));
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
            .setGraph(graph.build("products"))
            .build();
    ModelProto declared = SharedProducts.declared(model);
    assertThat(declared.getGraph().getInputList())
        .extracting(ValueInfoProto::getName)
        .containsExactly("x", "large");
    assertThat(SharedProducts.declared(declared)).isEqualTo(declared);
    assertThat(run(declared)).containsExactly(run(model));
  }

  private static TensorProto external(String name, long... dims) {
    return GraphBuilder.external(
        name, DataType.FLOAT, List.of(dims[0], dims[1]), "w.bin", 0, 4 * dims[0] * dims[1]);
  }

  private float[] run(ModelProto model) throws Exception {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    float[] row = new float[K];
    for (int k = 0; k < K; k++) {
      row[k] = k % 5;
    }
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.addConfigEntry(
          "session.model_external_initializers_file_folder_path", folder.toString());
      options.addConfigEntry("session.disable_prepacking", "1");
      try (OrtSession session = environment.createSession(model.toByteArray(), options);
          OnnxTensor x =
              OnnxTensor.createTensor(environment, FloatBuffer.wrap(row), new long[] {1, K});
          OrtSession.Result result = session.run(Map.of("x", x))) {
        float[] values = new float[N];
        ((OnnxTensor) result.get(0)).getFloatBuffer().get(values);
        return values;
      }
    }
  }
}
