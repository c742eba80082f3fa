package dev.kvpress.runtime.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.file.FloatDecoder;
import dev.kvpress.runtime.file.SafetensorsFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A Hugging Face folder in memory, to be written as others write theirs: other names, other number
 * formats, in pieces, with things that do not belong there.
 */
final class StoredModel {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** A tensor as its bytes lie in the file. */
  private record Raw(String type, List<Long> shape, byte[] bytes) {}

  final ObjectNode config;
  private final Map<String, Raw> tensors = new LinkedHashMap<>();

  private StoredModel(ObjectNode config) {
    this.config = config;
  }

  /** Reads one whose numbers are floats, all rounded to what every float format holds exactly. */
  static StoredModel read(Path folder) throws IOException {
    JsonNode config = JSON.readTree(folder.resolve("config.json").toFile());
    StoredModel model = new StoredModel((ObjectNode) config);
    for (SafetensorsFile.Entry entry :
        SafetensorsFile.read(folder.resolve("model.safetensors")).values()) {
      float[] values = entry.read();
      for (int i = 0; i < values.length; i++) {
        values[i] = representable(values[i]);
      }
      model.tensors.put(
          entry.name(), new Raw("F32", entry.shape(), encode(FloatDecoder.F32, values)));
    }
    return model;
  }

  /** Eight significant bits as in BF16, and none of the smallest, which F16 has no bits for. */
  private static float representable(float value) {
    float rounded = Float.intBitsToFloat((Float.floatToRawIntBits(value) + 0x8000) & 0xffff0000);
    return Math.abs(rounded) < 0x1p-14f ? 0 : rounded;
  }

  List<String> names() {
    return List.copyOf(tensors.keySet());
  }

  StoredModel rename(UnaryOperator<String> names) {
    Map<String, Raw> renamed = new LinkedHashMap<>();
    tensors.forEach((name, raw) -> renamed.put(names.apply(name), raw));
    tensors.clear();
    tensors.putAll(renamed);
    return this;
  }

  /** A second tensor with the numbers of a first. */
  StoredModel copy(String from, String to) {
    Raw raw = tensors.get(from);
    tensors.put(to, new Raw(raw.type(), raw.shape(), raw.bytes().clone()));
    return this;
  }

  /** Changes the last number of a tensor. */
  StoredModel alter(String name) {
    byte[] bytes = tensors.get(name).bytes();
    bytes[bytes.length - 1] ^= 0x40;
    return this;
  }

  StoredModel remove(String name) {
    tensors.remove(name);
    return this;
  }

  /** A tensor of zero bytes. */
  StoredModel zeros(String name, String type, int bytesEach, long... shape) {
    List<Long> sizes = Arrays.stream(shape).boxed().toList();
    int count = (int) sizes.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
    tensors.put(name, new Raw(type, sizes, new byte[count * bytesEach]));
    return this;
  }

  /** Stores F32 tensors in other formats. */
  StoredModel types(Function<String, FloatDecoder> types) {
    tensors.replaceAll(
        (name, raw) -> {
          if (!raw.type().equals("F32")) {
            return raw;
          }
          FloatDecoder type = types.apply(name);
          float[] values =
              FloatDecoder.F32.widened(ByteBuffer.wrap(raw.bytes()).order(ByteOrder.LITTLE_ENDIAN));
          return new Raw(type.name(), raw.shape(), encode(type, values));
        });
    return this;
  }

  private static byte[] encode(FloatDecoder type, float[] values) {
    ByteBuffer out =
        ByteBuffer.allocate(values.length * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      int bits = Float.floatToRawIntBits(value);
      switch (type) {
        case F32 -> out.putFloat(value);
        case BF16 -> out.putShort((short) (bits >>> 16));
        case F16 -> {
          int exponent = ((bits >>> 23) & 0xff) - 112;
          int rest = value == 0 ? 0 : (exponent << 10) | ((bits >>> 13) & 0x3ff);
          out.putShort((short) (((bits >>> 16) & 0x8000) | rest));
        }
      }
    }
    return out.array();
  }

  Path writeConfig(Path folder) throws IOException {
    Files.createDirectories(folder);
    JSON.writeValue(folder.resolve("config.json").toFile(), config);
    return folder;
  }

  Path write(Path folder) throws IOException {
    return write(folder, "model.safetensors");
  }

  Path write(Path folder, String file) throws IOException {
    writeConfig(folder);
    Files.write(folder.resolve(file), bytes(names()));
    return folder;
  }

  /** Writes as many files as asked for, the last tensors first, and an index of a name. */
  Path writeShards(Path folder, int shards, String index) throws IOException {
    writeConfig(folder);
    ObjectNode map = JSON.createObjectNode();
    List<String> names = new ArrayList<>(names());
    for (int i = 0; i < shards; i++) {
      String file = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards);
      int size = names.size();
      List<String> part = names.subList(size - size * (i + 1) / shards, size - size * i / shards);
      Files.write(folder.resolve(file), bytes(part));
      part.forEach(name -> map.put(name, file));
    }
    ObjectNode root = JSON.createObjectNode();
    root.putObject("metadata").put("total_size", 1);
    root.set("weight_map", map);
    JSON.writeValue(folder.resolve(index).toFile(), root);
    return folder;
  }

  private byte[] bytes(List<String> names) {
    ObjectNode header = JSON.createObjectNode();
    header.putObject("__metadata__").put("format", "pt");
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (String name : names) {
      Raw raw = tensors.get(name);
      ObjectNode entry = header.putObject(name);
      entry.put("dtype", raw.type());
      raw.shape().forEach(entry.putArray("shape")::add);
      entry.putArray("data_offsets").add(data.size()).add(data.size() + raw.bytes().length);
      data.writeBytes(raw.bytes());
    }
    return TinyCheckpoint.file(header.toString(), data.toByteArray());
  }
}
