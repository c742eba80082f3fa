package dev.kvpress.runtime.export;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.export.architecture.Architecture;
import dev.kvpress.runtime.export.architecture.TextPart;
import dev.kvpress.runtime.file.SafetensorsFile.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stored tensors that the graph has no use for. Each is of a kind that is known to leave the logits
 * alone, or it is refused: a bias or norm that the graph leaves out changes every result.
 */
final class LeftOver {
  /** Tables and frequencies of rotary embeddings, which follow from config.json. */
  private static final Pattern ROTARY_BUFFER =
      Pattern.compile(
          "(.*\\.)?rotary_emb\\.(\\w+_)?(inv_freq|cos_cached|sin_cached)|(.*\\.)?rotary_emb\\.(cos|sin)_cached");

  /** Heads of reward and value models: they read the last hidden states and give no logits. */
  private static final Pattern SCORE_HEAD =
      Pattern.compile("(score|v_head|value_head)\\.(.*\\.)?(weight|bias)");

  private static final Pattern LAYER = Pattern.compile("(^|\\.)(layers|h|blocks)\\.(\\d{1,9})\\.");

  private static final Pattern ADAPTER =
      Pattern.compile(
          "(^|\\.)(lora_[^.]*|base_layer|modules_to_save|ia3_[^.]*|oft_[^.]*|hada_[^.]*|lokr_[^.]*|vera_[^.]*|prompt_embeddings)(\\.|$)");

  private LeftOver() {}

  /**
   * Refuses tensors that say that the numbers of weights stand elsewhere; these must be looked for
   * before weights are, since where they are the weights themselves are missing or altered.
   *
   * @throws ModelException naming the first, with the way out
   */
  static void requirePlainWeights(List<Entry> leftOver) {
    for (Entry entry : leftOver) {
      if (ADAPTER.matcher(entry.name()).find()) {
        throw new ModelException(
            "%s: tensor %s belongs to an adapter; %s"
                .formatted(entry.file(), entry.name(), ForeignFolder.MERGE));
      }
      Optional<String> packing = Packing.of(entry.name());
      if (packing.isPresent()) {
        throw new ModelException(
            "%s: tensor %s: weights are quantized (%s) in a way that config.json does not describe (quantization_config), or that is not supported; %s"
                .formatted(entry.file(), entry.name(), packing.get(), Packing.ADVICE));
      }
    }
  }

  /**
   * Refuses every tensor that is not known to leave the logits alone.
   *
   * @return what is worth saying of those that are left out
   * @throws ModelException naming the first of those that are not
   */
  static List<Remark> requireHarmless(
      List<Entry> leftOver, Architecture architecture, TextPart part) {
    List<String> heads = new ArrayList<>();
    int images = 0;
    for (Entry entry : leftOver) {
      String key = TensorNames.key(entry.name());
      if (part.seesImages(key)) {
        images++;
      } else if (SCORE_HEAD.matcher(key).matches()) {
        heads.add(entry.name());
      } else if (!architecture.followsFromConfig(entry.name())
          && !ROTARY_BUFFER.matcher(key).matches()) {
        throw refusal(entry, key, architecture);
      }
    }
    List<Remark> notices = new ArrayList<>();
    if (part.wrapper().isPresent()) {
      notices.add(
          Remark.aside(
              "of %s only the text decoder is taken, which is right for text without images; left out: %d tensors that see images"
                  .formatted(part.wrapper().get(), images)));
    }
    if (!heads.isEmpty()) {
      notices.add(Remark.aside("left out, since it gives no logits: " + String.join(", ", heads)));
    }
    return notices;
  }

  private static ModelException refusal(Entry entry, String key, Architecture architecture) {
    Matcher layer = LAYER.matcher(key);
    int layers = architecture.config().layers();
    if (layer.find() && Integer.parseInt(layer.group(3)) >= layers) {
      return new ModelException(
          "%s: tensor %s belongs to layer %s, but config.json says that there are %d (0 to %d); further layers, such as those that predict several tokens, are not understood"
              .formatted(entry.file(), entry.name(), layer.group(3), layers, layers - 1));
    }
    return new ModelException(
        "%s: tensor %s has no place in a %s with this config.json and may change the numbers; take it out of the file if it does not"
            .formatted(entry.file(), entry.name(), architecture.config().architecture()));
  }
}
