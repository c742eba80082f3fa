"""Tiny random Hugging Face folders whose matrices are packed as GPTQ, AWQ and compressed-tensors pack them.

    python make.py                 make every folder beside this script
    python make.py gptq-4 awq      make these only

Needs torch, safetensors and transformers 4.57.6; no quantizer. The weights are our own seeded random numbers, rounded to
nearest; the packing is written here from the public descriptions of the formats. Each folder gets config.json with its
quantization_config, model.safetensors, and reference.json: token ids and the logits of the original transformers class
(CPU, float32) with the matrices set to (q - zero) * scale, computed in float32.

Nothing packed here is read back by the code that packed it: the figures come from q, zero and scale before packing.
"""

import json
import pathlib
import sys
import zlib

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM

HERE = pathlib.Path(__file__).parent
TOKENS = dict(bos_token_id=1, eos_token_id=2, pad_token_id=0)
LLAMA = dict(model_type="llama", architectures=["LlamaForCausalLM"], vocab_size=40, hidden_size=64, intermediate_size=96,
             num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64,
             tie_word_embeddings=False, **TOKENS)
QWEN2 = dict(LLAMA, model_type="qwen2", architectures=["Qwen2ForCausalLM"])
MIXTRAL = dict(LLAMA, model_type="mixtral", architectures=["MixtralForCausalLM"], num_local_experts=3,
               num_experts_per_tok=2, sliding_window=None)
KEPT = {*LLAMA, *MIXTRAL, "rms_norm_eps", "rope_theta", "hidden_act", "head_dim", "attention_bias", "mlp_bias"}
AWQ_ORDER = [0, 2, 4, 6, 1, 3, 5, 7]
CASES = {}


def case(name, note, layout, settings, bits, group, zero="any", order="plain", model=LLAMA, **options):
    CASES[name] = dict(note=note, layout=layout, settings=settings, bits=bits, group=group, zero=zero, order=order,
                       model=model, options=options)


def gptq_settings(bits, group, **more):
    return dict(quant_method="gptq", bits=bits, group_size=group, desc_act=False, sym=False, checkpoint_format="gptq",
                damp_percent=0.01, true_sequential=True) | more


def awq_settings(group, version):
    return dict(quant_method="awq", bits=4, group_size=group, zero_point=True, version=version, modules_to_not_convert=None)


def compressed_settings(bits, group, symmetric):
    weights = dict(num_bits=bits, type="int", symmetric=symmetric, strategy="channel" if group == -1 else "group",
                   group_size=None if group == -1 else group, dynamic=False, actorder=None, block_structure=None,
                   observer="minmax", observer_kwargs={})
    return dict(quant_method="compressed-tensors", format="pack-quantized", ignore=["lm_head"], kv_cache_scheme=None,
                quantization_status="compressed", global_compression_ratio=None,
                config_groups=dict(group_0=dict(targets=["Linear"], weights=weights, input_activations=None,
                                                output_activations=None)))


case("gptq-4", "zeros stored less one, asymmetric, groups of 32; biases of zeros beside matrices that have none", "gptq",
     gptq_settings(4, 32), 4, 32, less_one=True, zero_biases=True)
case("gptq-4-symmetric", "zeros of 8 in every group, groups of 32, Qwen2 with biases", "gptq", gptq_settings(4, 32, sym=True), 4,
     32, zero="middle", model=QWEN2, less_one=True)
case("gptq-4-v2", "gptq_v2: zeros as they are, 0 and 15 among them", "gptq", gptq_settings(4, 16, checkpoint_format="gptq_v2"), 4,
     16, less_one=False)
case("gptq-4-rows", "group_size -1: one group over 64 and over 96 inputs", "gptq", gptq_settings(4, -1), 4, -1, less_one=True)
case("gptq-4-act-order", "desc_act: inputs in groups of 32 in another order", "gptq", gptq_settings(4, 32, desc_act=True), 4, 32,
     order="any", less_one=True)
case("gptq-8", "8 bits, groups of 32", "gptq", gptq_settings(8, 32), 8, 32, less_one=True)
case("gptq-3", "3 bits, which lie across words", "gptq", gptq_settings(3, 32), 3, 32, less_one=True)
case("gptq-2", "2 bits", "gptq", gptq_settings(2, 32), 2, 32, less_one=True)
case("gptq-4-experts", "Mixtral, each expert packed by itself", "gptq", gptq_settings(4, 16), 4, 16, model=MIXTRAL, less_one=True)
case("awq", "gemm: outputs interleaved", "awq", awq_settings(32, "gemm"), 4, 32)
case("awq-gemv", "gemv: groups filled up to 32 in a row", "gemv", awq_settings(32, "gemv"), 4, 32)
case("compressed-4", "symmetric, groups of 32", "compressed", compressed_settings(4, 32, True), 4, 32, zero="middle")
case("compressed-4-zeros", "with zero points", "compressed", compressed_settings(4, 32, False), 4, 32)
case("compressed-8-channel", "8 bits, one group a row", "compressed", compressed_settings(8, -1, True), 8, -1, zero="middle")


# ---------------------------------------------------------------------------------------------- rounding


