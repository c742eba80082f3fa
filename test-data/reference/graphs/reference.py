"""A small decoder in NumPy and float64, and what presses make of its cache: where the right figures come from.

It shares nothing with the graphs but the weights. Tokens carry the positions where they stood in the text, and a query
at position p sees a cached token at position t if t <= p and, in a layer with a window W, t > p - W.
"""

from dataclasses import dataclass, field, replace

import numpy as np

EPSILON = 1e-5
PROMPT = 24
NEXT = 8
KEPT = PROMPT // 2
RECENT = 4  # of h2o and snapkv
SINKS = 4
KERNEL = 3
ALPHA = 0.2


@dataclass(frozen=True)
class Model:
    """Shape of a decoder; letters as in docs/glossary.md."""

    seed: int = 0
    kinds: tuple = ("attention", "attention")  # of layers: attention, conv or experts
    hidden: int = 16
    heads: int = 4
    kv_heads: int = 2
    size: int = 16
    inner: int = 24
    vocab: int = 40
    positions: str = "rotary"  # rotary, learned, alibi or none
    theta: float = 100.0
    turned: int = 0  # channels that are rotated, 0 for all
    interleaved: bool = False
    window: int = 0
    softcap: float = 0.0
    sinks: str = ""  # "", "zero" for a smooth softmax, "given" for a score per head
    max_positions: int = 64
    weights: dict = field(default=None, compare=False, repr=False)

    @property
    def rotary(self):
        return self.turned or self.size

    def tables(self):
        """Cosines and sines [positions, R/2]."""
        frequencies = self.theta ** (-np.arange(0, self.rotary, 2) / self.rotary)
        angles = np.arange(self.max_positions)[:, None] * frequencies[None, :]
        return np.cos(angles), np.sin(angles)

    def slopes(self):
        """ALiBi: how fast scores rise along the text, by head."""
        return 2.0 ** -np.arange(1, self.heads + 1)

    def made(self):
        """The same with weights, numbers that float16 holds as well."""
        rng = np.random.default_rng(1000 + self.seed)

        def normal(*shape, scale):
            return (rng.standard_normal(shape) * scale).astype(np.float16).astype(np.float32)

        e, h, g, d, i = self.hidden, self.heads, self.kv_heads, self.size, self.inner
        w = {"embed": normal(self.vocab, e, scale=1.0), "norm": 1 + normal(e, scale=0.1), "head": normal(e, self.vocab, scale=0.5)}
        w["norm"] = w["norm"].astype(np.float16).astype(np.float32)
        if self.positions == "learned":
            w["places"] = normal(self.max_positions, e, scale=0.7)
        for l, kind in enumerate(self.kinds):
            w[f"{l}.norm"] = (1 + normal(e, scale=0.1)).astype(np.float16).astype(np.float32)
            w[f"{l}.norm2"] = (1 + normal(e, scale=0.1)).astype(np.float16).astype(np.float32)
            if kind == "attention":
                w[f"{l}.q"] = normal(e, h * d, scale=0.45)
                w[f"{l}.k"] = normal(e, g * d, scale=0.45)
                w[f"{l}.v"] = normal(e, g * d, scale=0.3)
                w[f"{l}.o"] = normal(h * d, e, scale=0.3)
                if self.sinks == "given":
                    w[f"{l}.sinks"] = normal(h, scale=1.0)
            elif kind == "conv":
                w[f"{l}.conv"] = normal(3, e, scale=0.6)
                w[f"{l}.out"] = normal(e, e, scale=0.3)
            else:
                w[f"{l}.router"] = normal(e, 3, scale=0.5)
                w[f"{l}.experts"] = normal(3, e, scale=0.7)
            w[f"{l}.gate"] = normal(e, i, scale=0.3)
            w[f"{l}.up"] = normal(e, i, scale=0.3)
            w[f"{l}.down"] = normal(i, e, scale=0.3)
        return replace(self, weights=w)


