"""Distributions that transformers' logits processors make of random logits.

    python make.py        writes figures.json beside this script

Of each case: the logits of one step, the tokens of the prompt and those chosen since, the options, and the probability
of every token in the end. The processors are put one behind another as GenerationMixin does: bias, penalties,
temperature, top-k, top-p, min-p. Presence and frequency penalty are not among them; they are taken off by the formula
of OpenAI's reference, directly behind the repetition penalty. Used: torch 2 and transformers 5.18.0, float32.
"""

import json
import pathlib

import torch
from transformers import (LogitsProcessorList, MinPLogitsWarper, RepetitionPenaltyLogitsProcessor,
                          SequenceBiasLogitsProcessor, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper)

VOCABULARY = 40
OPTIONS = [
    dict(),
    dict(temperature=0.7),
    dict(temperature=1.9),
    dict(top_k=5),
    dict(top_p=0.8),
    dict(min_p=0.1),
    dict(repetition_penalty=1.3),
    dict(repetition_penalty=0.8),
    dict(presence_penalty=0.9),
    dict(frequency_penalty=0.6),
    dict(presence_penalty=-0.5, frequency_penalty=0.25),
    dict(logit_bias={3: 2.5, 17: -100.0, 20: -1.25}),
    dict(temperature=0.6, top_k=12, top_p=0.9),
    dict(temperature=1.4, top_p=0.95, min_p=0.05),
    dict(top_k=10, min_p=0.2),
    dict(top_k=3, top_p=0.5, min_p=0.9),
    dict(repetition_penalty=1.2, presence_penalty=0.3, frequency_penalty=0.4, logit_bias={1: 1.5, 2: -1.5}),
    dict(temperature=0.8, top_k=20, top_p=0.85, min_p=0.02, repetition_penalty=1.15, presence_penalty=0.2,
         frequency_penalty=0.1, logit_bias={5: 1.0, 6: -2.0, 7: 0.5}),
]


def probabilities(logits, prompt, chosen, options):
    ids = torch.tensor([prompt + chosen])
    scores = logits.clone()[None]
    first = LogitsProcessorList()
    if "logit_bias" in options:
        first.append(SequenceBiasLogitsProcessor({(id,): bias for id, bias in options["logit_bias"].items()}))
    if "repetition_penalty" in options:
        first.append(RepetitionPenaltyLogitsProcessor(options["repetition_penalty"]))
    scores = first(ids, scores)
    for id in set(chosen):
        scores[0, id] -= (options.get("presence_penalty", 0)
                          + options.get("frequency_penalty", 0) * chosen.count(id))
    last = LogitsProcessorList()
    if "temperature" in options:
        last.append(TemperatureLogitsWarper(options["temperature"]))
    if "top_k" in options:
        last.append(TopKLogitsWarper(options["top_k"]))
    if "top_p" in options:
        last.append(TopPLogitsWarper(options["top_p"]))
    if "min_p" in options:
        last.append(MinPLogitsWarper(options["min_p"]))
    return torch.softmax(last(ids, scores)[0], -1)


def main():
    torch.manual_seed(20)
    cases = []
    for options in OPTIONS:
        for spread in (1.0, 3.0):
            logits = torch.randn(VOCABULARY) * spread
            prompt = torch.randint(VOCABULARY, (6,)).tolist()
            # Few tokens, so that some come several times.
            chosen = [prompt[0]] + torch.randint(8, (7,)).tolist()
            wanted = probabilities(logits, prompt, chosen, options)
            cases.append(dict(
                options={name: ({str(k): v for k, v in value.items()} if isinstance(value, dict) else value)
                         for name, value in options.items()},
                logits=[float(x) for x in logits], prompt=prompt, chosen=chosen,
                probabilities=[round(float(p), 8) for p in wanted]))
    lines = ",\n".join(json.dumps(case) for case in cases)
    pathlib.Path(__file__).with_name("figures.json").write_text("[\n" + lines + "\n]\n")


main()
