"""Small decoder graphs as other tools write them, with figures of an independent computation.

    python make.py              make every graph beside this script, and figures.json
    python make.py gqa torch    check those only whose name contains a word; nothing is written

Needs numpy, onnx, onnxruntime, torch and transformers 4.57.6. Constants of more than 128 bytes lie in weights.bin, which
all graphs share. Before a graph is written ONNX Runtime runs it in one pass and in two, and its logits must be those of
reference.py.
"""

import hashlib
import json
import pathlib
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto

from reference import KEPT, NEXT, PROMPT, Model, figures, tokens_with_leads
from writer import Graph, Way, dequantised, merged

HERE = pathlib.Path(__file__).parent
INLINE = 128
LEAD = 2e-3  # of a token that stays over one that goes, so that rounding decides nothing

LLAMA = Model(seed=1)
MODELS = {
    "llama": LLAMA,
    "llama-mha": Model(seed=2, kv_heads=4),
    "learned": Model(seed=3, kv_heads=4, positions="learned"),
    "learned-grouped": Model(seed=4, positions="learned"),
    "window": Model(seed=5, window=10),
    "softcap": Model(seed=6, softcap=3.0),
    "smooth": Model(seed=7, sinks="zero"),
    "sinks": Model(seed=8, sinks="given"),
    "interleaved": Model(seed=9, interleaved=True),
    "partial": Model(seed=10, turned=16, size=32, kv_heads=1, heads=2),
    "hybrid": Model(seed=11, kinds=("conv", "attention", "experts", "attention")),
    "no-position": Model(seed=12, positions="none"),
    "alibi": Model(seed=13, kv_heads=4, positions="alibi"),
    "one-kv-head": Model(seed=14, kv_heads=1),
    "nbits4": Model(seed=1),
    "nbits8": Model(seed=1),
}

PAST_KEY = ("past_key_{}", "past_value_{}", "present_key_{}", "present_value_{}")
GQA = dict(attention="gqa", rotary_inside=True, positions="mask")

