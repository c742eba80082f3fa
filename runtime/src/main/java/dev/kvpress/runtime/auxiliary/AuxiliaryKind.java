package dev.kvpress.runtime.auxiliary;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Trained tensors that presses of this project read. N stands for the units of a hidden layer, I
 * for what the last layer reads: N if there is a hidden layer, else E. R stands for the ratios of 1
 * to 99 percent. T counts trained tokens. A gate has M channels and A keys of its own; X stands for
 * H·M, Y for G·M.
 */
enum AuxiliaryKind {
  Q_FILTERS("q_filters", "q_filters", "GD"),
  DUO_HEAD_SCORES("duo_head_scores", "duo_head_scores", "G"),
  EXPECTED_ATTENTION_MEAN("expected_attention_mean", "expected_attention", "HD"),
  EXPECTED_ATTENTION_COVARIANCE("expected_attention_covariance", "expected_attention", "HDD"),
  TRIATTENTION_QUERY_MEAN("triattention.query_mean", "triattention", "HD"),
  TRIATTENTION_QUERY_LENGTH("triattention.query_length", "triattention", "HD"),
  KVZAP_HIDDEN_WEIGHT("kvzap.hidden_weight", "kvzap", "NE"),
  KVZAP_HIDDEN_BIAS("kvzap.hidden_bias", "kvzap", "N"),
  KVZAP_WEIGHT("kvzap.weight", "kvzap", "GI"),
  KVZAP_BIAS("kvzap.bias", "kvzap", "G"),
  GATE_QUERY_WEIGHT("fastkvzip.q_proj.weight", "fastkvzip", "XE"),
  GATE_QUERY_BIAS("fastkvzip.q_proj.bias", "fastkvzip", "X"),
  GATE_KEY_WEIGHT("fastkvzip.k_proj.weight", "fastkvzip", "YE"),
  GATE_QUERY_NORM("fastkvzip.q_norm.weight", "fastkvzip", "M"),
  GATE_KEY_NORM("fastkvzip.k_norm.weight", "fastkvzip", "M"),
  GATE_BASE("fastkvzip.k_base", "fastkvzip", "G1AM"),
  GATE_BIAS("fastkvzip.b", "fastkvzip", "G1g"),
  RESTORE_TOKENS("restorekv.embeddings", "restorekv", "TE"),
  RESTORE_PLUS_TOKENS("restorekv_plus.embeddings", "restorekv_plus", "TE"),
  LUKV_CURVE("lukv.curve", "lukv", "RG");

  private final String tensor;
  private final String group;
  private final String letters;

  AuxiliaryKind(String tensor, String group, String letters) {
    this.tensor = tensor;
    this.group = group;
    this.letters = letters;
  }

  String tensor() {
    return tensor;
  }

  static Optional<AuxiliaryKind> of(String tensor) {
    return Arrays.stream(values()).filter(kind -> kind.tensor.equals(tensor)).findFirst();
  }

  /** The tensor that a part of a gate is called by, as its project names the parts. */
  static Optional<AuxiliaryKind> ofGate(String part) {
    return of("fastkvzip." + part);
  }

  /** Tensors of one group come from one place: they were trained together. */
  static String group(String tensor) {
    return of(tensor).map(kind -> kind.group).orElse(tensor);
  }

  /** Whether a shape fits a model; sizes that only training decides fit always. */
  boolean fits(List<Long> shape, ModelSizes model) {
    boolean fits = shape.size() == letters.length();
    for (int i = 0; fits && i < shape.size(); i++) {
      int size = model.of(letters.charAt(i));
      fits = size == 0 || shape.get(i) == size;
    }
    return fits;
  }

  /** The shape in letters and, as far as it is known, in numbers: {@code [G, D] = [3, 32]}. */
  String shape(ModelSizes model) {
    List<String> named = new ArrayList<>();
    List<String> sizes = new ArrayList<>();
    for (char letter : letters.toCharArray()) {
      named.add(String.valueOf(letter));
      sizes.add(model.of(letter) == 0 ? String.valueOf(letter) : String.valueOf(model.of(letter)));
    }
    return named + " = " + sizes;
  }
}
