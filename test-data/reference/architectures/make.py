"""Tiny random Hugging Face folders with figures of the original transformers 4.57.6 modelling code.

    python make.py                      make every folder beside this script
    python make.py qwen2 opt-pre-norm   make these only
    python make.py --check FOLDER ...   compute the figures of existing folders again and compare
    python make.py --table              write the table of README.md
    python make.py --code FILE          make the folders that a Python file describes, beside it: modelling code that is
                                        not part of transformers; docs/examples/architecture has one

Needs torch, safetensors and transformers 4.57.6. Each folder gets config.json and model.safetensors by
`save_pretrained`, and reference.json, whose keys README.md explains. The model is loaded back from the folder before
anything is computed. Before a folder is written this script checks that
 - the explicit masks give what the library gives by itself where nothing was removed,
 - every config key named in `telling` moves the figures; parameters that do not are printed,
 - every expert is chosen somewhere, and none by less than 0.01 in router logits.
"""

import copy
import importlib.util
import inspect
import json
import math
import pathlib
import shutil
import sys
import zlib

import torch
import torch.nn.functional as F
import transformers
from transformers import DynamicCache

HERE = pathlib.Path(__file__).parent
TOLERANCE = 2e-4  # |a - b| <= TOLERANCE * (1 + |b|)
NEW_TOKENS = 4
MASKED = torch.finfo(torch.float32).min


# ---------------------------------------------------------------------------------------------- the folders

CASES = {}


def case(name, architecture, note, telling=None, dtype="float32", shards=None, prompt=14, **config):
    """`telling`: config keys with another value each, which must change the figures when it takes the key's place."""
    CASES[name] = dict(architecture=architecture, note=note, telling=telling or {}, dtype=dtype, shards=shards,
                       prompt=prompt, config=config)


TOKENS = dict(bos_token_id=1, eos_token_id=2, pad_token_id=0)
# The usual shape, and a smaller one for variants that differ in one thing.
USUAL = dict(vocab_size=40, hidden_size=32, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=64, tie_word_embeddings=False, **TOKENS)
SMALL = dict(USUAL, hidden_size=16, intermediate_size=16, num_attention_heads=2, num_key_value_heads=1)
GPT2 = dict(vocab_size=40, n_embd=32, n_layer=2, n_head=4, n_inner=40, n_positions=64, **TOKENS)
GPT2_SMALL = dict(GPT2, n_embd=16, n_head=2, n_inner=20)
NEOX = dict(vocab_size=40, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
            max_position_embeddings=64, **TOKENS)
OPT = dict(vocab_size=40, hidden_size=32, ffn_dim=24, num_hidden_layers=2, num_attention_heads=4,
           max_position_embeddings=32, **TOKENS)
OPT_SMALL = dict(OPT, hidden_size=16, ffn_dim=16, num_attention_heads=2)
GEMMA = dict(USUAL, hidden_size=24, head_dim=12, tie_word_embeddings=True)
EXPERTS = dict(SMALL, head_dim=8, num_experts=5, num_experts_per_tok=2, moe_intermediate_size=8, sliding_window=None)


