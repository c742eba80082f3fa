package dev.kvpress.runtime.cache.packed;

import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.LayerStore;
import dev.kvpress.runtime.cache.SavedForm;
import dev.kvpress.runtime.cache.SavedLayer;
import dev.kvpress.runtime.cache.packed.PackedGroups.Part;
import dev.kvpress.runtime.file.FileTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A cache in few bits as it lies in memory, codes, holes and all, so that it goes on bit for bit:
 *
 * <ul>
 *   <li>{@code sizes}, I32 {@code [6]}: bits, g, channels, window, N and R
 *   <li>{@code key_codes}, … {@code value_minima}: the parts as {@link PackedTensors} has them, in
 *       U8 and F16 {@code [B*G, N, numbers of a group]}
 *   <li>{@code recent_keys} and {@code recent_values}, F32 {@code [B*G, R, D]}
 *   <li>{@code packed_slots} and {@code recent_slots}, U8 {@code [B*G, slots/8 rounded up]}: which
 *       slots hold a token, the first one in the lowest bit
 * </ul>
 *
 * <p>Opening copies them: they are small, and an edit would have to do so.
 */
public final class SavedPackedForm implements SavedForm {
  private static final String NAME = "packed";
  private static final String SIZES = "sizes";
  private static final String RECENT_KEYS = "recent_keys";
  private static final String RECENT_VALUES = "recent_values";
  private static final String PACKED_SLOTS = "packed_slots";
  private static final String RECENT_SLOTS = "recent_slots";
  private static final int NUMBERS = 6;

  @Override
  public String name() {
    return NAME;
  }

  private static String name(Part part) {
    return part.name().toLowerCase(Locale.ROOT);
  }

  private static boolean isCodes(Part part) {
    return part == Part.KEY_CODES || part == Part.VALUE_CODES;
  }

  private static Long[] shape(Part part, BlockShape shape, int heads, int groups) {
    long numbers = part.groupBytes(shape) / (isCodes(part) ? 1 : Short.BYTES);
    return new Long[] {(long) heads, (long) groups, numbers};
  }

  static SavedLayer saved(PackedLayerStore store, HostLayerStore.Layout layout, int window) {
    PackedGroups groups = store.groups();
    BlockShape shape = groups.shape();
    int heads = store.tokens().heads();
    int rows = store.recent().slots();
    List<FileTensor> tensors = new ArrayList<>();
    tensors.add(sizes(shape, window, groups.groups(), rows));
    for (Part part : Part.values()) {
      tensors.add(
          new FileTensor(
              name(part),
              isCodes(part) ? "U8" : "F16",
              List.of(shape(part, shape, heads, groups.groups())),
              List.of(groups.tensor(part))));
    }
    List<Long> recent = List.of((long) heads, (long) rows, (long) layout.headSize());
    tensors.add(new FileTensor(RECENT_KEYS, "F32", recent, List.of(store.recent().keyBytes())));
    tensors.add(new FileTensor(RECENT_VALUES, "F32", recent, List.of(store.recent().valueBytes())));
    int slots = groups.groups() * shape.tokens();
    tensors.add(slots(PACKED_SLOTS, slots, heads, store.tokens()::packed));
    tensors.add(slots(RECENT_SLOTS, rows, heads, store.tokens()::recent));
    return new SavedLayer(NAME, tensors);
  }

  private static FileTensor sizes(BlockShape shape, int window, int groups, int rows) {
    ByteBuffer sizes = ByteBuffer.allocate(NUMBERS * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int size :
        new int[] {shape.bits(), shape.tokens(), shape.channels(), window, groups, rows}) {
      sizes.putInt(size);
    }
    return new FileTensor(SIZES, "I32", List.of((long) NUMBERS), List.of(sizes.flip()));
  }

  private interface OfHead {
    BitSet slots(int head);
  }

  private static FileTensor slots(String name, int slots, int heads, OfHead own) {
    int bytes = (slots + Byte.SIZE - 1) / Byte.SIZE;
    ByteBuffer all = ByteBuffer.allocate(heads * bytes);
    for (int head = 0; head < heads; head++) {
      byte[] set = own.slots(head).toByteArray();
      all.put(head * bytes, set);
    }
    return new FileTensor(name, "U8", List.of((long) heads, (long) bytes), List.of(all));
  }