def normed(x, gain):
    return x / np.sqrt(np.mean(x * x, -1, keepdims=True) + EPSILON) * gain


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def rotated(model, x, positions):
    """x [heads, tokens, D] at positions [tokens]."""
    cos, sin = (table[positions] for table in model.tables())
    r = model.rotary
    a, b = (x[..., 0:r:2], x[..., 1:r:2]) if model.interleaved else (x[..., : r // 2], x[..., r // 2 : r])
    left, right = a * cos - b * sin, b * cos + a * sin
    out = x.copy()
    if model.interleaved:
        out[..., 0:r:2], out[..., 1:r:2] = left, right
    else:
        out[..., : r // 2], out[..., r // 2 : r] = left, right
    return out


class State:
    """Keys, values and positions by layer and KV head, and what conv layers remember."""

    def __init__(self, model):
        empty = lambda: [np.zeros((0, model.size)) for _ in range(model.kv_heads)]
        count = len(model.kinds)
        self.keys = [empty() for _ in range(count)]
        self.values = [empty() for _ in range(count)]
        self.places = [[np.zeros(0, int) for _ in range(model.kv_heads)] for _ in range(count)]
        self.conv = [np.zeros((2, model.hidden)) for _ in range(count)]
        self.attention = [None] * count
        self.seen = 0

    def pruned(self, kept):
        """The same with the slots kept[layer][kv head] only."""
        other = State.__new__(State)
        other.__dict__.update(self.__dict__)
        for name in ("keys", "values", "places"):
            setattr(other, name, [
                [x[kept[l][g]] for g, x in enumerate(layer)] if l in kept else list(layer)
                for l, layer in enumerate(getattr(self, name))])
        other.conv = list(self.conv)
        other.attention = list(self.attention)
        return other


def forward(model, tokens, state):
    """Logits [tokens, V]; the state goes on."""
    w = {k: v.astype(np.float64) for k, v in model.weights.items()}
    places = np.arange(state.seen, state.seen + len(tokens))
    x = w["embed"][tokens]
    if model.positions == "learned":
        x = x + w["places"][places]
    for l, kind in enumerate(model.kinds):
        h = normed(x, w[f"{l}.norm"])
        if kind == "attention":
            x = x + attended(model, w, l, h, places, state)
        elif kind == "conv":
            padded = np.concatenate([state.conv[l], h])
            c = w[f"{l}.conv"]
            mixed = sum(padded[i : i + len(tokens)] * c[i] for i in range(3))
            state.conv[l] = padded[-2:]
            x = x + mixed @ w[f"{l}.out"]
        else:
            x = x + softmax(h @ w[f"{l}.router"]) @ w[f"{l}.experts"]
        h = normed(x, w[f"{l}.norm2"])
        gate = h @ w[f"{l}.gate"]
        x = x + (gate / (1 + np.exp(-gate)) * (h @ w[f"{l}.up"])) @ w[f"{l}.down"]
    state.seen += len(tokens)
    return normed(x, w["norm"]) @ w["head"]


def attended(model, w, l, h, places, state):
    n, d, group = len(places), model.size, model.heads // model.kv_heads
    split = lambda y, heads: y.reshape(n, heads, d).transpose(1, 0, 2)
    q, k, v = (split(h @ w[f"{l}.{x}"], heads)
               for x, heads in (("q", model.heads), ("k", model.kv_heads), ("v", model.kv_heads)))
    if model.positions == "rotary":
        q, k = rotated(model, q, places), rotated(model, k, places)
    out, attention = [], []
    for g in range(model.kv_heads):
        state.keys[l][g] = np.concatenate([state.keys[l][g], k[g]])
        state.values[l][g] = np.concatenate([state.values[l][g], v[g]])
        state.places[l][g] = np.concatenate([state.places[l][g], places])
        seen = state.places[l][g][None, :] <= places[:, None]
        if model.window:
            seen &= state.places[l][g][None, :] > places[:, None] - model.window
        for head in range(g * group, (g + 1) * group):
            scores = q[head] @ state.keys[l][g].T / np.sqrt(d)
            if model.softcap:
                scores = model.softcap * np.tanh(scores / model.softcap)
            if model.positions == "alibi":
                scores = scores + model.slopes()[head] * state.places[l][g][None, :]
            scores = np.where(seen, scores, -1e30)
            if model.sinks:
                sink = w[f"{l}.sinks"][head] if model.sinks == "given" else 0.0
                scores = np.concatenate([scores, np.full((n, 1), sink)], 1)
            a = softmax(scores)[:, : seen.shape[1]]
            attention.append(a)
            out.append(a @ state.values[l][g])
    state.attention[l] = attention
    return np.stack(out, 1).reshape(n, -1) @ w[f"{l}.o"]


# ------------------------------------------------------------------------------------------------ presses


def top(scores, protected, count):
    """Slots kept, and how far the last one taken is before the first left out."""
    order = sorted(range(len(scores)), key=lambda j: (protected[j], scores[j], j), reverse=True)
    first_out = [j for j in order[count:]]
    taken = [j for j in order[:count] if not protected[j]]
    margin = min((scores[taken[-1]] - scores[first_out[0]]) if taken and first_out else np.inf, np.inf)
    return sorted(order[:count]), margin


def scored(model, state, press):
    """Scores and protected slots by layer and KV head."""
    n, group, result = PROMPT, model.heads // model.kv_heads, {}
    for l, kind in enumerate(model.kinds):
        if kind != "attention":
            continue
        for g in range(model.kv_heads):
            heads = [state.attention[l][h] for h in range(g * group, (g + 1) * group)]
            protected = np.zeros(n, bool)
            if press == "knorm":
                scores = -np.linalg.norm(state.keys[l][g], axis=1)
            elif press == "streaming_llm":
                scores = np.array([float(j < SINKS or j >= n - (KEPT - SINKS)) for j in range(n)])
            elif press == "h2o":
                queries = n - np.arange(n)  # as kvpress counts, also where a window sees fewer
                scores = sum(a.sum(0) for a in heads) / group / queries
                protected[n - RECENT :] = True
            else:
                votes = sum(a[-RECENT:, : n - RECENT].mean(0) for a in heads) / group
                padded = np.pad(votes, KERNEL // 2)
                smooth = np.array([padded[j : j + KERNEL].mean() for j in range(n - RECENT)])
                scores = np.concatenate([smooth, np.zeros(RECENT)])
                protected[n - RECENT :] = True
            result[l, g] = scores, protected
    return result


def kept(model, state, press):
    """Slots kept by layer and KV head, and the smallest lead of a token taken over one left out."""
    adaptive = press == "adakv"
    scores = scored(model, state, "snapkv" if adaptive else press)
    slots, lead = {}, np.inf
    for l, kind in enumerate(model.kinds):
        if kind != "attention":
            continue
        heads = range(model.kv_heads)
        if not adaptive:
            chosen = [top(*scores[l, g], KEPT) for g in heads]
            slots[l] = [c for c, _ in chosen]
            if press != "streaming_llm":
                lead = min([lead] + [m for _, m in chosen])
            continue
        safe = [top(*scores[l, g], int(KEPT * ALPHA))[0] for g in heads]
        rest = [(g, j) for g in heads for j in range(PROMPT) if j not in safe[g]]
        rest.sort(key=lambda t: (scores[l, t[0]][1][t[1]], scores[l, t[0]][0][t[1]], t[1]), reverse=True)
        count = KEPT * model.kv_heads - sum(map(len, safe))
        value = lambda t: scores[l, t[0]][0][t[1]]
        lead = min(lead, value(rest[count - 1]) - value(rest[count]))
        slots[l] = [sorted(safe[g] + [j for h, j in rest[:count] if h == g]) for g in heads]
    return slots, lead


PRESSES = {
    "baseline": None,
    "knorm": "knorm",
    "streaming_llm": "streaming_llm",
    f"h2o(local_window_size={RECENT})": "h2o",
    f"snapkv(window_size={RECENT},kernel_size={KERNEL})": "snapkv",
    f"adakv(snapkv(window_size={RECENT},kernel_size={KERNEL}))": "adakv",
}


def nll(logits, tokens):
    """Mean over the tokens that follow the first, which are all that depend on the cache."""
    p = logits - logits.max(-1, keepdims=True)
    p = p - np.log(np.exp(p).sum(-1, keepdims=True))
    return float(-np.mean([p[i, t] for i, t in enumerate(tokens[1:])]))


def figures(model, tokens):
    """What must come out, and the smallest lead in any selection."""
    prompt, following = tokens[:PROMPT], tokens[PROMPT:]
    state = State(model)
    logits = forward(model, prompt, state)
    result, lead = {}, np.inf
    for spec, press in PRESSES.items():
        if press is None:
            other = state.pruned({})
        else:
            slots, margin = kept(model, state, press)
            lead = min(lead, margin)
            other = state.pruned(slots)
        result[spec] = nll(forward(model, following[:-1], other), following)
    return logits, result, lead


def tokens_with_leads(model, wanted):
    """A text in which no selection is close, so that rounding decides nothing."""
    best = None
    for attempt in range(400):
        rng = np.random.default_rng(attempt)
        tokens = rng.integers(0, model.vocab, PROMPT + NEXT)
        # knorm ties for equal tokens of the first layer.
        tokens[:PROMPT] = rng.permutation(model.vocab)[:PROMPT]
        lead = figures(model, tokens)[2]
        if best is None or lead > best[0]:
            best = lead, tokens
        if lead > wanted:
            break
    return best[1], best[0]
