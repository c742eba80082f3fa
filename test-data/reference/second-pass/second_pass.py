"""Figures of the presses of kvpress that read the context a second time, on tiny models.

Needs torch, transformers, safetensors and a checkout of kvpress (github.com/NVIDIA/kvpress,
Apache-2.0), whose classes run unmodified; only what they would fetch from the network (tokenizer,
gates, adapters) is put in from here.

    python second_pass.py --kvpress CHECKOUT [--output .]

Writes one JSON file per model with the scores of every layer and head and which tokens stay, and
the trained parts that were made up, seeded: gates of fastkvzip, embeddings and adapter of restorekv.
"""

import argparse
import functools
import importlib
import itertools
import json
import math
import pathlib
import sys
import types

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, DynamicCache

MODELS = ["llama", "qwen2", "qwen3"]
CONTEXT = 20
PROMPTS = {
    "\n\nRepeat the previous context exactly.": [7, 9, 11],
    "\n\nRepeat the part of the previous context exactly, starting with": [8, 10, 12, 14],
}
SUFFIX = [5, 6]
RATIOS = [0.3, 0.6]
RESTORE_RATIOS = [0.3, 0.6, 0.9]
QUESTION = [4, 9, 13, 6]


def load(checkout):
    """The package without its pipeline, which wants more of a machine than its presses do."""
    for name, path in (("kvpress", ""), ("kvpress.presses", "/presses")):
        package = types.ModuleType(name)
        package.__path__ = [checkout + "/kvpress" + path]
        sys.modules[name] = package
    # What masks the keys that presses have removed.
    importlib.import_module("kvpress.attention_patch").patch_attention_functions()
    return lambda file, name: getattr(importlib.import_module("kvpress.presses." + file), name)


class Tokenizer:
    """Knows the two prompts that kvzip asks with."""

    def encode(self, text, return_tensors, add_special_tokens):
        return torch.tensor([PROMPTS[text]])


def numbers(tensor):
    return torch.as_tensor(tensor).double().tolist()


def kept_of(model, context):
    """[L][G] slots that are not masked."""
    kept = []
    for layer in model.model.layers:
        heads = model.config.num_key_value_heads
        gone = [set() for _ in range(heads)]
        _, head, slot = layer.self_attn.masked_key_indices
        for h, s in zip(head.tolist(), slot.tolist()):
            gone[h].add(s)
        kept.append([[s for s in range(context) if s not in gone[h]] for h in range(heads)])
        layer.self_attn.masked_key_indices = None
    return kept


def kvzip_pass(model, press, ids, prefix, chunk):
    """What the context manager does, with ids in place of a tokenizer."""
    cache = DynamicCache()
    with torch.no_grad():
        model.model(input_ids=ids, past_key_values=cache)
    press._reset_internal_parameters()
    press._context_ids, press._cache = ids, cache
    press._suffix_ids = torch.tensor([SUFFIX])
    press.prefix_length = prefix
    press.prepare = functools.partial(
        type(press).prepare, press, chunk_size=chunk, prev_postfix_size=3
    )
    hooks = [
        layer.self_attn.register_forward_hook(press.forward_hook, with_kwargs=True)
        for layer in model.model.layers
    ]
    try:
        with torch.no_grad():
            press._perform_kvzip_compression(model, Tokenizer())
    finally:
        for hook in hooks:
            hook.remove()
    return cache


def kvzip(press_of, model, ids):
    cases = []
    for plus in (False, True):
        for prefix, chunk in ((0, 2048), (3, 7), (0, 6)):
            for layerwise in (False, True):
                for ratio in RATIOS:
                    press = press_of("kvzip_press", "KVzipPress")(
                        compression_ratio=ratio,
                        layerwise=layerwise,
                        kvzip_plus_normalization=plus,
                    )
                    kvzip_pass(model, press, ids, prefix, chunk)
                    cases.append(
                        {
                            "plus": plus,
                            "prefix": prefix,
                            "chunk": chunk,
                            "postfix": 3,
                            "layerwise": layerwise,
                            "ratio": ratio,
                            "scores": numbers(press.score_val[:, 0]),
                            "kept": kept_of(model, CONTEXT),
                        }
                    )
    return cases


def restorekv(press_of, model, ids, embeddings, adapter):
    cases = []
    for plus, ratio in itertools.product((False, True), RESTORE_RATIOS):
        press = press_of("restorekv_press", "RestoreKVPress")(
            compression_ratio=ratio, kvzip_plus_normalization=plus
        )
        press.restore_embeddings = embeddings
        originals = {}

        def enable():
            for name, (a, b) in adapter.items():
                weight = model.get_submodule(name).weight
                originals[name] = weight.data.clone()
                weight.data += 2.0 * b @ a

        def disable():
            for name, weight in originals.items():
                model.get_submodule(name).weight.data.copy_(weight)
            originals.clear()

        model.set_adapter = lambda name: None
        model.enable_adapters = enable
        model.disable_adapters = disable
        cache = kvzip_pass(model, press, ids, 0, 2048)
        keys = [numbers(layer.keys[0, :, CONTEXT:]) for layer in cache.layers]
        values = [numbers(layer.values[0, :, CONTEXT:]) for layer in cache.layers]
        # As the pipeline has it: the text goes on behind everything that is in the cache.
        first = cache.get_seq_length()
        with torch.no_grad():
            logits = model(
                input_ids=torch.tensor([QUESTION]),
                past_key_values=cache,
                position_ids=torch.arange(first, first + len(QUESTION)).unsqueeze(0),
            ).logits[0]
        cases.append(
            {
                "plus": plus,
                "ratio": ratio,
                "scores": numbers(press.score_val[:, 0]),
                "kept": kept_of(model, CONTEXT),
                "keys": keys,
                "values": values,
                "question": QUESTION,
                "position": first,
                "logits": numbers(logits),
            }
        )
    return cases