  @Override
  public LayerStore open(Place place, Map<String, FileTensor> tensors) {
    HostLayerStore.Layout layout = place.layout();
    int heads = layout.batch() * layout.kvHeads();
    int[] sizes = sizes(tensors);
    BlockShape shape = shape(sizes, layout.headSize());
    if (tensors.size() != 1 + Part.values().length + 4) {
      throw new ModelException("expected no other tensors, found " + tensors.keySet());
    }
    int groups = sizes[4];
    int rows = sizes[5];
    PackedSlots slots = PackedSlots.empty(heads);
    read(tensors, PACKED_SLOTS, (long) groups * shape.tokens(), heads, slots::packed);
    read(tensors, RECENT_SLOTS, rows, heads, slots::recent);
    requireTokens(slots, place.ledger(), layout.kvHeads());
    PackedGroups packed = new PackedGroups(place.pool(), shape, heads, groups);
    boolean done = false;
    try {
      for (Part part : Part.values()) {
        FileTensor tensor =
            tensor(tensors, name(part))
                .require(isCodes(part) ? "U8" : "F16", shape(part, shape, heads, groups));
        ByteBuffer whole = tensor.whole();
        packed.bytesOf(part).put(0, whole, whole.position(), whole.remaining());
      }
      HostLayerStore recent = recent(place, tensors, heads, rows);
      done = true;
      return PackedLayerStore.made(place.pool(), layout, shape, sizes[3], slots, packed, recent);
    } finally {
      if (!done) {
        packed.release();
      }
    }
  }

  private static HostLayerStore recent(
      Place place, Map<String, FileTensor> tensors, int heads, int rows) {
    Long[] shape = {(long) heads, (long) rows, (long) place.layout().headSize()};
    ByteBuffer keys = tensor(tensors, RECENT_KEYS).require("F32", shape).whole();
    ByteBuffer values = tensor(tensors, RECENT_VALUES).require("F32", shape).whole();
    HostLayerStore recent = HostLayerStore.unfilled(place.pool(), place.layout(), rows, rows);
    recent.keyBytes().put(0, keys, keys.position(), keys.remaining());
    recent.valueBytes().put(0, values, values.position(), values.remaining());
    return recent;
  }

  private static FileTensor tensor(Map<String, FileTensor> tensors, String name) {
    FileTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new ModelException("tensor %s is missing".formatted(name));
    }
    return tensor;
  }

  private static int[] sizes(Map<String, FileTensor> tensors) {
    ByteBuffer bytes =
        tensor(tensors, SIZES)
            .require("I32", (long) NUMBERS)
            .whole()
            .order(ByteOrder.LITTLE_ENDIAN);
    int[] sizes = new int[NUMBERS];
    for (int i = 0; i < NUMBERS; i++) {
      sizes[i] = bytes.getInt(bytes.position() + i * Integer.BYTES);
      if (sizes[i] < 0) {
        throw new ModelException("tensor sizes must not hold negative numbers, found " + sizes[i]);
      }
    }
    return sizes;
  }

  private static BlockShape shape(int[] sizes, int headSize) {
    try {
      return new BlockShape(sizes[0], sizes[1], headSize, sizes[2]);
    } catch (IllegalArgumentException e) {
      throw new ModelException("tensor sizes: " + e.getMessage(), e);
    }
  }

  private static void read(
      Map<String, FileTensor> tensors, String name, long slots, int heads, OfHead own) {
    long bytes = (slots + Byte.SIZE - 1) / Byte.SIZE;
    ByteBuffer all = tensor(tensors, name).require("U8", (long) heads, bytes).whole();
    byte[] set = new byte[(int) bytes];
    for (int head = 0; head < heads; head++) {
      all.get(all.position() + head * set.length, set);
      own.slots(head).or(BitSet.valueOf(set));
      if (own.slots(head).length() > slots) {
        throw new ModelException(
            "tensor %s names a slot beyond the %d there are".formatted(name, slots));
      }
    }
  }

  private static void requireTokens(PackedSlots slots, LayerLedger ledger, int kvHeads) {
    for (int head = 0; head < slots.heads(); head++) {
      int tokens = slots.packed(head).cardinality() + slots.recentTokens(head);
      int expected = ledger.length(head / kvHeads, head % kvHeads);
      if (tokens != expected) {
        throw new ModelException(
            "head %d holds %d tokens, but its account has %d".formatted(head, tokens, expected));
      }
    }
  }
}
