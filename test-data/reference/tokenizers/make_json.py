"""Trains small tokenizers of every common build and writes what Python makes of our texts with them.

    python3 make_json.py            (needs tokenizers 0.22)

Tokenizers go to models/NAME.tokenizer.json (kept if there), figures to figures/json-NAME.json: ids without the special
tokens around them, the ids of these, decoded texts without special tokens.
"""
import base64, hashlib, json, os, random
from tokenizers import AddedToken, Regex, Tokenizer, __version__, decoders, models, normalizers, pre_tokenizers, processors, trainers
from texts import HERE, LONG, TEXTS, corpus

BYTES = pre_tokenizers.ByteLevel.alphabet()
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
FALLBACK = [f"<0x{b:02X}>" for b in range(256)]
LLAMA_DECODER = lambda: decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])


def bpe(special, size=120, alphabet=BYTES, **model):
    t = Tokenizer(models.BPE(**model))
    t.trainer = lambda: trainers.BpeTrainer(vocab_size=len(special) + (256 if alphabet else 300) + size, special_tokens=special, initial_alphabet=alphabet, show_progress=False, limit_alphabet=280, **{k: v for k, v in model.items() if k == "end_of_word_suffix"})
    return t


def byte_level(special, **model):
    t = bpe(special, **model)
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    return t


def split_bytes(regex):
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(regex), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def begin(t, token):
    t.post = lambda: processors.TemplateProcessing(single=f"{token} $A", pair=f"{token} $A $B", special_tokens=[(token, t.token_to_id(token))])


def gpt2():
    return byte_level(["<|endoftext|>"])


def llama3():
    t = byte_level(["<s>", "</s>"], ignore_merges=True)
    t.pre_tokenizer = split_bytes(LLAMA3)
    t.post = lambda: processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 0)])])
    return t


def qwen2():
    t = byte_level([])
    t.normalizer = normalizers.NFC()
    t.pre_tokenizer = split_bytes(QWEN2)
    t.extra = [AddedToken("<|im|>", special=True, normalized=False), AddedToken("<tool>", special=False, normalized=False)]
    return t


def metaspace_first():
    t = bpe(["<unk>", "<s>", "</s>"] + FALLBACK, alphabet=[], byte_fallback=True, fuse_unk=True, unk_token="<unk>")
    t.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    t.train_with = pre_tokenizers.Metaspace(prepend_scheme="first", split=True)
    t.decoder = LLAMA_DECODER()
    begin(t, "<s>")
    return t


def metaspace_always():
    t = Tokenizer(models.Unigram())
    t.trainer = lambda: trainers.UnigramTrainer(vocab_size=420, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False)
    charsmap = open(HERE + "/models/charsmap.bin", "rb").read()
    t.normalizer = normalizers.Sequence([normalizers.Precompiled(charsmap), normalizers.Strip(left=False, right=True), normalizers.Replace(Regex(" {2,}"), "▁")])
    t.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    t.decoder = decoders.Metaspace(prepend_scheme="always")
    t.post = lambda: processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    return t


def metaspace_never():
    t = bpe(["<unk>"], alphabet=[], unk_token="<unk>")
    t.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    t.decoder = decoders.Metaspace(prepend_scheme="never")
    return t


def llama_legacy():
    t = bpe(["<unk>", "<s>", "</s>"] + FALLBACK, alphabet=[], byte_fallback=True, fuse_unk=True, unk_token="<unk>")
    t.train_with = pre_tokenizers.Metaspace()
    t.after_normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    t.decoder = LLAMA_DECODER()
    begin(t, "<s>")
    return t


def gemma():
    t = bpe(["<pad>", "<eos>", "<bos>", "<unk>"] + FALLBACK, alphabet=[], byte_fallback=True, fuse_unk=True, unk_token="<unk>")
    t.train_with = pre_tokenizers.Metaspace(prepend_scheme="never")
    t.after_normalizer = normalizers.Replace(" ", "▁")
    t.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    t.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    t.extra = [AddedToken("\n\n", normalized=False), AddedToken("▁▁", normalized=False), AddedToken("<|im|>", normalized=False, special=True)]
    begin(t, "<bos>")
    return t


def wordpiece():
    t = Tokenizer(models.WordPiece(unk_token="<unk>", max_input_chars_per_word=30))
    t.trainer = lambda: trainers.WordPieceTrainer(vocab_size=420, special_tokens=["<pad>", "<unk>", "<mask>"], show_progress=False)
    t.normalizer = normalizers.BertNormalizer()
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece()
    return t