def popular():
    case("llama", "LlamaForCausalLM", "plain, own lm_head", **SMALL)
    case("llama-f16", "LlamaForCausalLM", "weights stored in F16", dtype="float16", **SMALL)
    case("llama-bf16", "LlamaForCausalLM", "weights stored in BF16", dtype="bfloat16", **SMALL)
    case("llama-sharded", "LlamaForCausalLM", "several weight files and an index", shards="6KB", **SMALL)
    case("llama-biases", "LlamaForCausalLM", "attention_bias and mlp_bias, tied, head size given (12)",
         **dict(SMALL, attention_bias=True, mlp_bias=True, head_dim=12, tie_word_embeddings=True))
    case("mistral", "MistralForCausalLM", "no window, head size given (12)", **dict(SMALL, sliding_window=None, head_dim=12))
    case("mistral-window", "MistralForCausalLM", "window of 6 in every layer", dict(sliding_window=None),
         **dict(USUAL, sliding_window=6))
    case("qwen2", "Qwen2ForCausalLM", "biases of q, k and v, tied", **dict(USUAL, tie_word_embeddings=True))
    case("qwen2-window", "Qwen2ForCausalLM", "use_sliding_window from max_window_layers on: layers 1 and 2 of 3",
         dict(layer_types=["full_attention"] * 3, sliding_window=5),
         **dict(SMALL, num_hidden_layers=3, use_sliding_window=True, sliding_window=6, max_window_layers=1))
    case("qwen3", "Qwen3ForCausalLM", "q/k norm per head, head size not hidden/heads, theta 1e6", dict(rope_theta=1e4),
         **dict(USUAL, head_dim=12, rope_theta=1e6))
    case("gpt2", "GPT2LMHeadModel", "n_inner not 4 times n_embd", **GPT2)
    case("gpt2-inverse-layer", "GPT2LMHeadModel", "scores divided by layer index + 1 (3 layers), erf GELU",
         dict(scale_attn_by_inverse_layer_idx=False),
         **dict(GPT2_SMALL, n_layer=3, n_inner=None, scale_attn_by_inverse_layer_idx=True, activation_function="gelu"))
    case("gpt2-unscaled", "GPT2LMHeadModel", "scores not divided by sqrt(head size), ReLU",
         dict(scale_attn_weights=True, activation_function="gelu_new"),
         **dict(GPT2_SMALL, scale_attn_weights=False, activation_function="relu"))
    case("gpt-neox-sequential", "GPTNeoXForCausalLM", "use_parallel_residual false, 2 of 8 dims rotated",
         dict(use_parallel_residual=True, rotary_pct=1.0), **dict(NEOX, use_parallel_residual=False, rotary_pct=0.25))
    case("gpt-neox-full-rotary", "GPTNeoXForCausalLM", "all dims rotated, base 1000, parallel residual, attention biases",
         dict(rotary_emb_base=10000), **dict(NEOX, rotary_pct=1.0, rotary_emb_base=1000, attention_bias=True))
    case("gpt-neox-no-bias", "GPTNeoXForCausalLM", "all dims rotated, no attention biases, tanh GELU",
         **dict(NEOX, rotary_pct=1.0, attention_bias=False, hidden_act="gelu_new", tie_word_embeddings=True))
    case("opt-pre-norm", "OPTForCausalLM", "norms before, final norm, ReLU, positions from row 2 on", **OPT)
    case("opt-post-norm", "OPTForCausalLM", "norms after, no final norm, embeddings of 8 projected to 16 and back",
         dict(do_layer_norm_before=True), **dict(OPT_SMALL, do_layer_norm_before=False, word_embed_proj_dim=8))
    case("opt-no-bias", "OPTForCausalLM", "enable_bias false (norms keep theirs), no final norm, GELU",
         dict(activation_function="relu"),
         **dict(OPT_SMALL, enable_bias=False, _remove_final_layer_norm=True, activation_function="gelu"))
    short, long = [1.1, 1.3, 1.2], [2.0, 3.5, 6.0]
    phi3 = dict(SMALL, partial_rotary_factor=0.75, sliding_window=None, max_position_embeddings=64,
                rope_scaling=dict(type="longrope", short_factor=short, long_factor=long))
    swapped = dict(rope_scaling=dict(type="longrope", short_factor=long, long_factor=short),
                   max_position_embeddings=128)
    case("phi3-longrope-short", "Phi3ForCausalLM", "longrope with all positions below original_max: short factors; "
         "6 of 8 dims rotated", swapped, **dict(phi3, original_max_position_embeddings=20))
    case("phi3-longrope-long", "Phi3ForCausalLM", "longrope, prompt beyond original_max: long factors; 6 of 8 dims rotated",
         swapped, **dict(phi3, hidden_size=32, num_attention_heads=4, num_key_value_heads=2,
                        original_max_position_embeddings=10))
    case("phi3-longrope-crossing", "Phi3ForCausalLM", "longrope, prompt of 14 below, second call beyond original_max 16: "
         "the cache keeps keys of the short factors", swapped,
         **dict(phi3, original_max_position_embeddings=16))
    case("phi3-window", "Phi3ForCausalLM", "window of 6 in every layer", dict(sliding_window=None),
         **dict(SMALL, sliding_window=6))
    case("gemma", "GemmaForCausalLM", "gain 1 + w, embedding times sqrt(hidden), tanh GELU, one KV head, head size 12",
         **dict(GEMMA, num_key_value_heads=1))
    case("gemma2-window", "Gemma2ForCausalLM", "soft-caps 5 and 8, window of 6 in layer 0, none in layer 1",
         dict(sliding_window=5, attn_logit_softcapping=None, final_logit_softcapping=None,
              query_pre_attn_scalar=12),
         **dict(GEMMA, sliding_window=6, attn_logit_softcapping=5.0, final_logit_softcapping=8.0,
                query_pre_attn_scalar=20))
    case("gemma3", "Gemma3ForCausalLM", "q/k norm, windows of 6 in layers 0 and 1 with local rope, full layer 2 with "
         "theta 1e6 and linear scaling by 8",
         dict(rope_theta=1e4, rope_local_base_freq=1e3, rope_scaling=None, query_pre_attn_scalar=12,
              layer_types=["full_attention"] * 3),
         **dict(GEMMA, num_hidden_layers=3, sliding_window=6, query_pre_attn_scalar=20, rope_theta=1e6,
                rope_local_base_freq=1e4, rope_scaling=dict(rope_type="linear", factor=8.0),
                layer_types=["sliding_attention", "sliding_attention", "full_attention"]))
    case("gemma3-plain-rope", "Gemma3ForCausalLM", "no rope scaling, layer pattern full, sliding",
         dict(rope_local_base_freq=1e4),
         **dict(GEMMA, hidden_size=16, intermediate_size=16, num_attention_heads=2, num_key_value_heads=1,
                sliding_window=6, query_pre_attn_scalar=12, rope_theta=1e6, rope_local_base_freq=100.0,
                layer_types=["full_attention", "sliding_attention"]))
    nested = dict(GEMMA, hidden_size=16, intermediate_size=16, num_attention_heads=2, num_key_value_heads=1, sliding_window=6,
                  query_pre_attn_scalar=20, rope_theta=1e6, rope_local_base_freq=100.0,
                  layer_types=["sliding_attention", "full_attention"])
    case("gemma3-with-images", "Gemma3ForConditionalGeneration", "the decoder in `text_config`, tensors of an image tower beside "
         "it, which a text without images does not use", dict(text_config=dict(nested, rope_local_base_freq=1e4)),
         text_config=nested, mm_tokens_per_image=4,
         vision_config=dict(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2, image_size=8,
                            patch_size=4))
    case("granite", "GraniteForCausalLM", "embedding, attention, residual multipliers, logits_scaling, biases, tied",
         dict(embedding_multiplier=1.0, attention_multiplier=0.3, residual_multiplier=1.0, logits_scaling=1.0),
         **dict(USUAL, embedding_multiplier=3.0, attention_multiplier=0.5, residual_multiplier=0.4, logits_scaling=2.5,
                attention_bias=True, mlp_bias=True, tie_word_embeddings=True))
    case("olmo2", "Olmo2ForCausalLM", "norms after attention and MLP, q/k norm over all heads at once", **USUAL)
    case("smollm3", "SmolLM3ForCausalLM", "no rope in layer 1 of 3, tied", dict(no_rope_layers=[1, 1, 1]),
         **dict(SMALL, num_hidden_layers=3, no_rope_layers=[1, 0, 1], tie_word_embeddings=True))
    case("smollm3-window", "SmolLM3ForCausalLM", "no rope in layer 2, windows of 6 in layers 0 and 1",
         dict(no_rope_layers=[1, 1, 1], layer_types=["full_attention"] * 3),
         **dict(SMALL, num_hidden_layers=3, no_rope_layers=[1, 1, 0], use_sliding_window=True, sliding_window=6,
                layer_types=["sliding_attention", "sliding_attention", "full_attention"]))
    case("starcoder2", "Starcoder2ForCausalLM", "layer norms, biases, tanh GELU, two-matrix MLP, window of 6, tied",
         dict(sliding_window=None), **dict(USUAL, sliding_window=6, use_bias=True, tie_word_embeddings=True))
    case("starcoder2-no-bias", "Starcoder2ForCausalLM", "no biases, no window, own lm_head",
         **dict(SMALL, sliding_window=None, use_bias=False))
    case("mixtral", "MixtralForCausalLM", "4 experts, 2 a token, weights of the chosen sum to 1",
         dict(num_experts_per_tok=3),
         **dict(USUAL, intermediate_size=8, num_local_experts=4, num_experts_per_tok=2, sliding_window=None))
    case("mixtral-window", "MixtralForCausalLM", "window of 6 in every layer", dict(sliding_window=None),
         **dict(SMALL, intermediate_size=8, num_local_experts=3, num_experts_per_tok=2, sliding_window=6))
    case("qwen3-moe-raw-weights", "Qwen3MoeForCausalLM", "norm_topk_prob false: weights of the chosen do not sum to 1",
         dict(norm_topk_prob=True), **dict(EXPERTS, norm_topk_prob=False))
    case("qwen3-moe-dense-layers", "Qwen3MoeForCausalLM", "decoder_sparse_step 2 and mlp_only_layers [3]: experts in "
         "layer 1 only; tied", dict(norm_topk_prob=False),
         **dict(EXPERTS, num_hidden_layers=4, decoder_sparse_step=2, mlp_only_layers=[3], norm_topk_prob=True,
                tie_word_embeddings=True))


