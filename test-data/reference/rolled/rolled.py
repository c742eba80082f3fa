"""Figures of decoders whose tokens stand at their slots in the cache, in float64 NumPy.

    python rolled.py            # writes one JSON file for each model beside this file

An own forward pass for the small models of ../architectures: every KV head keeps a list of its own,
of keys before rotation. At each step its keys are turned by their index in that list, and the new
tokens by the indices behind it; heads of different length count for themselves. Windows and ALiBi
go by the same indices. Where frequencies depend on a length, it is that of the longest list with
the new tokens. Between steps tokens are removed by a rule of this file alone (a generator with a
fixed seed), so that heads get different lengths. Attention is summed over the queries of a step and
carried along with the tokens that stay, as accumulating H2O does.
"""

import json
import math
from pathlib import Path

import numpy as np
from safetensors import safe_open

HERE = Path(__file__).parent
FOLDERS = HERE.parent / "architectures"
MODELS = [
    "llama",
    "llama-rope-yarn",
    "llama-rope-dynamic-crossing",
    "mistral-window",
    "smollm3",
    "gptj",
    "gpt-neox-sequential",
    "bloom",
]
# Tokens of each step: a prompt, one of several tokens over uneven heads, single ones.
STEPS = [14, 6, 1, 1, 5, 1, 1, 1]


def layer_norm(x, weight, bias, eps):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + eps) * weight + bias


def rms_norm(x, weight, eps):
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + eps) * weight


def silu(x):
    return x / (1 + np.exp(-x))


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def gelu(x):
    return 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