def wordlevel():
    t = Tokenizer(models.WordLevel(unk_token="<unk>"))
    t.trainer = lambda: trainers.WordLevelTrainer(vocab_size=300, special_tokens=["<unk>", "<s>"], show_progress=False)
    t.pre_tokenizer = pre_tokenizers.Whitespace()
    return t


def added():
    t = byte_level(["<s>", "</s>"])
    t.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    t.extra = [AddedToken("<mask>", lstrip=True, special=True, normalized=False), AddedToken("<tool>", rstrip=True, normalized=False), AddedToken("word", single_word=True, normalized=False),
               AddedToken("Ünïq", normalized=True), AddedToken("<|im|>", lstrip=True, rstrip=True, special=True, normalized=True)]
    begin(t, "<s>")
    return t


def suffix():
    t = bpe(["<unk>"], alphabet=[], unk_token="<unk>", end_of_word_suffix="</w>")
    t.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()])
    t.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    t.decoder = decoders.BPEDecoder("</w>")
    return t


def code():
    t = byte_level(["<|endoftext|>"])
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False), pre_tokenizers.Split(Regex("[0-9][0-9][0-9]"), "isolated")])
    return t


def prefix_space():
    t = byte_level(["<s>", "</s>"])
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    t.post = lambda: processors.RobertaProcessing(("</s>", 1), ("<s>", 0))
    return t


def build(make):
    file = f"{HERE}/models/{make.__name__}.tokenizer.json"
    if not os.path.exists(file):
        spec = make()
        words = spec.pre_tokenizer
        if getattr(spec, "train_with", None):
            spec.pre_tokenizer = spec.train_with
        spec.train_from_iterator(corpus(), spec.trainer())
        raw = json.loads(spec.to_str())
        raw["added_tokens"] = [a for a in raw["added_tokens"] if a["content"] not in FALLBACK]  # bytes are plain pieces
        t = Tokenizer.from_str(json.dumps(raw))
        if getattr(spec, "train_with", None):
            t.pre_tokenizer = words
            if words is None:
                raw = json.loads(t.to_str()); raw["pre_tokenizer"] = None; t = Tokenizer.from_str(json.dumps(raw))
        if getattr(spec, "after_normalizer", None):
            t.normalizer = spec.after_normalizer
        spec.token_to_id = t.token_to_id
        if getattr(spec, "post", None):
            t.post_processor = spec.post()
        t.add_tokens(getattr(spec, "extra", []))
        open(file, "w", encoding="utf-8").write(json.dumps(json.loads(t.to_str()), ensure_ascii=False, separators=(",", ":")))
    return Tokenizer.from_file(file)


def ids_hash(ids):
    return [len(ids), hashlib.sha256(" ".join(map(str, ids)).encode()).hexdigest()[:16]]


def main():
    from sentencepiece import sentencepiece_model_pb2 as pb
    model = pb.ModelProto.FromString(open(HERE + "/models/rules.model", "rb").read())
    open(HERE + "/models/charsmap.bin", "wb").write(model.normalizer_spec.precompiled_charsmap)
    for make in (gpt2, llama3, qwen2, metaspace_first, metaspace_always, metaspace_never, llama_legacy, gemma, wordpiece, wordlevel, added, suffix, code, prefix_space):
        t = build(make)
        encode = lambda text: t.encode(text, add_special_tokens=False).ids
        ids = [encode(text) for text in TEXTS]
        framed = t.encode("a").ids
        plain = encode("a")
        at = next(i for i in range(len(framed)) if framed[i:i + len(plain)] == plain)
        decoded = {i: t.decode(x) for i, x in enumerate(ids) if t.decode(x) != TEXTS[i]}
        rng = random.Random(3)
        size = t.get_vocab_size()
        lucky = [[rng.randrange(size) for _ in range(rng.randrange(1, 25))] for _ in range(60)]
        lucky += [[rng.randrange(min(size, 262)) for _ in range(rng.randrange(1, 25))] for _ in range(40)]
        out = {"made_by": "tokenizers " + __version__, "opening": framed[:at], "closing": framed[at + len(plain):], "ids": ids, "decoded": decoded,
               "long": [ids_hash(encode(a * n)) for a, n in LONG], "random": [[x, t.decode(x)] for x in lucky]}
        json.dump(out, open(f"{HERE}/figures/json-{make.__name__}.json", "w"), ensure_ascii=True, separators=(",", ":"))
        print(make.__name__, size, out["opening"], out["closing"], sum(map(len, ids)), len(decoded))
    os.remove(HERE + "/models/charsmap.bin")


main()
