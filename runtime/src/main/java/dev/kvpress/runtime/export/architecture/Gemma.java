package dev.kvpress.runtime.export.architecture;

import dev.kvpress.runtime.ModelException;

/**
 * Gemma (arXiv 2403.08295): Llama with norm gains stored less one, embeddings scaled by the root of
 * their size, GELU, and heads whose size is free.
 */
class Gemma extends Llama {
  static final LlamaDefaults DEFAULTS =
      LlamaDefaults.LLAMA.kvHeads(16).headSize(256).maxPositions(8192).tiedByDefault();

  Gemma(ConfigReader config, CheckpointFacts facts) {
    this(config, facts, DEFAULTS);
  }

  Gemma(ConfigReader config, CheckpointFacts facts, LlamaDefaults defaults) {
    super(config, facts, defaults);
  }

  /**
   * The first files say "gelu" and mean its approximation by tanh; a second field, where they have
   * it, says so.
   */
  @Override
  Activation activation(ConfigReader config) {
    String tanh = "gelu_pytorch_tanh";
    String first = config.text("hidden_act", tanh);
    String second = config.text("hidden_activation", first);
    if (first.equals("gelu") && second.equals("gelu")) {
      throw new ModelException(
          "%s: hidden_act gelu is the error function's to transformers 4 and tanh's to 5; write gelu_python or %s"
              .formatted(config.place(), tanh));
    }
    if (!first.equals(second) && !first.equals("gelu")) {
      throw config.unsupported("hidden_activation", second, first + ", as hidden_act is");
    }
    boolean told = config.has("hidden_activation");
    return Activation.read(config, told ? "hidden_activation" : "hidden_act", tanh);
  }

  @Override
  boolean mlpBias() {
    return false;
  }

  @Override
  String norm(BlockWriter block, String name, String x, String weight, long size) {
    return block.rmsNormPlusOne(name, x, weight, size, eps);
  }

  @Override
  String embed(BlockWriter pass, String ids) {
    return pass.scale("embedded_scaled", super.embed(pass, ids), Math.sqrt(hidden));
  }
}