# name: (model, how it is written, what it is in words)
KINDS = {
    "optimum": ("llama", dict(), "Optimum's names, eager attention"),
    "past-key": ("llama", dict(names=PAST_KEY), "cache inputs past_key_0, past_value_0"),
    "stacked": ("learned", dict(stacked=True), "past_N of shape [2,B,H,P,D]"),
    "int32": ("llama", dict(ids="i32", mask_type="i32", position_type="i32"), "int32 ids, mask and positions"),
    "int32-ids": ("llama", dict(ids="i32", position_type="i32"), "int32 ids beside an int64 mask"),
    "int32-mask": ("llama", dict(mask_type="i32"), "int64 ids beside an int32 mask"),
    "f16": ("llama", dict(floats="f16"), "everything in F16"),
    "f16-caches": ("llama", dict(key_type="f16", value_type="f16"), "caches in F16 of a graph in F32"),
    "f16-values": ("llama", dict(value_type="f16"), "values in F16 beside keys in F32"),
    "f16-inside": ("llama", dict(floats="f16", key_type="f32", value_type="f32"), "caches in F32 of a graph in F16"),
    "f16-logits": ("llama", dict(logits_type="f16"), "logits in F16 of a graph in F32"),
    "logits-to-keep": ("llama", dict(keep=True), "input num_logits_to_keep"),
    "open-vocabulary": ("llama", dict(vocabulary=False), "the size of the vocabulary is not declared"),
    "last-logits": ("llama", dict(last_only=True), "logits of the last token only"),
    "positions-of-mask": ("llama", dict(positions="mask"), "no position_ids: positions from a running sum of the mask"),
    "positions-of-past": ("llama", dict(positions="past"), "no position_ids: positions from the length of the cache"),
    "no-mask": ("llama", dict(positions="past", mask=False), "neither position_ids nor attention_mask"),
    "learned-of-past": ("learned", dict(positions="past"), "learned positions from the length of the cache"),
    "learned-of-mask": ("learned", dict(positions="mask"), "learned positions from a running sum of the mask, as OPT"),
    "mask-of-positions": ("llama", dict(mask_of_positions=True), "a causal mask made from position_ids"),
    "no-mask-but-positions": ("llama", dict(mask=False, mask_of_positions=True), "position_ids, but no attention_mask"),
    "unrotated-cache": ("llama", dict(unrotated_cache=True), "keys rotated behind the cache, by their place in it"),
    "no-position": ("no-position", dict(positions="mask"), "no positions at all"),
    "hybrid": ("hybrid", dict(), "layers without a cache, with a state or a Softmax and MatMul of their own"),
    "window": ("window", dict(), "a sliding window in the mask"),
    "softcap": ("softcap", dict(), "soft-capped scores"),
    "interleaved": ("interleaved", dict(), "neighbouring channels rotated"),
    "partial-rotary": ("partial", dict(), "half of the channels rotated"),
    "flat-scores": ("llama", dict(flat_scores=True), "softmax over [B*H,Q,T]"),
    "reshape-between": ("llama", dict(reshape_between=True), "a Reshape between softmax and product"),
    "opset-11": ("llama", dict(opset=11), "opset 11"),
    "opset-13": ("llama", dict(opset=13, flat_scores=True), "opset 13, softmax over [B*H,Q,T]"),
    "packed-qkv": ("llama", dict(packed=True), "one projection for queries, keys and values"),
    "nbits4": ("nbits4", dict(bits=4), "weights of 4 bits (MatMulNBits)"),
    "nbits8": ("nbits8", dict(bits=8), "weights of 8 bits (MatMulNBits)"),
    "gqa": ("llama", dict(attention="gqa"), "GroupQueryAttention behind rotary embedding"),
    "gqa-rotary-operator": ("llama", dict(attention="gqa", rotary_operator=True), "GroupQueryAttention behind RotaryEmbedding"),
    "gqa-rotary": ("llama", GQA, "GroupQueryAttention with rotary inside, split QKV"),
    "gqa-rotary-packed": ("llama", dict(GQA, packed=True), "the same with packed QKV"),
    "gqa-rotary-positions": ("llama", dict(GQA, positions="ids", position_input=True), "the same with position_ids"),
    "gqa-rotary-f16": ("llama", dict(GQA, floats="f16"), "the same in F16"),
    "gqa-rotary-nbits": ("nbits4", dict(GQA, bits=4, packed=True), "the same with weights of 4 bits"),
    "gqa-interleaved": ("interleaved", GQA, "rotary_interleaved"),
    "gqa-partial": ("partial", GQA, "half of the channels rotated inside"),
    "gqa-window": ("window", GQA, "local_window_size"),
    "gqa-softcap": ("softcap", GQA, "softcap"),
    "gqa-smooth": ("smooth", GQA, "smooth_softmax"),
    "gqa-sinks": ("sinks", GQA, "head_sink"),
    "gqa-bias": ("window", dict(GQA, bias_inside=True), "local_window_size and a mask of numbers as attention_bias"),
    "gqa-no-mask": ("llama", dict(GQA, positions="past", mask=False), "GroupQueryAttention without attention_mask"),
    "mha": ("llama-mha", dict(attention="mha"), "MultiHeadAttention with a mask of numbers"),
    "mha-unidirectional": ("llama-mha", dict(attention="mha", bias_mask=False), "MultiHeadAttention, unidirectional"),
    "contrib-attention": ("learned", dict(attention="contrib", stacked=True), "Attention of com.microsoft, stacked cache"),
    "attention-23": ("llama", dict(attention="standard", opset=23, bias_mask=False), "Attention of opset 23, mask of truth values"),
    "attention-23-bias": ("softcap", dict(attention="standard", opset=23), "Attention of opset 23, mask of numbers, softcap"),
    "attention-23-flat": ("llama", dict(attention="standard", opset=23, flat_heads=True), "Attention of opset 23, heads not an axis"),
    "attention-23-causal": ("llama", dict(attention="standard", opset=23, causal=True), "Attention of opset 23, is_causal"),
    "attention-23-appended": ("llama", dict(attention="standard", opset=23, appended=True), "Attention of opset 23 over joined keys"),
    "mha-appended": ("llama-mha", dict(attention="mha", appended=True), "MultiHeadAttention over joined keys"),
    "where-mask": ("llama", dict(mask_style="where"), "hidden scores replaced by Where"),
    "triangle": ("learned", dict(mask_style="buffer", positions="past"), "causal mask cut out of a constant triangle, as GPT-2"),
    "alibi": ("alibi", dict(positions="mask"), "ALiBi from a running sum of the mask, as BLOOM"),
    "one-kv-head": ("one-kv-head", dict(), "one KV head for all query heads"),
    "einsum": ("llama", dict(einsum=True), "products by Einsum"),
    "f16-wide-softmax": ("llama", dict(floats="f16", wide_softmax=True), "F16 with a softmax in F32"),
    "keys-turned": ("llama", dict(keys_turned=True), "keys cached as [B,G,D,P]"),
    "batch-of-one": ("llama", dict(batch=1), "a batch of 1 only"),
    "one-token": ("llama", dict(batch=1, sequence=1), "one token a pass"),
    "optimised": ("llama", ("basic", "optimum"), "optimum, as ONNX Runtime's basic optimisation leaves it"),
    "optimised-extended": ("llama", ("extended", "optimum"), "optimum after extended optimisation, with ONNX Runtime's operators"),
    "optimised-torchscript": ("llama", ("extended", "torchscript-eager"), "torchscript-eager after extended optimisation"),
    "optimised-dynamo": ("llama", ("extended", "dynamo-sdpa"), "dynamo-sdpa after extended optimisation"),
    "optimised-flat": ("llama", ("extended", "opset-13"), "opset-13 after extended optimisation"),
    "merged": ("llama", dict(), "Optimum's merged decoder with use_cache_branch"),
    "pair": ("llama", dict(), "decoder_model.onnx beside decoder_with_past_model.onnx"),
    "torchscript-eager": ("llama", ("eager", False), "torch.onnx.export by tracing, eager attention"),
    "torchscript-sdpa": ("llama", ("sdpa", False), "torch.onnx.export by tracing, sdpa attention"),
    "torchscript-joined": ("llama", ("eager", False, dict(positions=False)),
                           "by tracing, no position_ids, the past joined with an empty cache"),
    "dynamo-sizes": ("llama", ("eager", True, dict(sizes=True)), "dynamo, with names of the sizes of all values"),
    "dynamo-eager": ("llama", ("eager", True), "torch.onnx.export with dynamo, eager attention"),
    "dynamo-sdpa": ("llama", ("sdpa", True), "torch.onnx.export with dynamo, sdpa attention"),
}


