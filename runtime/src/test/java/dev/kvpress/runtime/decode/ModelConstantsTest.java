package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.auxiliary.TensorBytes;
import dev.kvpress.runtime.export.Checkpoint;
import dev.kvpress.runtime.export.ExportOptions;
import dev.kvpress.runtime.export.ModelExporter;
import dev.kvpress.runtime.export.TinyCheckpoint;
import dev.kvpress.runtime.file.FloatDecoder;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.TapRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights and trained tensors of a model, as presses see them. */
class ModelConstantsTest {
  private static final int[] PROMPT = {1, 5, 9, 2, 7, 3, 8, 4, 6, 10, 0, 5};

  @TempDir Path folder;

  /** Looks at the output projections and keeps everything; layers come on several threads. */
  private record Looking(Map<Integer, List<float[]>> seen) implements Press {
    @Override
    public CacheEdit compress(LayerSignals layer, Budget budget) {
      FloatTensor tensor = layer.outputProjection();
      float[] values = new float[tensor.size(0) * tensor.size(1)];
      tensor.read(0, values, values.length);
      seen.get(layer.layer()).add(values);
      return CacheEdit.none();
    }

    @Override
    public Set<Signal> needs() {
      return Set.of(new Signal.OutputProjection());
    }
  }

  private DecoderModel open(Path model) {
    return DecoderModel.open(model, DecoderOptions.cpu(folder.resolve("cache")));
  }

  /** What both layers show, first of one compression, then of another. */
  private List<float[]> projections(Path model) {
    Looking looking = new Looking(Map.of(0, new ArrayList<>(), 1, new ArrayList<>()));
    try (DecoderModel loaded = open(model);
        Context context = loaded.start(1, looking.needs())) {
      loaded.requireSignals("looking", looking.needs());
      context.prefill(PROMPT, 8);
      context.compress(looking, Budget.ratio(0.5));
      context.compress(looking, Budget.ratio(0.5));
    }
    return IntStream.range(0, 4).mapToObj(i -> looking.seen().get(i % 2).get(i / 2)).toList();
  }

  private static String projection(int layer) {
    return "model.layers." + layer + ".self_attn.o_proj.weight";
  }

  @ParameterizedTest
  @CsvSource({
    "LlamaForCausalLM,F32",
    "LlamaForCausalLM,BF16",
    "MistralForCausalLM,F16",
    "Qwen2ForCausalLM,F16",
    "Qwen3ForCausalLM,F32"
  })
  void outputProjectionsAreThoseOfTheCheckpointInEveryFormOfTheModel(
      String architecture, FloatDecoder type) throws IOException {
    TinyCheckpoint tiny = TinyCheckpoint.of(architecture, 2, true).type(type);
    if (architecture.startsWith("Llama")) {
      tiny.config("attention_bias", "true");
      tiny.biases("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj");
    }
    if (architecture.startsWith("Qwen2")) {
      tiny.biases("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj");
    }
    for (int l = 0; l < 2 && architecture.startsWith("Qwen3"); l++) {
      tiny.tensor("model.layers." + l + ".self_attn.q_norm.weight", 8);
      tiny.tensor("model.layers." + l + ".self_attn.k_norm.weight", 8);
    }
    Path model = tiny.write(folder.resolve("model"));
    Checkpoint checkpoint = Checkpoint.open(model);
    Path inline = folder.resolve("inline.onnx");
    ModelExporter.export(checkpoint, inline, ExportOptions.DEFAULT);
    Path external = folder.resolve("external.onnx");
    ModelExporter.export(
        checkpoint, external, new ExportOptions(AttentionForm.DECOMPOSED, TapRequest.NONE, 0));
    Path shared = model.resolve("shared.onnx");
    ModelExporter.export(
        checkpoint, shared, new ExportOptions(AttentionForm.FUSED, TapRequest.NONE, 0, true));
    for (Path form : List.of(model, inline, external, shared)) {
      List<float[]> seen = projections(form);
      assertThat(seen).as(form.toString()).hasSize(4);
      assertThat(seen.get(0)).as("%s", form).containsExactly(tiny.values(projection(0)));
      assertThat(seen.get(1)).containsExactly(tiny.values(projection(1)));
      assertThat(seen.get(3)).containsExactly(tiny.values(projection(1)));
    }
  }