def relatives():
    big = dict(vocab_size=40, n_embd=24, n_layer=2, n_head=3, n_inner=32, n_positions=64, **TOKENS)
    case("gpt-bigcode", "GPTBigCodeForCausalLM", "one KV head behind 3 query heads, one matrix for queries, keys and values, "
         "learned positions, tied", dict(activation_function="relu"), **big)
    case("gpt-bigcode-multi-head", "GPTBigCodeForCausalLM", "multi_query false: queries, keys and values side by side for each head",
         dict(scale_attn_weights=True), **dict(big, n_embd=16, n_head=2, multi_query=False, scale_attn_weights=False))
    shared = dict(SMALL, num_experts=5, num_experts_per_tok=2, moe_intermediate_size=8, shared_expert_intermediate_size=12)
    case("qwen2-moe", "Qwen2MoeForCausalLM", "an expert that every token takes, behind a gate of its own; biases of q, k and v",
         dict(num_experts_per_tok=3, norm_topk_prob=True), **dict(shared, norm_topk_prob=False))
    case("qwen2-moe-dense-layers", "Qwen2MoeForCausalLM", "decoder_sparse_step 2 and mlp_only_layers [3]: experts in layer 1 "
         "only; norm_topk_prob", dict(norm_topk_prob=False),
         **dict(shared, num_hidden_layers=4, decoder_sparse_step=2, mlp_only_layers=[3], norm_topk_prob=True))
    muP = dict(embedding_multiplier=3.0, attention_multiplier=0.5, residual_multiplier=0.4, logits_scaling=2.5)
    others = dict(embedding_multiplier=1.0, attention_multiplier=0.3, residual_multiplier=1.0, logits_scaling=1.0)
    case("granite-moe", "GraniteMoeForCausalLM", "experts as one block of weights, chosen weights by softmax over the chosen, "
         "multipliers, tied", others,
         **dict(SMALL, **muP, intermediate_size=8, num_local_experts=4, num_experts_per_tok=2, tie_word_embeddings=True))
    case("granite-moe-shared", "GraniteMoeSharedForCausalLM", "an expert that every token takes",
         others, **dict(SMALL, **muP, intermediate_size=8, num_local_experts=4, num_experts_per_tok=2, shared_intermediate_size=12))
    case("olmo", "OlmoForCausalLM", "layer norms without gain and bias, queries, keys and values clipped (the clip bites)",
         dict(clip_qkv=None), **dict(SMALL, clip_qkv=0.8))
    case("olmo3", "Olmo3ForCausalLM", "norms after, q/k norm over all heads, windows of 6 in layers 0 and 1 of 3, yarn in the "
         "full layer only", dict(layer_types=["full_attention"] * 3, rope_scaling=None),
         **dict(SMALL, hidden_size=32, num_attention_heads=2, num_hidden_layers=3, sliding_window=6,
                layer_types=["sliding_attention", "sliding_attention", "full_attention"],
                rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16)))
    case("cohere2", "Cohere2ForCausalLM", "windows of 6 with rope in neighbouring pairs in layers 0 and 1 of 3, full layer without "
         "rope, parallel residual, logit_scale, tied",
         dict(layer_types=["full_attention"] * 3, logit_scale=1.0, sliding_window=5), dtype="float16",
         **dict(SMALL, num_hidden_layers=3, logit_scale=0.25, sliding_window=6, head_dim=8,
                layer_types=["sliding_attention", "sliding_attention", "full_attention"], tie_word_embeddings=True))


