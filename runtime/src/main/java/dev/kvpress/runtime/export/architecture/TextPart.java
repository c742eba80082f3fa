package dev.kvpress.runtime.export.architecture;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.JsonFile;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The decoder that a config.json describes: all of it, or the {@code text_config} of a model that
 * also sees images. The second is right for texts without images only, and only where nothing but
 * image features joins the two parts, which is known class by class.
 */
public final class TextPart {
  private static final String TEXT = "text_config";
  private static final String QUANTIZATION = "quantization_config";
  private static final String TIED = "tie_word_embeddings";

  /**
   * Models that put image features in place of some token embeddings and are their text decoder
   * otherwise, with the kind of decoder where the file does not say.
   */
  private static final Map<String, String> WRAPPERS =
      Map.of(
          "Gemma3ForConditionalGeneration", "gemma3_text",
          "LlavaForConditionalGeneration", "llama",
          "LlavaNextForConditionalGeneration", "llama",
          "LlavaOnevisionForConditionalGeneration", "qwen2",
          "VipLlavaForConditionalGeneration", "llama",
          "Mistral3ForConditionalGeneration", "mistral",
          "InternVLForConditionalGeneration", "qwen2");

  /** First words of fields that say how images are seen or put into the text. */
  private static final List<String> IMAGE_FIELDS =
      List.of(
          "vision_",
          "video_",
          "image_",
          "images_",
          "mm_",
          "projector_",
          "multimodal_projector_",
          "spatial_merge_size",
          "boi_token",
          "eoi_token",
          "downsample_ratio",
          "vipllava_layers");

  /**
   * Fields that say nothing of the text decoder, or stand for what transformers reads inside it.
   */
  private static final Set<String> OUTER_FIELDS =
      Set.of(TEXT, TIED, "ignore_index", "use_image_newline_parameter");

  private static final List<String> IMAGE_TENSORS =
      List.of(
          "vision_tower.",
          "vision_model.",
          "image_tower.",
          "multi_modal_projector.",
          "image_newline");

  private final JsonFile config;
  private final String wrapper;

  private TextPart(JsonFile config, String wrapper) {
    this.config = config;
    this.wrapper = wrapper;
  }

  /**
   * Finds it.
   *
   * @param json config.json
   * @throws ModelException if there is a {@code text_config} in a model that is not known to be its
   *     text decoder where no image is given
   */
  public static TextPart of(JsonFile json) {
    JsonFile nested = json.object(TEXT);
    if (nested == null) {
      return new TextPart(json, "");
    }
    String name = className(json);
    String usual = WRAPPERS.get(name);
    if (usual == null) {
      throw new ModelException(
          "%s: architecture %s is not supported: its decoder is one part (%s) of a model, and it is not known whether that part alone gives its numbers; known are %s"
              .formatted(json.place(), name, TEXT, WRAPPERS.keySet().stream().sorted().toList()));
    }
    String modelType = nested.text("model_type", usual);
    JsonNode inner = requireNonNull(json.raw(TEXT));
    ObjectNode filled =
        ClassDefaults.fill(modelType, inner)
            .orElseThrow(
                () ->
                    new ModelException(
                        "%s: model_type %s is not supported inside %s"
                            .formatted(nested.place(), modelType, name)));
    filled.put("model_type", modelType);
    // The kind decides, as in transformers; the class named here may be one without a head.
    filled.remove("architectures");
    if (!inner.has(TIED) && !filled.path(TIED).asBoolean() && json.flag(TIED, false)) {
      // transformers 4 asks the part, 5 the whole: which tensors there are tells.
      filled.remove(TIED);
    }
    if (json.has(QUANTIZATION) && !filled.has(QUANTIZATION)) {
      // It is said once for all parts.
      filled.set(QUANTIZATION, json.raw(QUANTIZATION));
    }
    requireUnderstood(json, name, filled);
    return new TextPart(JsonFile.of(nested.place(), filled), name);
  }

  private static String className(JsonFile json) {
    JsonNode named = json.raw("architectures");
    return named == null ? json.text("model_type", "") : named.path(0).asText();
  }

  private static void requireUnderstood(JsonFile json, String name, JsonNode text) {
    List<String> unknown =
        json.entries().stream()
            .filter(field -> !field.getValue().isNull())
            .filter(field -> !field.getValue().equals(text.get(field.getKey())))
            .map(Map.Entry::getKey)
            .filter(field -> !OUTER_FIELDS.contains(field) && !HarmlessFields.has(field))
            .filter(field -> IMAGE_FIELDS.stream().noneMatch(field::startsWith))
            .toList();
    if (!unknown.isEmpty()) {
      throw new ModelException(
          "%s: field %s of %s is not understood beside %s and may change the numbers; take it out of the file if it does not"
              .formatted(json.place(), String.join(", ", unknown), name, TEXT));
    }
  }

  /** The configuration of the decoder alone. */
  public JsonFile config() {
    return config;
  }

  /** Class of the model that this is a part of; empty where it is all of it. */
  public Optional<String> wrapper() {
    return wrapper.isEmpty() ? Optional.empty() : Optional.of(wrapper);
  }

  /**
   * Whether a tensor belongs to the parts that see images.
   *
   * @param tensor its name without the modules around the whole model
   */
  public boolean seesImages(String tensor) {
    return !wrapper.isEmpty() && IMAGE_TENSORS.stream().anyMatch(tensor::startsWith);
  }
}
