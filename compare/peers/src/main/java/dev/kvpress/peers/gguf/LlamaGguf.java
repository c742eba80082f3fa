package dev.kvpress.peers.gguf;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.compare.bench.BenchShape;
import dev.kvpress.runtime.file.AtomicFile;
import dev.kvpress.runtime.file.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a random Llama as a GGUF file. All matrices have the type asked for, the embedding and the
 * last projection too, so that engines read the same number of bytes.
 */
public final class LlamaGguf {
  private static final int NORMAL_TOKEN = 1;
  private static final float NORM_EPSILON = 1e-5f;
  private static final float ROPE_BASE = 10_000;

  private final BenchShape shape;
  private final GgufType type;
  private final Map<String, SafetensorsFile.Entry> weights = new HashMap<>();
  private final List<GgufTensor> tensors = new ArrayList<>();

  private LlamaGguf(Path model, BenchShape shape, GgufType type) throws IOException {
    this.shape = shape;
    this.type = type;
    List<Path> files;
    try (var listed = Files.list(model)) {
      files = listed.filter(file -> file.toString().endsWith(".safetensors")).toList();
    }
    for (Path file : files) {
      weights.putAll(SafetensorsFile.read(file));
    }
  }

  /**
   * Writes the file if it is not there yet.
   *
   * @param model a Hugging Face folder of this shape
   */
  public static void write(Path model, BenchShape shape, GgufType type, Path file)
      throws IOException {
    if (Files.exists(file)) {
      return;
    }
    LlamaGguf gguf = new LlamaGguf(model, shape, type);
    gguf.collect();
    GgufHeader header = gguf.header();
    gguf.tensors.forEach(
        tensor ->
            header.tensor(tensor.name(), tensor.source().shape(), tensor.type(), tensor.bytes()));
    AtomicFile.write(
        file,
        out -> {
          AtomicFile.writeFully(out, header.bytes());
          for (GgufTensor tensor : gguf.tensors) {
            tensor.write(out);
          }
        });
  }

  private void collect() {
    add("token_embd.weight", "model.embed_tokens.weight", 0);
    for (int layer = 0; layer < shape.layers(); layer++) {
      String to = "blk." + layer + ".";
      String from = "model.layers." + layer + ".";
      add(to + "attn_norm.weight", from + "input_layernorm.weight", 0);
      add(to + "attn_q.weight", from + "self_attn.q_proj.weight", shape.headSize());
      add(to + "attn_k.weight", from + "self_attn.k_proj.weight", shape.headSize());
      add(to + "attn_v.weight", from + "self_attn.v_proj.weight", 0);
      add(to + "attn_output.weight", from + "self_attn.o_proj.weight", 0);
      add(to + "ffn_norm.weight", from + "post_attention_layernorm.weight", 0);
      add(to + "ffn_gate.weight", from + "mlp.gate_proj.weight", 0);
      add(to + "ffn_up.weight", from + "mlp.up_proj.weight", 0);
      add(to + "ffn_down.weight", from + "mlp.down_proj.weight", 0);
    }
    add("output_norm.weight", "model.norm.weight", 0);
    if (!shape.tied()) {
      add("output.weight", "lm_head.weight", 0);
    }
  }

  private void add(String name, String from, int headSize) {
    SafetensorsFile.Entry source = weights.get(from);
    checkArgument(source != null, "the model has no tensor %s", from);
    tensors.add(new GgufTensor(name, source, type, headSize));
  }

  private GgufHeader header() {
    int[] kinds = new int[shape.vocabulary()];
    Arrays.fill(kinds, NORMAL_TOKEN);
    return new GgufHeader()
        .put("general.architecture", "llama")
        .put("general.name", "random")
        .put("general.alignment", GgufHeader.ALIGNMENT)
        .put("general.quantization_version", 2)
        .put("llama.block_count", shape.layers())
        .put("llama.context_length", shape.maxPositions())
        .put("llama.embedding_length", shape.hidden())
        .put("llama.feed_forward_length", shape.intermediate())
        .put("llama.attention.head_count", shape.heads())
        .put("llama.attention.head_count_kv", shape.kvHeads())
        .put("llama.attention.key_length", shape.headSize())
        .put("llama.attention.value_length", shape.headSize())
        .put("llama.attention.layer_norm_rms_epsilon", NORM_EPSILON)
        .put("llama.rope.dimension_count", shape.headSize())
        .put("llama.rope.freq_base", ROPE_BASE)
        .put("llama.vocab_size", shape.vocabulary())
        .put("tokenizer.ggml.model", "llama")
        .putStrings("tokenizer.ggml.tokens", TokenText.vocabulary(shape.vocabulary()))
        .putFloats("tokenizer.ggml.scores", new float[shape.vocabulary()])
        .putInts("tokenizer.ggml.token_type", kinds)
        .put("tokenizer.ggml.unknown_token_id", 0)
        .put("tokenizer.ggml.bos_token_id", 1)
        .put("tokenizer.ggml.eos_token_id", 2)
        .put("tokenizer.ggml.add_bos_token", false)
        .put("tokenizer.ggml.add_eos_token", false)
        .put("tokenizer.ggml.add_space_prefix", false);
  }
}
