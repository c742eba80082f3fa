package dev.kvpress.runtime.ort;

import static dev.kvpress.runtime.graph.GraphBuilder.valueInfo;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FolderTree;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.pack.WeightPacker;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.OperatorSetIdProto;
import dev.kvpress.runtime.onnx.StringStringEntryProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets ONNX Runtime rearrange a weight by loading a graph of one operator and saving it with {@code
 * session.save_external_prepacked_constant_initializers}. In the saved graph an entry {@code
 * prepacked_N = operator+hash|offset;length;checksum|…} stands beside the constant. A session that
 * loads a graph with such entries rearranges each weight, and if the hash of the result is that of
 * the entry, maps the file and drops its own copy.
 */
final class OrtWeightPacker implements WeightPacker {
  private static final String GRAPH = "packed.onnx";
  private static final String DATA = "packed.bin";
  private static final String ENTRY = "prepacked_";

  private final OrtEnvironment environment;

  OrtWeightPacker(OrtEnvironment environment) {
    this.environment = environment;
  }

  @Override
  public List<Packed> pack(NodeProto node, List<TensorProto> constants, Path folder, Path scratch)
      throws IOException {
    Path saved = scratch.resolve(GRAPH);
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.BASIC_OPT);
      options.setOptimizedModelFilePath(saved.toAbsolutePath().toString());
      options.addConfigEntry("session.optimized_model_external_initializers_file_name", DATA);
      options.addConfigEntry(
          "session.optimized_model_external_initializers_min_size_in_bytes", "0");
      options.addConfigEntry("session.save_external_prepacked_constant_initializers", "1");
      options.addConfigEntry(
          "session.model_external_initializers_file_folder_path",
          folder.toAbsolutePath().toString());
      environment.createSession(alone(node, constants).toByteArray(), options).close();
    } catch (OrtException e) {
      throw new ModelException(
          "ONNX Runtime cannot rearrange the weights of %s: %s"
              .formatted(node.getName(), EngineText.of(e)),
          e);
    }
    List<Packed> packed = new ArrayList<>();
    try (InputStream in = Files.newInputStream(saved)) {
      for (TensorProto tensor : ModelProto.parseFrom(in).getGraph().getInitializerList()) {
        for (StringStringEntryProto entry : tensor.getExternalDataList()) {
          if (entry.getKey().startsWith(ENTRY)) {
            packed.add(read(tensor.getName(), entry, scratch.resolve(DATA)));
          }
        }
      }
    }
    return packed;
  }

  /** A graph of nothing but the operator. */
  private static ModelProto alone(NodeProto node, List<TensorProto> constants) {
    NodeProto.Builder operator = node.toBuilder().setInput(0, "x");
    // Scales are of the type of the activations.
    ElementType type =
        constants.stream()
            .flatMap(tensor -> ElementType.ofOnnx(tensor.getDataType()).stream())
            .filter(ElementType::isFloat)
            .findFirst()
            .orElse(ElementType.FLOAT32);
    GraphProto graph =
        GraphProto.newBuilder()
            .setName("pack")
            .addNode(operator)
            .addAllInitializer(constants)
            .addInput(valueInfo("x", type, "rows", inputs(node)))
            .addOutput(valueInfo(node.getOutput(0), type, "rows", "outputs"))
            .build();
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(18))
        .addOpsetImport(
            OperatorSetIdProto.newBuilder().setDomain(GraphBuilder.CONTRIB).setVersion(1))
        .setGraph(graph)
        .build();
  }

  private static long inputs(NodeProto node) {
    return node.getAttributeList().stream()
        .filter(attribute -> attribute.getName().equals("K"))
        .mapToLong(attribute -> attribute.getI())
        .findFirst()
        .orElseThrow(
            () -> new ModelException("node " + node.getName() + " does not say its inputs, K"));
  }

  private static Packed read(String tensor, StringStringEntryProto entry, Path data) {
    String[] parts = entry.getValue().split("\\|", -1);
    List<Piece> pieces = new ArrayList<>();
    for (int i = 1; i < parts.length; i++) {
      String[] numbers = parts[i].split(";", -1);
      if (numbers.length != 3) {
        throw new ModelException(
            "ONNX Runtime wrote '%s' of its rearranged weights, expected offset;length;checksum"
                .formatted(parts[i]));
      }
      pieces.add(new Piece(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), numbers[2]));
    }
    return new Packed(tensor, entry.getKey(), parts[0], data, pieces);
  }

  @Override
  public String fingerprint() {
    return environment.getVersion() + Probe.hashes(this);
  }

  /** Rearranges two small weights, whose hashes tell kinds of processors apart. */
  private static final class Probe {
    private static final int INPUTS = 128;
    private static final int OUTPUTS = 64;
    private static final int BLOCK = 32;

    private Probe() {}

    static String hashes(OrtWeightPacker packer) {
      StringBuilder hashes = new StringBuilder();
      try {
        Path folder = Files.createTempDirectory("kvpress-packing");
        try {
          for (int bits : new int[] {4, 8}) {
            hashes.append(' ').append(hash(packer, bits, folder));
          }
        } finally {
          FolderTree.delete(folder);
        }
      } catch (IOException e) {
        throw new ModelException("cannot write to the folder for temporary files: " + e, e);
      }
      return hashes.toString();
    }

    private static String hash(OrtWeightPacker packer, int bits, Path folder) throws IOException {
      int blocks = INPUTS / BLOCK;
      int dataBytes = OUTPUTS * INPUTS * bits / Byte.SIZE;
      int scaleBytes = OUTPUTS * blocks * Float.BYTES;
      byte[] bytes = new byte[dataBytes + scaleBytes];
      for (int i = 0; i < dataBytes; i++) {
        bytes[i] = (byte) (31 * i + 7);
      }
      String file = "probe" + bits + ".bin";
      Files.write(folder.resolve(file), bytes);
      GraphBuilder graph = new GraphBuilder();
      graph.add(
          GraphBuilder.CONTRIB,
          "MatMulNBits",
          List.of(
              GraphBuilder.attribute("K", INPUTS),
              GraphBuilder.attribute("N", OUTPUTS),
              GraphBuilder.attribute("bits", bits),
              GraphBuilder.attribute("block_size", BLOCK),
              GraphBuilder.attribute("accuracy_level", 4)),
          List.of("y"),
          List.of("x", "data", "scales"));
      List<TensorProto> constants =
          List.of(
              GraphBuilder.external(
                  "data",
                  TensorProto.DataType.UINT8,
                  List.of((long) OUTPUTS, (long) blocks, (long) BLOCK * bits / Byte.SIZE),
                  file,
                  0,
                  dataBytes),
              GraphBuilder.external(
                  "scales",
                  TensorProto.DataType.FLOAT,
                  List.of((long) OUTPUTS * blocks),
                  file,
                  dataBytes,
                  scaleBytes));
      Path scratch = Files.createDirectory(folder.resolve("scratch" + bits));
      return packer.pack(graph.nodes().get(0), constants, folder, scratch).stream()
          .map(Packed::hash)
          .toList()
          .toString();
    }
  }
}
