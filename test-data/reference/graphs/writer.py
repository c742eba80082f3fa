"""Writes the decoder of reference.py as ONNX graphs, each in a way that some tool writes them."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CONTRIB = "com.microsoft"
TYPES = {"f32": TensorProto.FLOAT, "f16": TensorProto.FLOAT16, "i64": TensorProto.INT64, "i32": TensorProto.INT32,
         "bool": TensorProto.BOOL}
NUMPY = {"f32": np.float32, "f16": np.float16, "i64": np.int64, "i32": np.int32}


class Way:
    """How a graph is written; the default is what Optimum writes for a Llama."""

    def __init__(self, **given):
        self.opset = 17
        self.ids = self.mask_type = self.position_type = "i64"
        self.floats = "f32"  # of what is computed
        self.key_type = self.value_type = None  # of the cache, else as computed
        self.logits_type = None
        self.names = ("past_key_values.{}.key", "past_key_values.{}.value", "present.{}.key", "present.{}.value")
        self.stacked = False
        self.positions = "ids"  # ids, mask or past: where positions come from
        self.mask = True
        self.attention = "plain"  # plain, gqa, mha, contrib, standard
        self.packed = False  # queries, keys and values in one projection
        self.rotary_inside = False  # of gqa
        self.position_input = False  # of gqa with rotary inside
        self.rotary_operator = False  # com.microsoft.RotaryEmbedding
        self.flat_scores = False  # softmax over [B*H,Q,T]
        self.reshape_between = False  # a Reshape between softmax and product
        self.bits = 0  # MatMulNBits
        self.keep = False  # num_logits_to_keep
        self.last_only = False
        self.vocabulary = True  # declared
        self.bias_mask = True  # of mha and standard: a mask as numbers; else unidirectional or truth values
        self.causal = False  # of standard: is_causal and no mask
        self.flat_heads = False  # of standard: heads are no axis of their own
        self.appended = False  # of mha and standard: keys and values joined with the past before the operator
        self.mask_style = "add"  # add, where, or buffer: cut out of a constant triangle
        self.wide_softmax = False  # in F32, then narrowed
        self.einsum = False
        self.keys_turned = False  # keys cached as [B,G,D,P]
        self.unrotated_cache = False  # keys are rotated behind the cache
        self.bias_inside = False  # of gqa: a mask of numbers as input
        self.mask_of_positions = False  # tokens up to position_ids are seen
        self.batch = "batch"  # or a number
        self.sequence = "sequence"  # or a number
        self.past = True
        for name, value in given.items():
            if not hasattr(self, name):
                raise ValueError(name)
            setattr(self, name, value)


class Graph:
    """Nodes and constants, each value named by its caller."""

    def __init__(self, model, way, prefix=""):
        self.model, self.way, self.prefix = model, way, prefix
        self.nodes, self.constants, self.inputs, self.outputs = [], {}, [], []

    # ---- small parts

    def op(self, kind, inputs, name, domain="", outputs=None, **attributes):
        name = self.prefix + name
        outputs = [self.prefix + o if o else "" for o in outputs] if outputs else [name]
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=name, domain=domain, **attributes))
        return outputs[0]

    def constant(self, name, array):
        name = self.prefix + name
        self.constants[name] = numpy_helper.from_array(np.array(array, order="C"), name)
        return name

    def longs(self, *values):
        return self.constant("i_" + "_".join(map(str, values)), np.array(values, np.int64))

    def scalar(self, value, kind="i64"):
        return self.constant(f"s_{kind}_{value}", np.array(value, NUMPY[kind]))

    def weight(self, name, array=None):
        array = self.model.weights[name] if array is None else array
        return self.constant("w." + name, array.astype(NUMPY[self.way.floats]))

    def cast(self, value, kind, name):
        return self.op("Cast", [value], name, to=TYPES[kind])

    def axes(self, kind, value, name, *axes):
        if self.way.opset < 13:
            return self.op(kind, [value], name, axes=list(axes))
        return self.op(kind, [value, self.longs(*axes)], name)

    def size(self, value, axis, name):
        return self.op("Gather", [self.op("Shape", [value], name + "_shape"), self.scalar(axis)], name, axis=0)

    def joined(self, name, *parts):
        vectors = [self.longs(p) if isinstance(p, int) else self.axes("Unsqueeze", p, f"{name}_{i}", 0)
                   for i, p in enumerate(parts)]
        return self.op("Concat", vectors, name, axis=0)

    def input(self, name, kind, *dims):
        self.inputs.append(helper.make_tensor_value_info(name, TYPES[kind], list(dims)))
        return name

    def output(self, name, kind, *dims):
        self.outputs.append(helper.make_tensor_value_info(self.prefix + name, TYPES[kind], list(dims)))

    # ---- the decoder

    def write(self):
        way, model = self.way, self.model
        self.input("input_ids", way.ids, way.batch, way.sequence)
        if way.mask:
            self.input("attention_mask", way.mask_type, way.batch, "total")
        if way.positions == "ids":
            self.input("position_ids", way.position_type, way.batch, way.sequence)
        if way.keep:
            self.input("num_logits_to_keep", "i64")
        self.batch = self.size("input_ids", 0, "batch")
        self.count = self.size("input_ids", 1, "count")
        for l, kind in enumerate(model.kinds):
            if way.past:
                self.past(l, kind)
        self.lengths()
        x = self.op("Gather", [self.weight("embed"), "input_ids"], "embedded")
        if model.positions == "learned":
            x = self.op("Add", [x, self.op("Gather", [self.weight("places"), self.places()], "place")], "placed")
        for l, kind in enumerate(model.kinds):
            h = self.normed(x, f"{l}.norm", f"l{l}/norm")
            mixed = {"attention": self.attended, "conv": self.convolved, "experts": self.experts}[kind](l, h)
            x = self.op("Add", [x, mixed], f"l{l}/after_attention")
            h = self.normed(x, f"{l}.norm2", f"l{l}/norm2")
            gate = self.product(h, f"{l}.gate", f"l{l}/gate")
            silu = self.op("Mul", [gate, self.op("Sigmoid", [gate], f"l{l}/sigmoid")], f"l{l}/silu")
            both = self.op("Mul", [silu, self.product(h, f"{l}.up", f"l{l}/up")], f"l{l}/both")
            x = self.op("Add", [x, self.product(both, f"{l}.down", f"l{l}/down")], f"l{l}/out")
        if way.keep:
            start = self.op("Reshape", [self.op("Neg", ["num_logits_to_keep"], "keep_start"), self.longs(1)], "keep_from")
            x = self.op("Slice", [x, start, self.longs(2**62), self.longs(1)], "kept")
        if way.last_only:
            x = self.op("Slice", [x, self.longs(-1), self.longs(2**62), self.longs(1)], "last")
        logits = self.product(self.normed(x, "norm", "final"), "head", "raw_logits")
        self.cast(logits, way.logits_type or way.floats, "logits")
        self.output("logits", way.logits_type or way.floats, "batch", 1 if way.last_only else "sequence",
                    model.vocab if way.vocabulary else "vocabulary")
        return self

    def past(self, l, kind):
        way, model = self.way, self.model
        if kind == "conv":
            self.input(f"past_conv.{l}", way.floats, "batch", 2, model.hidden)
        if kind != "attention":
            return
        if way.stacked:
            self.input(f"past_{l}", way.floats, 2, "batch", model.kv_heads, "past", model.size)
            return
        for i, kind in enumerate((way.key_type, way.value_type)):
            last = (model.size, "past") if way.keys_turned and i == 0 else ("past", model.size)
            self.input(way.names[i].format(l), kind or way.floats, way.batch, model.kv_heads, *last)

    def lengths(self):
        """past and total: tokens before the pass and with it."""
        way = self.way
        first = self.model.kinds.index("attention")
        if not way.past:
            self.before = self.scalar(0)
            self.total = self.count
        elif way.positions == "past" or not way.mask:
            cache = f"past_{first}" if way.stacked else way.names[0].format(first)
            self.before = self.size(cache, 3 if way.stacked or way.keys_turned else 2, "before")
            self.total = self.op("Add", [self.before, self.count], "total")
        else:
            self.total = self.size("attention_mask", 1, "total")
            self.before = self.op("Sub", [self.total, self.count], "before")

    def places(self):
        """int64 [B,Q] or [1,Q]: positions of the new tokens."""
        if hasattr(self, "_places"):
            return self._places
        if self.way.positions == "ids":
            self._places = self.cast("position_ids", "i64", "places") if self.way.position_type != "i64" else "position_ids"
        elif self.way.positions == "past":
            run = self.op("Range", [self.before, self.total, self.scalar(1)], "run")
            self._places = self.axes("Unsqueeze", run, "places", 0)
        else:
            mask = self.cast("attention_mask", "i64", "wide_mask")
            run = self.op("CumSum", [mask, self.scalar(1)], "running")
            less = self.op("Sub", [run, self.scalar(1)], "running_less")
            least = self.op("Max", [less, self.scalar(0)], "running_least")
            start = self.op("Neg", [self.joined("count_vector", self.count)], "places_from")
            self._places = self.op("Slice", [least, start, self.longs(2**62), self.longs(1)], "places")
        return self._places

    def normed(self, x, gain, name):
        wide = self.cast(x, "f32", name + "_wide")
        square = self.op("Mul", [wide, wide], name + "_square")
        mean = self.op("ReduceMean", [square, self.longs(-1)], name + "_mean") if self.way.opset >= 18 else \
            self.op("ReduceMean", [square], name + "_mean", axes=[-1])
        root = self.op("Sqrt", [self.op("Add", [mean, self.scalar(1e-5, "f32")], name + "_shifted")], name + "_root")
        unit = self.cast(self.op("Div", [wide, root], name + "_unit"), self.way.floats, name + "_narrow")
        return self.op("Mul", [unit, self.weight(gain)], name)

    def product(self, x, weight, name, array=None):
        array = self.model.weights[weight] if array is None else array
        if not self.way.bits or array.shape[0] % 16:
            return self.op("MatMul", [x, self.weight(weight, array)], name)
        packed, scales = quantised(array, self.way.bits)
        k, n = array.shape
        return self.op("MatMulNBits", [x, self.constant("q." + weight, packed), self.constant("scale." + weight, scales)],
                       name, domain=CONTRIB, K=k, N=n, bits=self.way.bits, block_size=16)

    # ---- layers

    def convolved(self, l, h):
        padded = self.op("Concat", [f"past_conv.{l}", h], f"l{l}/padded", axis=1)
        end = self.longs(2**62)
        self.op("Slice", [padded, self.longs(-2), end, self.longs(1)], f"present_conv.{l}")
        self.output(f"present_conv.{l}", self.way.floats, "batch", 2, self.model.hidden)
        c, parts = self.model.weights[f"{l}.conv"], []
        for i, stop in enumerate((-2, -1, 2**62)):
            shifted = self.op("Slice", [padded, self.longs(i), self.longs(stop), self.longs(1)], f"l{l}/shift{i}")
            parts.append(self.op("Mul", [shifted, self.weight(f"{l}.conv{i}", c[i])], f"l{l}/tap{i}"))
        mixed = self.op("Add", [self.op("Add", parts[:2], f"l{l}/two"), parts[2]], f"l{l}/mixed")
        return self.product(mixed, f"{l}.out", f"l{l}/conv_out")

    def experts(self, l, h):
        router = self.op("Softmax", [self.product(h, f"{l}.router", f"l{l}/router")], f"l{l}/shares", axis=-1)
        return self.op("MatMul", [router, self.weight(f"{l}.experts")], f"l{l}/experts")

    def split(self, x, heads, name):
        apart = self.op("Reshape", [x, self.longs(0, 0, heads, self.model.size)], name + "_apart")
        return self.op("Transpose", [apart], name, perm=[0, 2, 1, 3])

    def rotated(self, x, name, heads_first=True):
        """x [B,h,Q,D], or [B,Q,h*D] for the operator."""
        model, r = self.model, self.model.rotary
        cos, sin = (t.astype(np.float32) for t in model.tables())
        if self.way.rotary_operator:
            tables = [self.weight("cos", cos), self.weight("sin", sin)]
            more = dict(rotary_embedding_dim=r, num_heads=model.heads if name.endswith("q") else model.kv_heads) \
                if r != model.size else {}
            return self.op("RotaryEmbedding", [x, self.places(), *tables], name + "_rotated", domain=CONTRIB,
                           interleaved=int(model.interleaved), **more)
        if not hasattr(self, "_angles"):
            self._angles = [
                self.axes("Unsqueeze", self.op("Gather", [self.weight(n, t), self.places()], n + "_rows"), n + "_of_pass", 1)
                for n, t in (("cos", cos), ("sin", sin))]
        c, s = self._angles
        cut = lambda a, b, n, step=1: self.op(
            "Slice", [x, self.longs(a), self.longs(b), self.longs(3), self.longs(step)], f"{name}_{n}")
        first, second = (cut(0, r, "even", 2), cut(1, r, "odd", 2)) if model.interleaved \
            else (cut(0, r // 2, "first"), cut(r // 2, r, "second"))
        times = lambda a, b, n: self.op("Mul", [a, b], f"{name}_{n}")
        left = self.op("Sub", [times(first, c, "fc"), times(second, s, "ss")], name + "_left")
        right = self.op("Add", [times(second, c, "sc"), times(first, s, "fs")], name + "_right")
        if model.interleaved:
            pairs = [self.axes("Unsqueeze", v, f"{name}_{n}", 4) for n, v in (("l4", left), ("r4", right))]
            both = self.op("Reshape", [self.op("Concat", pairs, name + "_pairs", axis=-1), self.longs(0, 0, 0, r)], name + "_turned")
        else:
            both = self.op("Concat", [left, right], name + "_turned", axis=-1)
        return both if r == model.size else self.op("Concat", [both, cut(r, model.size, "rest")], name + "_whole", axis=-1)

    def rotated_all(self, k, name):
        """Keys [B,G,T,D], each at its place in the cache."""
        new = self._angles
        cos, sin = (t.astype(np.float32) for t in self.model.tables())
        places = self.op("Range", [self.scalar(0), self.total, self.scalar(1)], name + "_places")
        self._angles = [self.op("Gather", [self.weight(n, t), places], f"{name}_{n}_rows") for n, t in (("cos", cos), ("sin", sin))]
        turned = self.rotated(k, name)
        self._angles = new
        return turned

    def grown(self, l, k, v):
        """Keys and values with those of the past, [B,G,T,D] as computed; presents are written."""
        way, result = self.way, []
        if way.stacked:
            halves = [self.op("Gather", [f"past_{l}", self.scalar(i)], f"l{l}/past{i}", axis=0) for i in (0, 1)]
            result = [self.op("Concat", [p, x], f"l{l}/all{i}", axis=2) for i, (p, x) in enumerate(zip(halves, (k, v)))]
            parts = [self.axes("Unsqueeze", x, f"l{l}/half{i}", 0) for i, x in enumerate(result)]
            self.op("Concat", parts, f"present_{l}", axis=0)
            self.output(f"present_{l}", way.floats, 2, "batch", self.model.kv_heads, "total", self.model.size)
            return result
        for i, (x, kind) in enumerate(((k, way.key_type), (v, way.value_type))):
            present = way.names[2 + i].format(l)
            fresh = self.cast(x, kind, f"l{l}/fresh{i}") if kind and kind != way.floats else x
            turned = way.keys_turned and i == 0
            if turned:
                fresh = self.op("Transpose", [fresh], f"l{l}/fresh_turned", perm=[0, 1, 3, 2])
            if way.past:
                self.op("Concat", [way.names[i].format(l), fresh], present, axis=3 if turned else 2)
            else:
                self.op("Identity", [fresh], present)
            last = (self.model.size, "total") if turned else ("total", self.model.size)
            self.output(present, kind or way.floats, "batch", self.model.kv_heads, *last)
            present = self.prefix + present
            if turned:
                present = self.op("Transpose", [present], f"l{l}/keys_back", perm=[0, 1, 3, 2])
            result.append(self.cast(present, way.floats, f"l{l}/used{i}") if kind and kind != way.floats else present)
        return result

    def bias(self):
        """[B,1,Q,T]: 0 where a query sees a slot."""
        if hasattr(self, "_bias"):
            return self._bias
        columns = self.op("Range", [self.scalar(0), self.total, self.scalar(1)], "columns")
        queries = self.axes("Unsqueeze", self.op("Range", [self.before, self.total, self.scalar(1)], "queries"), "query_column", 1)
        if self.way.mask_of_positions:
            queries = self.axes("Unsqueeze", self.places(), "query_positions", 1, 3)
        hidden = self.op("Greater", [columns, queries], "later")
        if self.model.window:
            start = self.op("Sub", [queries, self.scalar(self.model.window - 1)], "window_start")
            hidden = self.op("Or", [hidden, self.op("Less", [columns, start], "before_window")], "outside")
        if self.way.mask:
            valid = self.axes("Unsqueeze", self.op("Cast", ["attention_mask"], "valid", to=TensorProto.BOOL), "valid_wide", 1, 2)
            hidden = self.op("Or", [hidden, self.op("Not", [valid], "padding")], "hidden")
        elif not self.way.mask_of_positions:
            hidden = self.axes("Unsqueeze", hidden, "hidden_wide", 0, 1)
        if self.way.attention == "standard" and not self.way.bias_mask:
            self._bias = self.op("Not", [hidden], "visible")
            return self._bias
        if self.way.mask_style == "where":
            self._bias = hidden
            return hidden
        low = self.scalar(-60000.0, self.way.floats)
        if self.way.mask_style == "buffer":
            return self.triangle(low)
        self._bias = self.op("Where", [hidden, low, self.scalar(0.0, self.way.floats)], "bias")
        return self._bias

    def triangle(self, low):
        """As GPT-2 does: a triangle of all positions is cut, and the mask of tokens is added."""
        n = self.model.max_positions
        rows = [self.joined("rows_from", self.before), self.joined("rows_to", self.total)]
        held = self.constant("triangle", np.tril(np.ones((1, 1, n, n), bool)))
        some = self.op("Slice", [held, *rows, self.longs(2)], "triangle_rows")
        seen = self.op("Slice", [some, self.longs(0), rows[1], self.longs(3)], "triangle_of_pass")
        mask = self.axes("Unsqueeze", self.cast("attention_mask", self.way.floats, "float_mask"), "mask_wide", 1, 2)
        less = self.op("Sub", [self.scalar(1.0, self.way.floats), mask], "mask_less")
        self._bias = seen, low, self.op("Mul", [less, low], "mask_low")
        return self._bias

    def slopes(self, l):
        """ALiBi: [B,H,1,T], a slope of each head times the running number of each token."""
        if not hasattr(self, "_slopes"):
            mask = self.cast("attention_mask", "i64", "wide_mask")
            run = self.op("Sub", [self.op("CumSum", [mask, self.scalar(1)], "running"), self.scalar(1)], "running_less")
            valid = self.op("Mul", [run, mask], "running_valid")
            wide = self.axes("Unsqueeze", self.cast(valid, self.way.floats, "running_float"), "running_wide", 1, 2)
            slopes = self.model.slopes().astype(np.float32).reshape(1, -1, 1, 1)
            self._slopes = self.op("Mul", [self.weight("slopes", slopes), wide], "alibi")
        return self._slopes

    def masked(self, l, scores):
        if self.model.positions == "alibi":
            scores = self.op("Add", [scores, self.slopes(l)], f"l{l}/sloped")
        bias = self.bias()
        if self.way.mask_style == "where":
            return self.op("Where", [bias, self.scalar(-60000.0, self.way.floats), scores], f"l{l}/masked")
        if self.way.mask_style == "buffer":
            seen, low, mask = bias
            return self.op("Add", [self.op("Where", [seen, scores, low], f"l{l}/causal"), mask], f"l{l}/masked")
        return self.op("Add", [scores, bias], f"l{l}/masked")

    def repeated(self, x, name):
        model, group = self.model, self.model.heads // self.model.kv_heads
        if group == 1:
            return x
        wide = self.axes("Unsqueeze", x, name + "_wide", 2)
        shape = self.joined(name + "_shape", self.batch, model.kv_heads, group, self.total, model.size)
        copies = self.op("Expand", [wide, shape], name + "_copies")
        flat = self.joined(name + "_flat", self.batch, model.heads, self.total, model.size)
        return self.op("Reshape", [copies, flat], name)

    def attended(self, l, h):
        way, model = self.way, self.model
        if way.attention == "contrib":
            context = self.contrib(l, h)
        else:
            context = getattr(self, way.attention)(l, *self.projected(l, h))
        return self.product(context, f"{l}.o", f"l{l}/o")

    def projected(self, l, h):
        if not self.way.packed:
            return [self.product(h, f"{l}.{x}", f"l{l}/{x}") for x in "qkv"]
        w = self.model.weights
        both = np.concatenate([w[f"{l}.{x}"] for x in "qkv"], 1)
        qkv = self.product(h, f"{l}.qkv", f"l{l}/qkv", both)
        if self.way.attention == "gqa" and (self.way.rotary_inside or self.model.positions != "rotary"):
            return [qkv, "", ""]
        edges = np.cumsum([0] + [w[f"{l}.{x}"].shape[1] for x in "qkv"])
        return [self.op("Slice", [qkv, self.longs(int(a)), self.longs(int(b)), self.longs(2)], f"l{l}/{x}")
                for x, a, b in zip("qkv", edges, edges[1:])]

    def turned_heads(self, l, q, k, v):
        model, way = self.model, self.way
        q, k, v = (self.split(x, n, f"l{l}/{name}_heads")
                   for x, n, name in ((q, model.heads, "q"), (k, model.kv_heads, "k"), (v, model.kv_heads, "v")))
        if model.positions == "rotary":
            q = self.rotated(q, f"l{l}/q")
            k = k if way.unrotated_cache else self.rotated(k, f"l{l}/k")
        return q, k, v

    def plain(self, l, q, k, v):
        way, model = self.way, self.model
        q, k, v = self.turned_heads(l, q, k, v)
        k, v = self.grown(l, k, v)
        if way.unrotated_cache:
            k = self.rotated_all(k, f"l{l}/all")
        k, v = self.repeated(k, f"l{l}/keys"), self.repeated(v, f"l{l}/values")
        flat = lambda x, name: self.op("Reshape", [x, self.three(name, x)], name)
        if way.flat_scores:
            q, k, v = flat(q, f"l{l}/q3"), flat(k, f"l{l}/k3"), flat(v, f"l{l}/v3")
            turned = self.op("Transpose", [k], f"l{l}/turned", perm=[0, 2, 1])
        else:
            turned = self.op("Transpose", [k], f"l{l}/turned", perm=[0, 1, 3, 2])
        scale = self.scalar(float(model.size**-0.5), way.floats)
        scaled = self.op("Mul", [q, scale], f"l{l}/scaled")
        scores = self.op("Einsum", [scaled, k], f"l{l}/scores", equation="bhqd,bhkd->bhqk") if way.einsum else \
            self.op("MatMul", [scaled, turned], f"l{l}/scores")
        if model.softcap:
            cap = self.scalar(model.softcap, way.floats)
            scores = self.op("Mul", [self.op("Tanh", [self.op("Div", [scores, cap], f"l{l}/over")], f"l{l}/bent"), cap], f"l{l}/capped")
        if way.flat_scores:
            four = self.joined(f"l{l}/four", self.batch, model.heads, self.count, self.total)
            scores = self.op("Reshape", [scores, four], f"l{l}/scores4")
        scores = self.masked(l, scores)
        if way.flat_scores:
            scores = self.op("Reshape", [scores, self.three(f"l{l}/scores3", None, self.count, self.total)], f"l{l}/scores3")
        scores = self.cast(scores, "f32", f"l{l}/scores_wide") if way.wide_softmax else scores
        attention = self.op("Softmax", [scores], f"l{l}/attention", axis=2 if way.flat_scores else -1 if way.opset >= 13 else 3)
        attention = self.cast(attention, way.floats, f"l{l}/attention_narrow") if way.wide_softmax else attention
        if way.reshape_between:
            attention = self.op("Reshape", [attention, self.three(f"l{l}/attention3", None, self.count, self.total)], f"l{l}/attention3")
            v = flat(v, f"l{l}/v3")
        context = self.op("Einsum", [attention, v], f"l{l}/context", equation="bhqk,bhkd->bhqd") if way.einsum else \
            self.op("MatMul", [attention, v], f"l{l}/context")
        if way.flat_scores or way.reshape_between:
            context = self.op("Reshape", [context, self.joined(f"l{l}/apart", self.batch, model.heads, self.count, model.size)], f"l{l}/context4")
        return self.merged(context, l)

    def three(self, name, x, rows=None, columns=None):
        """[B*H, rows, columns] as a shape."""
        if x is not None:
            return self.joined(name + "_shape", -1, self.size(x, 2, name + "_rows"), self.model.size)
        return self.joined(name + "_shape", -1, rows, columns)

    def merged(self, context, l):
        tokens = self.op("Transpose", [context], f"l{l}/tokens", perm=[0, 2, 1, 3])
        return self.op("Reshape", [tokens, self.longs(0, 0, self.model.heads * self.model.size)], f"l{l}/flat")

    def cache_names(self, l):
        present = [self.way.names[2].format(l), self.way.names[3].format(l)]
        for name in present:
            self.output(name, self.way.floats, "batch", self.model.kv_heads, "total", self.model.size)
        return [n.format(l) for n in self.way.names[:2]], present

    def gqa(self, l, q, k, v):
        way, model = self.way, self.model
        if model.positions == "rotary" and not way.rotary_inside:
            if way.rotary_operator:
                q, k = self.rotated(q, f"l{l}/q"), self.rotated(k, f"l{l}/k")
            else:
                q, k, _ = self.turned_heads(l, q, k, v)
                q, k = (self.op("Reshape", [self.op("Transpose", [x], f"l{l}/{n}_back", perm=[0, 2, 1, 3]), self.longs(0, 0, -1)], f"l{l}/{n}_flat")
                        for x, n in ((q, "q"), (k, "k")))
        past, present = self.cache_names(l)
        if not hasattr(self, "_filled") and not way.mask:
            rows = self.op("Expand", [self.op("Sub", [self.total, self.scalar(1)], "filled_last"), self.joined("rows", self.batch)], "filled_rows")
            self._filled, self._length = self.cast(rows, "i32", "filled"), self.cast(self.total, "i32", "filled_total")
        if not hasattr(self, "_filled"):
            wide = self.cast("attention_mask", "i64", "filled_mask")
            count = self.op("ReduceSum", [wide, self.longs(1)], "filled_count", keepdims=0)
            self._filled = self.cast(self.op("Sub", [count, self.scalar(1)], "filled_last"), "i32", "filled")
            self._length = self.cast(self.total, "i32", "filled_total")
        inputs = [q, k, v, *past, self._filled, self._length]
        more = {}
        if way.rotary_inside:
            cos, sin = (t.astype(np.float32) for t in model.tables())
            inputs += [self.weight("cos", cos), self.weight("sin", sin)]
            more = dict(do_rotary=1, rotary_interleaved=int(model.interleaved))
            if way.position_input:
                inputs += [self.places()]
        if way.bias_inside:
            inputs += [""] * (10 - len(inputs)) + [self.bias()]
        if model.sinks == "given":
            inputs += [""] * (11 - len(inputs)) + [self.weight(f"{l}.sinks")]
        if model.sinks == "zero":
            more["smooth_softmax"] = 1
        if model.softcap:
            more["softcap"] = model.softcap
        if model.window:
            more["local_window_size"] = model.window
        return self.op("GroupQueryAttention", inputs, f"l{l}/context", domain=CONTRIB,
                       outputs=[f"l{l}/context", *present], num_heads=model.heads, kv_num_heads=model.kv_heads, **more)

    def mha(self, l, q, k, v):
        way, model = self.way, self.model
        if model.positions == "rotary":
            q, k, _ = self.turned_heads(l, q, k, v)
            q, k = (self.op("Reshape", [self.op("Transpose", [x], f"l{l}/{n}_back", perm=[0, 2, 1, 3]), self.longs(0, 0, -1)], f"l{l}/{n}_flat")
                    for x, n in ((q, "q"), (k, "k")))
        if way.appended:
            apart = self.op("Reshape", [k, self.longs(0, 0, model.kv_heads, model.size)], f"l{l}/k_apart_again")
            k4 = self.op("Transpose", [apart], f"l{l}/k_again", perm=[0, 2, 1, 3])
            keys, values = self.grown(l, k4, self.split(v, model.kv_heads, f"l{l}/v_heads_again"))
            return self.op("MultiHeadAttention", [q, keys, values, "", "", self.bias()], f"l{l}/context",
                           domain=CONTRIB, num_heads=model.heads)
        past, present = self.cache_names(l)
        masks = ["", self.bias()] if way.bias_mask else [self.small_mask(), ""]
        return self.op("MultiHeadAttention", [q, k, v, "", *masks, *past], f"l{l}/context", domain=CONTRIB,
                       outputs=[f"l{l}/context", *present], num_heads=model.heads, unidirectional=int(not way.bias_mask))

    def small_mask(self):
        if not hasattr(self, "_small_mask"):
            self._small_mask = self.cast("attention_mask", "i32", "mask_as_int32")
        return self._small_mask

    def contrib(self, l, h):
        """The operator of ONNX Runtime's own GPT-2, projection and stacked cache inside."""
        way, model, w = self.way, self.model, self.model.weights
        both = np.concatenate([w[f"{l}.{x}"] for x in "qkv"], 1)
        bias = np.zeros(both.shape[1], np.float32)
        self.output(f"present_{l}", way.floats, 2, "batch", model.kv_heads, "total", model.size)
        return self.op("Attention", [h, self.weight(f"{l}.qkv", both), self.weight("no_bias", bias), self.small_mask(), f"past_{l}"],
                       f"l{l}/context", domain=CONTRIB, outputs=[f"l{l}/context", f"present_{l}"],
                       num_heads=model.heads, unidirectional=1)

    def standard(self, l, q, k, v):
        """Attention of opset 23."""
        way, model = self.way, self.model
        heads = self.turned_heads(l, q, k, v)
        more = {"softcap": model.softcap} if model.softcap else {}
        if way.causal:
            more["is_causal"] = 1
        mask = "" if way.causal else self.bias()
        if way.appended:
            q, (k, v) = heads[0], self.grown(l, *heads[1:])
            context = self.op("Attention", [q, k, v, mask], f"l{l}/context4", **more)
            return self.merged(context, l)
        past, present = self.cache_names(l)
        if way.flat_heads:
            heads = [self.op("Reshape", [self.op("Transpose", [x], f"l{l}/{n}_back", perm=[0, 2, 1, 3]), self.longs(0, 0, -1)], f"l{l}/{n}_flat")
                     for x, n in zip(heads, "qkv")]
            more.update(q_num_heads=model.heads, kv_num_heads=model.kv_heads)
        context = self.op("Attention", [*heads, mask, *past], f"l{l}/context4", outputs=[f"l{l}/context4", *present], **more)
        return context if way.flat_heads else self.merged(context, l)

    # ---- files

    def proto(self, name):
        return helper.make_graph(self.nodes, name, self.inputs, self.outputs, list(self.constants.values()))

    def model_proto(self):
        sets = [helper.make_opsetid("", self.way.opset)]
        if any(n.domain == CONTRIB for n in self.nodes):
            sets.append(helper.make_opsetid(CONTRIB, 1))
        return helper.make_model(self.proto("decoder"), opset_imports=sets, ir_version=7 if self.way.opset < 17 else 10)


