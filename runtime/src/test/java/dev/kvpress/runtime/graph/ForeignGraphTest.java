package dev.kvpress.runtime.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.ExportCache;
import dev.kvpress.runtime.export.ExportedModel;
import dev.kvpress.runtime.export.GraphRunner;
import dev.kvpress.runtime.export.SharedModels;
import dev.kvpress.runtime.export.Tensor;
import dev.kvpress.runtime.export.TinyCheckpoint;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Graphs that are not ours: what is found in them and what a tap makes of them. */
class ForeignGraphTest {
  private static final TapRequest REDUCED =
      TapRequest.NONE.withColumnSums().withColumnMaxima().withLastRows(2);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void attentionIsFoundAndReduced(boolean emitting) throws OrtException {
    DecoderGraph graph = graph(emitting ? ForeignGraphs.emitting() : ForeignGraphs.withSoftmax());
    assertThat(graph.ports().form()).isEqualTo(AttentionForm.FOREIGN);
    assertThat(graph.ports().positionIds()).isNull();
    try (GraphRunner plain = GraphRunner.open(GraphTap.tap(graph, TapRequest.NONE));
        GraphRunner full = GraphRunner.open(GraphTap.tap(graph, REDUCED.withFullAttention()));
        GraphRunner reduced = GraphRunner.open(GraphTap.tap(graph, REDUCED))) {
      Map<String, Tensor> cache = plain.pass(1, 2, 3).run();
      Map<String, Tensor> untouched = plain.pass(4, 5, 0, 2, 2).after(cache).run();
      assertThat(untouched).doesNotContainKey("attentions.0");
      Map<String, Tensor> whole = full.pass(4, 5, 0, 2, 2).after(cache).run();
      Map<String, Tensor> out = reduced.pass(4, 5, 0, 2, 2).after(cache).run();
      assertThat(out).doesNotContainKey("attentions.0");
      assertThat(out.get("logits").data()).containsExactly(untouched.get("logits").data());
      for (int l = 0; l < 2; l++) {
        Tensor attention = whole.get("attentions." + l);
        assertThat(attention.shape()).containsExactly(1, 2, 5, 8);
        for (int h = 0; h < 2; h++) {
          for (int t = 0; t < 8; t++) {
            double sum = 0;
            float most = 0;
            for (int q = 0; q < 5; q++) {
              sum += attention.at(0, h, q, t);
              most = Math.max(most, attention.at(0, h, q, t));
            }
            assertThat(out.get("attention_maxima." + l).at(0, h, t)).isEqualTo(most);
            assertThat((double) out.get("attention_sums." + l).at(0, h, t))
                .isCloseTo(sum, within(1e-5));
            assertThat(out.get("attention_rows." + l).at(0, h, 1, t))
                .isEqualTo(attention.at(0, h, 4, t));
          }
        }
      }
    }
  }

  /**
   * Our fused graph without its metadata is what others write too: GroupQueryAttention with a
   * cache.
   */
  @Test
  void fusedAttentionOfOthersIsToldToEmitItsSoftmax() throws IOException, OrtException {
    ExportedModel model =
        ExportCache.of(folder.resolve("cache"))
            .export(TinyCheckpoint.llama().write(folder.resolve("model")));
    ModelProto own = ModelProto.parseFrom(Files.readAllBytes(model.fused()));
    ModelProto.Builder foreign = own.toBuilder().clearMetadataProps();
    DecoderGraph graph = DecoderGraph.of(foreign.build(), model.fused());
    assertThat(graph.ports().form()).isEqualTo(AttentionForm.FOREIGN);
    TapRequest full = TapRequest.NONE.withColumnSums().withFullAttention();
    try (GraphRunner expected = GraphRunner.open(model.decomposed(), full);
        GraphRunner found = GraphRunner.open(GraphTap.tap(graph, full))) {
      Map<String, Tensor> wanted = expected.pass(1, 2, 3, 4).run();
      Map<String, Tensor> out = found.pass(1, 2, 3, 4).run();
      for (String name : List.of("attentions.1", "attention_sums.0")) {
        assertThat(out.get(name).shape()).isEqualTo(wanted.get(name).shape());
        assertThat(out.get(name).data())
            .usingComparatorWithPrecision(1e-5f)
            .containsExactly(wanted.get(name).data());
      }
    }
  }

  @Test
  void maskedQueriesDoNotCount() throws OrtException {
    DecoderGraph graph = graph(ForeignGraphs.withSoftmax());
    try (GraphRunner runner = GraphRunner.open(GraphTap.tap(graph, REDUCED.withFullAttention()))) {
      Map<String, Tensor> out = runner.batch(new long[] {1, 2, 3}).mask(new long[] {0, 1, 1}).run();
      Tensor attention = out.get("attentions.0");
      assertThat(out.get("attention_sums.0").at(0, 1, 2))
          .isCloseTo(attention.at(0, 1, 1, 2) + attention.at(0, 1, 2, 2), within(1e-6f));
    }
  }

