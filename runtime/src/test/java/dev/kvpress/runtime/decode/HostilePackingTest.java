package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.runtime.export.Checkpoint;
import dev.kvpress.runtime.export.ExportOptions;
import dev.kvpress.runtime.export.ModelExporter;
import dev.kvpress.runtime.export.TinyCheckpoint;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.GraphFile;
import dev.kvpress.runtime.graph.SignalBranches;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.graph.Tensors;
import dev.kvpress.runtime.graph.pack.PackableNode;
import dev.kvpress.runtime.graph.pack.PackedWeights;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.StringStringEntryProto;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.ort.OrtSessionFactory;
import dev.kvpress.runtime.ort.Provider;
import dev.kvpress.runtime.ort.SessionFactory;
import dev.kvpress.runtime.ort.StepSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graphs of others that come with rearranged weights, which an engine would not look at twice. */
class HostilePackingTest {
  private static final int[] PROMPT = {1, 5, 9, 2, 7, 3};

  private final OrtSessionFactory sessions = new OrtSessionFactory(Provider.CPU, 0, 1);

  @TempDir Path folder;
  private Path graph;
  private Path data;
  private float[][] expected;

  @BeforeEach
  void writeGraph() throws IOException {
    graph = folder.resolve("decoder.onnx");
    data = folder.resolve("decoder.onnx.data");
    Checkpoint checkpoint = Checkpoint.open(TinyCheckpoint.llama().write(folder.resolve("model")));
    ModelExporter.export(
        checkpoint,
        graph,
        new ExportOptions(AttentionForm.DECOMPOSED, TapRequest.NONE, 0, false, WeightFormat.INT4));
    expected = logits();
  }

  private float[][] logits() {
    return logits(sessions);
  }

  private float[][] logits(SessionFactory engine) {
    Path cache = folder.resolve("cache");
    try (DecoderModel model = DecoderModel.open(graph, DecodeFixtures.oneThread(cache), engine);
        Context context = model.start(1, Set.of())) {
      return DecodeFixtures.rows(context.prefill(PROMPT, PROMPT.length));
    }
  }

  private ModelProto model() throws IOException {
    return ModelProto.parseFrom(Files.readAllBytes(graph));
  }

  /** Writes references to rearranged weights as the engine does, each changed. */
  private void refer(UnaryOperator<String> change) throws IOException {
    PackedWeights packed =
        PackedWeights.append(
            PackableNode.of(model().getGraph()), data, sessions.packer().orElseThrow());
    ModelProto referring =
        Tensors.mapped(
            packed.refer(model()),
            tensor -> {
              TensorProto.Builder changed = tensor.toBuilder().clearExternalData();
              for (StringStringEntryProto entry : tensor.getExternalDataList()) {
                boolean reference = entry.getKey().startsWith("prepacked");
                String value = reference ? change.apply(entry.getValue()) : entry.getValue();
                changed.addExternalData(entry.toBuilder().setValue(value));
              }
              return changed.build();
            });
    assertThat(referring).isNotEqualTo(model());
    Files.write(graph, referring.toByteArray());
  }

  private void assertLogitsStay() {
    assertThat(logits()).isDeepEqualTo(expected);
  }

  /** The right hashes over other bytes: an engine that is given them multiplies by these. */
  @Test
  void swappedBytesUnderTheRightHashAreNotMultipliedBy() throws IOException {
    long whole = Files.size(data);
    refer(value -> value);
    byte[] bytes = Files.readAllBytes(data);
    Arrays.fill(bytes, (int) whole, bytes.length, (byte) 0x11);
    Files.write(data, bytes);
    assertThat(Arrays.deepEquals(logits(new Believing(sessions, model())), expected))
        .as("whether an engine that believes them gives the right logits")
        .isFalse();
    assertLogitsStay();
  }

  /** An engine that is given the constants of a file as they are. */
  private record Believing(SessionFactory engine, ModelProto file) implements SessionFactory {
    @Override
    public StepSession open(TappedGraph tapped) {
      Map<String, TensorProto> constants =
          Tensors.initializers(file).stream()
              .collect(Collectors.toMap(TensorProto::getName, tensor -> tensor));
      return engine.open(
          tapped.withWeights(
              Tensors.mapped(
                  tapped.model(), tensor -> constants.getOrDefault(tensor.getName(), tensor)),
              tapped.externalDataFolder()));
    }

    @Override
    public String provider() {
      return engine.provider();
    }

    @Override
    public String version() {
      return engine.version();
    }
  }

  @Test
  void piecesOutsideOfTheFileAreNotLookedAt() throws IOException {
    refer(value -> value.replaceAll("\\|\\d+;", "|99999999999;"));
    assertLogitsStay();
  }

  @Test
  void piecesThatOverlapWeightsAreNotLookedAt() throws IOException {
    refer(value -> value.replaceAll("\\|\\d+;", "|0;"));
    assertLogitsStay();
  }

  @Test
  void referencesThatAreNoneAreNotLookedAt() throws IOException {
    refer(value -> "nonsense");
    assertLogitsStay();
  }

  @Test
  void tappedFilesCarryNoReferences() throws IOException {
    refer(value -> value);
    Path output = Files.createDirectories(folder.resolve("other")).resolve("tapped.onnx");
    DecoderGraph read = DecoderGraph.read(graph);
    GraphFile.write(
        SignalBranches.add(read, TapRequest.NONE.withColumnSums()), read.folder(), output);
    assertThat(Tensors.of(ModelProto.parseFrom(Files.readAllBytes(output))))
        .flatExtracting(TensorProto::getExternalDataList)
        .extracting(StringStringEntryProto::getKey)
        .isNotEmpty()
        .noneMatch(key -> key.startsWith("prepacked"));
  }
}
