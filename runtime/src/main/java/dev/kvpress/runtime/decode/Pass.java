package dev.kvpress.runtime.decode;

import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.KeyValueMemory;
import dev.kvpress.runtime.cache.packed.BlockShape;
import dev.kvpress.runtime.cache.packed.PackedTensors;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.LayerPorts;
import dev.kvpress.runtime.graph.OwnGraph;
import dev.kvpress.runtime.graph.PackedPorts;
import dev.kvpress.runtime.ort.HostTensor;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;

/** Fills the inputs of a graph that are not the cache itself. */
final class Pass {
  private final DecoderInterface ports;
  private final TokenBlock block;
  private final PassMemory memory;

  Pass(DecoderInterface ports, TokenBlock block, PassMemory memory) {
    this.ports = ports;
    this.block = block;
    this.memory = memory;
  }

  /**
   * Token ids and positions.
   *
   * @param firstPosition {@code [B]}, position of the first valid new token of each row
   */
  void addTokens(Map<String, HostTensor> inputs, int[] firstPosition) {
    int rows = block.batch();
    int columns = block.columns();
    inputs.put(
        ports.inputIds(),
        integers(ports.inputIdsType(), rows, columns, (b, q) -> block.ids()[b][q]));
    if (ports.positionIds() != null) {
      inputs.put(
          ports.positionIds(),
          integers(
              ports.positionIdsType(),
              rows,
              columns,
              (b, q) -> Math.max(0, firstPosition[b] + q - block.padding()[b])));
    }
  }

  /**
   * The mask.
   *
   * @param past {@code [B][columns]}, what comes before the columns of the new tokens
   */
  void addMask(Map<String, HostTensor> inputs, boolean[][] past) {
    int before = past[0].length;
    inputs.put(
        requireNonNull(ports.attentionMask()),
        integers(
            ports.attentionMaskType(),
            block.batch(),
            before + block.columns(),
            (b, column) -> {
              boolean valid =
                  column < before ? past[b][column] : column - before >= block.padding()[b];
              return valid ? 1 : 0;
            }));
  }

  /** One layer's {@code cache_bias} {@code [B, G, 1, P]}: masked where a head has no token. */
  void addCacheBias(Map<String, HostTensor> inputs, LayerPorts layer, PassLayer tokens, int slots) {
    if (layer.cacheBias() == null) {
      return;
    }
    HostTensor bias = memory.tensor(ElementType.FLOAT32, block.batch(), ports.kvHeads(), 1, slots);
    FloatBuffer values = bias.floats();
    for (int b = 0; b < block.batch(); b++) {
      for (int g = 0; g < ports.kvHeads(); g++) {
        int from = (b * ports.kvHeads() + g) * slots;
        for (int i = 0, next; i < slots; i = next + 1) {
          next = Math.min(slots, tokens.nextToken(b, g, i));
          for (int hole = i; hole < next; hole++) {
            values.put(from + hole, OwnGraph.MASKED);
          }
          if (next < slots) {
            values.put(from + next, 0f);
          }
        }
      }
    }
    inputs.put(layer.cacheBias(), bias);
  }

  /**
   * One layer's {@code cache_positions} {@code [B, G or 1, P]}: true positions, right aligned as
   * the tokens are.
   */
  void addCachePositions(
      Map<String, HostTensor> inputs, LayerPorts layer, PassLayer tokens, int slots) {
    if (layer.cachePositions() == null) {
      return;
    }
    boolean shared = true;
    for (int b = 0; b < block.batch(); b++) {
      shared &= tokens.holdsSameTokens(b);
    }
    int heads = shared ? 1 : ports.kvHeads();
    HostTensor tensor = memory.tensor(ElementType.INT64, block.batch(), heads, slots);
    LongBuffer values = tensor.data().asLongBuffer();
    for (int b = 0; b < block.batch(); b++) {
      for (int g = 0; g < heads; g++) {
        int from = (b * heads + g) * slots;
        int token = 0;
        for (int i = 0, next; i < slots; i = next + 1) {
          next = Math.min(slots, tokens.nextToken(b, g, i));
          for (int hole = i; hole < next; hole++) {
            values.put(from + hole, 0);
          }
          if (next < slots) {
            values.put(from + next, tokens.position(b, g, token++));
          }
        }
      }
    }
    inputs.put(layer.cachePositions(), tensor);
  }

  /** The length {@code [B]} of the text at the end of the step, where the graph asks for it. */
  void addSequenceLengths(Map<String, HostTensor> inputs, int[] lengths) {
    if (ports.sequenceLength() != null) {
      HostTensor tensor = memory.tensor(ElementType.INT64, lengths.length);
      LongBuffer values = tensor.data().asLongBuffer();
      for (int length : lengths) {
        values.put(length);
      }
      inputs.put(ports.sequenceLength(), tensor);
    }
  }

