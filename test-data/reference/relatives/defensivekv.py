"""Figures of DefensiveKV and Layer-DefensiveKV by their own code, on made-up layers.

Needs torch, transformers and a checkout of DefensiveKV (github.com/FFY0/DefensiveKV, 9251b95),
whose classes run unmodified; only their Triton kernel of value norms is put aside for the method
in plain torch that the same class has, and what hooks them into a model is left out.

    python defensivekv.py --checkout CHECKOUT [--output .]

Queries and keys are given as they are after rotation; attention is that of the last queries.
"""

import argparse
import importlib
import json
import math
import pathlib
import sys
import types

import torch

CASES = [
    # layers, H, G, tokens, D, E, window, kernel, compression ratio, sharpness of the attention
    (1, 4, 2, 48, 8, 24, 6, 5, 0.5, 1.0),
    (1, 4, 2, 48, 8, 24, 6, 5, 0.5, 4.0),
    (1, 6, 3, 60, 8, 16, 4, 3, 0.75, 2.0),
    (1, 2, 2, 40, 16, 32, 8, 7, 0.25, 3.0),
    (3, 4, 2, 48, 8, 24, 6, 5, 0.5, 2.0),
    (2, 6, 2, 64, 8, 20, 4, 5, 0.75, 3.0),
]


def load(checkout):
    for name, path in (("kvpress", ""), ("kvpress.presses", "/presses"), ("kvpress.ops", "/ops")):
        package = types.ModuleType(name)
        package.__path__ = [checkout + "/kvpress" + path]
        sys.modules[name] = package
    kernel = types.ModuleType("kvpress.ops.vw_norm")
    kernel.vw_l1norm = None
    sys.modules["kvpress.ops.vw_norm"] = kernel
    # Hooks and caches, which want CUDA.
    base = types.ModuleType("kvpress.presses.base_press")
    base.BasePress = object
    sys.modules["kvpress.presses.base_press"] = base
    presses = []
    for file, name in (
        ("efficient_defensivekv_press", "EfficientDefensiveKVPress"),
        ("efficient_layer_defensivekv_press", "EfficientLayerDefensiveKVPress"),
    ):
        press = getattr(importlib.import_module("kvpress.presses." + file), name)
        press.vwl1norm_triton = press.vwl1norm
        presses.append(press)
    return presses


def module_of(case, layer, generator):
    layers, heads, kv_heads, _, size, width = case[:6]
    config = types.SimpleNamespace(
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        num_hidden_layers=layers,
        hidden_size=width,
        head_dim=size,
    )
    projection = torch.nn.Linear(heads * size, width, bias=False)
    projection.weight.data = torch.randn(width, heads * size, generator=generator)
    return types.SimpleNamespace(
        config=config,
        head_dim=size,
        num_key_value_groups=heads // kv_heads,
        layer_idx=layer,
        q_proj=torch.nn.Identity(),
        o_proj=projection,
    )


def cache_of(case):
    layers, _, kv_heads, tokens = case[:4]
    return types.SimpleNamespace(
        metadata_list=[
            types.SimpleNamespace(
                head_lens=[tokens] * kv_heads,
                num_key_value_heads=kv_heads,
                bsz=1,
                _update_metadata_while_compressing=lambda *a: None,
            )
            for _ in range(layers)
        ],
        layer_scores=[],
        key_cache=[],
        value_cache=[],
    )


def run(presses, case, generator):
    layers, heads, kv_heads, tokens, size, width, window, kernel, ratio, sharpness = case
    press = presses[layers > 1](compression_ratio=ratio, window_size=window, kernel_size=kernel)
    cache = cache_of(case)
    score = press.score
    scores, given, kept = [], [], []

    def watched(*arguments):
        scores.append(score(*arguments).view(kv_heads, tokens))
        return scores[-1].view(1, -1)

    press.score = watched
    numbers = torch.arange(kv_heads * tokens).float().view(-1, 1).expand(-1, size)
    for layer in range(layers):
        module = module_of(case, layer, generator)
        keys = torch.randn(1, kv_heads, tokens, size, generator=generator) * sharpness
        values = torch.randn(1, kv_heads, tokens, size, generator=generator)
        queries = torch.randn(1, heads, window, size, generator=generator)
        hidden = torch.zeros(1, tokens, heads * size)
        hidden[:, -window:] = queries.transpose(1, 2).reshape(1, window, -1)
        logits = queries @ keys.repeat_interleave(heads // kv_heads, 1).transpose(2, 3)
        later = torch.triu(torch.full((window, tokens), -math.inf), tokens - window + 1)
        attention = torch.softmax(logits / math.sqrt(size) + later, -1)
        given.append(
            {
                "values": values.tolist(),
                "attention": attention.tolist(),
                "output_projection": module.o_proj.weight.tolist(),
            }
        )
        flat_keys = keys.view(-1, size)
        # What is returned in place of keys tells which tokens stay.
        cache.key_cache.append(numbers)
        cache.value_cache.append(values.view(-1, size))
        positions = torch.ones(1, tokens, size), torch.zeros(1, tokens, size)
        kwargs = {"past_key_values": cache, "position_embeddings": positions}
        with torch.no_grad():
            if layers > 1:
                press.compress(module, hidden, flat_keys, values.view(-1, size), None, kwargs)
            else:
                kwargs["metadata"] = cache.metadata_list[0]
                scored = press.score(
                    module, hidden, flat_keys, values.view(-1, size), None, kwargs
                )
                press.score = lambda *a: scored
                stay, _ = press.compress(module, hidden, numbers, numbers, None, kwargs)
                kept.append(stay[:, 0])
    if layers > 1:
        kept = [keys[:, 0] for keys in cache.key_cache]
    return {
        "H": heads,
        "Hkv": kv_heads,
        "T": tokens,
        "D": size,
        "window": window,
        "kernel": kernel,
        "ratio": ratio,
        "layers": given,
        "scores": [own.double().tolist() for own in scores],
        "kept": [
            [sorted(int(i) % tokens for i in own if int(i) // tokens == g) for g in range(kv_heads)]
            for own in kept
        ],
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
    presses = load(arguments.checkout)
    generator = torch.Generator().manual_seed(5)
    cases = [run(presses, case, generator) for case in CASES]
    (arguments.output / "defensivekv.json").write_text(json.dumps(shortest({"cases": cases})) + "\n")


if __name__ == "__main__":
    main()
