"""Rotary frequencies that transformers computes from configurations with odd values.

    python ropes.py        writes ropes-4.json or ropes-5.json beside this script, by the version that is installed

Each case is a Llama configuration as it would stand in a file. Of each: the frequencies at some lengths of the text, and
the factor on cosine and sine. Used: 4.57.6 and 5.18.0.
"""

import copy
import json
import pathlib

import torch
import transformers
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

MAJOR = int(transformers.__version__.split(".")[0])
BASE = dict(hidden_size=80, num_attention_heads=4, max_position_embeddings=96)
FACTORS = dict(short_factor=[1.0, 1.1, 1.25, 1.7, 2.0, 2.1, 2.2, 3.0, 3.5, 4.0],
               long_factor=[1.5, 1.6, 2.25, 2.7, 3.0, 4.1, 5.2, 8.0, 13.5, 24.0])
YARN = dict(rope_type="yarn", factor=3.7)
LLAMA3 = dict(rope_type="llama3", factor=6.5, low_freq_factor=1.25, high_freq_factor=3.5,
              original_max_position_embeddings=77)


def cases():
    yield "plain", dict(rope_theta=777.5)
    yield "usual-theta", dict()
    yield "head-size", dict(head_dim=12, rope_theta=1e6)
    yield "default-type", dict(rope_scaling=dict(rope_type="default"), rope_theta=3000)
    yield "linear", dict(rope_scaling=dict(type="linear", factor=2.75))
    yield "linear-by-one", dict(rope_scaling=dict(rope_type="linear", factor=1.0))
    yield "dynamic", dict(rope_scaling=dict(rope_type="dynamic", factor=1.5), rope_theta=500.0)
    yield "dynamic-original", dict(rope_scaling=dict(rope_type="dynamic", factor=2.0, original_max_position_embeddings=10))
    yield "yarn", dict(rope_scaling=YARN)
    yield "yarn-original", dict(rope_scaling=dict(YARN, original_max_position_embeddings=23), rope_theta=50000.0)
    yield "yarn-betas", dict(rope_scaling=dict(YARN, beta_fast=9.5, beta_slow=0.3))
    yield "yarn-zero-betas", dict(rope_scaling=dict(YARN, beta_fast=0, beta_slow=0))
    yield "yarn-narrow", dict(rope_scaling=dict(YARN, beta_fast=2.0, beta_slow=2.0, truncate=False))
    yield "yarn-not-truncated", dict(rope_scaling=dict(YARN, beta_fast=4.0, truncate=False))
    yield "yarn-one-mscale", dict(rope_scaling=dict(YARN, mscale=0.7))
    yield "yarn-mscales", dict(rope_scaling=dict(YARN, mscale=0.7, mscale_all_dim=1.3))
    yield "yarn-attention", dict(rope_scaling=dict(YARN, attention_factor=1.77, mscale=0.7, mscale_all_dim=1.3))
    yield "yarn-by-one", dict(rope_scaling=dict(YARN, factor=1.0))
    yield "llama3", dict(rope_scaling=LLAMA3)
    yield "llama3-theta", dict(rope_scaling=dict(LLAMA3, factor=40.0), rope_theta=5e5, head_dim=64)
    yield "longrope", dict(rope_scaling=dict(FACTORS, rope_type="longrope", factor=2.5))
    yield "longrope-root", dict(rope_scaling=dict(FACTORS, rope_type="longrope"), original_max_position_embeddings=31)
    yield "longrope-attention", dict(rope_scaling=dict(FACTORS, type="longrope", attention_factor=0.9, factor=2.0))
    if MAJOR == 4:
        yield "longrope-root-and-factor", dict(
            rope_scaling=dict(FACTORS, type="longrope", factor=9.0), original_max_position_embeddings=31)
        yield "theta-twice", dict(rope_scaling=dict(rope_type="linear", factor=2.0, rope_theta=70.0), rope_theta=900.0)
    else:
        yield "theta-inside", dict(rope_scaling=dict(rope_type="default", rope_theta=70.0))
        yield "theta-twice", dict(rope_scaling=dict(rope_type="linear", factor=2.0, rope_theta=70.0), rope_theta=900.0)
        yield "parameters", dict(rope_parameters=dict(rope_type="default", rope_theta=70.0))
        yield "parameters-yarn", dict(rope_parameters=dict(YARN, rope_theta=70.0))
        yield "parameters-llama3", dict(rope_parameters=dict(LLAMA3, rope_theta=7000.0))
        yield "parameters-longrope", dict(
            rope_parameters=dict(FACTORS, rope_type="longrope", rope_theta=1e5, original_max_position_embeddings=31))
        yield "parameters-longrope-factor", dict(
            rope_parameters=dict(FACTORS, rope_type="longrope", factor=9.0, original_max_position_embeddings=31))


def frequencies(written):
    config = LlamaConfig.from_dict(copy.deepcopy(written))
    found = {}
    for length in (1, 31, 32, 96, 97, 300):
        # One module a length: a dynamic one remembers the longest text.
        module = LlamaRotaryEmbedding(config)
        module(torch.zeros(1, 1, 1), torch.arange(length)[None])
        found[str(length)] = [float(f"{f:.7g}") for f in module.inv_freq.tolist()]
    return found, float(f"{module.attention_scaling:.7g}")


def main():
    lines = []
    for name, fields in cases():
        written = dict(BASE, **fields, transformers_version=transformers.__version__)
        by_length, attention = frequencies(written)
        if len(set(map(tuple, by_length.values()))) == 1:
            by_length = {"1": by_length["1"]}
        lines.append(json.dumps(dict(name=name, config=written, frequencies=by_length, attention=attention)))
    target = pathlib.Path(__file__).parent / f"ropes-{MAJOR}.json"
    target.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(target.name, len(lines), "cases")


main()
