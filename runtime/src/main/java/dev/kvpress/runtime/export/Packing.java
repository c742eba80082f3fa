package dev.kvpress.runtime.export;

import dev.kvpress.runtime.file.SafetensorsFile.Entry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Ways in which weights are stored as something else than their numbers, told by names. */
final class Packing {
  static final String ADVICE =
      "use the original in F32, F16 or BF16, or dequantize it with transformers and save it again";

  private static final Map<Pattern, String> KINDS = new LinkedHashMap<>();

  static {
    kind("GPTQ or AWQ", "qweight|qzeros|g_idx");
    kind("EXL2", "q_weight|q_scale|q_scale_max|q_groups|q_group_map|q_invperm|q_perm");
    kind(
        "bitsandbytes",
        "absmax|quant_map|nested_absmax|nested_quant_map|quant_state|SCB|weight_format|bitsandbytes__\\w+");
    kind(
        "FP8 or compressed-tensors",
        "weight_scale|weight_scale_inv|scale_inv|weight_scale_2|weight_global_scale|weight_packed|weight_zero_point|weight_g_idx|weight_shape|input_scale|input_global_scale|input_zero_point|output_scale|activation_scale|[kv]_scale");
    kind("MXFP4", "\\w+_proj_blocks|\\w+_proj_scales");
    kind("HQQ", "W_q|W_q\\|.*");
    kind("quanto", "_data|_scale|_shift");
    kind("packed with scales", "scales|biases|qscales|weight_quantizer.*|zeros");
  }

  private Packing() {}

  private static void kind(String name, String lastWords) {
    KINDS.put(Pattern.compile("(.*\\.)?(" + lastWords + ")"), name);
  }

  /** The kind that a tensor of this name belongs to. */
  static Optional<String> of(String tensor) {
    return KINDS.entrySet().stream()
        .filter(kind -> kind.getKey().matcher(tensor).matches())
        .map(Map.Entry::getValue)
        .findFirst();
  }

  /** What to do about a weight whose numbers are no floats of a kind that is read. */
  static String advice(Entry weight) {
    return switch (weight.type()) {
      case "F64" -> "save it again in F32 (model.float().save_pretrained(...))";
      case "I64", "I32", "I16", "U64", "U32", "U16", "I8", "U8", "BOOL" ->
          "whole numbers are what quantized weights are packed in: " + ADVICE;
      default -> "the weights are quantized: " + ADVICE;
    };
  }
}