  @Test
  void lastLogitsAreCutOut() throws OrtException {
    DecoderGraph graph = graph(ForeignGraphs.withSoftmax());
    try (GraphRunner all = GraphRunner.open(GraphTap.tap(graph, TapRequest.NONE));
        GraphRunner last =
            GraphRunner.open(GraphTap.tap(graph, TapRequest.NONE.withLastLogits()))) {
      float[] expected = all.pass(1, 2, 3).run().get("logits").data();
      Tensor found = last.pass(1, 2, 3).run().get("logits");
      assertThat(found.shape()).containsExactly(1, 1, 6);
      assertThat(found.data()).containsExactly(Arrays.copyOfRange(expected, 12, 18));
    }
  }

  @Test
  void signalsThatAreNotThereAreRefusedWithTheReason() {
    DecoderGraph graph = graph(ForeignGraphs.withoutAttention());
    assertThat(graph.signals().refusal(GraphSignal.COLUMN_SUMS).orElseThrow())
        .contains("one Softmax followed by MatMul for each of the 2 layers")
        .contains("found 0");
    assertThat(graph.signals().gives(GraphSignal.QUERIES)).isFalse();
    assertThatThrownBy(() -> GraphTap.tap(graph, TapRequest.NONE.withLastRows(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("foreign.onnx cannot give attention of the last queries");
  }

  @Test
  void layersWithGapsAndOtherStateAreDescribed() {
    DecoderGraph graph =
        DecoderGraph.read(SharedModels.path("models/tiny-kv-decoder-onnx/decoder.onnx"));
    DecoderInterface ports = graph.ports();
    assertThat(ports.layers()).extracting(LayerPorts::layer).containsExactly(1, 3);
    assertThat(ports.layers().get(1).presentValue()).isEqualTo("present.3.value");
    assertThat(ports.kvHeads()).isEqualTo(4);
    assertThat(ports.headSize()).isEqualTo(8);
    assertThat(ports.cacheType()).isEqualTo(ElementType.FLOAT32);
    assertThat(ports.attentionMask()).isEqualTo("attention_mask");
    assertThat(ports.states())
        .containsExactly(
            new StatePorts(
                "past_conv.0", "present_conv.0", ElementType.FLOAT32, List.of(-1L, 32L, 4L)),
            new StatePorts(
                "past_conv.2", "present_conv.2", ElementType.FLOAT32, List.of(-1L, 32L, 4L)));
    assertThat(graph.signals().gives(GraphSignal.COLUMN_SUMS)).isFalse();
  }

  @Test
  void fieldsUnknownToTheSchemaSurviveATap() throws IOException {
    UnknownFieldSet extra =
        UnknownFieldSet.newBuilder()
            .addField(
                25,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFromUtf8("function"))
                    .build())
            .build();
    ModelProto model = ForeignGraphs.withSoftmax().toBuilder().setUnknownFields(extra).build();
    Path file = Files.write(folder.resolve("extra.onnx"), model.toByteArray());
    byte[] tapped = GraphTap.tap(DecoderGraph.read(file), REDUCED).modelBytes();
    assertThat(ModelProto.parseFrom(tapped).getUnknownFields()).isEqualTo(extra);
  }

  @Test
  void whatIsNoDecoderIsRefusedByWhatItLacks() throws IOException {
    ModelProto good = ForeignGraphs.withSoftmax();
    assertRefused(without(good, "input_ids"), "input input_ids is missing");
    assertRefused(
        without(good, "past_key_values.1.value"),
        "input past_key_values.1.key has no counterpart for the values of layer 1");
    assertRefused(without(good, "past_key_values"), "no input holds the keys of a layer");
    assertRefused(without(good, "logits"), "output logits is missing");
    assertRefused(without(good, "present.0.key"), "no output gives the keys of layer 0 back");
    ModelProto.Builder extra = good.toBuilder();
    extra
        .getGraphBuilder()
        .addInput(GraphBuilder.valueInfo("use_cache_branch", ElementType.BOOL, 1));
    assertRefused(extra.build(), "input use_cache_branch decides nothing");
    ModelProto newer =
        good.toBuilder().addMetadataProps(GraphBuilder.entry("kvpress.format", "99")).build();
    assertRefused(newer, "export the model again");

    Path text = Files.writeString(folder.resolve("text.onnx"), "this is no protobuf");
    assertThatThrownBy(() -> DecoderGraph.read(text))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("text.onnx: no ONNX model");
    Path empty = Files.createFile(folder.resolve("empty.onnx"));
    assertThatThrownBy(() -> DecoderGraph.read(empty)).hasMessageContaining("no ONNX model");
    assertThatThrownBy(() -> DecoderGraph.read(folder.resolve("absent.onnx")))
        .hasMessageContaining("no such file");
  }

  private DecoderGraph graph(ModelProto model) {
    return DecoderGraph.of(model, folder.resolve("foreign.onnx"));
  }

  private void assertRefused(ModelProto model, String message) {
    assertThatThrownBy(() -> graph(model))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("foreign.onnx")
        .hasMessageContaining(message);
  }

  private static ModelProto without(ModelProto model, String prefix) {
    ModelProto.Builder builder = model.toBuilder();
    builder.getGraphBuilder().clearInput().clearOutput();
    for (ValueInfoProto input : model.getGraph().getInputList()) {
      if (!input.getName().startsWith(prefix)) {
        builder.getGraphBuilder().addInput(input);
      }
    }
    for (ValueInfoProto output : model.getGraph().getOutputList()) {
      if (!output.getName().startsWith(prefix)) {
        builder.getGraphBuilder().addOutput(output);
      }
    }
    return builder.build();
  }
}
