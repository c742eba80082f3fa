package dev.kvpress.recipe.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes and reads safetensors files: header length, JSON header, little-endian tensors. */
public final class Safetensors {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ALIGNMENT = 8;

  private Safetensors() {}

  /** How the numbers are stored. */
  public enum Type {
    F16(2),
    BF16(2),
    F32(4);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }
  }

  /**
   * A named array.
   *
   * @param dimensions its product is the number of values
   * @param values row-major
   */
  public record Tensor(long[] dimensions, float[] values) {
    public Tensor {
      long count = 1;
      for (long d : dimensions) {
        count *= d;
      }
      if (count != values.length) {
        throw new IllegalArgumentException(
            "dimensions hold " + count + " values, found " + values.length);
      }
    }
  }

  /** Writes all tensors in one type; the file appears whole or not at all. */
  public static void write(Path file, Map<String, Tensor> tensors, Type type) throws IOException {
    ObjectNode header = JSON.createObjectNode();
    header.putObject("__metadata__").put("format", "pt");
    long offset = 0;
    for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
      ObjectNode entry = header.putObject(e.getKey()).put("dtype", type.name());
      var shape = entry.putArray("shape");
      for (long d : e.getValue().dimensions()) {
        shape.add(d);
      }
      long end = offset + (long) type.bytes * e.getValue().values().length;
      entry.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    String text = header.toString();
    int padding = Math.floorMod(-text.length(), ALIGNMENT);
    byte[] head = (text + " ".repeat(padding)).getBytes(StandardCharsets.UTF_8);
    ByteBuffer out =
        ByteBuffer.allocate(Math.toIntExact(8 + head.length + offset))
            .order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(head.length).put(head);
    for (Tensor tensor : tensors.values()) {
      for (float v : tensor.values()) {
        switch (type) {
          case F32 -> out.putFloat(v);
          case F16 -> out.putShort(HalfPrecision.toF16(v));
          case BF16 -> out.putShort(HalfPrecision.toBf16(v));
        }
      }
    }
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.write(part, out.array());
    Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Reads every tensor of a file as float32. */
  public static Map<String, Tensor> read(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int headerLength = Math.toIntExact(in.getLong());
    byte[] head = new byte[headerLength];
    in.get(head);
    JsonNode header = JSON.readTree(head);
    Map<String, Tensor> all = new LinkedHashMap<>();
    header
        .properties()
        .forEach(
            e -> {
              if (!e.getKey().equals("__metadata__")) {
                all.put(e.getKey(), tensor(in, 8 + headerLength, e.getValue()));
              }
            });
    return all;
  }

  private static Tensor tensor(ByteBuffer in, int base, JsonNode entry) {
    Type type = Type.valueOf(entry.get("dtype").asText());
    long[] dimensions = new long[entry.get("shape").size()];
    for (int i = 0; i < dimensions.length; i++) {
      dimensions[i] = entry.get("shape").get(i).asLong();
    }
    int begin = base + entry.get("data_offsets").get(0).asInt();
    int end = base + entry.get("data_offsets").get(1).asInt();
    float[] values = new float[(end - begin) / type.bytes];
    for (int i = 0; i < values.length; i++) {
      int at = begin + i * type.bytes;
      values[i] =
          switch (type) {
            case F32 -> in.getFloat(at);
            case F16 -> HalfPrecision.fromF16(in.getShort(at));
            case BF16 -> HalfPrecision.fromBf16(in.getShort(at));
          };
    }
    return new Tensor(dimensions, values);
  }
}
