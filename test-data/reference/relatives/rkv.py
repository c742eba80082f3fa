"""Figures of R-KV by its own code, on made-up keys among which some nearly repeat others.

Needs torch and a checkout of R-KV (github.com/Zefan-Cai/R-KV, d15c976), whose class runs
unmodified.

    python rkv.py --checkout CHECKOUT [--output .]

Queries and keys are given as they are after rotation.
"""

import argparse
import importlib
import json
import pathlib
import sys
import types

import torch

CASES = [
    # H, G, tokens, D, window, kernel, lambda, budget
    (4, 2, 48, 8, 8, 7, 0.1, 24),
    (4, 2, 48, 8, 8, 7, 0.07, 12),
    (6, 2, 70, 16, 4, 5, 0.5, 30),
    (2, 2, 40, 8, 8, 7, 0.1, 20),
    (4, 1, 33, 8, 1, 3, 0.9, 9),
]


def load(checkout):
    for name, path in (("rkv", ""), ("rkv.compression", "/compression")):
        package = types.ModuleType(name)
        package.__path__ = [checkout + "/rkv" + path]
        sys.modules[name] = package
    utilities = importlib.import_module("rkv.utils")
    sys.modules["rkv.compression"].cal_similarity = utilities.cal_similarity
    sys.modules["rkv.compression"].compute_attention_scores = utilities.compute_attention_scores
    return importlib.import_module("rkv.compression.r1_kv").R1KV


def keys_that_repeat(heads, tokens, size, generator):
    keys = torch.randn(1, heads, tokens, size, generator=generator)
    for head in range(heads):
        for token in range(3, tokens):
            if torch.rand((), generator=generator) < 0.4:
                other = int(torch.randint(0, token, (), generator=generator))
                noise = 0.4 * torch.randn(size, generator=generator)
                keys[0, head, token] = keys[0, head, other] + noise
    return keys


def run(press_of, case, generator):
    heads, kv_heads, tokens, size, window, kernel, share, budget = case
    keys = keys_that_repeat(kv_heads, tokens, size, generator)
    queries = torch.randn(1, heads, window, size, generator=generator)
    # The value of a token is its number, so that what stays can be read off.
    values = torch.arange(tokens).float().view(1, 1, tokens, 1).expand(1, kv_heads, tokens, size)
    press = press_of(budget=budget, window_size=window, kernel_size=kernel, mix_lambda=share)
    scores = []
    topk = torch.Tensor.topk

    def watched(self, *arguments, **options):
        scores.append(self.clone())
        return topk(self, *arguments, **options)

    torch.Tensor.topk = watched
    try:
        _, kept = press.update_kv(keys, queries, values.contiguous())
    finally:
        torch.Tensor.topk = topk
    return {
        "H": heads,
        "Hkv": kv_heads,
        "T": tokens,
        "D": size,
        "window": window,
        "kernel": kernel,
        "lambda": share,
        "budget": budget,
        "keys": keys.tolist(),
        "queries": queries.tolist(),
        "scores": scores[0].double().tolist(),
        "kept": [sorted(int(v) for v in head[:, 0]) for head in kept[0]],
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
    press_of = load(arguments.checkout)
    generator = torch.Generator().manual_seed(11)
    cases = [run(press_of, case, generator) for case in CASES]
    (arguments.output / "rkv.json").write_text(json.dumps(shortest({"cases": cases})) + "\n")


if __name__ == "__main__":
    main()