def rope_scalings():
    def scaled(name, note, rope, telling=None, **config):
        case(name, "LlamaForCausalLM", note, dict({"rope_scaling": None}, **(telling or {})),
             **dict(SMALL, rope_scaling=rope, **config))

    scaled("llama-rope-linear", "positions divided by 4", dict(rope_type="linear", factor=4.0))
    case("llama-rope-dynamic-below", "LlamaForCausalLM", "dynamic NTK, never beyond max_position_embeddings: as if unscaled",
         **dict(SMALL, rope_scaling=dict(rope_type="dynamic", factor=4.0), rope_theta=100.0))
    scaled("llama-rope-dynamic-beyond", "dynamic NTK, prompt beyond max_position_embeddings 10: the base grows again in "
           "the second call, cached keys keep theirs", dict(rope_type="dynamic", factor=4.0),
           **dict(max_position_embeddings=10, rope_theta=100.0))
    scaled("llama-rope-dynamic-crossing", "dynamic NTK, prompt of 14 below, second call beyond max_position_embeddings "
           "15", dict(rope_type="dynamic", factor=4.0), **dict(max_position_embeddings=15, rope_theta=100.0))
    yarn = dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16)
    scaled("llama-rope-yarn", "attention factor from the factor, default betas", yarn, head_dim=16)
    scaled("llama-rope-yarn-mscale", "attention factor from mscale and mscale_all_dim, own betas",
           dict(yarn, mscale=1.2, mscale_all_dim=0.6, beta_fast=4.0, beta_slow=0.5),
           dict(rope_scaling=dict(yarn, beta_fast=4.0, beta_slow=0.5)), head_dim=16)
    scaled("llama-rope-yarn-attention-factor", "attention_factor given, truncate false",
           dict(yarn, attention_factor=0.8, truncate=False, beta_fast=2.0, beta_slow=0.25),
           dict(rope_scaling=dict(yarn, attention_factor=0.8, beta_fast=2.0, beta_slow=0.25)), head_dim=16)
    scaled("llama-rope-yarn-implicit", "no original_max_position_embeddings: max_position_embeddings stands in, old "
           "spelling `type`", dict(type="yarn", factor=4.0, beta_fast=4.0), head_dim=16)
    scaled("llama-rope-llama3", "wavelengths kept, blended and divided",
           dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                original_max_position_embeddings=32), head_dim=16, rope_theta=500.0)
    factors = dict(rope_type="longrope", short_factor=[1.0, 1.2, 1.1, 1.5], long_factor=[1.5, 2.5, 4.0, 7.0])
    scaled("llama-rope-longrope", "longrope with attention_factor given; max_position_embeddings 10 is the limit, as no "
           "original_max_position_embeddings stands at the root", dict(factors, factor=4.0, attention_factor=1.3),
           dict(rope_scaling=dict(factors, factor=4.0)), **dict(max_position_embeddings=10))


