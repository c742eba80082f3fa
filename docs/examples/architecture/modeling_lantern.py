"""Lantern, a decoder invented for docs/adding-an-architecture.md: what its authors would have published.

    python ../../../test-data/reference/architectures/make.py --code modeling_lantern.py

makes the folder `lantern` beside this file, with figures of this code.
"""

import torch
import torch.nn.functional as F
import transformers
from torch import nn
from transformers import AutoConfig, AutoModelForCausalLM, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutputWithPast


class LanternConfig(PretrainedConfig):
    model_type = "lantern"

    def __init__(self, vocab_size=50000, hidden_size=1024, intermediate_size=4096, num_hidden_layers=16,
                 num_attention_heads=16, num_key_value_heads=4, head_dim=64, sliding_window=512, logit_cap=30.0,
                 rope_theta=10000.0, partial_rotary_factor=0.5, rms_norm_eps=1e-6, max_position_embeddings=4096,
                 layer_types=None, tie_word_embeddings=True, **others):
        self.vocab_size, self.hidden_size, self.intermediate_size = vocab_size, hidden_size, intermediate_size
        self.num_hidden_layers, self.num_attention_heads = num_hidden_layers, num_attention_heads
        self.num_key_value_heads, self.head_dim = num_key_value_heads, head_dim
        self.sliding_window, self.logit_cap, self.rms_norm_eps = sliding_window, logit_cap, rms_norm_eps
        self.rope_theta, self.partial_rotary_factor = rope_theta, partial_rotary_factor
        self.max_position_embeddings = max_position_embeddings
        self.layer_types = layer_types or ["full_attention" if layer % 4 == 3 else "sliding_attention"
                                           for layer in range(num_hidden_layers)]
        super().__init__(tie_word_embeddings=tie_word_embeddings, **others)


def turn(x, cos, sin):
    """Rotary embedding of the first channels, [B, heads, Q, D]."""
    turned, rest = x[..., : cos.shape[-1]], x[..., cos.shape[-1] :]
    first, second = turned.chunk(2, dim=-1)
    return torch.cat([turned * cos + torch.cat([-second, first], dim=-1) * sin, rest], dim=-1)


class LanternAttention(nn.Module):
    def __init__(self, config, layer_idx):
        super().__init__()
        self.config, self.layer_idx = config, layer_idx
        size, heads, kv = config.head_dim, config.num_attention_heads, config.num_key_value_heads
        self.q_proj = nn.Linear(config.hidden_size, heads * size, bias=False)
        self.k_proj = nn.Linear(config.hidden_size, kv * size, bias=False)
        self.v_proj = nn.Linear(config.hidden_size, kv * size, bias=False)
        self.gate_proj = nn.Linear(config.hidden_size, heads, bias=True)
        self.o_proj = nn.Linear(heads * size, config.hidden_size, bias=False)
        self.q_norm = nn.RMSNorm(size, config.rms_norm_eps)
        self.k_norm = nn.RMSNorm(size, config.rms_norm_eps)

    def forward(self, x, rotation, attention_mask, cache):
        batch, count, _ = x.shape
        split = (batch, count, -1, self.config.head_dim)
        queries = self.q_norm(self.q_proj(x).view(split)).transpose(1, 2)
        keys = self.k_norm(self.k_proj(x).view(split)).transpose(1, 2)
        values = self.v_proj(x).view(split).transpose(1, 2)
        if self.config.layer_types[self.layer_idx] == "sliding_attention":
            queries, keys = turn(queries, *rotation), turn(keys, *rotation)
        keys, values = cache.update(keys, values, self.layer_idx)
        group = queries.shape[1] // keys.shape[1]
        scores = queries @ keys.repeat_interleave(group, dim=1).transpose(2, 3) * self.config.head_dim**-0.5
        weights = F.softmax(scores + attention_mask, dim=-1)
        context = (weights @ values.repeat_interleave(group, dim=1)).transpose(1, 2)
        gated = torch.sigmoid(self.gate_proj(x))[..., None] * context
        return self.o_proj(gated.flatten(2)), weights


class LanternBlock(nn.Module):
    def __init__(self, config, layer_idx):
        super().__init__()
        self.norm = nn.RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.self_attn = LanternAttention(config, layer_idx)
        self.up_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)

    def forward(self, x, rotation, mask, cache):
        normed = self.norm(x)
        attended, weights = self.self_attn(normed, rotation, attention_mask=mask, cache=cache)
        return x + attended + self.down_proj(F.relu(self.up_proj(normed)) ** 2), weights


class LanternForCausalLM(PreTrainedModel):
    config_class = LanternConfig
    _tied_weights_keys = ["lm_head.weight"]

    def __init__(self, config):
        super().__init__(config)
        self.embed = nn.Embedding(config.vocab_size, config.hidden_size)
        self.blocks = nn.ModuleList(LanternBlock(config, layer) for layer in range(config.num_hidden_layers))
        self.final_norm = nn.RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.post_init()

    def get_input_embeddings(self):
        return self.embed

    def get_output_embeddings(self):
        return self.lm_head

    def rotation(self, positions, dtype):
        turned = int(self.config.head_dim * self.config.partial_rotary_factor)
        frequencies = self.config.rope_theta ** -(torch.arange(0, turned, 2, dtype=torch.float64) / turned)
        angles = (positions[:, None, :, None] * frequencies).repeat(1, 1, 1, 2)
        return angles.cos().to(dtype), angles.sin().to(dtype)

    def mask(self, positions, layer, dtype):
        keys, queries = torch.arange(int(positions.max()) + 1), positions[0][:, None]
        seen = keys <= queries
        if self.config.layer_types[layer] == "sliding_attention":
            seen &= keys > queries - self.config.sliding_window
        return torch.zeros(seen.shape, dtype=dtype).masked_fill(~seen, torch.finfo(dtype).min)[None, None]

    def forward(self, input_ids, position_ids=None, past_key_values=None, use_cache=True, output_attentions=False):
        x = self.embed(input_ids)
        rotation = self.rotation(position_ids, x.dtype)
        weights = []
        for layer, block in enumerate(self.blocks):
            x, seen = block(x, rotation, self.mask(position_ids, layer, x.dtype), past_key_values)
            weights.append(seen)
        cap = self.config.logit_cap
        logits = cap * torch.tanh(self.lm_head(self.final_norm(x)) / cap)
        return CausalLMOutputWithPast(logits=logits, past_key_values=past_key_values, attentions=tuple(weights))


AutoConfig.register("lantern", LanternConfig)
AutoModelForCausalLM.register(LanternConfig, LanternForCausalLM)
transformers.LanternForCausalLM = LanternForCausalLM


def cases(case):
    """The folders to make; see make.py."""
    case("lantern", "LanternForCausalLM", "gated heads, windows of 6 with rope in all layers but the last, tied",
         dict(layer_types=["full_attention"] * 3, logit_cap=4.0, partial_rotary_factor=1.0),
         vocab_size=40, hidden_size=16, intermediate_size=24, num_hidden_layers=3, num_attention_heads=4,
         num_key_value_heads=2, head_dim=8, sliding_window=6, logit_cap=8.0, max_position_embeddings=64,
         layer_types=["sliding_attention", "sliding_attention", "full_attention"],
         bos_token_id=1, eos_token_id=2, pad_token_id=0)
