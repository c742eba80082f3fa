package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.graph.GraphBuilder.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.ZooGraph;
import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Graphs that were damaged or made to do harm end in an error that names the place, and soon. */
class HostileGraphTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path folder;
  private ModelProto model;

  @BeforeEach
  void copy() throws IOException {
    Files.copy(ZooGraph.FOLDER.resolve("weights.bin"), folder.resolve("weights.bin"));
    model = ModelProto.parseFrom(Files.readAllBytes(ZooGraph.named("optimum").path()));
  }

  private void assertRefused(ModelProto changed, String... words) throws IOException {
    assertRefused(changed.toByteArray(), words);
  }

  private void assertRefused(byte[] bytes, String... words) throws IOException {
    Path file = Files.write(folder.resolve("graph.onnx"), bytes);
    Throwable thrown =
        assertTimeoutPreemptively(
            SOON,
            () ->
                catchThrowable(
                    () ->
                        DecoderModel.open(file, DecodeFixtures.oneThread(folder.resolve("cache")))
                            .close()));
    assertThat(thrown).isInstanceOf(ModelException.class);
    assertThat(thrown.getMessage()).contains(words).hasSizeLessThan(1000);
  }

  private ModelProto withGraph(UnaryOperator<GraphProto.Builder> change) {
    return model.toBuilder().setGraph(change.apply(model.getGraph().toBuilder())).build();
  }

  /** As tracing leaves loops over the experts that the recorded tokens chose. */
  @Test
  void whatWasRecordedForCertainTokensServesNoOthers() throws IOException {
    GraphBuilder recorded = new GraphBuilder();
    recorded.op("Reshape", "recorded", "input_ids", recorded.longs(1, 1));
    ModelProto changed =
        withGraph(
            graph -> {
              for (NodeProto.Builder node : graph.getNodeBuilderList()) {
                int input = node.getInputList().indexOf("input_ids");
                if (input >= 0) {
                  node.setInput(input, "recorded");
                }
              }
              return graph
                  .addAllInitializer(recorded.initializers())
                  .addNode(0, recorded.nodes().get(0));
            });
    assertRefused(
        changed, "graph declares any number", "recorded for the tokens it was exported with");
  }

  /** The first tensor that lies in the file, with other external data. */
  private ModelProto withExternal(String key, String value) {
    return withGraph(
        graph -> {
          TensorProto.Builder tensor = graph.getInitializerBuilder(firstExternal());
          for (int i = 0; i < tensor.getExternalDataCount(); i++) {
            if (tensor.getExternalData(i).getKey().equals(key)) {
              tensor.setExternalData(i, entry(key, value));
            }
          }
          return graph;
        });
  }

  private int firstExternal() {
    for (int i = 0; i < model.getGraph().getInitializerCount(); i++) {
      if (model.getGraph().getInitializer(i).getExternalDataCount() > 0) {
        return i;
      }
    }
    throw new AssertionError("no external data");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../weights.bin",
        "sub/../../weights.bin",
        "/etc/passwd",
        "sub/../weights.bin",
        "",
        "..",
        "weights.bin\u0000"
      })
  void dataOutsideOfTheFolderAreRefused(String location) throws IOException {
    assertRefused(
        withExternal("location", location), "expected external data in the folder of the graph");
  }

  @ParameterizedTest
  @CsvSource({
    "location, absent.bin, absent.bin",
    "offset, -1, found a file of",
    "offset, 9223372036854775807, found a file of",
    "offset, many, expected a number as offset",
    "length, 9223372036854775807, found a file of",
    "length, -5, found a file of",
    "length, 4, found a length of 4"
  })
  void dataThatAreNotThereAreRefused(String key, String value, String reason) throws IOException {
    assertRefused(withExternal(key, value), "w.", reason);
  }

  @Test
  void aCutFileOfWeightsIsRefused() throws IOException {
    byte[] weights = Files.readAllBytes(folder.resolve("weights.bin"));
    Files.write(folder.resolve("weights.bin"), Arrays.copyOf(weights, 1000));
    assertRefused(model, "weights.bin: initializer", "found a file of 1000");
  }

  @Test
  void tensorsThatShareAPartAreRefused() throws IOException {
    TensorProto first = model.getGraph().getInitializer(firstExternal());
    long offset =
        Long.parseLong(
            first.getExternalDataList().stream()
                .filter(e -> e.getKey().equals("offset"))
                .findFirst()
                .orElseThrow()
                .getValue());
    assertRefused(withExternal("offset", Long.toString(offset + 64)), "overlap");
  }

  @ParameterizedTest
  @ValueSource(longs = {-3, Long.MAX_VALUE, 1L << 40})
  void tensorsOfImpossibleSizeAreRefused(long size) throws IOException {
    ModelProto changed =
        withGraph(
            graph -> {
              graph.getInitializerBuilder(firstExternal()).setDims(0, size);
              return graph;
            });
    assertRefused(changed, "initializer w.");
  }

  @Test
  void aCycleIsNamed() throws IOException {
    ModelProto changed =
        withGraph(
            graph -> {
              NodeProto last = graph.getNode(graph.getNodeCount() - 1);
              for (int i = 0; i < graph.getNodeCount(); i++) {
                if (graph.getNode(i).getOpType().equals("Add")) {
                  return graph.setNode(
                      i, graph.getNode(i).toBuilder().setInput(0, last.getInput(0)));
                }
              }
              throw new AssertionError("no Add");
            });
    assertRefused(changed, "graph.onnx: the graph has a cycle through node");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 0.5, 0.9, 0.999})
  void aCutGraphIsRefused(double part) throws IOException {
    byte[] bytes = model.toByteArray();
    assertRefused(Arrays.copyOf(bytes, (int) (bytes.length * part)), "graph.onnx");
  }

  @Test
  void aChainOfManyNodesEndsSoon() throws IOException {
    ModelProto changed =
        withGraph(
            graph -> {
              String value = "input_ids";
              for (int i = 0; i < 100_000; i++) {
                String next = "chain" + i;
                graph.addNode(
                    NodeProto.newBuilder()
                        .setName(next)
                        .setOpType("Identity")
                        .addInput(value)
                        .addOutput(next));
                value = next;
              }
              graph.addOutput(graph.getOutput(0).toBuilder().setName("present.7.key"));
              return graph;
            });
    assertRefused(changed, "output present.7.key is written by nothing");
  }

  /** As deep as the reader of messages goes, and deeper. */
  @ParameterizedTest
  @ValueSource(ints = {20, 400})
  void branchesWithinBranchesEndSoon(int depth) throws IOException {
    GraphProto body = GraphProto.newBuilder().setName("body").build();
    for (int i = 0; i < depth; i++) {
      NodeProto inner =
          NodeProto.newBuilder()
              .setName("if" + i)
              .setOpType("If")
              .addInput("attention_mask")
              .addOutput("out" + i)
              .addAttribute(
                  AttributeProto.newBuilder()
                      .setName("then_branch")
                      .setType(AttributeProto.AttributeType.GRAPH)
                      .setG(body))
              .build();
      body = GraphProto.newBuilder().setName("body").addNode(inner).build();
    }
    GraphProto nested = body;
    ModelProto changed =
        withGraph(
            graph -> {
              graph.addNode(nested.getNode(0));
              graph.addOutput(
                  graph.getOutput(0).toBuilder().setName(nested.getNode(0).getOutput(0)));
              return graph;
            });
    assertRefused(changed, "graph.onnx");
  }

  @Test
  void aValueWrittenTwiceIsRefused() throws IOException {
    ModelProto changed =
        withGraph(
            graph ->
                graph.addNode(
                    NodeProto.newBuilder()
                        .setName("again")
                        .setOpType("Identity")
                        .addInput("input_ids")
                        .addOutput("logits")));
    assertRefused(changed, "value logits is written twice");
  }
}
