package dev.kvpress.runtime.file;

import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
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

  /** Numbers that are compared at once. */
  private static final int PIECE = 1 << 18;

  /** The format's own bound. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  /**
   * Bits of the element types of the format, so that offsets are checked even for tensors that are
   * not used.
   */
  private static final Map<String, Integer> TYPE_BITS =
      Map.ofEntries(
          Map.entry("C64", 64),
          Map.entry("F64", 64),
          Map.entry("F32", 32),
          Map.entry("F16", 16),
          Map.entry("BF16", 16),
          Map.entry("I64", 64),
          Map.entry("I32", 32),
          Map.entry("I16", 16),
          Map.entry("I8", 8),
          Map.entry("U64", 64),
          Map.entry("U32", 32),
          Map.entry("U16", 16),
          Map.entry("U8", 8),
          Map.entry("BOOL", 8),
          Map.entry("F8_E4M3", 8),
          Map.entry("F8_E5M2", 8),
          Map.entry("F8_E4M3FNUZ", 8),
          Map.entry("F8_E5M2FNUZ", 8),
          Map.entry("F8_E8M0", 8),
          Map.entry("F6_E2M3", 6),
          Map.entry("F6_E3M2", 6),
          Map.entry("F4", 4));

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
    /** Takes a copy of the sizes. */
    public Entry {
      shape = List.copyOf(shape);
    }

    /** How its numbers become float32; empty where they are no floats. */
    public Optional<FloatDecoder> decoder() {
      return FloatDecoder.named(type);
    }

    /** Number of its numbers. */
    public long elements() {
      long product = 1;
      for (long size : shape) {
        product *= size;
      }
      return product;
    }

    /**
     * Whether another tensor has the same shape and the same numbers, in whatever format; a piece
     * of each is in memory at a time.
     */
    public boolean sameNumbers(Entry other) throws IOException {
      Optional<FloatDecoder> mine = decoder();
      Optional<FloatDecoder> others = other.decoder();
      if (!shape.equals(other.shape) || mine.isEmpty() || others.isEmpty()) {
        return false;
      }
      try (FileChannel here = FileChannel.open(file, StandardOpenOption.READ);
          FileChannel there = FileChannel.open(other.file, StandardOpenOption.READ)) {
        long elements = elements();
        for (long at = 0; at < elements; at += PIECE) {
          int count = (int) Math.min(PIECE, elements - at);
          float[] a = mine.get().read(here, begin + at * mine.get().bytes(), count);
          float[] b = others.get().read(there, other.begin + at * others.get().bytes(), count);
          if (!Arrays.equals(a, b)) {
            return false;
          }
        }
      }
      return true;
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
   * Bytes of one number of a type.
   *
   * @throws IllegalArgumentException for types the format does not have or packs several to a byte
   */
  static int typeBytes(String type) {
    Integer bits = TYPE_BITS.get(type);
    if (bits == null || bits % Byte.SIZE != 0) {
      throw new IllegalArgumentException("no safetensors type of whole bytes: " + type);
    }
    return bits / Byte.SIZE;
  }

  /**
   * What a header says.
   *
   * @param entries the tensors by name, in the order of the header
   * @param metadata texts by name; empty unless they were asked for
   * @param header the header's own bytes, without the eight of its length
   */
  public record Contents(Map<String, Entry> entries, Map<String, String> metadata, byte[] header) {}

  /**
   * Reads and checks the header.
   *
   * @return the tensors by name, in the order of the header
   * @throws ModelException if the file is damaged or no safetensors file
   */
  public static Map<String, Entry> read(Path file) {
    return read(file, MAX_HEADER_BYTES, false).entries();
  }

  /**
   * The same with the texts that stand beside the tensors.
   *
   * @param mostHeaderBytes beyond which a header is refused before it is read
   * @throws ModelException also if what stands beside the tensors is anything but texts
   */
  public static Contents readWithMetadata(Path file, long mostHeaderBytes) {
    return read(file, mostHeaderBytes, true);
  }

  private static Contents read(Path file, long mostHeaderBytes, boolean withMetadata) {
    LfsPointer.refuse(file);
    FileFaults.requireContent(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < LENGTH_BYTES) {
        throw new ModelException(
            file + ": expected a safetensors header length of 8 bytes, found a file of " + size);
      }
      ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      FloatDecoder.readFully(channel, 0, length);
      long headerBytes = length.getLong(0);
      long most = Math.min(size - LENGTH_BYTES, mostHeaderBytes);
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
      SafetensorsHeader.Parsed parsed =
          SafetensorsHeader.parse(header.array(), file.toString(), withMetadata);
      return new Contents(
          entries(file, parsed.claims(), LENGTH_BYTES + headerBytes, size),
          parsed.metadata(),
          header.array());
    } catch (IOException e) {
      throw new ModelException(file + ": cannot read: " + FileFaults.reason(e), e);
    }
  }

  private static Map<String, Entry> entries(
      Path file, Map<String, SafetensorsHeader.Claim> claims, long dataStart, long size) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    claims.forEach((name, claim) -> entries.put(name, entry(file, name, claim, dataStart, size)));
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

  private static Entry entry(
      Path file, String name, SafetensorsHeader.Claim claim, long dataStart, long size) {
    String place = file + ": tensor " + name;
    Integer typeBits = TYPE_BITS.get(claim.type());
    if (typeBits == null) {
      throw new ModelException(place + ": unknown dtype " + claim.type());
    }
    List<Long> offsets = claim.offsets();
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
    long bits = typeBits;
    try {
      for (long dim : claim.shape()) {
        bits = Math.multiplyExact(bits, dim);
      }
    } catch (ArithmeticException e) {
      throw new ModelException(place + ": shape " + claim.shape() + " is too large", e);
    }
    long found = offsets.get(1) - offsets.get(0);
    // Numbers of less than a byte are packed, and a tensor ends with a whole byte.
    long expected = bits / Byte.SIZE + (bits % Byte.SIZE == 0 ? 0 : 1);
    if (expected != found) {
      throw new ModelException(
          place
              + ": shape "
              + claim.shape()
              + " of "
              + claim.type()
              + " takes "
              + expected
              + " bytes, but data_offsets span "
              + found);
    }
    return new Entry(
        file,
        name,
        claim.type(),
        claim.shape(),
        dataStart + offsets.get(0),
        dataStart + offsets.get(1));
  }
}
