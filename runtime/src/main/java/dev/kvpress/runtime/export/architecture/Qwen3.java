package dev.kvpress.runtime.export.architecture;

/** Qwen3 (arXiv 2505.09388): queries and keys pass an RMS norm per head; biases by choice. */
class Qwen3 extends Qwen2 {

  Qwen3(ConfigReader config, CheckpointFacts facts) {
    this(config, facts, DEFAULTS.headSize(128));
  }

  Qwen3(ConfigReader config, CheckpointFacts facts, LlamaDefaults defaults) {
    super(config, facts, defaults);
  }

  @Override
  boolean queryKeyValueBias() {
    return config.flag("attention_bias", false);
  }

  @Override
  boolean outputBias() {
    return config.flag("attention_bias", false);
  }

  @Override
  String normHeads(BlockWriter block, String norm, String heads) {
    return norm(block, "attention." + norm, heads, "self_attn." + norm, headSize);
  }
}
