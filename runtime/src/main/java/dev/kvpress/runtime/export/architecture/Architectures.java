package dev.kvpress.runtime.export.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.JsonFile;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/** The catalogue of architectures: one line each. */
public final class Architectures {

  /**
   * One line of the catalogue.
   *
   * @param names class names in config.json, the usual one first, then older spellings
   * @param modelType {@code model_type} in config.json
   * @param reader reads the configuration
   */
  private record Line(
      List<String> names,
      String modelType,
      BiFunction<ConfigReader, CheckpointFacts, Architecture> reader) {}

  private static final List<Line> CATALOGUE =
      List.of(
          line(Llama::new, "llama", "LlamaForCausalLM", "LLaMAForCausalLM", "LLaMaForCausalLM"),
          line(Mistral::new, "mistral", "MistralForCausalLM"),
          line(Qwen2::new, "qwen2", "Qwen2ForCausalLM"),
          line(Qwen3::new, "qwen3", "Qwen3ForCausalLM"),
          line(Gpt2::new, "gpt2", "GPT2LMHeadModel"),
          line(GptNeoX::new, "gpt_neox", "GPTNeoXForCausalLM"),
          line(Opt::new, "opt", "OPTForCausalLM"),
          line(Phi3::new, "phi3", "Phi3ForCausalLM"),
          line(StarCoder2::new, "starcoder2", "Starcoder2ForCausalLM"),
          line(Bloom::new, "bloom", "BloomForCausalLM"),
          line(Mpt::new, "mpt", "MptForCausalLM", "MPTForCausalLM"),
          line(GptJ::new, "gptj", "GPTJForCausalLM"),
          line(Falcon::new, "falcon", "FalconForCausalLM"),
          line(StableLm::new, "stablelm", "StableLmForCausalLM", "StableLMEpochForCausalLM"),
          line(GptBigCode::new, "gpt_bigcode", "GPTBigCodeForCausalLM"),
          line(Gemma::new, "gemma", "GemmaForCausalLM"),
          line(Gemma2::new, "gemma2", "Gemma2ForCausalLM"),
          line(Gemma3::new, "gemma3_text", "Gemma3ForCausalLM", "Gemma3TextModel"),
          line(Granite::new, "granite", "GraniteForCausalLM"),
          line(Olmo::new, "olmo", "OlmoForCausalLM"),
          line(Olmo2::new, "olmo2", "Olmo2ForCausalLM"),
          line(Olmo3::new, "olmo3", "Olmo3ForCausalLM"),
          line(SmolLm3::new, "smollm3", "SmolLM3ForCausalLM"),
          line(Cohere::new, "cohere", "CohereForCausalLM"),
          line(Cohere2::new, "cohere2", "Cohere2ForCausalLM"),
          line(Mixtral::new, "mixtral", "MixtralForCausalLM"),
          line(Qwen2Moe::new, "qwen2_moe", "Qwen2MoeForCausalLM"),
          line(Qwen3Moe::new, "qwen3_moe", "Qwen3MoeForCausalLM"),
          line(GraniteMoe::new, "granitemoe", "GraniteMoeForCausalLM"),
          line(GraniteMoe::new, "granitemoeshared", "GraniteMoeSharedForCausalLM"),
          line(GptOss::new, "gpt_oss", "GptOssForCausalLM"));

  private Architectures() {}

  private static Line line(
      BiFunction<ConfigReader, CheckpointFacts, Architecture> reader,
      String modelType,
      String... names) {
    return new Line(List.of(names), modelType, reader);
  }

  /** Class names that are known, one for each architecture. */
  public static List<String> names() {
    return CATALOGUE.stream().map(line -> line.names().get(0)).toList();
  }

  /**
   * Fails if the architecture that a configuration names is not known.
   *
   * @throws ModelException naming it and those that are
   */
  public static void requireKnown(JsonFile json) {
    var unused = find(json);
  }

  /**
   * Reads a configuration.
   *
   * @param json config.json, without what says how weights are stored
   * @param tensors whether the checkpoint holds a tensor of a name
   * @throws ModelException if the architecture is not known, or a field changes the computation in
   *     a way that is not
   */
  public static Architecture read(JsonFile json, Predicate<String> tensors) {
    Line line = find(json);
    ConfigReader config = new ConfigReader(json);
    try {
      Architecture architecture =
          line.reader().apply(config, new CheckpointFacts(line.names().get(0), tensors));
      // Both ask for fields on the way.
      var unused = architecture.config();
      var used = architecture.weights();
      requireDecoderAlone(config);
      config.requireAllUnderstood();
      return architecture;
    } catch (IllegalArgumentException e) {
      throw new ModelException(json.place() + ": " + e.getMessage(), e);
    }
  }

  /** Fields of every file that was written out in full. */
  private static void requireDecoderAlone(ConfigReader config) {
    config.require("is_encoder_decoder", false);
    config.require("add_cross_attention", false);
    JsonNode pruned = config.raw("pruned_heads");
    if (pruned != null && !pruned.isEmpty()) {
      throw config.unsupported("pruned_heads", pruned, "none");
    }
  }

  private static Line find(JsonFile json) {
    JsonNode named = json.raw("architectures");
    String byClass = named != null && named.size() > 0 ? named.path(0).asText() : "";
    String name = byClass.isEmpty() ? json.text("model_type", "") : byClass;
    if (name.isEmpty()) {
      throw new ModelException(json.place() + ": field architectures is missing");
    }
    for (Line line : CATALOGUE) {
      if (line.names().contains(byClass) || byClass.isEmpty() && line.modelType().equals(name)) {
        return line;
      }
    }
    // A model saved without its head, such as GPT2Model: transformers goes by the kind then, too.
    String modelType = byClass.endsWith("Model") ? json.text("model_type", "") : "";
    for (Line line : CATALOGUE) {
      if (line.modelType().equals(modelType)) {
        return line;
      }
    }
    throw new ModelException(
        json.place()
            + ": architecture "
            + name
            + " is not supported; supported are "
            + String.join(", ", names())
            + " (export others to ONNX with Optimum and give the .onnx file)");
  }
}
