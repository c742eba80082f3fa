package dev.kvpress.runtime.export;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.TapRequest;

/**
 * How a model is written to a file.
 *
 * @param form DECOMPOSED or FUSED
 * @param signals what the graph emits beside logits and cache
 * @param inlineLimitBytes weights of at most this many bytes go into the .onnx file, larger ones
 *     into a file beside it; protobuf ends at 2 GiB
 * @param shareWeights whether the graph refers to the weights in the checkpoint's own files
 *     instead, as they are stored there; it must then lie in their folder
 * @param weights in how many bits matrices are stored; STORED or F32 where weights are shared
 */
public record ExportOptions(
    AttentionForm form,
    TapRequest signals,
    long inlineLimitBytes,
    boolean shareWeights,
    WeightFormat weights) {

  /** 1.5 GiB, which leaves protobuf room for the graph and readers room for their copies. */
  public static final long DEFAULT_INLINE_LIMIT_BYTES = 3L << 29;

  /** Decomposed, with the whole attention of every layer as {@code attentions.{l}}. */
  public static final ExportOptions DEFAULT =
      new ExportOptions(
          AttentionForm.DECOMPOSED,
          TapRequest.NONE.withFullAttention(),
          DEFAULT_INLINE_LIMIT_BYTES);

  /** With weights of its own. */
  public ExportOptions(AttentionForm form, TapRequest signals, long inlineLimitBytes) {
    this(form, signals, inlineLimitBytes, false);
  }

  /** With weights as the checkpoint has them. */
  public ExportOptions(
      AttentionForm form, TapRequest signals, long inlineLimitBytes, boolean shareWeights) {
    this(form, signals, inlineLimitBytes, shareWeights, WeightFormat.STORED);
  }

  /** Checks that the options can be had together. */
  public ExportOptions {
    requireNonNull(form, "form is null");
    requireNonNull(signals, "signals is null");
    requireNonNull(weights, "weights is null");
    if (shareWeights && weights != WeightFormat.F32 && weights != WeightFormat.STORED) {
      throw new IllegalArgumentException(
          "weights are shared as they are stored, found format " + weights.label());
    }
    if (form != AttentionForm.DECOMPOSED && form != AttentionForm.FUSED) {
      throw new IllegalArgumentException("form must be DECOMPOSED or FUSED, found " + form);
    }
    if (inlineLimitBytes < 0 || inlineLimitBytes > DEFAULT_INLINE_LIMIT_BYTES) {
      throw new IllegalArgumentException(
          "inlineLimitBytes must be in [0, "
              + DEFAULT_INLINE_LIMIT_BYTES
              + "], found "
              + inlineLimitBytes);
    }
  }
}
