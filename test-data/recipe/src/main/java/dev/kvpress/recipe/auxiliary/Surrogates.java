package dev.kvpress.recipe.auxiliary;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.recipe.bpe.Bpe;
import dev.kvpress.recipe.model.Safetensors;
import dev.kvpress.recipe.model.Safetensors.Tensor;
import dev.kvpress.recipe.model.Safetensors.Type;
import dev.kvpress.recipe.model.Shape;
import dev.kvpress.recipe.text.Document.Kind;
import dev.kvpress.recipe.text.Texts.Split;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Makes the trained tensors that learn from KVzip's scores, surrogates of {@code kvzap} and gates
 * of {@code fastkvzip}, and the query statistics of {@code triattention}, from documents of the
 * train split. The model runs in this project's own runtime, on one thread, so that the files come
 * out the same.
 */
public final class Surrogates {
  private static final int TOKENS = 1000;
  private static final int SAMPLES = 500;
  private static final int UNITS = 64;
  private static final int CHANNELS = 8;
  private static final int BASES = 4;
  private static final long SEED = 42;
  private static final Kind[] KINDS = {Kind.STORY, Kind.RECALL, Kind.RIVALS};
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Path model;
  private final Path cache;
  private final Shape shape;
  private final Rows rows;
  private final PrintStream out;

  /**
   * Will watch a model.
   *
   * @param model its folder
   * @param cache where its graphs are kept
   */
  public Surrogates(Path model, Path cache, Bpe bpe, PrintStream out) {
    this.model = model;
    this.cache = cache;
    this.shape = Shape.demo(bpe.size());
    this.rows = new Rows(bpe);
    this.out = out;
  }

  /**
   * Writes all files.
   *
   * @param folder {@code presses} beside the model
   * @param documents of each kind to learn from
   */
  public void write(Path folder, int documents) throws IOException {
    Files.createDirectories(folder);
    try (RepeatedTexts train = read(Split.TRAIN, documents);
        RepeatedTexts held = read(Split.VALIDATION, Math.max(1, documents / 4))) {
      centres(folder, train.centres());
      surrogates(folder, train, held);
      gates(folder, train, held);
    }
  }

  private RepeatedTexts read(Split split, int documents) {
    RepeatedTexts texts = new RepeatedTexts(model, cache, SAMPLES, SEED);
    for (int i = 0; i < documents; i++) {
      for (Kind kind : KINDS) {
        texts.read(rows.row(split, kind, i, TOKENS + 1).ids());
      }
    }
    print("read %d texts of the %s split", documents * KINDS.length, split);
    return texts;
  }