def half(way):
    values = vars(Way(**way)) if isinstance(way, dict) else {}
    return "f16" in (values.get(n) for n in ("floats", "key_type", "value_type", "logits_type"))


class Pool:
    """weights.bin of a folder: each constant once, whatever graph it is in."""

    def __init__(self):
        self.data, self.places = bytearray(), {}

    def take(self, tensor):
        raw = onnx.numpy_helper.to_array(tensor).tobytes() if not tensor.HasField("raw_data") else tensor.raw_data
        if len(raw) < INLINE:
            return
        key = hashlib.sha256(raw).digest()
        if key not in self.places:
            self.data += bytes(-len(self.data) % 64)
            self.places[key] = len(self.data)
            self.data += raw
        for name in ("raw_data", "float_data", "int32_data", "int64_data"):
            tensor.ClearField(name)
        tensor.data_location = TensorProto.EXTERNAL
        del tensor.external_data[:]
        for k, v in (("location", "weights.bin"), ("offset", self.places[key]), ("length", len(raw))):
            entry = tensor.external_data.add()
            entry.key, entry.value = k, str(v)


def tensors(graph):
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from tensors(attribute.g)
            if attribute.HasField("t"):
                yield attribute.t


def protos(name):
    """File by file."""
    model_name, way, _ = KINDS[name]
    model = MODELS[model_name]
    if isinstance(way, tuple) and way[1] in KINDS:
        (proto,) = protos(way[1]).values()
        return {f"{name}.onnx": optimised(proto, way[0])}
    if isinstance(way, tuple):
        from torch_export import exported

        with tempfile.TemporaryDirectory() as folder:
            attention, dynamo, *more = way
            more = more[0] if more else {}
            return {f"{name}.onnx": exported(model, attention, dynamo, pathlib.Path(folder) / "m.onnx", **more)}
    if name == "merged":
        return {f"{name}.onnx": merged(model, Way(**way))}
    if name == "pair":
        first = Graph(model, Way(**dict(way, past=False))).write().model_proto()
        return {"pair/decoder_model.onnx": first,
                "pair/decoder_with_past_model.onnx": Graph(model, Way(**way)).write().model_proto()}
    return {f"{name}.onnx": Graph(model, Way(**way)).write().model_proto()}


def optimised(proto, level):
    """The graph as ONNX Runtime stores it."""
    levels = {"basic": ort.GraphOptimizationLevel.ORT_ENABLE_BASIC, "extended": ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED}
    with tempfile.TemporaryDirectory() as folder:
        options = ort.SessionOptions()
        options.graph_optimization_level = levels[level]
        options.optimized_model_filepath = str(pathlib.Path(folder) / "m.onnx")
        options.log_severity_level = 4
        ort.InferenceSession(proto.SerializeToString(), options)
        return onnx.load(options.optimized_model_filepath)


