package dev.kvpress.runtime.graph;

import com.google.common.primitives.Longs;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.protobuf.ByteString;
import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.AttributeProto.AttributeType;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.StringStringEntryProto;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
import dev.kvpress.runtime.onnx.TensorShapeProto;
import dev.kvpress.runtime.onnx.TypeProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes nodes and constants one after another, each value named by its caller.
 *
 * <p>A node is named after its first output, so that profiles and error messages of ONNX Runtime
 * read like the graph. Constants are named after their content and shared.
 */
public final class GraphBuilder {
  /** Domain of ONNX Runtime's own operators. */
  public static final String CONTRIB = "com.microsoft";

  private final List<NodeProto> nodes = new ArrayList<>();
  private final List<TensorProto> initializers;
  private final List<ValueInfoProto> inputs = new ArrayList<>();
  private final List<ValueInfoProto> outputs = new ArrayList<>();
  private final Set<String> constants;
  private final boolean isBody;

  /** An empty graph. */
  public GraphBuilder() {
    this(new ArrayList<>(), new HashSet<>(), false);
  }

  private GraphBuilder(List<TensorProto> initializers, Set<String> constants, boolean isBody) {
    this.initializers = initializers;
    this.constants = constants;
    this.isBody = isBody;
  }

  /**
   * The body of a loop within this graph. Its constants stand in this graph, whose values its nodes
   * may read as well.
   */
  public GraphBuilder body() {
    return new GraphBuilder(initializers, constants, true);
  }

  /**
   * Adds a node of the standard operator set with one output.
   *
   * @param type operator
   * @param output name of its output
   * @param inputs names of its inputs; an empty name leaves an optional input out
   * @return the output's name
   */
  @CanIgnoreReturnValue
  public String op(String type, String output, String... inputs) {
    return op(type, output, List.of(), inputs);
  }

  /** Adds a node of the standard operator set with attributes and one output. */
  @CanIgnoreReturnValue
  public String op(String type, String output, List<AttributeProto> attributes, String... inputs) {
    add("", type, attributes, List.of(output), List.of(inputs));
    return output;
  }

  /** Adds any node. */
  public void add(
      String domain,
      String type,
      List<AttributeProto> attributes,
      List<String> outputs,
      List<String> inputs) {
    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setName(outputs.get(0))
            .setOpType(type)
            .addAllInput(inputs)
            .addAllOutput(outputs)
            .addAllAttribute(attributes);
    if (!domain.isEmpty()) {
      node.setDomain(domain);
    }
    nodes.add(node.build());
  }

  /** Adds a node as it is. */
  public void add(NodeProto node) {
    nodes.add(node);
  }

  /** An int64 vector. */
  public String longs(long... values) {
    return constant("const.i64." + Longs.join("_", values), longTensor(values, values.length));
  }

  /** An int64 scalar. */
  public String longScalar(long value) {
    return constant("const.i64.scalar." + value, longTensor(new long[] {value}));
  }

  /** An int32 vector of one element. */
  public String int32(int value) {
    ByteBuffer raw = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.putInt(0, value);
    return constant(
        "const.i32." + value,
        TensorProto.newBuilder()
            .setDataType(DataType.INT32.getNumber())
            .addDims(1)
            .setRawData(ByteString.copyFrom(raw)));
  }

  /** A float scalar. */
  public String floatScalar(float value) {
    return constant("const.f32.scalar." + value, floatTensor(new float[] {value}));
  }

  /** A float vector under a name of its own. */
  public String floats(String name, float... values) {
    return constant(name, floatTensor(values, values.length));
  }

  private String constant(String name, TensorProto.Builder tensor) {
    if (constants.add(name)) {
      initializers.add(tensor.setName(name).build());
    }
    return name;
  }

  private static TensorProto.Builder longTensor(long[] values, long... dims) {
    ByteBuffer raw = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.asLongBuffer().put(values);
    return TensorProto.newBuilder()
        .setDataType(DataType.INT64.getNumber())
        .addAllDims(Longs.asList(dims))
        .setRawData(ByteString.copyFrom(raw));
  }

  private static TensorProto.Builder floatTensor(float[] values, long... dims) {
    ByteBuffer raw =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return TensorProto.newBuilder()
        .setDataType(DataType.FLOAT.getNumber())
        .addAllDims(Longs.asList(dims))
        .setRawData(ByteString.copyFrom(raw));
  }

  /**
   * Claims a name for a shared value.
   *
   * @return whether it was free, that is, whether the caller has to write the value
   */
  public boolean declare(String name) {
    return constants.add(name);
  }

  /** Adds a constant as it is. */
  public void initializer(TensorProto tensor) {
    if (constants.add(tensor.getName())) {
      initializers.add(tensor);
    }
  }

  /** A constant whose numbers lie in a file beside the model. */
  public static TensorProto external(
      String name, DataType type, List<Long> dims, String file, long offset, long length) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(type.getNumber())
        .addAllDims(dims)
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(entry("location", file))
        .addExternalData(entry("offset", Long.toString(offset)))
        .addExternalData(entry("length", Long.toString(length)))
        .build();
  }

  /** Declares a graph input; a dimension is a number or the name of a symbol. */
  public String input(String name, ElementType type, Object... dims) {
    inputs.add(valueInfo(name, type, dims));
    return name;
  }

  /** Declares a graph output; a dimension is a number or the name of a symbol. */
  public void output(String name, ElementType type, Object... dims) {
    outputs.add(valueInfo(name, type, dims));
  }

  /**
   * Name, type and shape of an input or output; a dimension is a number or the name of a symbol.
   */
  public static ValueInfoProto valueInfo(String name, ElementType type, Object... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Object dim : dims) {
      if (dim instanceof Number number) {
        shape.addDimBuilder().setDimValue(number.longValue());
      } else {
        shape.addDimBuilder().setDimParam(dim.toString());
      }
    }
    TypeProto.Builder typeProto = TypeProto.newBuilder();
    typeProto.getTensorTypeBuilder().setElemType(type.onnxNumber()).setShape(shape);
    return ValueInfoProto.newBuilder().setName(name).setType(typeProto).build();
  }

  /** A metadata or external-data entry. */
  public static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  /** An attribute of one whole number. */
  public static AttributeProto attribute(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
  }

  /** An attribute of one number. */
  public static AttributeProto attribute(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  /** An attribute of several whole numbers. */
  public static AttributeProto attribute(String name, long... values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.INTS)
        .addAllInts(Longs.asList(values))
        .build();
  }

  /** An attribute of text. */
  public static AttributeProto attribute(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  /** An attribute that is a graph, as a branch or a loop has. */
  public static AttributeProto attribute(String name, GraphProto value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.GRAPH)
        .setG(value)
        .build();
  }

  /** The nodes so far, in the order they were added. */
  public List<NodeProto> nodes() {
    return List.copyOf(nodes);
  }

  /** The constants so far. */
  public List<TensorProto> initializers() {
    return List.copyOf(initializers);
  }

  /** The graph so far. */
  public GraphProto build(String name) {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName(name)
            .addAllNode(nodes)
            .addAllInput(inputs)
            .addAllOutput(outputs);
    return isBody ? graph.build() : graph.addAllInitializer(initializers).build();
  }
}