def further():
    case("bloom", "BloomForCausalLM", "ALiBi with 3 heads (slopes of no power of two), norm after the embedding, fused qkv "
         "per head, tied", dict(apply_residual_connection_post_layernorm=True),
         dtype="float16",
         **dict(vocab_size=40, hidden_size=24, n_layer=2, n_head=3, **TOKENS))
    case("bloom-normed-residual", "BloomForCausalLM", "apply_residual_connection_post_layernorm: the residual is the normed row",
         dict(apply_residual_connection_post_layernorm=False), dtype="float16",
         **dict(vocab_size=40, hidden_size=16, n_layer=2, n_head=2, apply_residual_connection_post_layernorm=True, **TOKENS))
    mpt = dict(vocab_size=40, d_model=16, n_heads=2, n_layers=2, max_seq_len=64, **TOKENS)
    case("mpt", "MptForCausalLM", "ALiBi, no biases, erf GELU, tied", dtype="bfloat16", **mpt)
    case("mpt-clipped", "MptForCausalLM", "ALiBi with 3 heads and its slopes of no power of two (other than BLOOM's), "
         "clip_qkv, softmax_scale", dict(attn_config=dict(softmax_scale=0.5)), dtype="bfloat16",
         **dict(mpt, d_model=24, n_heads=3, attn_config=dict(clip_qkv=0.8, softmax_scale=0.5)))
    case("gptj", "GPTJForCausalLM", "4 of 8 dims rotated in neighbouring pairs, parallel residual with one norm, lm_head "
         "with bias", dtype="float16",
         **dict(vocab_size=40, n_embd=16, n_layer=2, n_head=2, n_inner=20, n_positions=64, rotary_dim=4, **TOKENS))
    falcon = dict(dtype="bfloat16", vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
                  ffn_hidden_size=20, max_position_embeddings=64, **TOKENS)
    case("falcon-multi-query", "FalconForCausalLM", "one KV head behind 2 query heads, parallel residual with one norm, tied",
         **dict(falcon, multi_query=True, parallel_attn=True, bias=False))
    case("falcon-new-decoder", "FalconForCausalLM", "new_decoder_architecture: fused qkv by KV group, norms of their own for "
         "attention and MLP", **dict(falcon, hidden_size=32, num_attention_heads=4, num_kv_heads=2, new_decoder_architecture=True))
    case("falcon-one-norm", "FalconForCausalLM", "new_decoder_architecture with num_ln_in_parallel_attn 1",
         **dict(falcon, num_kv_heads=1, new_decoder_architecture=True, num_ln_in_parallel_attn=1))
    case("falcon-alibi", "FalconForCausalLM", "ALiBi (slopes in bfloat16, divided by sqrt(head size) with the scores), 3 heads "
         "each with keys of its own, sequential residual, biases",
         **dict(falcon, hidden_size=24, num_attention_heads=3, alibi=True, multi_query=False, parallel_attn=False, bias=True))
    case("stablelm", "StableLmForCausalLM", "2 of 8 dims rotated, biases of q, k and v, layer norms, SwiGLU",
         dict(partial_rotary_factor=1.0), dtype="bfloat16", **dict(SMALL, use_qkv_bias=True, partial_rotary_factor=0.25))
    case("stablelm-parallel", "StableLmForCausalLM", "parallel residual, a norm for each q and k head, tied",
         dtype="bfloat16", **dict(SMALL, hidden_size=24, num_attention_heads=3, num_key_value_heads=3,
                                  use_parallel_residual=True, qk_layernorm=True, partial_rotary_factor=0.5,
                                  tie_word_embeddings=True))
    case("cohere", "CohereForCausalLM", "rope in neighbouring pairs, parallel residual, norm without bias, logit_scale, tied",
         dict(logit_scale=1.0), dtype="float16", **dict(SMALL, logit_scale=0.25, tie_word_embeddings=True))
    case("cohere-qk-norm", "CohereForCausalLM", "use_qk_norm, a gain for each head, attention_bias",
         dict(logit_scale=1.0), dtype="float16",
         **dict(USUAL, hidden_size=16, intermediate_size=16, head_dim=8, logit_scale=0.5, use_qk_norm=True,
                attention_bias=True, tie_word_embeddings=True))
    case("gpt-oss", "GptOssForCausalLM", "attention sinks, window of 6 in layer 0, 4 experts of which 2, clamped SwiGLU (the "
         "clamp bites), biases, yarn, weights stored in BF16",
         dict(layer_types=["full_attention"] * 2, rope_scaling=None, num_experts_per_tok=3),
         dtype="bfloat16",
         **dict(SMALL, head_dim=16, intermediate_size=8, num_local_experts=4, num_experts_per_tok=2, sliding_window=6,
                rope_scaling=dict(rope_type="yarn", factor=4.0, beta_fast=4.0, beta_slow=1.0, truncate=False,
                                  original_max_position_embeddings=16)))


# ---------------------------------------------------------------------------------------------- weights


def gains(name, module):
    """Names of norm gains of a module, with the value round which they are drawn."""
    kind = type(module).__name__
    if "Norm" not in kind or not hasattr(module, "weight") or module.weight is None:
        return None
    return 0.0 if kind.startswith("Gemma") else 1.0


def fill(model, seed):
    """Every parameter seeded random: gains about 1 (Gemma: 0) by 0.3, embeddings by 0.5, biases by 0.2, the rest
    so that a projection of a normed row has a standard deviation of about 1.2."""
    generator = torch.Generator().manual_seed(seed)
    hidden = text(model).hidden_size
    modules = dict(model.named_modules())
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            owner, _, leaf = name.rpartition(".")
            draw = torch.randn(parameter.shape, generator=generator)
            centre = gains(owner, modules[owner]) if leaf == "weight" else None
            if centre is not None:
                parameter.copy_(centre + 0.3 * draw)
            elif isinstance(modules[owner], torch.nn.Embedding):
                parameter.copy_(0.5 * draw)
            elif leaf == "sinks":
                parameter.copy_(draw)
            elif leaf == "gate_up_proj":  # large enough for gpt-oss's clamp at 7
                parameter.copy_(4 / math.sqrt(hidden) * draw)
            elif "bias" in leaf:
                parameter.copy_(0.2 * draw)
            else:
                parameter.copy_(1.2 / math.sqrt(hidden) * draw)


# ---------------------------------------------------------------------------------------------- running the original


def text(model):
    """The configuration of the decoder, which may be a part of the model's."""
    return model.config.get_text_config()


def windows(config):
    """Sliding window of each layer, None for full attention."""
    window = getattr(config, "sliding_window", None)
    types = getattr(config, "layer_types", None)
    if types is not None:
        return [window if t == "sliding_attention" else None for t in types]
    return [window] * config.num_hidden_layers


def attention_modules(model):
    found = [m for m in model.modules() if type(m).__name__.endswith("Attention") and hasattr(m, "layer_idx")]
    return sorted(found, key=lambda m: m.layer_idx)


def true_mask(queries, keys, window):
    """[1, 1, Q, S]: 0 where a query sees a key, counted by true positions, else the lowest float."""
    queries, keys = queries[:, None], keys[None, :]
    seen = keys <= queries
    if window is not None:
        seen &= keys > queries - window
    return torch.zeros(seen.shape).masked_fill(~seen, MASKED)[None, None]


