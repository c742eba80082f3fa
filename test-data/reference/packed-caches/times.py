"""Time of one step of attention over packed tokens, in the ways there are, beside float32.

8 query heads on 4 KV heads, one new token, groups of 32. Forms take turns; medians in ms.

    python times.py [THREADS ...]

Needs numpy, onnx, onnxruntime.
"""

import sys
import time

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

HEADS, GROUPS, GROUP = 8, 4, 32
FLOAT, HALF, BYTE, INT8, INT32 = (
    TensorProto.FLOAT,
    TensorProto.FLOAT16,
    TensorProto.UINT8,
    TensorProto.INT8,
    TensorProto.INT32,
)


class Graph:
    def __init__(self):
        self.nodes, self.inputs, self.outputs, self.constants = [], [], [], []

    def input(self, name, kind, *shape):
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, name, kind=FLOAT, shape=None):
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def constant(self, value):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def longs(self, *values):
        return self.constant(np.array(values, np.int64))

    def op(self, kind, *inputs, out=None, domain="", **attributes):
        name = out or f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], domain=domain, **attributes))
        return name

    def session(self, threads):
        graph = helper.make_graph(self.nodes, "g", self.inputs, self.outputs, self.constants)
        sets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = threads, 3
        model = helper.make_model(graph, opset_imports=sets, ir_version=10)
        return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def standard(tokens, size):
    g = Graph()
    q = g.input("q", FLOAT, 1, GROUPS, HEADS // GROUPS, size)
    past = [g.input(n, FLOAT, 1, GROUPS, tokens, size) for n in "kv"]
    new = [g.input(n, FLOAT, 1, GROUPS, 1, size) for n in ("nk", "nv")]
    present = [g.op("Concat", p, n, axis=2, out="p" + p) for p, n in zip(past, new)]
    g.output("pk"), g.output("pv")
    scores = [g.op("MatMul", q, g.op("Transpose", k, perm=[0, 1, 3, 2])) for k in (past[0], new[0])]
    g.op("MatMul", g.op("Softmax", g.op("Concat", *scores, axis=-1), axis=-1), present[1], out="o")
    g.output("o")
    return g


def fused(tokens, size, bits=32):
    g, capacity = Graph(), tokens + 64
    names = ["q", "nk", "nv", "k", "v", "len", "total"]
    for name, width in (("q", HEADS), ("nk", GROUPS), ("nv", GROUPS)):
        g.input(name, FLOAT, 1, 1, width * size)
    kind = {32: FLOAT, 8: INT8, 4: BYTE}[bits]
    shape = [1, GROUPS, capacity, size // 2 if bits == 4 else size]
    g.input("k", kind, *shape), g.input("v", kind, *shape), g.input("len", INT32, 1), g.input("total", INT32, 1)
    attributes = dict(num_heads=HEADS, kv_num_heads=GROUPS, do_rotary=0)
    if bits < 32:
        names += [""] * 5 + [g.input(n, FLOAT, 1, GROUPS, 1, size) for n in ("ks", "vs")]
        attributes.update(k_quant_type="PER_CHANNEL", v_quant_type="PER_CHANNEL", kv_cache_bit_width=bits)
    g.nodes.append(
        helper.make_node("GroupQueryAttention", names, ["o", "pk", "pv"], domain="com.microsoft", **attributes)
    )
    g.output("o"), g.output("pk", kind, shape), g.output("pv", kind, shape)
    return g


def shifted(g, x, by):
    """A byte shifted to the right: divided by a little more than the power of two, and rounded."""
    args = (1 / (2**by * 1.002), 2 ** (by - 1) - 1), g.constant(np.zeros(1, np.uint8)), (1, 0)
    return added(g, x, *args)


def added(g, a, of_a, b, of_b):
    terms = []
    for value, (factor, zero) in ((a, of_a), (b, of_b)):
        terms += [value, g.constant(np.float32(factor)), g.constant(np.uint8(zero))]
    return g.op("QLinearAdd", *terms, g.constant(np.float32(1)), g.constant(np.uint8(0)), domain="com.microsoft")


def planes(g, x, bits, way):
    """Codes of fewer than 8 bits, one a byte."""
    count, mask = 8 // bits, g.constant(np.array([2**bits - 1], np.uint8))
    if count == 1:
        return x
    parts, rest = [], x
    for j in range(count):
        if way == "add":
            above = shifted(g, x, bits * (j + 1)) if j < count - 1 else None
            parts.append(added(g, rest, (1, 0), above, (-(2**bits), 0)) if above else rest)
            rest = above
        else:
            by = g.constant(np.array([bits * j], np.uint8))
            part = g.op("BitShift", x, by, direction="RIGHT") if j else x
            parts.append(g.op("BitwiseAnd", part, mask) if j < count - 1 else part)
    return g.op("Concat", *parts, axis=3)


def numbers(g, codes, scales, run, shape, how):
    if how == "blocked":
        spread = g.op("Reshape", scales, g.longs(*shape[:-1], shape[-1] // run))
        return g.op("DequantizeLinear", codes, spread, axis=len(shape) - 1, block_size=run)
    rows = g.op("Reshape", codes, g.longs(-1, run))
    flat = g.op("Reshape", scales, g.longs(-1))
    return g.op("Reshape", g.op("DequantizeLinear", rows, flat, axis=0), g.longs(*shape))


def packed(tokens, size, bits, way="add", how="rows", residual=33):
    g, n, groups, queries = Graph(), size * bits // 8, tokens // GROUP, HEADS // GROUPS
    blocks = size // GROUP
    q = g.input("q", FLOAT, 1, GROUPS, queries, size)
    keys = g.input("k", BYTE, 1, GROUPS, groups, n, GROUP)
    values = g.input("v", BYTE, 1, GROUPS, tokens, n)
    wide = lambda name, *shape: g.op("Cast", g.input(name, HALF, 1, GROUPS, *shape), to=FLOAT)
    ks, km = wide("ks", groups, size), wide("kms", groups, size)
    vs, vm = wide("vs", tokens, blocks), wide("vms", tokens, blocks)
    rk, rv = (g.input(name, FLOAT, 1, GROUPS, residual, size) for name in ("rk", "rv"))
    k = numbers(g, planes(g, keys, bits, way), ks, GROUP, (1, GROUPS, groups, size, GROUP), how)
    v = numbers(g, planes(g, values, bits, way), vs, GROUP, (1, GROUPS, tokens, size), how)
    scores = g.op("MatMul", g.op("Unsqueeze", q, g.longs(2)), k)
    minima = g.op("MatMul", q, g.op("Transpose", km, perm=[0, 1, 3, 2]))
    both = g.op("Add", g.op("Transpose", scores, perm=[0, 1, 3, 2, 4]), g.op("Unsqueeze", minima, g.longs(4)))
    rest = g.op("MatMul", q, g.op("Transpose", rk, perm=[0, 1, 3, 2]))
    flat = g.op("Reshape", both, g.longs(1, GROUPS, queries, tokens))
    p = g.op("Softmax", g.op("Concat", flat, rest, axis=-1), axis=-1)
    first = g.op("Slice", p, g.longs(0), g.longs(tokens), g.longs(3))
    last = g.op("Slice", p, g.longs(tokens), g.longs(tokens + residual), g.longs(3))
    codes = g.op("Reshape", g.op("MatMul", first, v), g.longs(1, GROUPS, queries, blocks, GROUP))
    added_up = g.op("Add", codes, g.op("Unsqueeze", g.op("MatMul", first, vm), g.longs(4)))
    context = g.op("Reshape", added_up, g.longs(1, GROUPS, queries, size))
    g.op("Add", context, g.op("MatMul", last, rv), out="o")
    g.output("o")
    return g


def bound(g, tokens, threads):
    random = np.random.default_rng(0)
    session = g.session(threads)
    binding, fed = session.io_binding(), {}
    for value in g.inputs:
        shape = [d.dim_value for d in value.type.tensor_type.shape.dim]
        kind = value.type.tensor_type.elem_type
        if kind == INT32:
            array = np.array([tokens + (value.name == "total")], np.int32)
        elif kind in (BYTE, INT8):
            array = random.integers(0, 127, shape).astype(np.uint8 if kind == BYTE else np.int8)
        else:
            factor = 0.02 if value.name.endswith("s") else 1
            array = (factor * random.standard_normal(shape)).astype(np.float32 if kind == FLOAT else np.float16)
        fed[value.name] = onnxruntime.OrtValue.ortvalue_from_numpy(array)
        binding.bind_ortvalue_input(value.name, fed[value.name])
    in_place = g.nodes[-1].op_type == "GroupQueryAttention"
    for value in g.outputs:
        if in_place and value.name in ("pk", "pv"):
            binding.bind_ortvalue_output(value.name, fed[value.name[1]])
        else:
            binding.bind_output(value.name, "cpu")
    return lambda: session.run_with_iobinding(binding)


def every_byte():
    g = Graph()
    x = g.input("x", BYTE, 256)
    for bits in (4, 2):
        for by in range(bits, 8, bits):
            g.op("Identity", shifted(g, x, by), out=f"o{by}_{bits}")
            g.output(f"o{by}_{bits}", BYTE)
    bytes_ = np.arange(256, dtype=np.uint8)
    session = g.session(1)
    for name, found in zip((o.name for o in session.get_outputs()), session.run(None, {"x": bytes_})):
        assert (found == bytes_ >> int(name[1 : name.index("_")])).all(), name


def main():
    every_byte()
    print("onnxruntime", onnxruntime.__version__)
    forms = {
        "standard": standard,
        "fused": fused,
        "fused int8": lambda t, d: fused(t, d, 8),
        "fused int4": lambda t, d: fused(t, d, 4),
        "8 bits": lambda t, d: packed(t, d, 8),
        "8 bits blocked": lambda t, d: packed(t, d, 8, how="blocked"),
        "4 bits": lambda t, d: packed(t, d, 4),
        "4 bits by shift": lambda t, d: packed(t, d, 4, way="shift"),
        "2 bits": lambda t, d: packed(t, d, 2),
        "2 bits by shift": lambda t, d: packed(t, d, 2, way="shift"),
    }
    for size in (64, 128):
        for tokens in (1024, 4096, 16384):
            for threads in map(int, sys.argv[1:] or (1, 2)):
                runs = {name: bound(make(tokens, size), tokens, threads) for name, make in forms.items()}
                millis = {name: [] for name in forms}
                for turn in range(12):
                    for name, run in runs.items():
                        run()
                        start = time.perf_counter()
                        run(), run(), run()
                        millis[name].append((time.perf_counter() - start) / 3e-3)
                figures = "  ".join(f"{name} {np.median(m[2:]):.2f}" for name, m in millis.items())
                print(f"D {size}, {tokens} tokens, {threads} threads: {figures}", flush=True)


if __name__ == "__main__":
    main()
