"""What the fused operator's own quantised cache costs in precision, beside blocks of KIVI's kind.

One layer, one query at the end: 8 query heads on 4 KV heads. The first half of the tokens is there when scales
are taken (a prompt), the second half comes later, one by one, through the operator itself. Errors are
relative, |context - context of float32| / |context of float32|, over all heads.

    python fused_quantised.py [FOLDER of a Llama checkpoint of transformers, TEXT of ids as JSON]

Needs numpy, onnx, onnxruntime; torch and transformers for a checkpoint.
"""

import json
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

HEADS, GROUPS = 8, 4


def operator(size, capacity, bits, bias=False):
    names = ["q", "nk", "nv", "k", "v", "len", "total", "", "", "", "bias" if bias else "", "", "ks", "vs"]
    cache = {32: TensorProto.FLOAT, 8: TensorProto.INT8, 4: TensorProto.UINT8}[bits]
    width = size // 2 if bits == 4 else size
    attributes = dict(num_heads=HEADS, kv_num_heads=GROUPS, do_rotary=0)
    if bits == 32:
        names = names[:7]
    else:
        attributes.update(k_quant_type="PER_CHANNEL", v_quant_type="PER_CHANNEL", kv_cache_bit_width=bits)
    types = {"len": TensorProto.INT32, "total": TensorProto.INT32, "k": cache, "v": cache}
    node = helper.make_node("GroupQueryAttention", names, ["o", "pk", "pv"], domain="com.microsoft", **attributes)
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info(n, types.get(n, TensorProto.FLOAT), None) for n in names if n],
        [
            helper.make_tensor_value_info("o", TensorProto.FLOAT, None),
            helper.make_tensor_value_info("pk", cache, [1, GROUPS, capacity, width]),
            helper.make_tensor_value_info("pv", cache, [1, GROUPS, capacity, width]),
        ],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)], ir_version=8
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def store(x, scale, bits):
    most = 2 ** (bits - 1) - 1
    codes = np.clip(np.rint(x / scale), -most - 1, most).astype(np.int8)
    if bits == 8:
        return codes
    biased = (codes + 8).astype(np.uint8)
    return biased[..., 0::2] | (biased[..., 1::2] << 4)


def fused(q, k, v, bits, headroom, prompt):
    """The last query over all tokens, those after the prompt appended by the operator."""
    tokens, size = k.shape[1:]
    session = operator(size, tokens, bits)
    most = 2 ** (bits - 1) - 1
    scales = [headroom * np.abs(x[:, :prompt]).max(1)[None, :, None, :] / most for x in (k, v)]
    past = [
        np.concatenate([store(x[None, :, :prompt], s, bits), np.zeros_like(store(x[None, :, prompt:], s, bits))], 2)
        for x, s in zip((k, v), scales)
    ]
    for t in range(prompt, tokens):
        new = [np.ascontiguousarray(x[:, t].reshape(1, 1, -1)) for x in (k, v)]
        out = session.run(
            None,
            {
                "q": q.reshape(1, 1, -1),
                "nk": new[0],
                "nv": new[1],
                "k": past[0],
                "v": past[1],
                "len": np.array([t], np.int32),
                "total": np.array([t + 1], np.int32),
                "ks": scales[0].astype(np.float32),
                "vs": scales[1].astype(np.float32),
            },
        )
        past = out[1:]
    return out[0].reshape(HEADS, size)


def blocks(x, axis, group, bits):
    """Asymmetric blocks along an axis, scale and minimum rounded to halves."""
    moved = np.moveaxis(x, axis, -1)
    shape = moved.shape
    whole = shape[-1] // group * group
    parts = moved[..., :whole].reshape(*shape[:-1], -1, group)
    low = parts.min(-1, keepdims=True).astype(np.float16).astype(np.float32)
    step = ((parts.max(-1, keepdims=True) - low) / (2**bits - 1)).astype(np.float16).astype(np.float32)
    codes = np.clip(np.rint((parts - low) / np.where(step == 0, 1, step)), 0, 2**bits - 1)
    result = moved.copy()
    result[..., :whole] = (codes * step + low).reshape(*shape[:-1], whole)
    return np.moveaxis(result, -1, axis)


def exact(q, k, v):
    out = []
    for head in range(HEADS):
        g = head // (HEADS // GROUPS)
        scores = k[g].astype(np.float64) @ q[head] / np.sqrt(k.shape[-1])
        p = np.exp(scores - scores.max())
        out.append(p / p.sum() @ v[g].astype(np.float64))
    return np.stack(out)


def kivi(q, k, v, bits, residual=32):
    recent = k.shape[1] - residual
    packed = [blocks(k[:, :recent], 1, 32, bits), blocks(v[:, :recent], 2, min(32, k.shape[-1]), bits)]
    return exact(q, *(np.concatenate([p, x[:, recent:]], 1) for p, x in zip(packed, (k, v))))


def drawn(kind, size=64, tokens=512):
    random = np.random.default_rng(0)
    k = random.standard_normal((GROUPS, tokens, size)).astype(np.float32)
    v = random.standard_normal((GROUPS, tokens, size)).astype(np.float32)
    if kind != "normal":
        # A few channels of keys are large and all of one sign.
        k[:, :, ::16] = 2 * k[:, :, ::16] + 12
    if kind == "outliers that grow":
        growth = np.linspace(1, 1.5, tokens, dtype=np.float32)[None, :, None]
        k, v = k * growth, v * growth
    return random.standard_normal((HEADS, size)).astype(np.float32), k, v


def of_checkpoint(folder, ids):
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()
    seen = {}
    for layer, block in enumerate(model.model.layers):
        block.self_attn.q_proj.register_forward_hook(lambda m, i, o, l=layer: seen.__setitem__(l, o.detach()))
    with torch.no_grad():
        cache = model(torch.tensor([ids]), use_cache=True).past_key_values
    for layer in range(len(model.model.layers)):
        k, v = (x[0].numpy() for x in (cache.layers[layer].keys, cache.layers[layer].values))
        # The query of the last token before its rotation will do: only its size matters here.
        yield f"layer {layer}", (seen[layer][0, -1].reshape(HEADS, -1).numpy(), k, v)


def main():
    print("onnxruntime", onnxruntime.__version__)
    if len(sys.argv) > 2:
        cases = of_checkpoint(sys.argv[1], json.load(open(sys.argv[2])))
    else:
        cases = ((kind, drawn(kind)) for kind in ("normal", "outliers", "outliers that grow"))
    for name, (q, k, v) in cases:
        tokens = k.shape[1]
        wanted = exact(q, k, v)
        error = lambda found: np.linalg.norm(found - wanted) / np.linalg.norm(wanted)
        figures = {}
        for bits in (8, 4):
            for headroom in (1, 1.25):
                figures[f"fused {bits} bits, scales x {headroom}"] = error(fused(q, k, v, bits, headroom, tokens // 2))
        for bits in (8, 4, 2):
            figures[f"blocks {bits} bits"] = error(kivi(q, k, v, bits))
        print(name)
        for title, figure in figures.items():
            print(f"  {title}: {figure:.4f}")


if __name__ == "__main__":
    main()