  @Test
  void outputProjectionsOfForeignGraphsComeWithOutputsFirst() {
    float[] first = new float[256];
    float[] second = new float[256];
    for (int i = 0; i < 256; i++) {
      first[i] = i;
      second[i] = -i;
    }
    List<float[]> seen = projections(ForeignModels.withProjections(folder, first, second));
    // [in, out] in the graph.
    assertThat(seen.get(0)[1]).isEqualTo(16);
    assertThat(seen.get(0)[16]).isEqualTo(1);
    assertThat(seen.get(1)).containsExactly(second);
  }

  @Test
  void graphsWithoutAProjectionToBeFoundAreRefusedByName() {
    Path graph = ForeignModels.write(folder, ElementType.INT64, ElementType.FLOAT32, true);
    ModelPress press = PressCatalog.load().make("criticalkv(knorm)").press();
    try (DecoderModel model = open(graph)) {
      assertThatThrownBy(() -> model.requireSignals("criticalkv(knorm)", press.needs()))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("criticalkv(knorm) needs output_projection")
          .hasMessageContaining("no MatMul or Gemm reads the attention of layer 0");
    }
  }

  @ParameterizedTest
  @CsvSource({"criticalkv(knorm)", "critical_adakv(snapkv(window_size=2))", "qfilter"})
  void pressesCutTheCacheByThem(String spec) throws IOException {
    Path model = TinyCheckpoint.llama().write(folder.resolve("model"));
    new TensorBytes()
        .counting("q_filters", -16, 2, 2, 8)
        .write(model.resolve("presses/q_filters.safetensors"));
    ModelPress press = PressCatalog.load().make(spec).press();
    try (DecoderModel loaded = open(model);
        Context context = loaded.start(1, press.needs())) {
      loaded.requireSignals(spec, press.needs());
      context.prefill(PROMPT, 5);
      context.compress(press, Budget.ratio(0.5));
      assertThat(context.keptTokens()).isEqualTo(2 * 2 * PROMPT.length / 2);
      context.forward(3);
    }
  }

  @Test
  void aPressWithoutItsTrainedTensorsIsRefusedBeforeAnythingRuns() throws IOException {
    Path model = TinyCheckpoint.llama().write(folder.resolve("model"));
    ModelPress press = PressCatalog.load().make("kvzap(model_type=linear)").press();
    try (DecoderModel loaded = open(model)) {
      assertThatThrownBy(() -> loaded.requireSignals("kvzap", press.needs()))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("press kvzap needs kvzap.")
          .hasMessageContaining(model.resolve("presses").toString());
    }
  }

  @Test
  void trainedTensorsAreAPartOfWhatTellsModelsApart() throws IOException {
    Path model = TinyCheckpoint.llama().write(folder.resolve("model"));
    Path file = model.resolve("presses/q_filters.safetensors");
    String plain = hash(model);
    new TensorBytes().counting("q_filters", 0, 2, 2, 8).write(file);
    String first = hash(model);
    new TensorBytes().counting("q_filters", 1, 2, 2, 8).write(file);
    assertThat(List.of(plain, first, hash(model))).doesNotHaveDuplicates();
  }

  @Test
  void weightsBesideAGraphAreAPartOfItToo() throws IOException {
    Path model = TinyCheckpoint.llama().write(folder.resolve("model"));
    Path graph = model.resolve("decoder.onnx");
    ModelExporter.export(
        Checkpoint.open(model),
        graph,
        new ExportOptions(AttentionForm.DECOMPOSED, TapRequest.NONE, 0, true));
    try (DecoderModel ofFolder = open(model);
        DecoderModel ofGraph = open(graph)) {
      // The folder stays a checkpoint though a graph lies in it.
      assertThat(ofFolder.graph().file()).startsWith(folder.resolve("cache"));
      assertThat(ofGraph.graph().file()).isEqualTo(graph);
    }
    String before = hash(graph);
    TinyCheckpoint.llama().tensor("model.norm.weight", 32).write(model);
    assertThat(hash(graph)).isNotEqualTo(before);
  }

  private String hash(Path model) {
    try (DecoderModel loaded = open(model)) {
      return loaded.info().contentHash();
    }
  }
}
