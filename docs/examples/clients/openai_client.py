"""The official openai package against the endpoint: completions, chat, streams, errors, leaving.

    python docs/examples/clients/openai_client.py
"""

import argparse
import asyncio
import json
import math
import tempfile
import time
import urllib.request

import openai
from endpoint import DEMO, RUNNING_TEXT, Checks, Server, hf_folder

PROMPT = "In Kestrel there lived a graceful astronomer called Timo"
KEY = "a-key-for-this-script"
RUNNING = "kvpress_running"


def client(server, key=KEY, **more):
    return openai.OpenAI(base_url=server.url + "/v1", api_key=key, max_retries=0, **more)


def completions(checks, api, model):
    whole = api.completions.create(model=model, prompt=PROMPT, max_tokens=24, temperature=0)
    text = whole.choices[0].text
    checks.that("a completion has text and usage", bool(text) and whole.usage.completion_tokens == 24, text)
    again = api.completions.create(model=model, prompt=PROMPT, max_tokens=24, temperature=0)
    checks.that("greedy text repeats", again.choices[0].text == text)
    stream = api.completions.create(
        model=model, prompt=PROMPT, max_tokens=24, temperature=0, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    joined = "".join(chunk.choices[0].text for chunk in chunks if chunk.choices)
    checks.that("streamed pieces join to the text", joined == text, joined)
    checks.that("usage stands in the last chunk", chunks[-1].usage == whole.usage, chunks[-1].usage)
    checks.that("it came in pieces", len(chunks) > 5, len(chunks))
    stop = text.split()[2]
    cut = api.completions.create(model=model, prompt=PROMPT, max_tokens=24, temperature=0, stop=[stop])
    checks.that(
        "a stop string cuts exactly",
        cut.choices[0].text == text[: text.index(stop)] and cut.choices[0].finish_reason == "stop",
        cut.choices[0].text,
    )
    drawn = [
        api.completions.create(model=model, prompt=PROMPT, max_tokens=12, temperature=1.5, seed=seed, n=3)
        for seed in (7, 7, 8)
    ]
    texts = [[choice.text for choice in answer.choices] for answer in drawn]
    checks.that("a seed repeats, n answers differ", texts[0] == texts[1] and len(set(texts[0])) > 1, texts[0])
    checks.that("another seed says something else", texts[2] != texts[0])
    several = api.completions.create(model=model, prompt=[PROMPT, "Mira keeps the"], max_tokens=4, temperature=0, n=2)
    indices = [choice.index for choice in several.choices]
    checks.that("prompts and answers are numbered prompt by prompt", indices == [0, 1, 2, 3], indices)
    checks.that("greedy answers of one prompt are alike", several.choices[0].text == several.choices[1].text)


def logprobs(checks, api, model):
    answer = api.completions.create(model=model, prompt=PROMPT, max_tokens=1, temperature=0, logprobs=2, echo=True)
    found = answer.choices[0].logprobs
    checks.that("echoed tokens join to the text", "".join(found.tokens) == answer.choices[0].text, found.tokens)
    lists = (found.tokens, found.token_logprobs, found.top_logprobs, found.text_offset)
    checks.that("all lists are of one length", len({len(one) for one in lists}) == 1)
    checks.that(
        "offsets tell where tokens begin",
        all(answer.choices[0].text.startswith(token, at) for token, at in zip(found.tokens, found.text_offset)),
    )
    probable = [max(top.values()) for top in found.top_logprobs if top]
    checks.that("log-probabilities are that", all(value <= 0 for value in probable))
    whole = api.completions.create(model=model, prompt=PROMPT, max_tokens=4, temperature=0, logprobs=5)
    chosen = whole.choices[0].logprobs
    checks.that(
        "a greedy token is the most probable",
        all(p == max(top.values()) for p, top in zip(chosen.token_logprobs, chosen.top_logprobs)),
    )
    checks.that(
        "probabilities of five tokens are at most one",
        all(sum(map(math.exp, top.values())) <= 1.000001 for top in chosen.top_logprobs),
    )


def chat(checks, api, model):
    messages = [
        {"role": "system", "content": "Mira keeps the drum. Beyond the mill lay Ashby. Timo fears the wolf."},
        {"role": "user", "content": "What does Timo fear? Timo fears the"},
    ]
    whole = api.chat.completions.create(model=model, messages=messages, max_tokens=8, temperature=0)
    said = whole.choices[0].message
    checks.that("a chat is answered", said.role == "assistant" and "wolf" in said.content, said.content)
    chunks = list(api.chat.completions.create(model=model, messages=messages, max_tokens=8, temperature=0, stream=True))
    checks.that("the first chunk says the role", chunks[0].choices[0].delta.role == "assistant")
    joined = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    checks.that("streamed pieces join to the message", joined == said.content, joined)
    checks.that("the end has a reason", chunks[-1].choices[0].finish_reason in ("stop", "length"))
    probable = api.chat.completions.create(
        model=model, messages=messages, max_tokens=4, temperature=0, logprobs=True, top_logprobs=3
    )
    content = probable.choices[0].logprobs.content
    checks.that("tokens have log-probabilities", all(len(token.top_logprobs) == 3 for token in content))
    first = content[0]
    checks.that("the first is the most probable", first.logprob == first.top_logprobs[0].logprob, first.token)
    texts = [
        api.chat.completions.create(
            model=model, messages=[*messages[:1], {"role": "user", "content": question}], max_tokens=6, temperature=0,
            extra_body={"prompt_cache_key": "village"},
        ).choices[0].message.content
        for question in ("What does Timo fear? Timo fears the", "What does Mira keep? Mira keeps the")
    ]
    checks.that("two questions on one kept context", "wolf" in texts[0] and "drum" in texts[1], texts)


def emoji(checks, server, api, model):
    """Only bytes of two emoji are allowed, drawn at random: most make no character, some do."""
    request = urllib.request.Request(
        server.url + "/tokenize",
        data=json.dumps({"prompt": "🦊🦉", "add_special_tokens": False}).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        ids = sorted(set(json.load(answer)["tokens"]))
    for seed in range(5):
        more = {
            "model": model, "prompt": "🦊 naïve “fox” 日本", "max_tokens": 60, "temperature": 2, "seed": seed,
            "logit_bias": {str(one): 100 for one in ids},
        }
        whole = api.completions.create(**more).choices[0].text
        streamed = "".join(c.choices[0].text for c in api.completions.create(**more, stream=True) if c.choices)
        checks.that(f"bytes that are characters together join, seed {seed}", streamed == whole, whole)
    echoed = api.completions.create(model=model, prompt="🦊 naïve “fox”", max_tokens=1, echo=True, logprobs=1, temperature=0)
    checks.that("an echoed emoji is whole", echoed.choices[0].text.startswith("🦊 naïve “fox”"), echoed.choices[0].text)


def errors(checks, server, api, model):
    def raises(what, kind, call):
        try:
            call()
            checks.that(what, False, "no error")
        except openai.APIStatusError as e:
            checks.that(what, type(e) is kind and bool(e.body and e.body.get("message")), f"{type(e).__name__}: {e.body}")

    def ask(**more):
        return lambda: api.completions.create(**{"model": model, "prompt": "x", "max_tokens": 2, **more})

    raises("a wrong temperature", openai.BadRequestError, ask(temperature=-1))
    raises("a prompt that is too long", openai.BadRequestError, ask(prompt=[5] * 5000))
    raises("ids beyond the vocabulary", openai.BadRequestError, ask(prompt=[10_000_000]))
    raises("a press that is not there", openai.BadRequestError, ask(model=f"{model}:no_such_press@0.5"))
    raises("a field that is not there", openai.BadRequestError, ask(extra_body={"no_such_field": 1}))
    raises("a model that is not there", openai.NotFoundError, ask(model="no-such-model"))
    wrong = client(server, key="wrong")
    raises("a wrong key", openai.AuthenticationError, lambda: wrong.models.list())
    names = [one.id for one in api.models.list()]
    checks.that("the model is listed", model in names, names)
    checks.that("the model is found", api.models.retrieve(model).id == model)


def leaving(checks, server, api, model):
    stream = api.completions.create(
        model=model, prompt=PROMPT, max_tokens=2000, temperature=0, stream=True, extra_body={"ignore_eos": True}
    )
    next(iter(stream))
    checks.that("it runs", server_metric(server) == 1.0, server_metric(server))
    stream.close()
    begun = time.monotonic()
    while server_metric(server) != 0 and time.monotonic() - begun < 10:
        time.sleep(0.01)
    checks.that("a closed stream ends its generation", server_metric(server) == 0, f"{time.monotonic() - begun:.2f} s")
    impatient = client(server, timeout=0.5)
    try:
        impatient.completions.create(
            model=model, prompt=PROMPT, max_tokens=3000, temperature=0, extra_body={"ignore_eos": True}
        )
        checks.that("a client that waits half a second gives up", False)
    except openai.APITimeoutError:
        begun = time.monotonic()
        while server_metric(server) != 0 and time.monotonic() - begun < 10:
            time.sleep(0.01)
        checks.that("so does its generation", server_metric(server) == 0, f"{time.monotonic() - begun:.2f} s")


def server_metric(server):
    request = urllib.request.Request(server.url + "/metrics", headers={"Authorization": f"Bearer {KEY}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith(RUNNING) and line[len(RUNNING)] in " {":
                return float(line.rsplit(" ", 1)[1])
    raise RuntimeError(f"/metrics has no {RUNNING}")


def busy(checks, command):
    """A server that takes one at a time and lets nobody wait refuses the rest with 429."""
    with Server(
        "--model", str(DEMO), "--concurrency", "1", "--queue", "1", command=command, environment={"KVPRESS_API_KEY": KEY}
    ) as server:

        async def crowd():
            api = openai.AsyncOpenAI(base_url=server.url + "/v1", api_key=KEY, max_retries=0)
            calls = [
                api.completions.create(model="demo", prompt=PROMPT, max_tokens=200, extra_body={"ignore_eos": True})
                for _ in range(12)
            ]
            return await asyncio.gather(*calls, return_exceptions=True)

        outcomes = asyncio.run(crowd())
        refused = [o for o in outcomes if isinstance(o, openai.RateLimitError)]
        others = [o for o in outcomes if isinstance(o, Exception) and not isinstance(o, openai.RateLimitError)]
        checks.that("a crowd is refused with RateLimitError", len(refused) > 0 and not others, (len(refused), others))
        waits = {error.response.headers.get("retry-after") for error in refused}
        checks.that("each says when to come again", None not in waits, waits)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", default="bin/compare", help="how compare is run")
    options = parser.parse_args()
    checks = Checks()
    with tempfile.TemporaryDirectory() as work:
        folder = hf_folder(work + "/demo", RUNNING_TEXT)
        with Server("--model", str(folder), command=options.command, environment={"KVPRESS_API_KEY": KEY}) as server:
            api = client(server)
            model = api.models.list().data[0].id
            for part in (completions, logprobs, chat):
                part(checks, api, model)
            emoji(checks, server, api, model)
            errors(checks, server, api, model)
            leaving(checks, server, api, model)
    busy(checks, options.command)
    checks.end()


if __name__ == "__main__":
    main()
