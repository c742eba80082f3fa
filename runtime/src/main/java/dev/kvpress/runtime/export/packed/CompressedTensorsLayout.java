package dev.kvpress.runtime.export.packed;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.architecture.ConfigReader;
import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.file.FloatDecoder;
import dev.kvpress.runtime.file.SafetensorsFile.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Weights of compressed-tensors in the format {@code pack-quantized}: {@code weight_packed} int32
 * {@code [out,in·bits/32]}, packed along the inputs; {@code weight_scale} {@code [out,groups]};
 * {@code weight_zero_point} int32 {@code [out·bits/32,groups]}, packed along the outputs, where
 * they are not symmetric; {@code weight_shape} int64 {@code [2]}; {@code weight_g_idx} int32 {@code
 * [in]}. Numbers and zero points are stored plus 2^(bits−1), which leaves their difference alone.
 *
 * @param bits 4 or 8
 * @param groupSize −1 for one group of all inputs
 * @param symmetric whether there are no zero points
 * @param actOrder whether {@code weight_g_idx} says which inputs belong to a group
 */
record CompressedTensorsLayout(int bits, int groupSize, boolean symmetric, boolean actOrder)
    implements PackedLayout {
  private static final String CONTRADICTION =
      "actorder in quantization_config does not say group; set it to group if the tensor is right";

  static CompressedTensorsLayout read(ConfigReader config) {
    config.require("format", "pack-quantized");
    config.requireEmpty("kv_cache_scheme");
    requireDense(config.object("sparsity_config"));
    config.requireEmpty("transform_config");
    config.ignore("quant_method", "quantization_status", "global_compression_ratio", "version");
    // Which modules are stored as floats is seen from the tensors.
    config.ignore("ignore");
    ConfigReader groups = config.object("config_groups");
    if (groups == null || groups.fields().size() != 1) {
      throw config.unsupported(
          "config_groups", groups == null ? null : groups.fields(), "one group");
    }
    CompressedTensorsLayout layout = group(groups, groups.fields().get(0));
    config.requireAllUnderstood();
    return layout;
  }

  private static void requireDense(@Nullable ConfigReader sparsity) {
    if (sparsity != null && !sparsity.fields().isEmpty()) {
      sparsity.require("format", "dense");
      // What was left out before; all numbers are stored.
      sparsity.ignore(
          "global_sparsity",
          "ignore",
          "targets",
          "sparsity_structure",
          "registry_requires_subclass");
      sparsity.requireAllUnderstood();
    }
  }

  private static CompressedTensorsLayout group(ConfigReader groups, String name) {
    ConfigReader group = groups.object(name);
    ConfigReader weights = group == null ? null : group.object("weights");
    if (group == null || weights == null) {
      throw groups.unsupported(name, "without weights", "a group of weights");
    }
    group.ignore("targets");
    group.require("format", "pack-quantized");
    group.requireEmpty("input_activations");
    group.requireEmpty("output_activations");
    group.requireAllUnderstood();
    int bits = Expect.bits(weights, "num_bits", Set.of(4, 8));
    weights.require("type", "int");
    weights.require("dynamic", false);
    weights.require("strategy", "group", "channel");
    weights.requireEmpty("block_structure");
    boolean channel = weights.text("strategy", "group").equals("channel");
    JsonNode size = weights.raw("group_size");
    int groupSize = channel && size == null ? -1 : Expect.groupSize(weights, "group_size");
    boolean symmetric = weights.flag("symmetric", true);
    boolean actOrder = actOrder(weights);
    // Types of scales are seen from the tensors.
    weights.ignore("observer", "observer_kwargs", "scale_dtype", "zp_dtype");
    weights.requireAllUnderstood();
    return new CompressedTensorsLayout(bits, groupSize, symmetric, actOrder);
  }

  /** Other orders decide how the numbers were found and leave groups one after another. */
  private static boolean actOrder(ConfigReader weights) {
    JsonNode order = weights.raw("actorder");
    return switch (order == null ? "null" : order.asText()) {
      case "group", "dynamic", "true" -> true;
      case "weight", "static", "false", "null" -> false;
      default ->
          throw weights.unsupported("actorder", order, "group, dynamic, weight, static or null");
    };
  }

  @Override
  public String label() {
    return "compressed-tensors, %d bits, %s".formatted(bits, Expect.groups(groupSize));
  }

  @Override
  public String codes() {
    return "weight_packed";
  }

  @Override
  public Set<String> companions() {
    return symmetric
        ? Set.of("weight_scale", "weight_shape", "weight_g_idx")
        : Set.of("weight_scale", "weight_shape", "weight_g_idx", "weight_zero_point");
  }

  @Override
  public Set<String> optional() {
    return actOrder ? Set.of() : Set.of("weight_g_idx");
  }

  @Override
  public PackedMatrix open(TensorSpec weight, Map<String, Entry> tensors) throws IOException {
    requireShape(requireNonNull(tensors.get("weight_shape")), weight.shape());
    MatrixShape shape = MatrixShape.of(weight, bits, groupSize);
    Entry codes =
        Expect.words(
            requireNonNull(tensors.get("weight_packed")),
            shape.outputs(),
            CodeGrid.wordsOf(shape.inputs(), bits));
    Entry scales =
        Expect.floats(requireNonNull(tensors.get("weight_scale")), shape.outputs(), shape.groups());
    return new PackedMatrix(
        shape,
        new CodeGrid(codes, bits, Axis.ROWS, Axis.COLUMNS),
        zeros(tensors, shape),
        new ScaleGrid(scales, Axis.ROWS),
        GroupOrder.of(tensors.get("weight_g_idx"), shape, actOrder, CONTRADICTION));
  }

  private ZeroGrid zeros(Map<String, Entry> tensors, MatrixShape shape) {
    if (symmetric) {
      return ZeroGrid.middle(bits);
    }
    Entry stored =
        Expect.words(
            requireNonNull(tensors.get("weight_zero_point")),
            CodeGrid.wordsOf(shape.outputs(), bits),
            shape.groups());
    return ZeroGrid.of(bits, new CodeGrid(stored, bits, Axis.ROWS, Axis.ROWS), stored);
  }

  private static void requireShape(Entry stored, List<Long> expected) throws IOException {
    ByteBuffer sizes = ByteBuffer.allocate(2 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel in =
        FileChannel.open(Expect.vector(stored, "I64", 2).file(), StandardOpenOption.READ)) {
      FloatDecoder.readFully(in, stored.begin(), sizes);
    }
    List<Long> found = List.of(sizes.getLong(0), sizes.getLong(Long.BYTES));
    if (!found.equals(expected)) {
      throw new ModelException(
          "%s: tensor %s: config.json asks for shape %s, found %s"
              .formatted(stored.file(), stored.name(), expected, found));
    }
  }
}
