package dev.kvpress.runtime.export.packed;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.export.architecture.ConfigReader;
import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.file.SafetensorsFile.Entry;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * AWQ (arXiv 2306.00978) as AutoAWQ stores it for its kernel {@code gemm}: {@code qweight} int32
 * {@code [in,out/8]} and {@code qzeros} int32 {@code [groups,out/8]}, packed along the outputs in
 * another order; {@code scales} {@code [groups,out]}.
 *
 * @param groupSize −1 for one group of all inputs
 */
record AwqLayout(int groupSize) implements PackedLayout {
  private static final int BITS = 4;

  /** Neighbours 0 to 7 lie in a word as 0, 2, 4, 6, 1, 3, 5, 7. */
  private static final int[] PLACES = {0, 4, 1, 5, 2, 6, 3, 7};

  /** How the numbers were found and what is to run them. */
  private static final String[] HARMLESS = {
    "quant_method",
    "method",
    "sym",
    "desc_act",
    "lm_head",
    "meta",
    "modules_to_not_convert",
    "do_fuse",
    "fuse_max_seq_len",
    "modules_to_fuse",
    "exllama_config"
  };

  static PackedLayout read(ConfigReader config) {
    Expect.bits(config, config.named("bits", "w_bit"), Set.of(BITS));
    int groupSize = Expect.groupSize(config, config.named("group_size", "q_group_size"));
    config.require("zero_point", true);
    config.require("pack_dtype", "int32");
    config.require("backend", "autoawq");
    config.requireEmpty("dynamic");
    config.ignore(HARMLESS);
    String field = config.named("version", "checkpoint_format", "format");
    String version = config.text(field, "gemm").toLowerCase(Locale.ROOT);
    config.requireAllUnderstood();
    return switch (version) {
      case "gemm" -> new AwqLayout(groupSize);
      case "gemv" -> new AwqGemvLayout(groupSize);
      default -> throw config.unsupported(field, version, "gemm or gemv");
    };
  }

  @Override
  public String label() {
    return "AWQ, 4 bits, " + Expect.groups(groupSize);
  }

  @Override
  public String codes() {
    return "qweight";
  }

  @Override
  public Set<String> companions() {
    return Set.of("qzeros", "scales");
  }

  @Override
  public Set<String> optional() {
    return Set.of();
  }

  @Override
  public PackedMatrix open(TensorSpec weight, Map<String, Entry> tensors) throws IOException {
    MatrixShape shape = MatrixShape.of(weight, BITS, groupSize);
    long packedOutputs = CodeGrid.wordsOf(shape.outputs(), BITS);
    Entry codes =
        Expect.words(requireNonNull(tensors.get("qweight")), shape.inputs(), packedOutputs);
    Entry zeros =
        Expect.words(requireNonNull(tensors.get("qzeros")), shape.groups(), packedOutputs);
    Entry scales =
        Expect.floats(requireNonNull(tensors.get("scales")), shape.groups(), shape.outputs());
    return new PackedMatrix(
        shape,
        new CodeGrid(codes, BITS, Axis.COLUMNS, Axis.COLUMNS, PLACES),
        ZeroGrid.of(BITS, new CodeGrid(zeros, BITS, Axis.COLUMNS, Axis.COLUMNS, PLACES), zeros),
        new ScaleGrid(scales, Axis.COLUMNS),
        GroupOrder.plain(shape));
  }
}
