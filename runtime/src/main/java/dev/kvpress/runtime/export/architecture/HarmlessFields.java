package dev.kvpress.runtime.export.architecture;

import java.util.Set;

/** Fields of config.json that say nothing about how logits are computed, with the reason. */
final class HarmlessFields {
  private HarmlessFields() {}

  /** Where the file comes from and how it was written. */
  private static final Set<String> PROVENANCE =
      Set.of(
          "architectures",
          "model_type",
          "transformers_version",
          "transformers.js_config",
          "_name_or_path",
          "name_or_path",
          "_commit_hash",
          "auto_map",
          "unsloth_version",
          "unsloth_fixed",
          "custom_pipelines",
          "is_llama_config",
          "finetuning_task",
          "task_specific_params",
          "language",
          "license",
          "tags");

  /** How it was stored or is to be run; weights say their own type. */
  private static final Set<String> STORAGE =
      Set.of(
          "torch_dtype",
          "dtype",
          "use_cache",
          "use_bfloat16",
          "torchscript",
          "attn_implementation",
          "_attn_implementation",
          "_attn_implementation_autoset",
          "_flash_attn_2_enabled",
          "cache_implementation",
          "chunk_size_feed_forward",
          "gradient_checkpointing",
          "return_dict",
          "output_attentions",
          "output_hidden_states",
          "output_router_logits",
          "pretraining_tp",
          "slow_but_exact",
          "fused_bias_fc",
          "fused_dropout_add_ln",
          "use_flash_attn",
          "output_past",
          "is_decoder",
          "tie_encoder_decoder",
          "xla_device",
          "reorder_and_upcast_attn");

  /** In force during training only. */
  private static final Set<String> TRAINING =
      Set.of(
          "initializer_range",
          "init_std",
          "init_device",
          "attention_dropout",
          "attn_pdrop",
          "resid_pdrop",
          "embd_pdrop",
          "hidden_dropout",
          "hidden_dropout_prob",
          "attention_probs_dropout_prob",
          "dropout",
          "activation_dropout",
          "residual_dropout",
          "embedding_dropout",
          "classifier_dropout",
          "layerdrop",
          "router_aux_loss_coef",
          "router_jitter_noise",
          "router_z_loss_coef",
          "initial_context_length",
          "max_sequence_length",
          "model_max_length",
          "is_training",
          "problem_type",
          "id2label",
          "label2id",
          "num_labels",
          "_num_labels",
          "loss_type",
          "label_smoothing");

  /** Tokens and sampling, which are settled elsewhere. */
  private static final Set<String> GENERATION =
      Set.of(
          "bos_token_id",
          "eos_token_id",
          "pad_token_id",
          "sep_token_id",
          "unk_token_id",
          "decoder_start_token_id",
          "forced_bos_token_id",
          "forced_eos_token_id",
          "begin_suppress_tokens",
          "suppress_tokens",
          "bad_words_ids",
          "prefix",
          "do_sample",
          "temperature",
          "top_k",
          "top_p",
          "typical_p",
          "min_length",
          "max_length",
          "num_beams",
          "num_beam_groups",
          "num_return_sequences",
          "diversity_penalty",
          "length_penalty",
          "repetition_penalty",
          "no_repeat_ngram_size",
          "encoder_no_repeat_ngram_size",
          "early_stopping",
          "exponential_decay_length_penalty",
          "remove_invalid_values",
          "return_dict_in_generate",
          "output_scores",
          "tokenizer_class",
          "n_special",
          "predict_special_tokens",
          "tf_legacy_loss",
          "summary_activation",
          "summary_first_dropout",
          "summary_proj_to_labels",
          "summary_type",
          "summary_use_proj");

  static boolean has(String field) {
    return PROVENANCE.contains(field)
        || STORAGE.contains(field)
        || TRAINING.contains(field)
        || GENERATION.contains(field);
  }
}
