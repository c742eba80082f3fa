"""How long the presses of kvpress take over one layer; the other side of ScorerBenchmark.

Needs torch, transformers and a checkout of kvpress (github.com/NVIDIA/kvpress, Apache-2.0).

    python times.py --kvpress CHECKOUT [--threads 2] [--shape 4096x8x4x64] [--runs 7] [--cpu] [PRESS ...]

What is timed is compress(): scores, selection and the gathering of what stays. Presses that need
queries project the hidden states anew, which ours get from the graph; a line of its own tells what
that projection takes. Prints one JSON object per press, times in milliseconds.
"""

import argparse
import importlib
import json
import statistics
import sys
import time
import types

import torch
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaAttention, LlamaRotaryEmbedding

RATIO = 0.6


def load(checkout):
    """The package without its pipeline, which wants more of a machine than its presses do."""
    package = types.ModuleType("kvpress")
    package.__path__ = [checkout + "/kvpress"]
    sys.modules["kvpress"] = package
    presses = types.ModuleType("kvpress.presses")
    presses.__path__ = [checkout + "/kvpress/presses"]
    sys.modules["kvpress.presses"] = presses

    def made(file, name, **arguments):
        press = getattr(importlib.import_module("kvpress.presses." + file), name)
        return press(**arguments)

    return made


def presses(made):
    def knorm():
        return made("knorm_press", "KnormPress", compression_ratio=RATIO)

    def keydiff():
        return made("keydiff_press", "KeyDiffPress", compression_ratio=RATIO)

    ratio = {"compression_ratio": RATIO}
    return {
        "knorm": knorm,
        "keydiff": keydiff,
        "lagkv": lambda: made("lagkv_press", "LagKVPress", **ratio),
        "cur": lambda: made("cur_press", "CURPress", **ratio),
        "snapkv": lambda: made("snapkv_press", "SnapKVPress", **ratio),
        "tova": lambda: made("tova_press", "TOVAPress", **ratio),
        "leverage_score": lambda: made("leverage_press", "LeverageScorePress", **ratio),
        "non_causal_attn": lambda: made(
            "non_causal_attention_press", "NonCausalAttnPress", **ratio
        ),
        "compactor": lambda: made("compactor_press", "CompactorPress", **ratio),
        "expected_attention": lambda: made(
            "expected_attention_press", "ExpectedAttentionPress", **ratio
        ),
        "cap": lambda: made("cap_press", "CapPress", **ratio),
        "think": lambda: made("think_press", "ThinKPress", key_channel_compression_ratio=0.5),
        "criticalkv(knorm)": lambda: made("criticalkv_press", "CriticalKVPress", press=knorm()),
        "chunk(knorm)": lambda: made("chunk_press", "ChunkPress", press=knorm()),
        "block(keydiff)": lambda: made("block_press", "BlockPress", press=keydiff()),
        "merging(knorm)": lambda: made("merging_press", "MergingPress", press=knorm()),
    }


class Layer:
    """A random layer as the forward hook of kvpress would see it."""

    def __init__(self, tokens, heads, kv_heads, size):
        config = LlamaConfig(
            hidden_size=heads * size,
            num_attention_heads=heads,
            num_key_value_heads=kv_heads,
            head_dim=size,
            num_hidden_layers=1,
            max_position_embeddings=tokens + 1024,
        )
        config._attn_implementation = "eager"
        self.module = LlamaAttention(config, 0).eval()
        self.module.rotary_emb = LlamaRotaryEmbedding(config)
        generator = torch.Generator().manual_seed(0)

        def normal(*shape):
            return torch.randn(*shape, generator=generator)

        self.hidden = normal(1, tokens, heads * size)
        self.keys = normal(1, kv_heads, tokens, size)
        self.values = normal(1, kv_heads, tokens, size)
        position_ids = torch.arange(tokens).unsqueeze(0)
        self.kwargs = {
            "position_embeddings": self.module.rotary_emb(self.hidden, position_ids),
            "cache_position": torch.arange(tokens),
            "hidden_states": self.hidden,
        }

    def compress(self, press):
        press.compress(self.module, self.hidden, self.keys, self.values, None, self.kwargs)


def milliseconds(work, runs, clock):
    work()
    times = []
    for _ in range(runs):
        start = clock()
        work()
        times.append((clock() - start) * 1000)
    return {"median": round(statistics.median(times), 2), "fastest": round(min(times), 2)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kvpress", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--shape", default="4096x8x4x64", help="tokens x heads x KV heads x size")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument(
        "--cpu", action="store_true", help="time of the cores, not of day; for one thread"
    )
    parser.add_argument("presses", nargs="*")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    clock = time.process_time if arguments.cpu else time.perf_counter
    layer = Layer(*(int(size) for size in arguments.shape.split("x")))
    known = presses(load(arguments.kvpress))
    common = {"shape": arguments.shape, "threads": arguments.threads}
    with torch.no_grad():
        project = milliseconds(lambda: layer.module.q_proj(layer.hidden), arguments.runs, clock)
        print(json.dumps({"press": "(projection of queries)", **common, **project}), flush=True)
        for name in arguments.presses or known:
            try:
                press = known[name]()
                times = milliseconds(lambda: layer.compress(press), arguments.runs, clock)
            except Exception as fault:  # One that fails must not hide the others.
                times = {"fault": f"{type(fault).__name__}: {fault}"}
            print(json.dumps({"press": name, **common, **times}), flush=True)


if __name__ == "__main__":
    main()