  /** int32 {@code [B]}, or {@code [B*G]}: tokens in a cache that is written in place. */
  HostTensor cacheLengths(ImmutableIntArray lengths) {
    HostTensor tensor = memory.tensor(ElementType.INT32, lengths.length());
    for (int b = 0; b < lengths.length(); b++) {
      tensor.data().putInt(Integer.BYTES * b, lengths.get(b));
    }
    return tensor;
  }

  /** Past keys and values of a layer. */
  static void addPast(
      Map<String, HostTensor> inputs,
      LayerPorts layer,
      KeyValueMemory store,
      HostLayerStore.Layout layout) {
    long[] shape = shape(layout, store.capacity());
    inputs.put(layer.pastKey(), new HostTensor(layout.type(), store.keyBytes(), shape));
    inputs.put(layer.pastValue(), new HostTensor(layout.type(), store.valueBytes(), shape));
  }

  /** Past keys and values of a layer that lie in fewer bits. */
  static void addPacked(
      Map<String, HostTensor> inputs,
      LayerPorts layer,
      PackedTensors packed,
      HostLayerStore.Layout layout) {
    PackedPorts names = requireNonNull(layer.packed(), "the graph takes no packed caches");
    BlockShape shape = packed.shape();
    long b = layout.batch();
    long g = layout.kvHeads();
    long groups = packed.groups();
    long tokens = groups * shape.tokens();
    long n = shape.vectorBytes();
    long d = shape.headSize();
    long blocks = shape.valueBlocks();
    add(inputs, names.keyCodes(), packed.keyCodes(), b, g, groups, n, shape.tokens());
    addHalves(inputs, names.keyScales(), packed.keyScales(), b, g, groups, d);
    addHalves(inputs, names.keyMinima(), packed.keyMinima(), b, g, groups, d);
    add(inputs, names.valueCodes(), packed.valueCodes(), b, g, tokens, n);
    addHalves(inputs, names.valueScales(), packed.valueScales(), b, g, tokens, blocks);
    addHalves(inputs, names.valueMinima(), packed.valueMinima(), b, g, tokens, blocks);
  }

  private static void add(
      Map<String, HostTensor> inputs, String name, ByteBuffer data, long... shape) {
    inputs.put(name, new HostTensor(ElementType.UINT8, data, shape));
  }

  private static void addHalves(
      Map<String, HostTensor> inputs, String name, ByteBuffer data, long... shape) {
    inputs.put(name, new HostTensor(ElementType.FLOAT16, data, shape));
  }

  /** Present keys and values of a layer. */
  static void addPresent(
      Map<String, HostTensor> outputs,
      LayerPorts layer,
      KeyValueMemory store,
      HostLayerStore.Layout layout) {
    long[] shape = shape(layout, store.capacity());
    outputs.put(layer.presentKey(), new HostTensor(layout.type(), store.keyBytes(), shape));
    outputs.put(layer.presentValue(), new HostTensor(layout.type(), store.valueBytes(), shape));
  }

  /**
   * Keys and values of a layer that the graph writes in place: the same tensors as past and
   * present.
   */
  void addInPlace(
      Map<String, HostTensor> inputs,
      Map<String, HostTensor> outputs,
      LayerPorts layer,
      KeyValueMemory store,
      HostLayerStore.Layout layout) {
    boolean byHead = ports.form() == AttentionForm.FUSED_BY_HEAD;
    long[] shape =
        byHead
            ? new long[] {
              (long) layout.batch() * layout.kvHeads(), 1, store.capacity(), layout.headSize()
            }
            : shape(layout, store.capacity());
    HostTensor keys = new HostTensor(layout.type(), store.keyBytes(), shape);
    HostTensor values = new HostTensor(layout.type(), store.valueBytes(), shape);
    inputs.put(layer.pastKey(), keys);
    inputs.put(layer.pastValue(), values);
    outputs.put(layer.presentKey(), keys);
    outputs.put(layer.presentValue(), values);
  }

  private static long[] shape(HostLayerStore.Layout layout, int slots) {
    return new long[] {layout.batch(), layout.kvHeads(), slots, layout.headSize()};
  }

  private interface Cell {
    int at(int row, int column);
  }

  private HostTensor integers(ElementType type, int rows, int columns, Cell cell) {
    HostTensor tensor = memory.tensor(type, rows, columns);
    ByteBuffer data = tensor.data();
    for (int b = 0; b < rows; b++) {
      for (int q = 0; q < columns; q++) {
        int at = b * columns + q;
        switch (type) {
          case INT32 -> data.putInt(4 * at, cell.at(b, q));
          case INT64 -> data.putLong(8 * at, cell.at(b, q));
          default -> throw new IllegalStateException("no type of token inputs: " + type);
        }
      }
    }
    return tensor;
  }
}
