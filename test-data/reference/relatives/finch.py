"""Figures of kvpress's own Finch, with and without chunks, on tiny models.

Needs torch, transformers, safetensors and a checkout of kvpress (github.com/NVIDIA/kvpress,
8bb29b9), whose class runs unmodified; only the delimiter token is left out and the length of the
question given in its place.

    python finch.py --kvpress CHECKOUT [--output .]
"""

import argparse
import importlib
import json
import pathlib
import sys
import types

import torch
from transformers import AutoModelForCausalLM, DynamicCache

MODELS = ["llama", "qwen2", "qwen3"]
TOKENS = 33
# window, chunk length, compression ratio, normalise, rerotate
CASES = [
    (4, None, 0.5, True, True),
    (5, None, 0.3, False, False),
    (4, 11, 0.5, True, True),
    (3, 12, 0.25, True, True),
    (4, 12, 0.5, False, True),
    (6, 16, 0.6, True, False),
    (2, 8, 0.7, True, True),
]


def load(checkout):
    for name, path in (("kvpress", ""), ("kvpress.presses", "/presses")):
        package = types.ModuleType(name)
        package.__path__ = [checkout + "/kvpress" + path]
        sys.modules[name] = package
    return lambda file, name: getattr(importlib.import_module("kvpress.presses." + file), name)


def prefill(model, ids):
    cache = DynamicCache()
    with torch.no_grad():
        model.model(input_ids=ids, past_key_values=cache)
    return cache


def positions(whole, kept):
    """Where the rows of the one stand in the other."""
    return [[int((full == row).all(-1).nonzero()[0]) for row in own] for full, own in zip(whole, kept)]


def run(press_of, model, ids, case):
    window, chunk, ratio, normalize, rerotate = case
    press = press_of("finch_press", "FinchPress")(
        compression_ratio=ratio,
        chunk_length=chunk,
        normalize_scores=normalize,
        rerotate_keys=rerotate,
    )
    press.window_size = window
    scores = []
    score = press.score
    press.score = lambda *a: scores.append(score(*a)) or scores[-1]
    whole = prefill(model, ids)
    with press_of("base_press", "BasePress").__call__(press, model):
        cache = prefill(model, ids)
    layers = []
    for full, cut, own in zip(whole.layers, cache.layers, scores):
        kept = positions(full.values[0], cut.values[0])
        order = [sorted(range(len(head)), key=head.__getitem__) for head in kept]
        layers.append(
            {
                "scores": own[0, :, :-window].tolist(),
                "kept": [sorted(head) for head in kept],
                "keys": [
                    [head[i].tolist() for i in by] for head, by in zip(cut.keys[0], order)
                ],
            }
        )
    return {
        "window": window,
        "chunk": chunk,
        "ratio": ratio,
        "normalize": normalize,
        "rerotate": rerotate,
        "layers": layers,
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
    parser.add_argument("--kvpress", required=True)
    here = pathlib.Path(__file__).parent
    parser.add_argument("--output", type=pathlib.Path, default=here)
    arguments = parser.parse_args()
    press_of = load(arguments.kvpress)
    figures = {}
    for name in MODELS:
        folder = here.parent / "architectures" / name
        model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="sdpa").eval()
        generator = torch.Generator().manual_seed(len(name))
        # No token twice, so that no two values of a layer are equal.
        ids = 3 + torch.randperm(model.config.vocab_size - 3, generator=generator)[None, :TOKENS]
        cases = [run(press_of, model, ids, case) for case in CASES]
        figures[name] = {"ids": ids[0].tolist(), "cases": cases}
    (arguments.output / "finch.json").write_text(json.dumps(shortest(figures)) + "\n")


if __name__ == "__main__":
    main()
