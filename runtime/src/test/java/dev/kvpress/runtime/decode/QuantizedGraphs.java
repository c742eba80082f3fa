package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import com.google.protobuf.ByteString;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.GraphEdit;
import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.OperatorSetIdProto;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A float32 graph as tools quantize it, beside the same graph with the float32 numbers that the
 * quantized ones stand for.
 *
 * @param quantized the first
 * @param plain the second
 * @param matrices what the quantized numbers stand for, {@code [in,out]} by name
 */
record QuantizedGraphs(Path quantized, Path plain, Map<String, float[]> matrices) {

  /** Ways to write a product with a quantized matrix. */
  enum Way {
    /** Whole numbers of 8 bits, a scale for each output, behind DequantizeLinear. */
    DEQUANTIZED,
    /** Blocks of 16 numbers of 4 bits with zero points, MatMulNBits. */
    BLOCKS,
    /** Activations rounded as well, MatMulInteger. */
    DYNAMIC
  }

  private static final int BLOCK = 16;

  /** Rewrites all products with constants of a graph whose weights lie beside it. */
  static QuantizedGraphs write(Path graph, Path folder, Way way) throws IOException {
    ModelProto model = inside(ModelProto.parseFrom(Files.readAllBytes(graph)), graph);
    Map<String, TensorProto> constants = new HashMap<>();
    model.getGraph().getInitializerList().forEach(t -> constants.put(t.getName(), t));
    GraphEdit edit = new GraphEdit(model);
    Map<String, float[]> matrices = new HashMap<>();
    for (NodeProto node : edit.nodes()) {
      TensorProto weight = node.getInputCount() > 1 ? constants.get(node.getInput(1)) : null;
      if (node.getOpType().equals("MatMul")
          && weight != null
          && (way != Way.BLOCKS || weight.getDims(0) % BLOCK == 0)) {
        Rounded rounded = new Rounded(weight, way);
        matrices.put(weight.getName(), rounded.stands);
        edit.replace(node, rounded.nodes(node), rounded.constants);
      }
    }
    ModelProto changed =
        edit.build().toBuilder()
            .addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain(GraphBuilder.CONTRIB).setVersion(1))
            .build();
    ModelProto.Builder plain = model.toBuilder();
    for (TensorProto.Builder tensor : plain.getGraphBuilder().getInitializerBuilderList()) {
      float[] stands = matrices.get(tensor.getName());
      if (stands != null) {
        tensor.setRawData(raw(stands));
      }
    }
    Path quantized = Files.createDirectories(folder.resolve("quantized")).resolve("model.onnx");
    Path reference = Files.createDirectories(folder.resolve("plain")).resolve("model.onnx");
    Files.write(quantized, changed.toByteArray());
    Files.write(reference, plain.build().toByteArray());
    return new QuantizedGraphs(quantized, reference, matrices);
  }

  private static ModelProto inside(ModelProto model, Path graph) throws IOException {
    ModelProto.Builder inside = model.toBuilder();
    for (TensorProto.Builder tensor : inside.getGraphBuilder().getInitializerBuilderList()) {
      Map<String, String> entries = new HashMap<>();
      tensor.getExternalDataList().forEach(e -> entries.put(e.getKey(), e.getValue()));
      if (!entries.isEmpty()) {
        byte[] file = Files.readAllBytes(graph.resolveSibling(entries.get("location")));
        int offset = Integer.parseInt(entries.get("offset"));
        int length = Integer.parseInt(entries.get("length"));
        tensor.clearExternalData().clearDataLocation();
        tensor.setRawData(ByteString.copyFrom(file, offset, length));
      }
    }
    return inside.build();
  }

  private static ByteString raw(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return ByteString.copyFrom(bytes);
  }

  private static final class Rounded {
    private final String name;
    private final Way way;
    private final int inputs;
    private final int outputs;
    private final float[] numbers;
    private final float[] stands;
    private final List<TensorProto> constants = new ArrayList<>();

    Rounded(TensorProto weight, Way way) {
      this.name = weight.getName();
      this.way = way;
      this.inputs = (int) weight.getDims(0);
      this.outputs = (int) weight.getDims(1);
      this.numbers = new float[inputs * outputs];
      this.stands = new float[inputs * outputs];
      ByteBuffer raw = weight.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      raw.asFloatBuffer().get(numbers);
      if (way == Way.BLOCKS) {
        blocks();
      } else {
        byOutput();
      }
    }

    private void byOutput() {
      // Where the processor has no instructions for products of bytes, the engine adds two of them
      // in 16 bits; tools reduce the range by a bit so that no sum of two is cut off.
      int largest = way == Way.DYNAMIC ? 63 : 127;
      byte[] codes = new byte[numbers.length];
      float[] scales = new float[outputs];
      for (int o = 0; o < outputs; o++) {
        for (int i = 0; i < inputs; i++) {
          scales[o] = Math.max(scales[o], Math.abs(numbers[i * outputs + o]) / largest);
        }
        for (int i = 0; i < inputs; i++) {
          int at = i * outputs + o;
          codes[at] = (byte) Math.round(numbers[at] / scales[o]);
          stands[at] = scales[o] * codes[at];
        }
      }
      constant("codes", DataType.INT8_VALUE, ByteString.copyFrom(codes), inputs, outputs);
      constant("scales", DataType.FLOAT_VALUE, raw(scales), outputs);
      constant("zeros", DataType.INT8_VALUE, ByteString.copyFrom(new byte[outputs]), outputs);
    }

    private void blocks() {
      int blocks = inputs / BLOCK;
      int zeroBytes = (blocks + 1) / 2;
      byte[] codes = new byte[outputs * inputs / 2];
      float[] scales = new float[outputs * blocks];
      byte[] zeros = new byte[outputs * zeroBytes];
      for (int o = 0; o < outputs; o++) {
        for (int b = 0; b < blocks; b++) {
          float least = 0;
          float most = 0;
          for (int i = b * BLOCK; i < (b + 1) * BLOCK; i++) {
            least = Math.min(least, numbers[i * outputs + o]);
            most = Math.max(most, numbers[i * outputs + o]);
          }
          float scale = (most - least) / 15;
          int zero = Math.round(-least / scale);
          scales[o * blocks + b] = scale;
          zeros[o * zeroBytes + b / 2] |= (byte) (zero << 4 * (b % 2));
          for (int i = b * BLOCK; i < (b + 1) * BLOCK; i++) {
            int at = i * outputs + o;
            int code = Math.max(0, Math.min(15, Math.round(numbers[at] / scale) + zero));
            codes[(o * inputs + i) / 2] |= (byte) (code << 4 * (i % 2));
            stands[at] = scale * (code - zero);
          }
        }
      }
      ByteString bytes = ByteString.copyFrom(codes);
      constant("codes", DataType.UINT8_VALUE, bytes, outputs, blocks, BLOCK / 2);
      constant("scales", DataType.FLOAT_VALUE, raw(scales), outputs * blocks);
      constant("zeros", DataType.UINT8_VALUE, ByteString.copyFrom(zeros), zeros.length);
    }

    private void constant(String part, int type, ByteString raw, long... dims) {
      TensorProto.Builder tensor =
          TensorProto.newBuilder().setName(name + "." + part).setDataType(type).setRawData(raw);
      Arrays.stream(dims).forEach(tensor::addDims);
      constants.add(tensor.build());
    }

    List<NodeProto> nodes(NodeProto product) {
      GraphBuilder graph = new GraphBuilder();
      String x = product.getInput(0);
      String y = product.getOutput(0);
      String codes = name + ".codes";
      String scales = name + ".scales";
      String zeros = name + ".zeros";
      switch (way) {
        case DEQUANTIZED -> {
          List<AttributeProto> axis = List.of(attribute("axis", 1));
          graph.op("DequantizeLinear", name + ".wide", axis, codes, scales, zeros);
          graph.op("MatMul", y, x, name + ".wide");
        }
        case BLOCKS ->
            graph.add(
                GraphBuilder.CONTRIB,
                "MatMulNBits",
                List.of(
                    attribute("K", inputs),
                    attribute("N", outputs),
                    attribute("bits", 4),
                    attribute("block_size", BLOCK)),
                List.of(y),
                List.of(x, codes, scales, zeros));
        case DYNAMIC -> {
          List<String> rounded = List.of(y + ".codes", y + ".scale", y + ".zero");
          graph.add("", "DynamicQuantizeLinear", List.of(), rounded, List.of(x));
          graph.op("MatMulInteger", y + ".whole", rounded.get(0), codes, rounded.get(2), zeros);
          graph.op("Cast", y + ".cast", List.of(attribute("to", 1)), y + ".whole");
          graph.op("Mul", y + ".scales", rounded.get(1), scales);
          graph.op("Mul", y, y + ".cast", y + ".scales");
        }
      }
      return graph.nodes();
    }
  }
}
