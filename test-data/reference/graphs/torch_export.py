"""Exports the decoder of reference.py as torch's own exporters do, from transformers' LlamaForCausalLM."""

import contextlib
import io
import logging
import warnings

import onnx
import torch
from transformers import DynamicCache, LlamaConfig, LlamaForCausalLM

LAYERS = 2


def llama(model, attention):
    config = LlamaConfig(
        vocab_size=model.vocab, hidden_size=model.hidden, intermediate_size=model.inner, num_hidden_layers=LAYERS,
        num_attention_heads=model.heads, num_key_value_heads=model.kv_heads, head_dim=model.size, rope_theta=model.theta,
        rms_norm_eps=1e-5, max_position_embeddings=model.max_positions, tie_word_embeddings=False)
    config._attn_implementation = attention
    torch_model = LlamaForCausalLM(config).eval()
    w = {k: torch.tensor(v) for k, v in model.weights.items()}
    state = {"model.embed_tokens.weight": w["embed"], "model.norm.weight": w["norm"], "lm_head.weight": w["head"].T}
    for l in range(LAYERS):
        p = f"model.layers.{l}."
        state[p + "input_layernorm.weight"] = w[f"{l}.norm"]
        state[p + "post_attention_layernorm.weight"] = w[f"{l}.norm2"]
        for x in "qkvo":
            state[f"{p}self_attn.{x}_proj.weight"] = w[f"{l}.{x}"].T
        for x in ("gate", "up", "down"):
            state[f"{p}mlp.{x}_proj.weight"] = w[f"{l}.{x}"].T
    torch_model.load_state_dict(state)
    return torch_model


class WithPast(torch.nn.Module):
    """Keys and values as inputs and outputs, the way optimum traces a decoder."""

    def __init__(self, model, own_mask, positions):
        super().__init__()
        self.model = model
        self.own_mask = own_mask
        self.positions = positions

    def forward(self, input_ids, attention_mask, *others):
        position_ids, past = (others[0], others[1:]) if self.positions else (None, others)
        cache = DynamicCache()
        for l in range(LAYERS):
            cache.update(past[2 * l], past[2 * l + 1], l)
        if self.own_mask:
            # What transformers 4.57 makes its masks with cannot be traced; earlier versions wrote them like this.
            total, fresh = attention_mask.shape[1], input_ids.shape[1]
            rows = torch.arange(total - fresh, total)[:, None]
            seen = (torch.arange(total)[None, :] <= rows)[None, None] & attention_mask[:, None, None, :].bool()
            attention_mask = torch.where(seen, 0.0, torch.finfo(torch.float32).min)
        out = self.model(input_ids=input_ids, attention_mask=attention_mask, position_ids=position_ids,
                         past_key_values=cache, use_cache=True)
        present = []
        for l in range(LAYERS):
            layer = out.past_key_values[l]
            present += [layer[0], layer[1]]
        return (out.logits, *present)


def exported(model, attention, dynamo, file, positions=True, sizes=False):
    """`positions`: an input of them; `sizes`: what the exporter says of the sizes of inner values is kept."""
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore")
    past = [torch.zeros(2, model.kv_heads, 5, model.size) for _ in range(2 * LAYERS)]
    arguments = (torch.ones(2, 3, dtype=torch.int64), torch.ones(2, 8, dtype=torch.int64),
                 *([torch.arange(5, 8).repeat(2, 1)] if positions else []), *past)
    caches = [f"{l}.{x}" for l in range(LAYERS) for x in ("key", "value")]
    first = ["input_ids", "attention_mask", "position_ids"][: len(arguments) - len(past)]
    inputs = first + [f"past_key_values.{c}" for c in caches]
    outputs = ["logits"] + [f"present.{c}" for c in caches]
    if dynamo:
        batch, sequence = torch.export.Dim("batch", max=64), torch.export.Dim("sequence", min=2, max=64)
        before = torch.export.Dim("past", max=64)
        shapes = ({0: batch, 1: sequence}, {0: batch, 1: torch.export.Dim.AUTO},
                  ({0: batch, 1: sequence}, *({0: batch, 2: before} for _ in past)))
        more = dict(dynamo=True, dynamic_shapes=shapes, external_data=False, opset_version=18)
    else:
        axes = {n: {0: "batch", 1: "total" if n == "attention_mask" else "sequence"} for n in first}
        axes.update({n: {0: "batch", 2: "past"} for n in inputs[len(first):]})
        axes["logits"] = {0: "batch", 1: "sequence"}
        axes.update({n: {0: "batch", 2: "total"} for n in outputs[1:]})
        more = dict(dynamo=False, dynamic_axes=axes, opset_version=17)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        torch.onnx.export(WithPast(llama(model, attention), not dynamo, positions), arguments, str(file),
                          input_names=inputs, output_names=outputs, **more)
    proto = onnx.load(str(file))
    # Stack traces of the machine it was made on.
    del proto.metadata_props[:]
    for node in proto.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in [*proto.graph.input, *proto.graph.output, *proto.graph.initializer]:
        del value.metadata_props[:]
    if not sizes:
        del proto.graph.value_info[:]
    for value in proto.graph.value_info:
        del value.metadata_props[:]
    del proto.graph.metadata_props[:]
    return proto
