"""Prompts as kvpress's pipeline writes them (kvpress/pipeline.py, preprocess): figures.json.

The tokenizers are those of ../tokenizers/models, the templates those of ../chat-templates. Context
and question are encoded apart, without special tokens, around the split that the pipeline makes.

    python make.py            # needs transformers and jinja2
"""
import json
from pathlib import Path

from transformers import PreTrainedTokenizerFast

HERE = Path(__file__).parent
TOKENIZERS = HERE.parent / "tokenizers" / "models"
TEMPLATES = HERE.parent / "chat-templates" / "templates"
SAMPLES = [
    ("The key is in the red box.", "Where is the key?", ""),
    ("The key is in the red box.", " Where is the key?", " Answer: it is in"),
    ("  two\n\nlines\n", "", "So"),
    ("# heading ## ### über 😀 {{ x }}", "What?\n", "The"),
    ("a", "b", "c"),
]
CASES = [
    ("llama_legacy", "<s>", "</s>", None),
    ("llama_legacy", "<s>", "</s>", "mistral.jinja"),
    ("metaspace_first", "<s>", "</s>", None),
    ("gpt2", "<|endoftext|>", "<|endoftext|>", None),
    ("qwen2", None, "<|endoftext|>", "qwen-2.5.jinja"),
    ("qwen2", None, "<|endoftext|>", "qwen-3.jinja"),
    ("llama3", "<|begin_of_text|>", "<|end_of_text|>", None),
    ("llama3", "<|begin_of_text|>", "<|end_of_text|>", "llama-3.jinja"),
    ("gemma", "<bos>", "<eos>", "gemma-2.jinja"),
]


def prompt(tokenizer, context, question, prefix):
    if tokenizer.chat_template is None:
        context, behind = (tokenizer.bos_token or "") + context, "\n"
    else:
        separator = "#" * (len(context) + 10)
        text = tokenizer.apply_chat_template(
            [{"role": "user", "content": context + separator}],
            add_generation_prompt=True,
            tokenize=False,
            enable_thinking=False,
        )
        context, behind = text.split(separator)
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False)
    return encode(context), encode(question + behind + prefix)


def main():
    rows = []
    for name, bos, eos, template in CASES:
        file = TOKENIZERS / (name + ".tokenizer.json")
        tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(file), bos_token=bos, eos_token=eos)
        tokenizer.chat_template = (TEMPLATES / template).read_text() if template else None
        for context, question, prefix in SAMPLES:
            ids = prompt(tokenizer, context, question, prefix)
            rows.append(
                {
                    "tokenizer": name,
                    "bos": bos,
                    "eos": eos,
                    "template": template,
                    "context": context,
                    "question": question,
                    "answer_prefix": prefix,
                    "context_ids": ids[0],
                    "question_ids": ids[1],
                }
            )
    (HERE / "figures.json").write_text(json.dumps(rows, ensure_ascii=False, indent=0) + "\n")


main()