def true_alibi(module, length, keys):
    """The library's own ALiBi bias for a cache from which nothing was removed, of which the keys' columns are taken."""
    source = sys.modules[type(module).__module__]
    if hasattr(source, "build_mpt_alibi_tensor"):
        full = source.build_mpt_alibi_tensor(module.n_heads, length)
    else:
        full = source.build_alibi_tensor(torch.ones(1, length, dtype=torch.long), module.num_heads, torch.float32)
    return full[..., keys]


def hand_masks(model, positions, cached_by_layer):
    """Hands every attention module a mask (and ALiBi bias) by true positions instead of the library's."""
    handles = []
    for module, cached, window in zip(attention_modules(model), cached_by_layer, windows(text(model))):
        keys = torch.cat([cached, positions])
        mask = true_mask(positions, keys, window)

        def replace(module, args, kwargs, keys=keys, mask=mask):
            bound = inspect.signature(module.forward).bind(*args, **kwargs)
            given = bound.arguments["attention_mask"]
            bound.arguments["attention_mask"] = mask != 0 if given.dtype == torch.bool else mask.to(given.dtype)
            for bias in ("alibi", "position_bias"):
                library = bound.arguments.get(bias)
                if library is not None:
                    bound.arguments[bias] = true_alibi(module, int(positions[-1]) + 1, keys).to(library.dtype)
            return bound.args, bound.kwargs

        handles.append(module.register_forward_pre_hook(replace, with_kwargs=True))
    return handles


def forward(model, ids, positions, cache, cached_by_layer=None):
    """One call; with `cached_by_layer` (true positions of each layer's cached rows) under explicit masks.

    The cache given is not changed. It is a plain one, which never cuts itself to a window."""
    grown = DynamicCache()
    for layer, (keys, values) in enumerate(cache):
        grown.update(keys, values, layer)
    takes_positions = "position_ids" in inspect.signature(model.forward).parameters
    extra = dict(position_ids=positions[None]) if takes_positions else {}
    handles = hand_masks(model, positions, cached_by_layer) if cached_by_layer is not None else []
    try:
        with torch.no_grad():
            out = model(input_ids=ids[None], past_key_values=grown, use_cache=True, output_attentions=True, **extra)
    finally:
        for handle in handles:
            handle.remove()
    rows = [(layer.keys, layer.values) for layer in grown.layers]
    return dict(logits=out.logits, attentions=torch.stack(list(out.attentions)) if out.attentions[0] is not None else None,
                rows=rows)


def keep(cache, kept_by_layer):
    return [(keys[:, :, kept], values[:, :, kept]) for (keys, values), kept in zip(cache, kept_by_layer)]


def measure(found, expected):
    return ((found - expected).abs() / (1 + expected.abs())).max().item()


def four_calls(model, plan):
    """Prefill and the three second calls. Each second call starts from the state (of a rope that changes with
    length) which the prefill left behind."""
    model = copy.deepcopy(model)
    prompt, new = torch.tensor(plan["prompt"]), torch.tensor(plan["new"])
    length = len(prompt)
    first, second = torch.arange(length), torch.arange(length, length + len(new))
    layers = text(model).num_hidden_layers
    nothing = [torch.arange(0)] * layers
    rope = {}
    prefill = forward(model, prompt, first, [], nothing)
    rope["prefill"] = rope_state(model, length)
    calls = {"prefill": prefill}
    for name in ("call2", "call2_pruned", "call2_pruned_by_layer"):
        kept = plan.get(name, [list(range(length))] * layers)
        kept = [torch.tensor(k) for k in kept]
        again = copy.deepcopy(model)
        calls[name] = forward(again, new, second, keep(prefill["rows"], kept), kept)
        rope[name] = rope_state(again, length + len(new))
    return calls, rope


def rope_state(model, reached):
    """What a scaled rope used in the call just made, or None."""
    for module in model.modules():
        kind = getattr(module, "rope_type", "default")
        if kind == "default":
            continue
        state = {"type": kind}
        if kind == "dynamic":
            state["length"] = int(module.max_seq_len_cached)
        if kind == "longrope":
            state["length"] = reached
            long = getattr(module, "long_inv_freq", None)
            state["factors"] = "long" if long is not None and torch.equal(long, module.inv_freq) else "short"
        state["attention_factor"] = float(module.attention_scaling)
        state["inv_freq"] = module.inv_freq.tolist()
        return state
    return None