def quantize(weight, bits, group, zero, order, generator):
    """q [out,in], zero [out,groups], scale f16 [out,groups], and the group of each input."""
    out, inputs = weight.shape
    size = inputs if group == -1 else group
    groups = (inputs + size - 1) // size
    belongs = torch.arange(inputs) // size
    if order == "any":
        belongs = belongs[torch.randperm(inputs, generator=generator)]
    top = 2 ** bits - 1
    scales = torch.zeros(out, groups, dtype=torch.float16)
    zeros = torch.zeros(out, groups, dtype=torch.int64)
    codes = torch.zeros(out, inputs, dtype=torch.int64)
    for g in range(groups):
        columns = (belongs == g).nonzero()[:, 0]
        part = weight[:, columns]
        if zero == "middle":
            scale = (part.abs().amax(1) * 2 / top).half()
            middle = torch.full((out,), 2 ** (bits - 1))
        else:
            low, high = part.amin(1).clamp(max=0), part.amax(1).clamp(min=0)
            scale = ((high - low) / top).half()
            middle = torch.round(-low / scale.float()).long()
            # The first format of GPTQ has no place for 0.
            middle = middle.clamp(1 if zero == "positive" else 0, top)
        scales[:, g], zeros[:, g] = scale, middle
        codes[:, columns] = (torch.round(part / scale.float()[:, None]).long() + middle[:, None]).clamp(0, top)
    return codes, zeros, scales, belongs


# ---------------------------------------------------------------------------------------------- packing


def words(numbers, bits, order=None):
    """Packs along the last axis: one stream of bits, the first number lowest."""
    if order is not None:
        count = numbers.shape[-1]
        numbers = numbers.reshape(*numbers.shape[:-1], count // 8, 8)[..., order].reshape(*numbers.shape[:-1], count)
    lead, count = numbers.shape[:-1], numbers.shape[-1]
    spread = (numbers[..., None] >> torch.arange(bits)) & 1
    stream = spread.reshape(*lead, count * bits)
    missing = -stream.shape[-1] % 32
    stream = torch.nn.functional.pad(stream, (0, missing)).reshape(*lead, -1, 32)
    value = (stream << torch.arange(32)).sum(-1)
    return torch.where(value >= 2 ** 31, value - 2 ** 32, value).to(torch.int32)


def gptq(name, parts, bits, options):
    codes, zeros, scales, belongs = parts
    stored = zeros - 1 if options["less_one"] else zeros
    return {name + ".qweight": words(codes, bits).T, name + ".qzeros": words(stored.T, bits), name + ".scales": scales.T,
            name + ".g_idx": belongs.to(torch.int32)}


def awq(name, parts, bits, options):
    codes, zeros, scales, _ = parts
    return {name + ".qweight": words(codes.T, bits, AWQ_ORDER), name + ".qzeros": words(zeros.T, bits, AWQ_ORDER),
            name + ".scales": scales.T}


def gemv(name, parts, bits, options):
    codes, zeros, scales, _ = parts
    missing = -zeros.shape[1] % 32
    return {name + ".qweight": words(codes, bits), name + ".qzeros": words(torch.nn.functional.pad(zeros, (0, missing)), bits),
            name + ".scales": torch.nn.functional.pad(scales, (0, missing))}


def compressed(name, parts, bits, options):
    codes, zeros, scales, _ = parts
    packed = {name + ".weight_packed": words(codes, bits), name + ".weight_scale": scales,
              name + ".weight_shape": torch.tensor(codes.shape)}
    if not (zeros == 2 ** (bits - 1)).all():
        packed[name + ".weight_zero_point"] = words(zeros.T, bits).T
    return packed


LAYOUTS = dict(gptq=gptq, awq=awq, gemv=gemv, compressed=compressed)


# ---------------------------------------------------------------------------------------------- folders


def is_packed(name, module):
    return isinstance(module, torch.nn.Linear) and name != "lm_head" and not name.endswith(".gate")


def make(name):
    setting = CASES[name]
    torch.manual_seed(zlib.crc32(name.encode()))
    generator = torch.Generator().manual_seed(1)
    config = AutoConfig.for_model(**setting["model"])
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").float().eval()
    for parameter in model.parameters():
        centre = 1.0 if parameter.dim() == 1 else 0.0
        spread = 0.2 if parameter.dim() == 1 else 1.5 * parameter.shape[-1] ** -0.5
        parameter.data = (centre * (parameter.mean() > 0.5) + spread * torch.randn(parameter.shape)).half().float()
    tensors = {}
    packed = {n for n, m in model.named_modules() if is_packed(n, m)}
    for module in sorted(packed):
        linear = model.get_submodule(module)
        less_one = setting["options"].get("less_one", False)
        zero = "positive" if less_one and setting["zero"] == "any" else setting["zero"]
        parts = quantize(linear.weight.data, setting["bits"], setting["group"], zero, setting["order"], generator)
        codes, zeros, scales, belongs = parts
        linear.weight.data = (codes - zeros[:, belongs]).float() * scales.float()[:, belongs]
        tensors |= LAYOUTS[setting["layout"]](module, parts, setting["bits"], setting["options"])
        if setting["options"].get("zero_biases"):
            tensors[module + ".bias"] = torch.zeros(linear.out_features, dtype=torch.float16)
    for key, value in model.state_dict().items():
        if key.rsplit(".", 1)[0] not in packed or key.endswith(".bias"):
            tensors[key] = value.half()
    ids = torch.randint(3, config.vocab_size, (1, 14))
    with torch.no_grad():
        logits = model(ids).logits[0]
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    save_file({key: value.contiguous() for key, value in tensors.items()}, folder / "model.safetensors",
              metadata=dict(format="pt"))
    described = {k: v for k, v in config.to_dict().items() if v is not None and k in KEPT}
    described["quantization_config"] = setting["settings"]
    (folder / "config.json").write_text(json.dumps(described, indent=1, sort_keys=True) + "\n")
    (folder / "reference.json").write_text(json.dumps(dict(
        note=setting["note"], input_ids=ids[0].tolist(), logits=[[float("%.7g" % x) for x in row] for row in logits.tolist()]))
        + "\n")
    print(name, len(packed), "matrices", sum(f.stat().st_size for f in folder.iterdir()), "bytes")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or CASES:
        make(chosen)
