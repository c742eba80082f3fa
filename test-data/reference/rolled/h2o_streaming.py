"""Figures of the streaming variant in the repository of H2O, by its authors' own code.

    python h2o_streaming.py CHECKOUT   # a checkout of FMInference/H2O at ac75c2a

Runs `H2OLlamaAttention_streaming` of h2o_hf/utils_real_drop/modify_llama.py unmodified on the
weights and hidden states of the golden case of kind real_drop, step by step: keys are cached before
rotation, turned by slot at every step, and the single query stands at the last slot. The class needs
transformers 4.33, whose rotary embedding is written here anew (tables of cosines and sines by
position); that this stand-in is right is checked on `H2OLlamaAttention`, whose figures are in the
golden case. Writes h2o-streaming.json.
"""

import importlib.util
import json
import sys
import types
from pathlib import Path

import torch

HERE = Path(__file__).parent
GOLDEN = HERE.parents[1] / "src/main/resources/golden/h2o_realdrop_layer.json"


class Rotary(torch.nn.Module):
    """Cosines and sines [1, 1, positions, D], channel i beside i + D/2."""

    def __init__(self, dim, max_position_embeddings=2048, base=10000.0):
        super().__init__()
        self.inverse = 1.0 / base ** (torch.arange(0, dim, 2).float() / dim)

    def forward(self, x, seq_len):
        angles = torch.outer(torch.arange(seq_len).float(), self.inverse)
        both = torch.cat([angles, angles], -1)[None, None]
        return both.cos(), both.sin()


def rotate_half(x):
    low, high = x.chunk(2, -1)
    return torch.cat([-high, low], -1)


def rotate(q, k, cos, sin, position_ids):
    cos, sin = (t[0, 0][position_ids].unsqueeze(1) for t in (cos, sin))
    return q * cos + rotate_half(q) * sin, k * cos + rotate_half(k) * sin


def original(checkout):
    stand_in = types.ModuleType("modeling_llama")
    stand_in.LlamaAttention = stand_in.LlamaForCausalLM = torch.nn.Module
    stand_in.LlamaRotaryEmbedding = Rotary
    stand_in.rotate_half, stand_in.apply_rotary_pos_emb = rotate_half, rotate
    sys.modules["transformers.models.llama.modeling_llama"] = stand_in
    file = checkout / "h2o_hf/utils_real_drop/modify_llama.py"
    spec = importlib.util.spec_from_file_location("modify_llama", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def config(params):
    return types.SimpleNamespace(
        hidden_size=params["hidden"],
        num_attention_heads=params["H"],
        num_key_value_heads=params["H"],
        max_position_embeddings=2048,
        rope_theta=params["rope_theta"],
        rope_scaling=None,
        pretraining_tp=1,
        hh_size=params["hh_size"],
        recent_size=params["recent_size"],
    )


@torch.no_grad()
def trace(module, case, name):
    params = case["params"]
    layer = getattr(module, name)(config(params))
    for weight, values in case["weights"].items():
        getattr(layer, weight).weight.copy_(torch.tensor(values))
    hidden = torch.tensor(case["hidden_states"])[None]
    past, at, held, steps = None, 0, [[] for _ in range(params["H"])], []
    while at < hidden.shape[1]:
        count = params["prefill"] if at == 0 else 1
        positions = torch.arange(at, at + count)[None]
        out, weights, past = layer(
            hidden[:, at : at + count],
            position_ids=positions,
            past_key_value=past,
            output_attentions=True,
            use_cache=True,
        )
        held = [h + list(range(at, at + count)) for h in held]
        at += count
        # Values are not turned, so that they tell which tokens are left.
        values = (hidden[0] @ layer.v_proj.weight.T).view(-1, params["H"], params["head_dim"])
        held = [
            [
                min(own, key=lambda t: float((values[t, h] - past[1][0, h, s]).abs().sum()))
                for s in range(past[1].shape[2])
            ]
            for h, own in enumerate(held)
        ]
        steps.append(
            {
                "q_len": count,
                "position_ids_used": positions[0].tolist(),
                "attn_weights": rounded(weights[0]),
                "attn_output": rounded(out[0]),
                "kept": held,
            }
        )
    return steps


def rounded(tensor):
    if tensor.dim() == 0:
        return float(f"{float(tensor):.7g}")
    return [rounded(part) for part in tensor]


def main():
    module = original(Path(sys.argv[1]))
    case = next(c for c in json.loads(GOLDEN.read_text())["cases"] if c["kind"] == "real_drop")
    for own, golden in zip(trace(module, case, "H2OLlamaAttention"), case["trace"], strict=True):
        assert own["kept"] == golden["kept"]
        gap = torch.tensor(own["attn_output"]) - torch.tensor(golden["attn_output"])
        assert gap.abs().max() < 1e-5, gap.abs().max()
    result = {
        "kind": "streaming",
        "params": case["params"],
        "weights_of": "golden/h2o_realdrop_layer.json, kind real_drop",
        "trace": trace(module, case, "H2OLlamaAttention_streaming"),
    }
    (HERE / "h2o-streaming.json").write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