class Rotation:
    """Angles of channel pairs; kind says how config.json stretches them."""

    def __init__(self, config, turned, interleaved=False):
        self.theta = config.get("rope_theta", 10000.0)
        self.turned = turned
        self.interleaved = interleaved
        self.scaling = config.get("rope_scaling") or {}
        self.trained = config.get("max_position_embeddings", config.get("n_positions"))
        self.factor = 1.0

    def frequencies(self, length):
        d = self.turned
        theta = self.theta
        kind = self.scaling.get("rope_type", "default")
        exponents = np.arange(0, d, 2) / d
        if kind == "dynamic":
            f = self.scaling["factor"]
            longest = max(length, self.trained)
            theta = theta * (f * longest / self.trained - (f - 1)) ** (d / (d - 2))
        plain = theta**-exponents
        if kind == "yarn":
            f = self.scaling["factor"]
            original = self.scaling["original_max_position_embeddings"]
            self.factor = 0.1 * math.log(f) + 1

            def pair(turns):
                return d * math.log(original / (turns * 2 * math.pi)) / (2 * math.log(theta))

            low = max(math.floor(pair(32)), 0)
            high = min(math.ceil(pair(1)), d - 1)
            ramp = np.clip((np.arange(d // 2) - low) / ((high - low) or 0.001), 0, 1)
            plain = plain / f * ramp + plain * (1 - ramp)
        return plain

    def turn(self, vector, position, length):
        angles = position * self.frequencies(length)
        cos, sin = self.factor * np.cos(angles), self.factor * np.sin(angles)
        result = vector.copy()
        half = self.turned // 2
        first = slice(0, self.turned, 2) if self.interleaved else slice(0, half)
        second = slice(1, self.turned, 2) if self.interleaved else slice(half, self.turned)
        result[first] = vector[first] * cos - vector[second] * sin
        result[second] = vector[second] * cos + vector[first] * sin
        return result


class Cache:
    """[layer][KV head]: keys before rotation, values, and sums of each of the head's queries."""

    def __init__(self, layers, kv_heads, group):
        self.keys = [[[] for _ in range(kv_heads)] for _ in range(layers)]
        self.values = [[[] for _ in range(kv_heads)] for _ in range(layers)]
        self.sums = [[np.zeros((group, 0)) for _ in range(kv_heads)] for _ in range(layers)]

    def longest(self):
        return max(len(head) for layer in self.keys for head in layer)


def attention(cache, layer, queries, keys, values, rotation, window=0, slopes=None):
    """[Q, heads, D] each; gives [Q, H * D]."""
    count, heads, size = queries.shape
    group = heads // keys.shape[1]
    length = cache.longest_before + count
    out = np.zeros((count, heads, size))
    for g in range(keys.shape[1]):
        own_keys, own_values = cache.keys[layer][g], cache.values[layer][g]
        before = len(own_keys)
        own_keys.extend(keys[:, g])
        own_values.extend(values[:, g])
        total = before + count
        turned = np.array(
            [
                rotation.turn(k, slot, length) if rotation else k
                for slot, k in enumerate(own_keys)
            ]
        )
        sums = np.concatenate([cache.sums[layer][g], np.zeros((group, count))], 1)
        for j in range(group):
            h = g * group + j
            for q in range(count):
                place = before + q
                query = queries[q, h]
                query = rotation.turn(query, place, length) if rotation else query
                scores = turned @ query / math.sqrt(size)
                if slopes is not None:
                    scores = scores + slopes[h] * (np.arange(total) - place)
                scores[place + 1 :] = -np.inf
                if window:
                    scores[: max(0, place - window + 1)] = -np.inf
                weights = np.exp(scores - scores.max())
                weights /= weights.sum()
                sums[j] += weights
                out[q, h] = weights @ np.array(own_values)
        cache.sums[layer][g] = sums
    return out.reshape(count, heads * size)


class Llama:
    def __init__(self, folder, config, weights):
        self.c, self.w = config, weights
        self.layers = config["num_hidden_layers"]
        self.heads = config["num_attention_heads"]
        self.kv_heads = config["num_key_value_heads"]
        self.size = config.get("head_dim") or config["hidden_size"] // self.heads
        self.rotation = Rotation(config, self.size)

    def step(self, ids, cache):
        w, eps = self.w, self.c["rms_norm_eps"]
        x = w["model.embed_tokens.weight"][ids]
        for l in range(self.layers):
            p = f"model.layers.{l}."
            n = rms_norm(x, w[p + "input_layernorm.weight"], eps)
            q, k, v = (
                (n @ w[p + f"self_attn.{name}_proj.weight"].T).reshape(len(ids), -1, self.size)
                for name in "qkv"
            )
            turns = self.c.get("no_rope_layers", [1] * self.layers)[l]
            a = attention(
                cache,
                l,
                q,
                k,
                v,
                self.rotation if turns else None,
                window=self.c.get("sliding_window") or 0,
            )
            x = x + a @ w[p + "self_attn.o_proj.weight"].T
            n = rms_norm(x, w[p + "post_attention_layernorm.weight"], eps)
            gate = silu(n @ w[p + "mlp.gate_proj.weight"].T) * (n @ w[p + "mlp.up_proj.weight"].T)
            x = x + gate @ w[p + "mlp.down_proj.weight"].T
        x = rms_norm(x, w["model.norm.weight"], eps)
        return x @ w.get("lm_head.weight", w["model.embed_tokens.weight"]).T


class GptJ:
    def __init__(self, folder, config, weights):
        self.c, self.w = config, weights
        self.layers, self.heads = config["n_layer"], config["n_head"]
        self.kv_heads, self.size = self.heads, config["n_embd"] // self.heads
        self.rotation = Rotation(config, config["rotary_dim"], interleaved=True)

    def step(self, ids, cache):
        w, eps = self.w, self.c["layer_norm_epsilon"]
        x = w["transformer.wte.weight"][ids]
        for l in range(self.layers):
            p = f"transformer.h.{l}."
            n = layer_norm(x, w[p + "ln_1.weight"], w[p + "ln_1.bias"], eps)
            q, k, v = (
                (n @ w[p + f"attn.{name}_proj.weight"].T).reshape(len(ids), -1, self.size)
                for name in "qkv"
            )
            a = attention(cache, l, q, k, v, self.rotation) @ w[p + "attn.out_proj.weight"].T
            m = gelu_tanh(n @ w[p + "mlp.fc_in.weight"].T + w[p + "mlp.fc_in.bias"])
            x = x + a + m @ w[p + "mlp.fc_out.weight"].T + w[p + "mlp.fc_out.bias"]
        x = layer_norm(x, w["transformer.ln_f.weight"], w["transformer.ln_f.bias"], eps)
        return x @ w["lm_head.weight"].T + w["lm_head.bias"]


class Fused:
    """GPT-NeoX with blocks one after the other, and BLOOM: queries, keys, values in one matrix."""

    def __init__(self, folder, config, weights):
        self.c, self.w = config, weights
        self.neox = config["model_type"] == "gpt_neox"
        self.layers = config["num_hidden_layers" if self.neox else "n_layer"]
        self.heads = config["num_attention_heads" if self.neox else "n_head"]
        self.kv_heads, self.size = self.heads, config["hidden_size"] // self.heads
        self.rotation = self.slopes = None
        if self.neox:
            self.rotation = Rotation(config, int(self.size * config["rotary_pct"]))
        else:
            self.slopes = alibi_slopes(self.heads)

    def step(self, ids, cache):
        w, neox = self.w, self.neox
        eps = self.c["layer_norm_eps" if neox else "layer_norm_epsilon"]
        root = "gpt_neox." if neox else "transformer."

        def norm(x, name):
            return layer_norm(x, w[root + name + ".weight"], w[root + name + ".bias"], eps)

        x = w[root + ("embed_in" if neox else "word_embeddings") + ".weight"][ids]
        if not neox:
            x = norm(x, "word_embeddings_layernorm")
        for l in range(self.layers):
            p = ("layers." if neox else "h.") + f"{l}."
            inner = "attention." if neox else "self_attention."

            def linear(y, name):
                return y @ w[root + p + name + ".weight"].T + w[root + p + name + ".bias"]

            qkv = linear(norm(x, p + "input_layernorm"), inner + "query_key_value")
            qkv = qkv.reshape(len(ids), self.heads, 3, self.size)
            a = attention(
                cache,
                l,
                qkv[:, :, 0],
                qkv[:, :, 1],
                qkv[:, :, 2],
                self.rotation,
                slopes=self.slopes,
            )
            x = x + linear(a, inner + "dense")
            n = norm(x, p + "post_attention_layernorm")
            act = gelu if neox else gelu_tanh
            x = x + linear(act(linear(n, "mlp.dense_h_to_4h")), "mlp.dense_4h_to_h")
        x = norm(x, "final_layer_norm" if neox else "ln_f")
        return x @ w[("embed_out" if neox else root + "word_embeddings") + ".weight"].T


def alibi_slopes(heads):
    power = 2 ** math.floor(math.log2(heads))
    base = 2 ** -(8 / power)
    slopes = [base ** (i + 1) for i in range(power)]
    extra = 2 ** -(4 / power)
    return slopes + [extra ** (2 * i + 1) for i in range(heads - power)]


KINDS = {"llama": Llama, "mistral": Llama, "smollm3": Llama, "gptj": GptJ, "gpt_neox": Fused, "bloom": Fused}


def rounded(x):
    return [float(f"{v:.7g}") for v in np.asarray(x).ravel()]


def evict(cache, random):
    """Removes some tokens of each head, a number of its own; gives the slots that stay."""
    kept = []
    for l, layer in enumerate(cache.keys):
        of_layer = []
        for g, head in enumerate(layer):
            gone = int(random.integers(1, 4)) + 2 * (l == 0)
            stay = max(3, len(head) - gone)
            slots = sorted(int(s) for s in random.choice(len(head), stay, replace=False))
            cache.keys[l][g] = [head[s] for s in slots]
            cache.values[l][g] = [cache.values[l][g][s] for s in slots]
            cache.sums[l][g] = cache.sums[l][g][:, slots]
            of_layer.append(slots)
        kept.append(of_layer)
    return kept


def run(name):
    folder = FOLDERS / name
    config = json.loads((folder / "config.json").read_text())
    with safe_open(folder / "model.safetensors", "np") as file:
        weights = {k: file.get_tensor(k).astype(np.float64) for k in file.keys()}
    model = KINDS[config["model_type"]](folder, config, weights)
    cache = Cache(model.layers, model.kv_heads, model.heads // model.kv_heads)
    random = np.random.default_rng(14)
    steps = []
    for count in STEPS:
        ids = [int(i) for i in random.integers(3, 40, count)]
        cache.longest_before = cache.longest()
        logits = model.step(ids, cache)
        steps.append(
            {
                "ids": ids,
                "logits": [rounded(row) for row in logits],
                # [layer][query head][slots]
                "sums": [
                    [rounded(row) for head in layer for row in head] for layer in cache.sums
                ],
                # [layer][KV head][kept slots]
                "kept": evict(cache, random),
            }
        )
    (HERE / f"{name}.json").write_text(json.dumps({"steps": steps}) + "\n")


if __name__ == "__main__":
    for model_name in MODELS:
        run(model_name)
