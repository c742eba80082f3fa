"""Trains small SentencePiece models and writes what Python makes of our texts with them.

    python3 make_sentencepiece.py            (needs sentencepiece 0.2, transformers 4.57, protobuf)

Models go to models/NAME.model (kept if there), figures to figures/NAME.json.
`plain` is the library's own processor; `llama_legacy`, `llama` and `gemma` are the slow tokenizers of transformers.
"""
import hashlib, importlib.metadata, json, os, random, sys, tempfile, warnings

version = importlib.metadata.version  # transformers pins huggingface-hub, which tokenizers do not need
importlib.metadata.version = lambda n: "0.36.0" if n.replace("_", "-") == "huggingface-hub" else version(n)
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
warnings.simplefilter("ignore")
import sentencepiece as spm
from texts import HERE, LONG, TEXTS, corpus

RULES = "FB01\t66 69\nFB02\t66 6C\n" + "".join(f"{0xFF01 + i:X}\t{0x21 + i:X}\n" for i in range(94)) + "3000\t20\nA0\t20\n9\t20\nA\t20\n65 301\tE9\n41 30A\tC5\nFF76 FF9E\t30AC\nAD\t\n212B\tC5\n"
COMMON = dict(vocab_size=420, character_coverage=0.98, hard_vocab_limit=False, minloglevel=2, num_threads=1, max_sentence_length=100000)
MODELS = {
    "llama": dict(model_type="bpe", byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False, split_digits=True, allow_whitespace_only_pieces=True, user_defined_symbols=["<tool>", "word"]),
    "gemma": dict(model_type="bpe", byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=False, split_digits=True, allow_whitespace_only_pieces=True,
                  pad_id=0, eos_id=1, bos_id=2, unk_id=3, bos_piece="<bos>", eos_piece="<eos>", user_defined_symbols=["<|im|>", "\n", "\n\n", "▁▁", "▁▁▁▁"]),
    "unigram": dict(model_type="unigram", byte_fallback=True, normalization_rule_name="nmt_nfkc", user_defined_symbols=["<tool>", "ünïq"]),
    "unknown": dict(model_type="unigram", normalization_rule_name="identity", control_symbols=["<mask>"], split_by_whitespace=False),
    "rules": dict(model_type="bpe", rules=True, control_symbols=["<mask>"]),
}


def train(name, options):
    file = f"{HERE}/models/{name}.model"
    if os.path.exists(file):
        return file
    os.makedirs(HERE + "/models", exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        options = dict(COMMON, **options)
        if options.pop("rules", False):
            open(folder + "/rules.tsv", "w").write(RULES)
            options["normalization_rule_tsv"] = folder + "/rules.tsv"
        os.chdir(folder)
        spm.SentencePieceTrainer.train(sentence_iterator=iter(corpus()), model_prefix="m", **options)
        import sentencepiece.sentencepiece_model_pb2 as pb
        model = pb.ModelProto.FromString(open("m.model", "rb").read())
        model.trainer_spec.model_prefix = name
        model.normalizer_spec.normalization_rule_tsv = ""
        open(file, "wb").write(model.SerializeToString())
        os.chdir(HERE)
    return file


def ids_hash(ids):
    return [len(ids), hashlib.sha256(" ".join(map(str, ids)).encode()).hexdigest()[:16]]


def figures(encode, decode, size, seed):
    """ids of the short texts, their decoded texts where these differ, long texts as count and hash, random ids decoded."""
    ids = [encode(t) for t in TEXTS]
    rng = random.Random(seed)
    decoded = {i: decode(x) for i, x in enumerate(ids) if decode(x) != TEXTS[i]}
    lucky = [[rng.randrange(size) for _ in range(rng.randrange(1, 25))] for _ in range(60)]
    # Runs of low ids, where the bytes are, show what becomes of broken characters.
    lucky += [[rng.randrange(min(size, 262)) for _ in range(rng.randrange(1, 25))] for _ in range(40)]
    return {"ids": ids, "decoded": decoded, "long": [ids_hash(encode(a * n)) for a, n in LONG], "random": [[x, decode(x)] for x in lucky]}


def transformers_figures(cls, file, **options):
    tokenizer = cls(file, **options)
    special = set(tokenizer.all_special_ids)
    result = figures(lambda t: tokenizer(t)["input_ids"], lambda x: "", len(tokenizer), 2)
    return {"ids": result["ids"], "long": result["long"], "special": sorted(special)}


def main():
    os.makedirs(HERE + "/figures", exist_ok=True)
    from transformers import GemmaTokenizer, LlamaTokenizer
    for name, options in MODELS.items():
        file = train(name, options)
        sp = spm.SentencePieceProcessor(model_file=file)
        out = {"made_by": "sentencepiece %s, transformers %s" % (spm.__version__, version("transformers"))}
        out["plain"] = figures(sp.encode, sp.decode, sp.get_piece_size(), 1)
        if name in ("llama", "unigram", "rules"):
            out["llama_legacy"] = transformers_figures(LlamaTokenizer, file, legacy=True)
            out["llama"] = transformers_figures(LlamaTokenizer, file, legacy=False)
        if name == "gemma":
            out["gemma"] = transformers_figures(GemmaTokenizer, file)
        json.dump(out, open(f"{HERE}/figures/sp-{name}.json", "w"), ensure_ascii=True, separators=(",", ":"))
        print(name, sp.get_piece_size(), os.path.getsize(file), os.path.getsize(f"{HERE}/figures/sp-{name}.json"))


main()
