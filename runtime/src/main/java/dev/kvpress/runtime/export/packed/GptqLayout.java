package dev.kvpress.runtime.export.packed;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.export.architecture.ConfigReader;
import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.file.SafetensorsFile.Entry;
import java.io.IOException;
import java.util.Map;
import java.util.Set;

/**
 * GPTQ (arXiv 2210.17323) as AutoGPTQ and GPTQModel store it: {@code qweight} int32 {@code
 * [in·bits/32,out]}, packed along the inputs; {@code qzeros} int32 {@code [groups,out·bits/32]};
 * {@code scales} {@code [groups,out]}; {@code g_idx} int32 {@code [in]}, the group of each input.
 *
 * @param bits 2, 3, 4 or 8
 * @param groupSize −1 for one group of all inputs
 * @param zerosLessOne whether zero points are stored as what they are less one, as in the first
 *     version of the format
 * @param actOrder whether groups may be in the order in which inputs were quantized
 */
record GptqLayout(int bits, int groupSize, boolean zerosLessOne, boolean actOrder)
    implements PackedLayout {
  private static final String CONTRADICTION =
      "quantization_config says desc_act false; some readers go by one and some by the other: set desc_act to true if the tensor is right";

  /** How the numbers were found and what is to run them. */
  private static final String[] HARMLESS = {
    "quant_method",
    "method",
    "sym",
    "static_groups",
    "true_sequential",
    "damp_percent",
    "damp_auto_increment",
    "mse",
    "meta",
    "lm_head",
    "model_name_or_path",
    "model_file_base_name",
    "model_seqlen",
    "block_name_to_quantize",
    "modules_in_block_to_quantize",
    "modules_to_not_convert",
    "module_name_preceding_first_block",
    "inside_layer_modules",
    "batch_size",
    "cache_block_outputs",
    "dataset",
    "tokenizer",
    "backend",
    "exllama_config",
    "use_exllama",
    "disable_exllama",
    "use_cuda_fp16",
    "max_input_length",
    "act_group_aware",
    "desc"
  };

  static GptqLayout read(ConfigReader config) {
    int bits = Expect.bits(config, "bits");
    int groupSize = Expect.groupSize(config, "group_size");
    String format = config.named("checkpoint_format", "format");
    config.require(format, "gptq", "gptq_v2");
    boolean lessOne = config.text(format, "gptq").equals("gptq");
    boolean actOrder = config.flag("desc_act", false);
    config.require("pack_dtype", "int32");
    config.require("is_marlin_format", false);
    // Other bits for some modules, rotated inputs, weights beside these.
    config.requireEmpty("dynamic");
    config.requireEmpty("rotation");
    config.requireEmpty("adapter");
    config.ignore(HARMLESS);
    config.requireAllUnderstood();
    return new GptqLayout(bits, groupSize, lessOne, actOrder);
  }

  @Override
  public String label() {
    return "GPTQ, %d bits, %s%s"
        .formatted(bits, Expect.groups(groupSize), actOrder ? ", desc_act" : "");
  }

  @Override
  public String codes() {
    return "qweight";
  }

  @Override
  public Set<String> companions() {
    return Set.of("qzeros", "scales", "g_idx");
  }

  @Override
  public Set<String> optional() {
    return actOrder ? Set.of() : Set.of("g_idx");
  }

  @Override
  public PackedMatrix open(TensorSpec weight, Map<String, Entry> tensors) throws IOException {
    MatrixShape shape = MatrixShape.of(weight, bits, groupSize);
    long packedInputs = CodeGrid.wordsOf(shape.inputs(), bits);
    long packedOutputs = CodeGrid.wordsOf(shape.outputs(), bits);
    Entry codes =
        Expect.words(requireNonNull(tensors.get("qweight")), packedInputs, shape.outputs());
    Entry zeros =
        Expect.words(requireNonNull(tensors.get("qzeros")), shape.groups(), packedOutputs);
    Entry scales =
        Expect.floats(requireNonNull(tensors.get("scales")), shape.groups(), shape.outputs());
    CodeGrid zeroCodes = new CodeGrid(zeros, bits, Axis.COLUMNS, Axis.COLUMNS);
    return new PackedMatrix(
        shape,
        new CodeGrid(codes, bits, Axis.COLUMNS, Axis.ROWS),
        zerosLessOne
            ? ZeroGrid.lessOne(bits, zeroCodes, zeros)
            : ZeroGrid.of(bits, zeroCodes, zeros),
        new ScaleGrid(scales, Axis.COLUMNS),
        GroupOrder.of(tensors.get("g_idx"), shape, actOrder, CONTRADICTION));
  }
}