def checked(proto, model, tokens, expected, tolerance):
    """ONNX Runtime gives the right logits, at once and over a cache."""
    if all(n.op_type != "SimplifiedLayerNormalization" for n in proto.graph.node):  # unknown to the checker
        onnx.checker.check_model(proto)
    options = ort.SessionOptions()
    options.log_severity_level = 4
    session = ort.InferenceSession(proto.SerializeToString(), options)
    numpy_type = {"tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(float)": np.float32,
                  "tensor(float16)": np.float16, "tensor(bool)": bool}
    worst, cache, done = 0.0, {}, 0
    one = session.get_inputs()[0].shape[1] == 1
    steps = range(1, PROMPT + 1) if one else (PROMPT // 2, PROMPT)
    for upto in steps:
        feeds = {}
        for i in session.get_inputs():
            kind = numpy_type[i.type]
            if i.name == "input_ids":
                value = tokens[None, done:upto]
            elif i.name == "attention_mask":
                value = np.ones((1, upto))
            elif i.name == "position_ids":
                value = np.arange(done, upto)[None]
            elif i.name == "num_logits_to_keep":
                value = np.zeros(())
            elif i.name == "use_cache_branch":
                value = np.array([done > 0])
            elif i.name in cache:
                value = cache[i.name]
            else:
                value = np.zeros([(0 if "past" in d else 1) if isinstance(d, str) else d for d in i.shape])
            feeds[i.name] = np.asarray(value).astype(kind)
        names = [o.name for o in session.get_outputs()]
        outputs = dict(zip(names, session.run(None, feeds)))
        found, right = outputs["logits"][0].astype(float), expected[done:upto]
        if found.shape[0] == 1:
            right = right[-1:]
        worst = max(worst, float(np.max(np.abs(found - right) / (1 + np.abs(right)))))
        states = [n for n in names if n != "logits"]
        pasts = [i.name for i in session.get_inputs() if "past" in i.name]
        cache = dict(zip(pasts, (outputs[n] for n in states))) if len(pasts) == len(states) else {}
        done = upto
        if not pasts:
            break
    assert worst < tolerance, f"logits are off by {worst}"
    return worst


def main(words):
    pools, report, chosen = {}, {}, {}
    for name, model in MODELS.items():
        MODELS[name] = model = model.made()
        true = model
        if name.startswith("nbits"):
            bits = int(name[5:])
            true = Model(**{**{f: getattr(model, f) for f in model.__dataclass_fields__}, "weights": {
                k: dequantised(v, bits) if v.ndim == 2 and k not in ("embed",) and v.shape[0] % 16 == 0 else v
                for k, v in model.weights.items()}})
        tokens, lead = tokens_with_leads(true, LEAD)
        logits, right, _ = figures(true, tokens)
        chosen[name] = true, tokens, logits, right
        print(f"model {name}: lead {lead:.5f}", {k.split("(")[0]: round(v, 3) for k, v in right.items()})
    for name, (model_name, way, words_of_kind) in KINDS.items():
        if words and not any(w in name for w in words):
            continue
        model, tokens, logits, right = chosen[model_name]
        tolerance = 2e-2 if half(way) else 2e-4
        worst = 0
        for file, proto in protos(name).items():
            worst = max(worst, checked(proto, model, tokens, logits, tolerance))
            print(f"{file}: off by {worst:.1e}")
            if words:
                continue
            target = HERE / file
            target.parent.mkdir(exist_ok=True)
            for tensor in tensors(proto.graph):
                pools.setdefault(target.parent, Pool()).take(tensor)
            target.write_bytes(proto.SerializeToString())
        report[name] = {"model": model_name, "tolerance": tolerance, "words": words_of_kind}
    if words:
        return
    from torch_export import llama

    llama(chosen["llama"][0], "eager").save_pretrained(HERE / "llama")
    (HERE / "llama" / "generation_config.json").unlink(missing_ok=True)
    for folder, pool in pools.items():
        (folder / "weights.bin").write_bytes(pool.data)
    models = {
        name: {
            "tokens": tokens.tolist(), "prompt": PROMPT, "kept": KEPT, "window": model.window,
            "logits": [[round(float(v), 6) for v in row] for row in logits],
            "nll": {k: round(v, 6) for k, v in right.items()},
        } for name, (model, tokens, logits, right) in chosen.items()}
    (HERE / "figures.json").write_text(json.dumps({"graphs": report, "models": models}) + "\n")
    readme = (HERE / "README.md").read_text().split("<!-- table -->")[0]
    rows = [f"| `{name}` | {m} | {text} |" for name, (m, _, text) in KINDS.items()]
    table = ["<!-- table -->", "| graph | model | what it is |", "|---|---|---|", *rows]
    (HERE / "README.md").write_text(readme + "\n".join(table) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
