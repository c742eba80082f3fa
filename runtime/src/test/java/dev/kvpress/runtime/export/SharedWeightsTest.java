package dev.kvpress.runtime.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FloatDecoder;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.TapRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Graphs whose weights lie in the checkpoint they were made from. */
class SharedWeightsTest {
  private static final long[] IDS = {3, 17, 5, 39, 0, 21, 8};
  private static final ExportOptions SHARED =
      new ExportOptions(AttentionForm.DECOMPOSED, TapRequest.NONE.withFullAttention(), 0, true);

  @TempDir Path folder;

  private static float[] logits(Path graph) throws OrtException {
    try (GraphRunner runner = GraphRunner.open(graph)) {
      return runner.pass(IDS).run().get("logits").data();
    }
  }

  /** Nothing in the format keeps tensors at even addresses. */
  @ParameterizedTest
  @CsvSource({"F32,0", "F32,1", "F32,2", "F32,3", "F16,0", "F16,1", "BF16,0", "BF16,1"})
  void giveTheSameLogitsWhereverTheTensorsLie(FloatDecoder type, int spaces)
      throws IOException, OrtException {
    Path model =
        TinyCheckpoint.llama().type(type).headerSpaces(spaces).write(folder.resolve("model"));
    Path graph = model.resolve("decoder.onnx");
    ModelExporter.export(Checkpoint.open(model), graph, SHARED);
    assertThat(Files.size(graph)).isLessThan(60_000);
    assertThat(logits(graph))
        .containsExactly(
            logits(ExportCache.of(folder.resolve("cache")).export(model).decomposed()));
    try (GraphRunner runner = GraphRunner.open(graph, TapRequest.NONE.withFullAttention())) {
      assertThat(runner.pass(IDS).run().get("attentions.1").shape()).containsExactly(1, 4, 7, 7);
    }
  }

  @Test
  void referToSeveralFilesOfOneCheckpoint() throws IOException, OrtException {
    Path model =
        TinyCheckpoint.of("MistralForCausalLM", 2, false)
            .type(FloatDecoder.F16)
            .writeSharded(folder.resolve("model"));
    ModelExporter.export(Checkpoint.open(model), model.resolve("shared.onnx"), SHARED);
    assertThat(logits(model.resolve("shared.onnx")))
        .containsExactly(
            logits(ExportCache.of(folder.resolve("cache")).export(model).decomposed()));
  }

  @Test
  void mustLieBesideTheWeights() throws IOException {
    Path model = TinyCheckpoint.llama().write(folder.resolve("model"));
    Checkpoint checkpoint = Checkpoint.open(model);
    assertThatThrownBy(
            () -> ModelExporter.export(checkpoint, folder.resolve("elsewhere.onnx"), SHARED))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("must lie in their folder")
        .hasMessageContaining(model.resolve("elsewhere.onnx").toString());
    assertThat(folder.resolve("elsewhere.onnx")).doesNotExist();
  }

  @Test
  void areRefusedWhereTheCheckpointHasAnotherLayout() {
    Path model = SharedModels.path("models/stories260K");
    Checkpoint checkpoint = Checkpoint.open(model);
    assertThatThrownBy(() -> ModelExporter.export(checkpoint, model.resolve("no.onnx"), SHARED))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("a Hugging Face folder of floats only");
    assertThat(model.resolve("no.onnx")).doesNotExist();
  }
}
