package dev.kvpress.compare.shape;

/** Columns that say how the request was sampled elsewhere; decoding is greedy here. */
public final class Sampling {
  private static final String[] COLUMNS = {
    "temperature",
    "top_p",
    "top_k",
    "top_k_per_token",
    "n",
    "num_completions",
    "best_of",
    "logprobs",
    "echo",
    "echo_prompt",
    "model",
    "model_deployment",
    "request_type",
    "presence_penalty",
    "frequency_penalty",
    "random",
    "embedding",
    "multimodal_prompt",
    "messages"
  };

  private Sampling() {}

  /** Their names. */
  public static String[] columns() {
    return COLUMNS.clone();
  }
}
