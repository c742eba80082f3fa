package dev.kvpress.runtime.graph.matrix;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.GraphIndex;
import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.OperatorSetIdProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A graph that multiplies {@code x [K,K]} by one matrix and gives {@code y [K,N]}. */
final class MatrixGraph {
  static final int FLOAT = 1;
  static final int UINT8 = 2;
  static final int INT8 = 3;
  static final int FLOAT16 = 10;
  static final int BFLOAT16 = 16;
  static final int UINT4 = 21;
  static final int INT4 = 22;

  final GraphBuilder graph = new GraphBuilder();
  private final Random random = new Random(7);
  private final int inputs;

  MatrixGraph(int inputs) {
    this.inputs = inputs;
    graph.input("x", ElementType.FLOAT32, inputs, inputs);
    graph.output("y", ElementType.FLOAT32, inputs, "n");
  }

  /** Random whole numbers in raw bytes. */
  String codes(String name, int type, int bytes, long... dims) {
    byte[] values = new byte[bytes];
    random.nextBytes(values);
    return constant(name, type, values, dims);
  }

  /** Random positive floats that all formats of 16 bits hold too. */
  String scales(String name, int type, int count, long... dims) {
    ByteBuffer bytes = ByteBuffer.allocate(count * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      float value = (1 + random.nextInt(64)) / 256f;
      switch (type) {
        case FLOAT -> bytes.putFloat(value);
        case FLOAT16 -> bytes.putShort(dev.kvpress.runtime.file.FloatDecoder.floatToHalf(value));
        default -> bytes.putShort((short) (Float.floatToIntBits(value) >> 16));
      }
    }
    byte[] used = new byte[bytes.position()];
    bytes.get(0, used);
    return constant(name, type, used, dims);
  }

  String constant(String name, int type, byte[] raw, long... dims) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(type)
            .setRawData(ByteString.copyFrom(raw));
    for (long dim : dims) {
      tensor.addDims(dim);
    }
    graph.initializer(tensor.build());
    return name;
  }

  void contrib(String type, List<AttributeProto> attributes, String output, String... inputs) {
    graph.add(GraphBuilder.CONTRIB, type, attributes, List.of(output), List.of(inputs));
  }

  ModelProto model() {
    return ModelProto.newBuilder()
        .setIrVersion(10)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(21))
        .addOpsetImport(
            OperatorSetIdProto.newBuilder().setDomain(GraphBuilder.CONTRIB).setVersion(1))
        .setGraph(graph.build("matrix"))
        .build();
  }

  /** What the finder reads of the product that an output comes from, {@code [N,K]}. */
  FloatTensor read(String output) throws UnreadableMatrix {
    GraphIndex index = new GraphIndex(model());
    NodeProto node = index.writer(output);
    return new MatrixFinder(index).weight(node).read(Path.of("."));
  }

  /** What the engine multiplies by, {@code [K,N]}. */
  float[] multiplied() throws OrtException {
    float[] identity = new float[inputs * inputs];
    for (int i = 0; i < inputs; i++) {
      identity[i * inputs + i] = 1;
    }
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(model().toByteArray());
        OnnxTensor x =
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(identity), new long[] {inputs, inputs});
        OrtSession.Result result = session.run(Map.of("x", x))) {
      FloatBuffer y = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] values = new float[y.remaining()];
      y.get(values);
      return values;
    }
  }
}