def kvcompose(press_of, model, ids):
    cases = []
    options = [
        {},
        {"structured": False},
        {"agg_task": "mean", "agg_group": "max", "agg_head": "max"},
        {"keep_token_lower_bound": 3},
        {"add_mean_across_heads": False, "structured": False, "keep_token_lower_bound": 2},
    ]
    for option in options:
        for ratio in RATIOS:
            press = press_of("kvcompose_press", "KVComposePress")(compression_ratio=ratio, **option)
            seen = {}
            press.compress_cache = lambda m, p=press, s=seen: s.update(
                scores=numbers(p.scores), mask=p.important_mask_per_kv_head
            )
            cache = DynamicCache()
            with torch.no_grad(), press(model):
                model.model(input_ids=ids, past_key_values=cache)
            cases.append(
                {
                    "options": option,
                    "ratio": ratio,
                    "scores": seen["scores"],
                    "kept": [
                        [head.nonzero().flatten().tolist() for head in layer]
                        for layer in seen["mask"]
                    ],
                }
            )
    return cases


def fastkvzip(press_of, model, ids, gates):
    cases = []
    for layerwise in (False, True):
        for ratio in RATIOS:
            press = press_of("fastkvzip_press", "FastKVzipPress")(
                compression_ratio=ratio, layerwise=layerwise, window_ratio=0.1
            )
            press.gates = gates
            with torch.no_grad(), press(model):
                model.model(input_ids=ids, past_key_values=DynamicCache())
            cases.append(
                {
                    "layerwise": layerwise,
                    "ratio": ratio,
                    "window_ratio": 0.1,
                    "scores": numbers(press.score_val[:, 0]),
                    "kept": kept_of(model, CONTEXT),
                }
            )
    return cases


def made_up(press_of, model, generator):
    config = model.config
    gate_class = press_of("fastkvzip_press", "FastKVzipGate")
    groups = config.num_attention_heads // config.num_key_value_heads
    gates = []
    for layer in range(config.num_hidden_layers):
        gate = gate_class(
            layer, config.hidden_size, config.num_key_value_heads, groups, torch.float32, 6, 3
        )
        for parameter in gate.parameters():
            parameter.data = torch.randn(parameter.shape, generator=generator)
        gates.append(gate)
    embeddings = torch.randn(3, config.hidden_size, generator=generator)
    adapter = {}
    for layer in range(config.num_hidden_layers):
        for part in ("self_attn.q_proj", "self_attn.v_proj", "mlp.down_proj"):
            name = f"model.layers.{layer}.{part}"
            weight = model.get_submodule(name).weight
            a = torch.randn(2, weight.shape[1], generator=generator) / math.sqrt(weight.shape[1])
            b = torch.randn(weight.shape[0], 2, generator=generator) * 0.3
            adapter[name] = (a, b)
    return gates, embeddings, adapter


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kvpress", required=True)
    here = pathlib.Path(__file__).parent
    parser.add_argument("--output", type=pathlib.Path, default=here)
    arguments = parser.parse_args()
    press_of = load(arguments.kvpress)
    for name in MODELS:
        folder = here.parent / "architectures" / name
        model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="sdpa").eval()
        generator = torch.Generator().manual_seed(len(name))
        gates, embeddings, adapter = made_up(press_of, model, generator)
        low, high = 3, model.config.vocab_size
        ids = torch.randint(low, high, (1, CONTEXT), generator=generator)
        cases = {
            "ids": ids[0].tolist(),
            "prompts": list(PROMPTS.values()),
            "suffix": SUFFIX,
            "kvzip": kvzip(press_of, model, ids),
            "kvcompose": kvcompose(press_of, model, ids),
            "fastkvzip": fastkvzip(press_of, model, ids, gates),
            "restorekv": restorekv(press_of, model, ids, embeddings, adapter),
        }
        (arguments.output / f"{name}.json").write_text(json.dumps(cases) + "\n")
        save_file(
            {
                f"layers.{i}.{key}": value
                for i, gate in enumerate(gates)
                for key, value in gate.state_dict().items()
            },
            arguments.output / f"{name}-gates.safetensors",
        )
        restore = arguments.output / f"{name}-restore"
        restore.mkdir(exist_ok=True)
        save_file({"restore_embeddings": embeddings}, restore / "restore_embeddings.safetensors")
        save_file(
            {
                f"base_model.model.{key}.lora_{side}.weight": value.contiguous()
                for key, pair in adapter.items()
                for side, value in zip("AB", pair)
            },
            restore / "adapter_model.safetensors",
        )
        (restore / "adapter_config.json").write_text(
            json.dumps({"peft_type": "LORA", "r": 2, "lora_alpha": 4,
                        "target_modules": ["q_proj", "v_proj", "down_proj"]}) + "\n"
        )


if __name__ == "__main__":
    main()
