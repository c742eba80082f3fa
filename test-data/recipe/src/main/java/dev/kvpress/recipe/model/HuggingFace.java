package dev.kvpress.recipe.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.recipe.bpe.Bpe;
import dev.kvpress.recipe.model.Safetensors.Tensor;
import dev.kvpress.recipe.model.Safetensors.Type;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes and reads the demo model in the layout and names of Hugging Face's Llama. */
public final class HuggingFace {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final String WEIGHTS = "model.safetensors";

  private HuggingFace() {}

  /** Writes config.json, generation_config.json and model.safetensors (F16). */
  public static void write(Path folder, Shape shape, Map<String, float[]> weights)
      throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), text(config(shape)));
    ObjectNode generation = JSON.createObjectNode();
    generation.put("bos_token_id", Bpe.BOS).put("eos_token_id", Bpe.EOS).put("do_sample", false);
    Files.writeString(folder.resolve("generation_config.json"), text(generation));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    pieces(shape)
        .forEach(
            (name, piece) -> {
              float[] all = weights.get(piece.source());
              if (all == null) {
                throw new IllegalArgumentException("no weights for " + piece.source());
              }
              float[] part = Arrays.copyOfRange(all, piece.from(), piece.to());
              tensors.put(name, new Tensor(piece.dimensions(), part));
            });
    Safetensors.write(folder.resolve(WEIGHTS), tensors, Type.F16);
  }

  /** Reads back what {@link #write} wrote, under the internal names. */
  public static Map<String, float[]> read(Path folder, Shape shape) throws IOException {
    Map<String, Tensor> tensors = Safetensors.read(folder.resolve(WEIGHTS));
    Map<String, float[]> weights = new LinkedHashMap<>();
    shape
        .parameters()
        .forEach(
            (name, size) ->
                weights.put(name, new float[(int) (size[0] * (size.length > 1 ? size[1] : 1))]));
    pieces(shape)
        .forEach(
            (name, piece) -> {
              Tensor tensor = tensors.get(name);
              float[] target = weights.get(piece.source());
              if (tensor == null || target == null) {
                throw new IllegalArgumentException(folder + " has no tensor " + name);
              }
              System.arraycopy(tensor.values(), 0, target, piece.from(), piece.to() - piece.from());
            });
    return weights;
  }

  /** Rows {@code from} to {@code to} (in values) of an internal parameter. */
  private record Piece(String source, int from, int to, long[] dimensions) {}

  private static Map<String, Piece> pieces(Shape shape) {
    Map<String, Piece> all = new LinkedHashMap<>();
    int e = shape.hidden();
    int queries = shape.heads() * shape.headSize();
    int keys = shape.kvHeads() * shape.headSize();
    int wide = shape.feedForward();
    add(all, "model.embed_tokens.weight", "embed", 0, shape.vocabulary(), e);
    for (int l = 0; l < shape.layers(); l++) {
      String prefix = "model.layers." + l + ".";
      String attention = prefix + "self_attn.";
      String[] names = {"q_proj", "k_proj", "v_proj"};
      int[] rows = {queries, keys, keys};
      int row = 0;
      for (int i = 0; i < names.length; i++) {
        add(all, attention + names[i] + ".weight", Shape.name(l, "qkv"), row, rows[i], e);
        add(all, attention + names[i] + ".bias", Shape.name(l, "qkvBias"), row, rows[i], 0);
        row += rows[i];
      }
      add(all, attention + "o_proj.weight", Shape.name(l, "out"), 0, e, queries);
      add(all, attention + "o_proj.bias", Shape.name(l, "outBias"), 0, e, 0);
      add(all, prefix + "mlp.gate_proj.weight", Shape.name(l, "gateUp"), 0, wide, e);
      add(all, prefix + "mlp.up_proj.weight", Shape.name(l, "gateUp"), wide, wide, e);
      add(all, prefix + "mlp.down_proj.weight", Shape.name(l, "down"), 0, e, wide);
      add(all, prefix + "input_layernorm.weight", Shape.name(l, "attentionNorm"), 0, e, 0);
      add(
          all,
          prefix + "post_attention_layernorm.weight",
          Shape.name(l, "feedForwardNorm"),
          0,
          e,
          0);
    }
    add(all, "model.norm.weight", "norm", 0, e, 0);
    return all;
  }

  /** Adds {@code rows} rows from row {@code row}; {@code columns} 0 stands for a vector. */
  private static void add(
      Map<String, Piece> all, String name, String source, int row, int rows, int columns) {
    int width = Math.max(1, columns);
    long[] dimensions = columns == 0 ? new long[] {rows} : new long[] {rows, columns};
    all.put(name, new Piece(source, row * width, (row + rows) * width, dimensions));
  }

  private static ObjectNode config(Shape shape) {
    ObjectNode config = JSON.createObjectNode();
    config.putArray("architectures").add("LlamaForCausalLM");
    config.put("model_type", "llama");
    config.put("vocab_size", shape.vocabulary());
    config.put("hidden_size", shape.hidden());
    config.put("intermediate_size", shape.feedForward());
    config.put("num_hidden_layers", shape.layers());
    config.put("num_attention_heads", shape.heads());
    config.put("num_key_value_heads", shape.kvHeads());
    config.put("head_dim", shape.headSize());
    config.put("max_position_embeddings", shape.positions());
    config.put("rope_theta", shape.ropeTheta());
    config.putNull("rope_scaling");
    config.put("rms_norm_eps", Shape.NORM_EPSILON);
    config.put("hidden_act", "silu");
    config.put("attention_bias", true);
    config.put("mlp_bias", false);
    config.put("attention_dropout", 0.0);
    config.put("tie_word_embeddings", true);
    config.put("bos_token_id", Bpe.BOS);
    config.put("eos_token_id", Bpe.EOS);
    config.put("torch_dtype", "float16");
    config.put("use_cache", true);
    return config;
  }

  private static String text(ObjectNode node) throws IOException {
    return JSON.writeValueAsString(node) + "\n";
  }
}