def plan_for(name, config, prompt):
    """Token ids and the rows kept in the pruned calls. Two of the rows that all layers drop are among the last four,
    so that a window counted by place in the cache reaches further back than one counted by position."""
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    ids = torch.randint(3, config.vocab_size, (prompt + NEW_TOKENS,), generator=generator).tolist()
    layers = config.num_hidden_layers
    dropped = [3, 7, prompt - 4, prompt - 2]
    by_layer = [sorted(torch.randperm(prompt, generator=generator)[: prompt * 4 // 7].tolist()) for _ in range(layers)]
    return {"prompt": ids[:prompt], "new": ids[prompt:], "dropped": dropped,
            "call2_pruned": [[i for i in range(prompt) if i not in dropped]] * layers, "call2_pruned_by_layer": by_layer}


# ---------------------------------------------------------------------------------------------- checks


def check_against_library(model, plan, calls):
    """Where nothing was removed the explicit masks must give what the library gives by itself."""
    own = copy.deepcopy(model)
    if getattr(model.config, "alibi", False) and model.config.model_type == "falcon":
        # The eager path adds ALiBi twice once attentions are asked for (in the mask and in the scores), the default
        # path once: that is the right one, and what explicit masks give.
        own.config._attn_implementation = "sdpa"
        own.forward = without_attentions(own.forward)
    length = len(plan["prompt"])
    first = forward(own, torch.tensor(plan["prompt"]), torch.arange(length), [])
    second = forward(own, torch.tensor(plan["new"]), torch.arange(length, length + NEW_TOKENS), first["rows"])
    worst = max(measure(calls["prefill"]["logits"], first["logits"]), measure(calls["call2"]["logits"], second["logits"]))
    assert worst < 1e-5, f"explicit masks differ from the library's by {worst}"


def without_attentions(original):
    def call(**arguments):
        arguments["output_attentions"] = False
        out = original(**arguments)
        out.attentions = [None]
        return out

    call.__signature__ = inspect.signature(original)
    return call


def difference(calls, others):
    return max(measure(others[c][k], calls[c][k]) for c in calls for k in ("logits", "attentions"))


def silent_parameters(model, plan, calls):
    """The parameters that no figure depends on. Without rope a bias of keys is one: it moves all scores of a query."""
    silent = []
    for name, parameter in model.named_parameters():
        before = parameter.detach().clone()
        with torch.no_grad():
            parameter.copy_(before + 0.3 * before.flip(0))
        others = four_calls(model, plan)[0]
        with torch.no_grad():
            parameter.copy_(before)
        if difference(calls, others) < 20 * TOLERANCE:
            silent.append(name)
    return silent


def float64_difference(model, plan, calls):
    if model.config.model_type == "mpt":
        return "?"  # its own mask function cannot make a mask in float64
    return f"{difference(calls, four_calls(copy.deepcopy(model).double(), plan)[0]):.1e}"


def check_telling(name, model, plan, calls, telling):
    """Each telling config key, set to its other value, must change the figures."""
    for key, value in telling.items():
        config = type(model.config)(**{**settings(CASES[name]["config"]), key: value})
        config._attn_implementation = "eager"
        other = type(model)(config).eval()
        other.load_state_dict(model.state_dict(), strict=False)
        changed = difference(calls, four_calls(other, plan)[0])
        assert changed > 20 * TOLERANCE, f"{name}: {key}={value} changes the figures by {changed} only"


def router_margin(model, plan):
    """The least lead, in router logits, of the last expert taken over the first one left out; 0 if some expert is never
    taken, None without experts."""
    margins, handles, chosen = [], [], {}
    taken = getattr(text(model), "num_experts_per_tok", None)
    for module_name, module in model.named_modules():
        # Granite keeps its router's matrix in a module within.
        scores_experts = module_name.removesuffix(".layer").rpartition(".")[2] in ("gate", "router")
        if taken and scores_experts and getattr(module, "weight", None) is not None and module.weight.dim() == 2:
            chosen[module_name] = (set(), module.weight.shape[0])

            def look(module, args, seen=chosen[module_name][0]):
                scores = F.linear(args[0].reshape(-1, module.weight.shape[1]), module.weight, getattr(module, "bias", None))
                ordered, experts = scores.sort(dim=-1, descending=True)
                seen.update(experts[:, :taken].flatten().tolist())
                margins.append((ordered[:, taken - 1] - ordered[:, taken]).min().item())

            handles.append(module.register_forward_pre_hook(look))
    four_calls(model, plan)
    for handle in handles:
        handle.remove()
    if any(len(seen) < experts for seen, experts in chosen.values()):
        return 0.0
    return min(margins) if margins else None


# ---------------------------------------------------------------------------------------------- reference.json


def numbers(tensor):
    def shorten(value):
        if isinstance(value, list):
            return [shorten(v) for v in value]
        return 0 if value == 0 else float(f"{value:.7g}")

    return shorten(tensor.tolist())


def distinct_heads(config, rows):
    """Falcon's new decoder repeats each KV head in its cache once for each of its query heads; here each stands once."""
    if not getattr(config, "new_decoder_architecture", False):
        return rows
    repeated = config.num_attention_heads // config.num_kv_heads
    for r in rows:
        assert torch.equal(r, r[:, ::repeated].repeat_interleave(repeated, dim=1))
    return tuple(r[:, ::repeated] for r in rows)


def source(model):
    module = type(model).__module__
    return f"transformers {transformers.__version__}, " if module.startswith("transformers.") else f"{module}.py, "


def reference(name, model, plan, calls, rope, note, stored):
    config = text(model)
    prefill = calls["prefill"]
    keys, values = distinct_heads(config, prefill["rows"][0])
    length = len(plan["prompt"])
    content = {
        "name": name,
        "architecture": type(model).__name__,
        "produced_by": f"{source(model)}torch {torch.__version__.split('+')[0]}, original unmodified {type(model).__name__}",
        "compute": f"float32, eager attention, cpu; stored weights ({stored}) widened to float32",
        "support": "must reproduce",
        "note": note,
        "layers": config.num_hidden_layers,
        "heads": config.num_attention_heads,
        "kv_heads": keys.shape[1],
        "head_dim": keys.shape[3],
        "hidden": config.hidden_size,
        "vocab": config.vocab_size,
    }
    if any(windows(config)):
        content["sliding_window_by_layer"] = windows(config)
    if rope["prefill"] is not None:
        content["rope_by_call"] = {c: dict(s, inv_freq=numbers(torch.tensor(s["inv_freq"]))) for c, s in rope.items()}
    positions = list(range(length + NEW_TOKENS))
    content.update({
        "input_ids": [plan["prompt"]],
        "position_ids": [positions[:length]],
        "logits": numbers(prefill["logits"]),
        "attentions": numbers(prefill["attentions"]),
        "past_layer0": {"key": numbers(keys), "value": numbers(values)},
    })
    kept = {"call2": {}, "call2_pruned": {"dropped": plan["dropped"], "kept": plan["call2_pruned"][0]},
            "call2_pruned_by_layer": {"kept": plan["call2_pruned_by_layer"]}}
    for call, rows in kept.items():
        content[call] = {"input_ids": [plan["new"]], "position_ids": [positions[length:]], **rows,
                         "logits": numbers(calls[call]["logits"]), "attentions": numbers(calls[call]["attentions"])}
    return content


def write(path, content):
    lines = [json.dumps(key) + ": " + json.dumps(value, separators=(",", ":"), ensure_ascii=False)
             for key, value in content.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


# ---------------------------------------------------------------------------------------------- the commands


def settings(config):
    return copy.deepcopy(config)  # configs write into the dictionaries handed to them


def load(folder):
    return transformers.AutoModelForCausalLM.from_pretrained(
        folder, attn_implementation="eager", dtype=torch.float32, local_files_only=True).eval()


def make(name, case):
    folder = HERE / name
    architecture = getattr(transformers, case["architecture"])
    seed = zlib.crc32(name.encode()) % 100000
    while True:
        if folder.exists():
            shutil.rmtree(folder)
        config = architecture.config_class(**settings(case["config"]))
        with transformers.modeling_utils.no_init_weights():  # the library's own trips over norms without a bias
            model = architecture(config)
        model.tie_weights()
        fill(model, seed)
        model = model.to(getattr(torch, case["dtype"]))
        model.save_pretrained(folder, max_shard_size=case["shards"] or "1GB")
        model = load(folder)
        assert type(model) is architecture, f"{name}: loads as {type(model).__name__}"
        plan = plan_for(name, text(model), case["prompt"])
        margin = router_margin(model, plan)
        calls, rope = four_calls(model, plan)
        silent = silent_parameters(model, plan, calls)
        if (margin is None or margin >= 0.01) and not any(".experts." in parameter for parameter in silent):
            break
        seed += 1
    (folder / "generation_config.json").unlink(missing_ok=True)
    check_against_library(model, plan, calls)
    check_telling(name, model, plan, calls, case["telling"])
    noise = float64_difference(model, plan, calls)
    stored = {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}[case["dtype"]]
    write(folder / "reference.json", reference(name, model, plan, calls, rope, case["note"], stored))
    sizes = {f.name: f.stat().st_size for f in sorted(folder.iterdir())}
    print(f"{name}: seed {seed}, {sum(sizes.values()) // 1024} KiB (reference {sizes['reference.json'] // 1024}), "
          f"float64 differs by {noise}" + (f", router margin {margin:.3f}" if margin else "")
          + (f", no figure depends on {silent}" if silent else ""))


def check(folder):
    """Computes the figures of a folder again and compares them with its reference.json."""
    expected = json.loads((folder / "reference.json").read_text())
    model = load(folder)
    pruned, by_layer = expected["call2_pruned"], expected["call2_pruned_by_layer"]
    plan = {"prompt": expected["input_ids"][0], "new": expected["call2"]["input_ids"][0],
            "call2_pruned": [pruned["kept"]] * expected["layers"], "call2_pruned_by_layer": by_layer["kept"]}
    calls, _ = four_calls(model, plan)
    worst = 0.0
    for call, found in calls.items():
        figures = expected if call == "prefill" else expected[call]
        for key in ("logits", "attentions"):
            worst = max(worst, measure(found[key], torch.tensor(figures[key])))
    rows = distinct_heads(model.config, calls["prefill"]["rows"][0])
    for key, row in zip(("key", "value"), rows):
        worst = max(worst, measure(row, torch.tensor(expected["past_layer0"][key])))
    same_windows = expected.get("sliding_window_by_layer") in (None, windows(text(model)))
    print(f"{folder.name}: differs by {worst:.1e}" + ("" if same_windows else ", windows differ"))
    return worst <= 1e-5 and same_windows


def write_table():
    readme = HERE / "README.md"
    before, after = readme.read_text().split("<!-- table -->")[::2]
    rows = ["", "| folder | class | what it exercises | keys that must be read |", "|---|---|---|---|"]
    for name, case in CASES.items():
        keys = ", ".join(f"`{key}`" for key in case["telling"])
        rows.append(f"| `{name}` | {case['architecture']} | {case['note']} | {keys} |")
    readme.write_text(before + "<!-- table -->" + "\n".join(rows) + "\n<!-- table -->" + after)


def of_file(path):
    """Folders for modelling code in a file, which registers its classes and has a function `cases(case)`."""
    global HERE
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    HERE = path.resolve().parent
    module.cases(case)


def main(arguments):
    if arguments[:1] == ["--code"]:
        of_file(pathlib.Path(arguments[1]))
        for name in CASES:
            make(name, CASES[name])
        return
    popular()
    rope_scalings()
    further()
    relatives()
    if arguments == ["--table"]:
        return write_table()
    if arguments[:1] == ["--check"]:
        results = [check(pathlib.Path(f)) for f in arguments[1:]]
        sys.exit(0 if all(results) else 1)
    for name in arguments or CASES:
        make(name, CASES[name])


if __name__ == "__main__":
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    main(sys.argv[1:])