  private void centres(Path folder, QueryCentres centres) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int l = 0; l < shape.layers(); l++) {
      add(tensors, l, "triattention.query_mean", centres.means(l), shape.heads(), shape.headSize());
      float[] lengths = centres.lengths(l);
      add(tensors, l, "triattention.query_length", lengths, shape.heads(), shape.headSize());
    }
    Safetensors.write(folder.resolve("triattention.safetensors"), tensors, Type.F32);
  }

  private void surrogates(Path folder, RepeatedTexts train, RepeatedTexts held) throws IOException {
    Map<String, Tensor> mlps = new LinkedHashMap<>();
    Map<String, Tensor> linears = new LinkedHashMap<>();
    List<Surrogate> trained = ofLayers(l -> MlpFit.fit(train.importance(l), UNITS, SEED + l));
    for (int l = 0; l < shape.layers(); l++) {
      Surrogate linear = LinearFit.fit(train.importance(l));
      Surrogate mlp = trained.get(l);
      print(
          "surrogate of layer %d: share of the variance explained on held-out documents %.3f (linear), %.3f (mlp)",
          l, held.importance(l).explained(linear), held.importance(l).explained(mlp));
      Surrogate.Linear hidden = mlp.layers().get(0);
      Surrogate.Linear last = mlp.layers().get(1);
      add(mlps, l, "kvzap.hidden_weight", hidden.flat(), UNITS, shape.hidden());
      add(mlps, l, "kvzap.hidden_bias", hidden.bias(), UNITS);
      add(mlps, l, "kvzap.weight", last.flat(), shape.kvHeads(), UNITS);
      add(mlps, l, "kvzap.bias", last.bias(), shape.kvHeads());
      Surrogate.Linear only = linear.layers().get(0);
      String module = "module_list." + l + ".";
      put(linears, module + "weight", only.flat(), shape.kvHeads(), shape.hidden());
      put(linears, module + "bias", only.bias(), shape.kvHeads());
    }
    Safetensors.write(folder.resolve("kvzap.safetensors"), mlps, Type.F16);
    Path upstream = folder.resolve("kvzap-linear");
    Files.createDirectories(upstream);
    Safetensors.write(upstream.resolve("model.safetensors"), linears, Type.F16);
    Files.writeString(
        upstream.resolve("config.json"), JSON.writeValueAsString(linearConfig()) + "\n");
  }

  /** The linear form goes out in kvpress's own layout, so that both layouts have an example. */
  private ObjectNode linearConfig() {
    ObjectNode config = JSON.createObjectNode();
    config.put("model_type", "kvzap");
    config.put("input_dim", shape.hidden());
    config.put("output_dim", shape.kvHeads());
    config.putNull("hidden_dim");
    config.put("n_modules", shape.layers());
    return config;
  }

  private void gates(Path folder, RepeatedTexts train, RepeatedTexts held) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    int channels = CHANNELS;
    List<Gate> trained = ofLayers(l -> GateFit.fit(train.attention(l), gate(l), SEED + l));
    for (int l = 0; l < shape.layers(); l++) {
      Gate gate = trained.get(l);
      print(
          "gate of layer %d: share of the variance explained on held-out documents %.3f",
          l, held.attention(l).explained(gate));
      String name = "fastkvzip.";
      int queries = shape.heads() * channels;
      int keys = shape.kvHeads() * channels;
      float[] part = gate.part(gate.queryWeightAt(), gate.keyWeightAt());
      add(tensors, l, name + "q_proj.weight", part, queries, shape.hidden());
      part = gate.part(gate.queryBiasAt(), gate.queryNormAt());
      add(tensors, l, name + "q_proj.bias", part, queries);
      part = gate.part(gate.keyWeightAt(), gate.queryBiasAt());
      add(tensors, l, name + "k_proj.weight", part, keys, shape.hidden());
      part = gate.part(gate.queryNormAt(), gate.keyNormAt());
      add(tensors, l, name + "q_norm.weight", part, channels);
      part = gate.part(gate.keyNormAt(), gate.baseAt());
      add(tensors, l, name + "k_norm.weight", part, channels);
      part = gate.part(gate.baseAt(), gate.biasAt());
      add(tensors, l, name + "k_base", part, shape.kvHeads(), 1, BASES, channels);
      part = gate.part(gate.biasAt(), gate.parameters().length);
      add(tensors, l, name + "b", part, shape.kvHeads(), 1, shape.groupSize());
    }
    Safetensors.write(folder.resolve("fastkvzip.safetensors"), tensors, Type.F16);
  }

  private Gate gate(int layer) {
    int group = shape.groupSize();
    return new Gate(shape.hidden(), shape.kvHeads(), group, CHANNELS, BASES, SEED + layer);
  }

  /** Trains layers beside each other; none knows of the others. */
  private <T> List<T> ofLayers(IntFunction<T> fit) {
    return IntStream.range(0, shape.layers()).parallel().mapToObj(fit).toList();
  }

  private static void add(
      Map<String, Tensor> tensors, int layer, String name, float[] values, long... dimensions) {
    put(tensors, "layers." + layer + "." + name, values, dimensions);
  }

  private static void put(
      Map<String, Tensor> tensors, String name, float[] values, long... dimensions) {
    tensors.put(name, new Tensor(dimensions, values));
  }

  private void print(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
