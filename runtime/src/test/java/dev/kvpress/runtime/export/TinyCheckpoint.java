package dev.kvpress.runtime.export;

import dev.kvpress.runtime.file.FloatDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Writes small Hugging Face folders with seeded weights: 2 layers, hidden 32, head size 8,
 * vocabulary 40.
 */
public final class TinyCheckpoint {
  private final Map<String, String> config = new LinkedHashMap<>();
  private final Map<String, float[]> tensors = new LinkedHashMap<>();
  private final Map<String, long[]> shapes = new LinkedHashMap<>();
  private final int kvHeads;
  private final Random random = new Random(42);
  private FloatDecoder type = FloatDecoder.F32;
  private int headerSpaces;

  private TinyCheckpoint(String architecture, int kvHeads, boolean tied) {
    this.kvHeads = kvHeads;
    config.put("architectures", "[\"" + architecture + "\"]");
    config.put("hidden_size", "32");
    config.put("intermediate_size", "48");
    config.put("num_hidden_layers", "2");
    config.put("num_attention_heads", "4");
    config.put("num_key_value_heads", Integer.toString(kvHeads));
    config.put("head_dim", "8");
    config.put("vocab_size", "40");
    config.put("max_position_embeddings", "128");
    config.put("rms_norm_eps", "1e-5");
    config.put("rope_theta", "10000.0");
    config.put("hidden_act", "\"silu\"");
    config.put("tie_word_embeddings", Boolean.toString(tied));
    tensor("model.embed_tokens.weight", 40, 32);
    for (int l = 0; l < 2; l++) {
      String prefix = "model.layers." + l + ".";
      tensor(prefix + "input_layernorm.weight", 32);
      tensor(prefix + "self_attn.q_proj.weight", 32, 32);
      tensor(prefix + "self_attn.k_proj.weight", kvHeads * 8L, 32);
      tensor(prefix + "self_attn.v_proj.weight", kvHeads * 8L, 32);
      tensor(prefix + "self_attn.o_proj.weight", 32, 32);
      tensor(prefix + "post_attention_layernorm.weight", 32);
      tensor(prefix + "mlp.gate_proj.weight", 48, 32);
      tensor(prefix + "mlp.up_proj.weight", 48, 32);
      tensor(prefix + "mlp.down_proj.weight", 32, 48);
    }
    tensor("model.norm.weight", 32);
    if (!tied) {
      tensor("lm_head.weight", 40, 32);
    }
  }

  /** 4 query heads on 2 KV heads, tied. */
  public static TinyCheckpoint llama() {
    return new TinyCheckpoint("LlamaForCausalLM", 2, true);
  }

  public static TinyCheckpoint of(String architecture, int kvHeads, boolean tied) {
    return new TinyCheckpoint(architecture, kvHeads, tied);
  }

  /** Sets a field of config.json to a JSON value; null removes it. */
  public TinyCheckpoint config(String field, String json) {
    if (json == null) {
      config.remove(field);
    } else {
      config.put(field, json);
    }
    return this;
  }

  public TinyCheckpoint tensor(String name, long... shape) {
    float[] values = new float[Math.toIntExact(Tensor.size(shape))];
    for (int i = 0; i < values.length; i++) {
      // Exactly representable in every type, so that all types hold the same model.
      values[i] = Math.round(random.nextGaussian() * 24) / 64f;
      if (shape.length == 1 && name.endsWith("norm.weight")) {
        values[i] += 1;
      }
    }
    shapes.put(name, shape);
    tensors.put(name, values);
    return this;
  }

  /** A tensor of given values. */
  public TinyCheckpoint tensor(String name, float[] values, long... shape) {
    shapes.put(name, shape);
    tensors.put(name, values);
    return this;
  }

  public TinyCheckpoint remove(String name) {
    tensors.remove(name);
    shapes.remove(name);
    return this;
  }

  /** Biases of the named projections in both layers. */
  public TinyCheckpoint biases(String... projections) {
    for (int l = 0; l < 2; l++) {
      for (String projection : projections) {
        String name = "model.layers." + l + "." + projection;
        tensor(name + ".bias", shapes.get(name + ".weight")[0]);
      }
    }
    return this;
  }

  public TinyCheckpoint type(FloatDecoder other) {
    type = other;
    return this;
  }

  /** Spaces behind the header, which move every tensor. */
  public TinyCheckpoint headerSpaces(int spaces) {
    headerSpaces = spaces;
    return this;
  }

  public float[] values(String name) {
    return tensors.get(name);
  }

  int kvHeads() {
    return kvHeads;
  }

  /** Writes config.json and model.safetensors. */
  public Path write(Path folder) throws IOException {
    writeConfig(folder);
    Files.write(folder.resolve("model.safetensors"), safetensors(List.copyOf(tensors.keySet())));
    return folder;
  }

  /** Writes config.json, two shards and their index. */
  Path writeSharded(Path folder) throws IOException {
    writeConfig(folder);
    List<String> names = List.copyOf(tensors.keySet());
    List<List<String>> shards =
        List.of(names.subList(0, names.size() / 2), names.subList(names.size() / 2, names.size()));
    StringBuilder map = new StringBuilder();
    for (int i = 0; i < 2; i++) {
      String file = "model-0000" + (i + 1) + "-of-00002.safetensors";
      Files.write(folder.resolve(file), safetensors(shards.get(i)));
      for (String name : shards.get(i)) {
        map.append(map.length() == 0 ? "" : ",").append('"').append(name).append("\":\"");
        map.append(file).append('"');
      }
    }
    Files.writeString(
        folder.resolve("model.safetensors.index.json"), "{\"weight_map\":{" + map + "}}");
    return folder;
  }

  private void writeConfig(Path folder) throws IOException {
    Files.createDirectories(folder);
    StringBuilder json = new StringBuilder();
    config.forEach(
        (field, value) ->
            json.append(json.length() == 0 ? "{" : ",\n")
                .append('"')
                .append(field)
                .append("\": ")
                .append(value));
    Files.writeString(folder.resolve("config.json"), json + "}");
  }

  private byte[] safetensors(List<String> names) {
    StringBuilder header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (String name : names) {
      int begin = data.size();
      data.writeBytes(encode(tensors.get(name)));
      header.append(",\"").append(name).append("\":{\"dtype\":\"").append(type.name());
      header.append("\",\"shape\":").append(Arrays.toString(shapes.get(name)));
      header.append(",\"data_offsets\":[").append(begin).append(',').append(data.size());
      header.append("]}");
    }
    return file(header + "}" + " ".repeat(headerSpaces), data.toByteArray());
  }

  /** A safetensors file with this header and data. */
  static byte[] file(String header, byte[] data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + text.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .put(data)
        .array();
  }

  private byte[] encode(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (type) {
        case F32 -> bytes.putFloat(value);
        case F16 -> bytes.putShort(toHalf(value));
        case BF16 -> bytes.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
      }
    }
    return bytes.array();
  }

  /** Exact for the multiples of 1/64 used here. */
  private static short toHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int exponent = ((bits >>> 23) & 0xff) - 112;
    return value == 0 ? (short) sign : (short) (sign | (exponent << 10) | ((bits >>> 13) & 0x3ff));
  }
}
