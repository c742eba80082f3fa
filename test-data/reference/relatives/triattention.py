"""Figures of TriAttention by its own code, on made-up keys and statistics.

Needs torch, transformers and a checkout of TriAttention (github.com/WeianMao/triattention,
c3744ee), whose class runs unmodified; only what it would read from files (statistics, the model's
configuration) is put in from here.

    python triattention.py --checkout CHECKOUT [--output .]

Keys are given as they lie in the cache, rotated at the positions beside them.
"""

import argparse
import importlib
import json
import pathlib
import sys
import types

import torch
from transformers import LlamaConfig, Qwen3Config

YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}
CASES = [
    # kind, H, G, D, tokens that have passed, tokens that are still there, budget, farthest offset
    (LlamaConfig, {}, 4, 2, 16, 40, 40, 20, 65536),
    (LlamaConfig, {}, 6, 2, 8, 90, 33, 12, 64),
    (Qwen3Config, {"rope_scaling": YARN}, 4, 1, 16, 70, 50, 25, 65536),
    (LlamaConfig, {}, 3, 3, 8, 50, 50, 10, 1),
]


def load(checkout):
    for name in ("triattention", "triattention.methods", "triattention.common"):
        package = types.ModuleType(name)
        package.__path__ = [checkout + "/" + name.replace(".", "/")]
        sys.modules[name] = package
    return importlib.import_module("triattention.methods.triattention")


def compressor_of(module, case, layers, generator):
    kind, options, heads, kv_heads, size, seen, _, budget, farthest = case
    config = kind(
        hidden_size=heads * size,
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        head_dim=size,
        num_hidden_layers=layers,
        max_position_embeddings=256,
        **options,
    )
    own = module.TriAttention.__new__(module.TriAttention)
    own.config = types.SimpleNamespace(
        device=torch.device("cpu"), dtype=torch.float32, layer_perhead_aggregation="max"
    )
    own.budget = budget
    own.rotary = module.build_rotary(own.config.device, None, torch.float32, config=config)
    own.rope_style = own.rotary._rope_style
    own.attention_scale = float(own.rotary.attention_scaling)
    own.omega = own.rotary.inv_freq.float()
    own.head_dim = size
    own.offsets = module.build_geometric_offsets(farthest, own.config.device)
    scale = module.compute_frequency_scaling(own.rotary, size, torch.float32, own.config.device)
    own.freq_scale_sq = scale.pow(2)
    own.num_attention_heads, own.num_key_value_heads = heads, kv_heads
    own.num_key_value_groups = heads // kv_heads
    own.sampled_heads = [(layer, head) for layer in range(layers) for head in range(heads)]
    own.head_stats = {}
    for place in own.sampled_heads:
        mean = torch.randn(size // 2, generator=generator, dtype=torch.complex64)
        length = mean.abs() + torch.rand(size // 2, generator=generator)
        own.head_stats[place] = module.HeadFrequencyStats(mean, length)
    own.allow_prefill_compression = True
    own.normalize_scores, own.generator = True, None
    own.per_layer_perhead_pruning, own.per_head_pruning = True, False
    own.score_aggregation, own.disable_mlr, own.disable_trig = "mean", False, False
    own.absolute_position = seen
    own.cache_positions_per_head = None
    return own


def run(module, case, generator):
    _, _, heads, kv_heads, size, seen, there, budget, farthest = case
    layers = 2
    own = compressor_of(module, case, layers, generator)
    positions = {
        (layer, g): sorted(torch.randperm(seen, generator=generator)[:there].tolist())
        for layer in range(layers)
        for g in range(kv_heads)
    }
    own.cache_positions = list(range(there))
    own.cache_positions_per_layer_perhead = positions
    caches, given = [], []
    for layer in range(layers):
        plain = torch.randn(1, kv_heads, there, size, generator=generator)
        places = torch.tensor([positions[layer, g] for g in range(kv_heads)])
        cos, sin = own.rotary(plain, places)
        half = torch.cat((-plain[..., size // 2 :], plain[..., : size // 2]), -1)
        keys = plain * cos[None] + half * sin[None]
        caches.append((keys, keys))
        stats = [own.head_stats[layer, head] for head in range(heads)]
        scores = own._compute_layer_head_scores(
            keys, places[0], layer, positions_per_kv_head=list(places)
        )
        means = torch.stack([s.q_mean_complex for s in stats])
        lengths = torch.stack([s.q_abs_mean for s in stats])
        given.append(
            {
                "keys": keys.tolist(),
                "positions": places.tolist(),
                "query_mean": torch.cat((means.real, means.imag), -1).tolist(),
                "query_length": torch.cat((lengths, lengths), -1).tolist(),
                "scores_of_query_heads": scores.tolist(),
            }
        )
    kept = own.compute_keep_indices(tuple(caches))
    return {
        "H": heads,
        "Hkv": kv_heads,
        "D": size,
        "seen": seen,
        "T": there,
        "budget": budget,
        "offset_max_length": farthest,
        "inverse_frequencies": own.omega.tolist(),
        "attention_scaling": own.attention_scale,
        "layers": given,
        "kept": [[sorted(head) for head in layer] for layer in kept.tolist()],
    }


def shortest(value):
    """Lists of floats of single precision with as few digits as tell them apart."""
    if isinstance(value, list):
        return [shortest(part) for part in value]
    if isinstance(value, dict):
        return {key: shortest(part) for key, part in value.items()}
    return float(f"{value:.9g}") if isinstance(value, float) else value


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--checkout", required=True)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    arguments = parser.parse_args()
    # This file must not stand for the package of the same name.
    sys.path[:] = [path for path in sys.path if pathlib.Path(path) != pathlib.Path(__file__).parent]
    module = load(arguments.checkout)
    generator = torch.Generator().manual_seed(17)
    cases = [run(module, case, generator) for case in CASES]
    text = json.dumps(shortest({"cases": cases}))
    (arguments.output / "triattention.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
