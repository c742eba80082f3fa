"""One-node models for every operator, version and type of cuda.txt, into the folder models.

Each type variable of an operator takes every type in turn, the others one that is supported. What
stands for which model is written to manifest.txt. Needs the Python package onnx (1.23.1).
"""
import pathlib
import shutil

import onnx.defs
from onnx import helper

TABLE = pathlib.Path("../../../runtime/src/main/resources/dev/kvpress/runtime/graph/kernels/cuda.txt")
NUMBERS = dict(f32=1, u8=2, i8=3, u16=4, i16=5, i32=6, i64=7, string=8, bool=9, f16=10, f64=11, u32=12, u64=13,
               bf16=16, f8e4m3fn=17, f8e4m3fnuz=18, f8e5m2=19, f8e5m2fnuz=20, u4=21, i4=22, f4e2m1=23)
PROBED = [name for name in NUMBERS if name != "string"]
# Written with bodies or optional inputs in the middle, which need more than one line each.
LEFT_OUT = {"If", "Loop", "Scan", "SimplifiedLayerNormalization", "Scatter", "Upsample", "Resize"}
OLDEST, NEWEST = 7, 26
CONTRIB_OPSET = 18
VARIADIC = {"Max", "Min", "Sum", "Concat", "Einsum"}
TYPED = {"EyeLike", "RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike"}
ATTRIBUTES = {
    "AveragePool": dict(kernel_shape=[1, 1]), "MaxPool": dict(kernel_shape=[1, 1]), "Concat": dict(axis=0),
    "DepthToSpace": dict(blocksize=2), "SpaceToDepth": dict(blocksize=2), "Einsum": dict(equation="ij->ij"),
    "GRU": dict(hidden_size=2), "LSTM": dict(hidden_size=2), "RNN": dict(hidden_size=2), "Gather": dict(axis=0),
    "LRN": dict(size=3), "LayerNormalization": dict(axis=-1), "RandomNormal": dict(shape=[2, 2]),
    "RandomUniform": dict(shape=[2, 2]),
    "com.microsoft.Attention": dict(num_heads=2), "com.microsoft.GatherBlockQuantized": dict(block_size=32),
    "com.microsoft.GroupQueryAttention": dict(num_heads=2, kv_num_heads=1),
    "com.microsoft.MatMulBnb4": dict(K=32, N=32, block_size=32, quant_type=1),
    "com.microsoft.MatMulNBits": dict(K=32, N=32, bits=4, block_size=32),
    "com.microsoft.MultiHeadAttention": dict(num_heads=2),
}

sets = {}


def members(text):
    types = []
    for member in text.split(","):
        types += sets[member[1:]] if member.startswith("@") else [member]
    return types


def usual(operator, variables, kernels):
    """A type for each variable that a kernel takes, so that one at a time can be changed."""
    chosen = {name: "f32" for name in variables}
    for kernel in kernels:
        words = kernel.split()
        if words[0][0].isdigit():
            for word in words[1:]:
                name, types = word.split("=")
                types = members(types)
                chosen[name] = next((wanted for wanted in ("f32", "f16") if wanted in types), types[0])
            break
    return chosen


def attributes(operator, name, version, types):
    found = dict(ATTRIBUTES.get(name, {}))
    if operator == "Cast":
        found["to"] = NUMBERS[types["T2"]]
    elif operator == "ConstantOfShape":
        found["value"] = helper.make_tensor("value", NUMBERS[types["T2"]], [1], [1])
    elif operator in TYPED:
        found["dtype"] = NUMBERS[types.get("T2", types.get("T"))]
    # Older definitions have attributes where newer ones have inputs.
    elif operator in ("Squeeze", "Unsqueeze") and version < 13:
        found["axes"] = [0]
    elif operator == "Slice" and version < 10:
        found.update(starts=[0], ends=[1])
    elif operator == "Pad" and version < 11:
        found["pads"] = [0, 0, 0, 0]
    elif operator == "TopK" and version < 10:
        found["k"] = 1
    return found


def model(domain, operator, version, inputs, outputs, types):
    def info(prefix, index, formal):
        formal = formal.rstrip("*")
        return helper.make_tensor_value_info(f"{prefix}{index}", NUMBERS[types.get(formal, formal)], None)

    standard = domain == "ai.onnx"
    taken = [info("in", i, formal) for i, formal in enumerate(inputs)]
    given = [info("out", i, formal) for i, formal in enumerate(outputs)]
    name = operator if standard else f"{domain}.{operator}"
    node = helper.make_node(operator, [i.name for i in taken], [o.name for o in given],
                            domain="" if standard else domain, **attributes(operator, name, version, types))
    opset = version if standard else CONTRIB_OPSET
    imports = [helper.make_opsetid("", opset)] + ([] if standard else [helper.make_opsetid(domain, 1)])
    graph = helper.make_graph([node], "node", taken, given)
    return helper.make_model(graph, opset_imports=imports, ir_version=11 if opset >= 25 else 10)


def used(domain, operator, version, inputs, outputs):
    """Inputs without the optional ones of standard operators, and as many outputs as must be there."""
    if domain == "ai.onnx":
        schema = onnx.defs.get_schema(operator, version, "")
        needed = max(schema.min_input, 1 if schema.max_input and inputs else 0)
        inputs = ["T"] if operator in VARIADIC else inputs[:needed]
    return inputs, outputs[:{"TopK": 2, "GroupQueryAttention": 3}.get(operator, 1)]


def main():
    folder = pathlib.Path("models")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    count = 0
    with open("manifest.txt", "w") as manifest:
        for line in TABLE.read_text().splitlines():
            if line.startswith("set "):
                _, name, text = line.split(" ")
                sets[name] = members(text)
            if not line or line.startswith(("#", "set ")):
                continue
            fields = [field.strip() for field in line.split("|")]
            domain, operator = fields[0].rsplit(".", 1)
            if domain == "ai.onnx" and operator in LEFT_OUT:
                continue
            signature = [side.split() for side in fields[2].split(">")]
            variables = sorted({formal.rstrip("*") for side in signature for formal in side if formal[0].isupper()})
            for version in map(int, fields[1].split(",")):
                if domain == "ai.onnx" and not OLDEST <= version <= NEWEST:
                    continue
                inputs, outputs = used(domain, operator, version, *signature)
                base = usual(operator, variables, fields[3:])
                seen = [base] if not variables else []
                for variable in variables:
                    for name in PROBED:
                        changed = base | {variable: name}
                        if changed not in seen:
                            seen.append(changed)
                for types in seen:
                    try:
                        made = model(domain, operator, version, inputs, outputs, types)
                    except (TypeError, ValueError):
                        continue  # onnx cannot write a constant of this type
                    file = f"{count:05d}.onnx"
                    (folder / file).write_bytes(made.SerializeToString())
                    shown = ",".join(f"{name}={types[name]}" for name in sorted(types))
                    manifest.write(f"{file}\t{fields[0]}\t{version}\t{shown}\n")
                    count += 1
    print(count, "models")


if __name__ == "__main__":
    main()
