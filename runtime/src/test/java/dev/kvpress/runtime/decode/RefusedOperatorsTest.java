package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.ZooGraph;
import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.NodeProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fused operators that say something which, written out, would be another figure than theirs. */
class RefusedOperatorsTest {
  @TempDir Path folder;

  /**
   * ONNX Runtime lets no query see anything in a window of 0, and knows none below -1. Where it is
   * not told that keys are past, it counts the first query at the first key.
   */
  @ParameterizedTest
  @CsvSource({
    "gqa-window, GroupQueryAttention, local_window_size, 0",
    "gqa-window, GroupQueryAttention, local_window_size, -2",
    "mha-appended, MultiHeadAttention, unidirectional, 1"
  })
  void areNamedWithTheAttribute(String graph, String operator, String attribute, long value) {
    assertThatThrownBy(() -> requireH2o(changed(graph, operator, attribute, value)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("(" + operator + ")")
        .hasMessageContaining(attribute)
        .hasMessageContaining(Long.toString(value));
  }

  /** Such a graph is no decoder; written out with its queries at the end it would pass for one. */
  @Test
  void areNotTakenForWhatTheirMakerMayHaveMeant() {
    assertThatThrownBy(
            () -> requireH2o(changed("attention-23-appended", "Attention", "is_causal", 1)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("does not go on rightly from its own cache");
  }

  private void requireH2o(ModelProto graph) throws IOException {
    Files.copy(ZooGraph.FOLDER.resolve("weights.bin"), folder.resolve("weights.bin"));
    Path file = Files.write(folder.resolve("graph.onnx"), graph.toByteArray());
    try (DecoderModel model =
        DecoderModel.open(file, DecodeFixtures.oneThread(folder.resolve("cache")))) {
      model.requirePress("h2o", PressCatalog.load().make("h2o").press(), 32);
    }
  }

  private static ModelProto changed(String graph, String operator, String attribute, long value)
      throws IOException {
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(ZooGraph.named(graph).path()));
    GraphProto.Builder nodes = model.getGraph().toBuilder();
    for (int i = 0; i < nodes.getNodeCount(); i++) {
      if (nodes.getNode(i).getOpType().equals(operator)) {
        nodes.setNode(i, with(nodes.getNode(i), GraphBuilder.attribute(attribute, value)));
      }
    }
    return model.toBuilder().setGraph(nodes).build();
  }

  private static NodeProto with(NodeProto node, AttributeProto attribute) {
    NodeProto.Builder changed = node.toBuilder().clearAttribute();
    node.getAttributeList().stream()
        .filter(one -> !one.getName().equals(attribute.getName()))
        .forEach(changed::addAttribute);
    return changed.addAttribute(attribute).build();
  }
}
