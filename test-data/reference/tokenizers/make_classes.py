"""What transformers makes of our texts from vocab.json and merges.txt (those of models/gpt2.tokenizer.json) by class.

    python3 make_classes.py            (needs transformers 4.57, tokenizers 0.22)

Figures go to figures/classes.json: per case the files beside the vocabulary and the ids of each text. transformers 4.57
cannot read these files as GPTNeoXTokenizer; its rules are those of the tokenizer.json that the models themselves have.
"""
import importlib.metadata, json, os, tempfile

version = importlib.metadata.version
importlib.metadata.version = lambda n: "0.36.0" if n.replace("_", "-") == "huggingface-hub" else version(n)
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
from tokenizers import Tokenizer, normalizers
from transformers import AutoTokenizer
from texts import HERE, TEXTS

SPECIAL = {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
token = lambda content, **flags: dict(dict(content=content, lstrip=False, rstrip=False, normalized=False, single_word=False, special=True), **flags)
CASES = {
    "gpt2": {"tokenizer_config.json": {"tokenizer_class": "GPT2Tokenizer"}},
    "gpt2_prefix": {"tokenizer_config.json": {"tokenizer_class": "GPT2TokenizerFast", "add_prefix_space": True}},
    "opt": {"tokenizer_config.json": {"tokenizer_class": "GPT2Tokenizer", "add_bos_token": True, "bos_token": "<s>", "eos_token": "<s>", "unk_token": "<s>", "pad_token": "<pad>"}},
    "codegen": {"tokenizer_config.json": {"tokenizer_class": "CodeGenTokenizer"}},
    "qwen2": {"tokenizer_config.json": {"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|im|>", "unk_token": None, "pad_token": None,
              "added_tokens_decoder": {"377": token("<|im|>"), "378": token("<tool>", special=False), "379": token("<mask>", lstrip=True, rstrip=True), "380": token("word", single_word=True, special=False)}}},
    "legacy": {"tokenizer_config.json": {"tokenizer_class": "Qwen2Tokenizer"}, "added_tokens.json": {"<|im|>": 377, "<tool>": 378},
               "special_tokens_map.json": {"eos_token": "<|im|>", "unk_token": None, "pad_token": None, "additional_special_tokens": ["<|im|>", token("<mask>", lstrip=True)]}},
    "model_type": {"config.json": {"model_type": "qwen3"}, "tokenizer_config.json": {"eos_token": "<|endoftext|>", "unk_token": None, "pad_token": None}},
}


def main():
    raw = json.load(open(HERE + "/models/gpt2.tokenizer.json", encoding="utf-8"))["model"]
    out = {"made_by": "transformers " + version("transformers"), "cases": {}}
    for name, files in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            json.dump(raw["vocab"], open(folder + "/vocab.json", "w", encoding="utf-8"), ensure_ascii=False)
            open(folder + "/merges.txt", "w", encoding="utf-8").write("#version: 0.2\n" + "\n".join(" ".join(m) for m in raw["merges"]) + "\n")
            for file, content in files.items():
                json.dump(content, open(f"{folder}/{file}", "w"))
            t = AutoTokenizer.from_pretrained(folder)
            out["cases"][name] = {"files": files, "ids": [t(text)["input_ids"] for text in TEXTS], "eos": t.eos_token_id, "size": len(t)}
    t = Tokenizer.from_file(HERE + "/models/gpt2.tokenizer.json")
    t.normalizer = normalizers.NFC()
    out["cases"]["gpt_neox"] = {"files": {"tokenizer_config.json": {"tokenizer_class": "GPTNeoXTokenizer"}}, "ids": [t.encode(text).ids for text in TEXTS], "eos": t.token_to_id("<|endoftext|>"), "size": 377}
    json.dump(out, open(HERE + "/figures/classes.json", "w"), ensure_ascii=True, separators=(",", ":"))
    print({k: (v["eos"], v["size"], sum(map(len, v["ids"]))) for k, v in out["cases"].items()})


main()