def quantised(weight, bits):
    """Blocks of 16 along K: numbers [N, K/16, 16*bits/8] and scales [N*K/16], around the middle as zero."""
    k, n = weight.shape
    blocks = weight.T.reshape(n, k // 16, 16)
    middle = 1 << (bits - 1)
    scales = np.abs(blocks).max(-1) / (middle - 1)
    numbers = np.clip(np.round(blocks / scales[..., None]) + middle, 0, 2 * middle - 1).astype(np.uint8)
    if bits == 4:
        numbers = numbers[..., 0::2] | (numbers[..., 1::2] << 4)
    return numbers, scales.astype(np.float32).reshape(-1)


def dequantised(weight, bits):
    """What the numbers of `quantised` stand for."""
    k, n = weight.shape
    blocks = weight.T.reshape(n, k // 16, 16)
    middle = 1 << (bits - 1)
    scales = (np.abs(blocks).max(-1) / (middle - 1)).astype(np.float32)
    numbers = np.clip(np.round(blocks / scales[..., None]), -middle, middle - 1)
    return (numbers * scales[..., None]).reshape(n, k).T.astype(np.float32)


def merged(model, way):
    """Optimum's merged decoder: one branch with a past and one without."""
    with_past = Graph(model, way, "past/").write()
    plain_way = Way(**{**vars(way), "past": False})
    without = Graph(model, plain_way, "first/").write()
    outputs = [o.name[len("past/"):] for o in with_past.outputs]
    bodies = []
    for graph in (with_past, without):
        body = graph.proto("body")
        del body.input[:]
        bodies.append(body)
    node = helper.make_node("If", ["use_cache_branch"], outputs, name="decoders",
                            then_branch=bodies[0], else_branch=bodies[1])
    inputs = with_past.inputs + [helper.make_tensor_value_info("use_cache_branch", TensorProto.BOOL, [1])]
    infos = []
    for o in with_past.outputs:
        info = onnx.ValueInfoProto()
        info.CopyFrom(o)
        info.name = o.name[len("past/"):]
        infos.append(info)
    graph = helper.make_graph([node], "merged", inputs, infos)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", way.opset)], ir_version=10)
