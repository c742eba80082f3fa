package dev.kvpress.runtime.file;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The header of one safetensors file: eight bytes of header length, a JSON object, then the
 * numbers.
 *
 * <p>Nothing the file claims is believed before it is checked against the file's size.
 */
public final class SafetensorsFile {
  private static final int LENGTH_BYTES = 8;

  /** The format's own bound. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  /**
   * Sizes of the element types of the format, so that offsets are checked even for tensors that are
   * not used.
   */
  private static final Map<String, Integer> TYPE_BYTES =
      Map.ofEntries(
          Map.entry("F64", 8),
          Map.entry("F32", 4),
          Map.entry("F16", 2),
          Map.entry("BF16", 2),
          Map.entry("I64", 8),
          Map.entry("I32", 4),
          Map.entry("I16", 2),
          Map.entry("I8", 1),
          Map.entry("U64", 8),
          Map.entry("U32", 4),
          Map.entry("U16", 2),
          Map.entry("U8", 1),
          Map.entry("BOOL", 1),
          Map.entry("F8_E4M3", 1),
          Map.entry("F8_E5M2", 1));

  /**
   * One tensor of the file.
   *
   * @param file where it lies
   * @param name its name
   * @param type its type in the format's terms, for instance F16
   * @param shape sizes, outermost first
   * @param begin first byte, counted from the start of the file
   * @param end byte behind the last one
   */
  public record Entry(Path file, String name, String type, List<Long> shape, long begin, long end) {
    public Entry {
      shape = List.copyOf(shape);
    }

    /** How its numbers become float32; empty where they are no floats. */
    public Optional<FloatDecoder> decoder() {
      return FloatDecoder.named(type);
    }

    /** All its numbers. */
    public float[] read() throws IOException {
      FloatDecoder floats =
          decoder()
              .orElseThrow(
                  () ->
                      new ModelException(
                          file
                              + ": tensor "
                              + name
                              + ": dtype must be F32, F16 or BF16, found "
                              + type));
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        return floats.read(channel, begin, Math.toIntExact((end - begin) / floats.bytes()));
      }
    }
  }

  private SafetensorsFile() {}

  /**
   * Reads and checks the header.
   *
   * @return the tensors by name, in the order of the header
   * @throws ModelException if the file is damaged or no safetensors file
   */
  public static Map<String, Entry> read(Path file) {
    LfsPointer.refuse(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < LENGTH_BYTES) {
        throw new ModelException(
            file + ": expected a safetensors header length of 8 bytes, found a file of " + size);
      }
      ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      FloatDecoder.readFully(channel, 0, length);
      long headerBytes = length.getLong(0);
      long most = Math.min(size - LENGTH_BYTES, MAX_HEADER_BYTES);
      if (headerBytes < 2 || headerBytes > most) {
        throw new ModelException(
            file
                + ": the header length at byte 0 must be in [2, "
                + most
                + "] for a file of "
                + size
                + " bytes, found "
                + Long.toUnsignedString(headerBytes)
                + "; the file is cut or no safetensors file");
      }
      ByteBuffer header = ByteBuffer.allocate((int) headerBytes);
      FloatDecoder.readFully(channel, LENGTH_BYTES, header);
      JsonNode json = JsonFile.parseObject(header.array(), file.toString(), "the header");
      return entries(file, json, LENGTH_BYTES + headerBytes, size);
    } catch (IOException e) {
      throw new ModelException(file + ": cannot read: " + FileFaults.reason(e), e);
    }
  }

  private static Map<String, Entry> entries(Path file, JsonNode json, long dataStart, long size) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      if (!field.getKey().equals("__metadata__")) {
        entries.put(field.getKey(), entry(file, field.getKey(), field.getValue(), dataStart, size));
      }
    }
    List<Entry> byOffset = new ArrayList<>(entries.values());
    byOffset.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long end = dataStart;
    String before = "the header";
    for (Entry entry : byOffset) {
      if (entry.begin() != end) {
        throw new ModelException(
            file
                + ": tensor "
                + entry.name()
                + " must begin where "
                + before
                + " ends, at byte "
                + end
                + ", found byte "
                + entry.begin()
                + (entry.begin() < end ? " (overlap)" : " (gap)"));
      }
      end = entry.end();
      before = "tensor " + entry.name();
    }
    if (end != size) {
      throw new ModelException(
          file + ": the tensors end at byte " + end + ", but the file has " + size + " bytes");
    }
    return entries;
  }

  private static Entry entry(Path file, String name, JsonNode json, long dataStart, long size) {
    String place = file + ": tensor " + name;
    JsonNode type = json.path("dtype");
    Integer typeBytes = type.isTextual() ? TYPE_BYTES.get(type.textValue()) : null;
    if (typeBytes == null) {
      throw new ModelException(place + ": unknown dtype " + type);
    }
    List<Long> shape = longs(json.path("shape"), place + ": shape");
    List<Long> offsets = longs(json.path("data_offsets"), place + ": data_offsets");
    long dataBytes = size - dataStart;
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1) || offsets.get(1) > dataBytes) {
      throw new ModelException(
          place
              + ": data_offsets must be two ascending numbers up to "
              + dataBytes
              + " (the bytes after the header), found "
              + offsets
              + "; the file is cut or damaged");
    }
    long expected = typeBytes;
    try {
      for (long dim : shape) {
        expected = Math.multiplyExact(expected, dim);
      }
    } catch (ArithmeticException e) {
      throw new ModelException(place + ": shape " + shape + " is too large", e);
    }
    long found = offsets.get(1) - offsets.get(0);
    if (expected != found) {
      throw new ModelException(
          place
              + ": shape "
              + shape
              + " of "
              + type.textValue()
              + " takes "
              + expected
              + " bytes, but data_offsets span "
              + found);
    }
    return new Entry(
        file,
        name,
        type.textValue(),
        List.copyOf(shape),
        dataStart + offsets.get(0),
        dataStart + offsets.get(1));
  }

  private static List<Long> longs(JsonNode array, String place) {
    if (!array.isArray()) {
      throw new ModelException(place + " must be a list of integers, found " + array.getNodeType());
    }
    List<Long> values = new ArrayList<>();
    for (JsonNode value : array) {
      if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
        throw new ModelException(
            place + " must hold integers that are not negative, found " + value);
      }
      values.add(value.longValue());
    }
    return values;
  }
}
