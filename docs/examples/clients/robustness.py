"""What a server must survive: being killed while it stores contexts, being stopped while it
answers, clients that stop reading. Plain Python, nothing to install.

    python docs/examples/clients/robustness.py --kills 20
"""

import argparse
import json
import random
import signal
import socket
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from endpoint import DEMO, REPOSITORY, RUNNING_TEXT, Checks, Server, hf_folder

STORIES = REPOSITORY / "test-data" / "datasets" / "stories.jsonl"
RUNNING = "kvpress_running"


def stories():
    return [json.loads(line)["text"] for line in STORIES.read_text().splitlines()]


def kept(contexts):
    """Files of contexts with a key."""
    return [path for path in Path(contexts).rglob("*") if path.is_file()]


def ask(server, key, story, model="demo"):
    body = {
        "model": model,
        "context": story,
        "prompt": " So",
        "max_tokens": 12,
        "temperature": 0,
        "prompt_cache_key": key,
        "press": "h2o",
        "compression_ratio": 0.5,
    }
    return server.post("/v1/completions", body)["choices"][0]["text"]


def killed(checks, command, kills, model):
    """Whatever moment the server dies at, a context is answered on as if it had never been stored."""
    texts = stories()[:8]
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    print(f"seed {seed}")
    with tempfile.TemporaryDirectory() as contexts:
        arguments = ("--model", str(model), "--contexts", contexts)
        with Server(*arguments, command=command) as server:
            expected = [ask(server, f"fresh-{i}", text) for i, text in enumerate(texts)]
        for path in kept(contexts):
            path.unlink()
        for kill in range(kills):
            server = Server(*arguments, command=command)
            answers = {}
            threads = [
                threading.Thread(target=storing, args=(server, kill, i, text, answers), daemon=True)
                for i, text in enumerate(texts)
            ]
            for thread in threads:
                thread.start()
            time.sleep(chance.uniform(0.05, 2.5))
            server.stop(signal.SIGKILL)
            for thread in threads:
                thread.join(30)
            wrong = {i: found for i, found in answers.items() if found != expected[i]}
            checks.that(f"kill {kill}: answers before it were right", not wrong, f"{len(answers)} answers")
            restarted(checks, arguments, command, kill, texts, expected, contexts)


def storing(server, kill, number, text, answers):
    try:
        answers[number] = ask(server, f"kill-{kill}-{number}", text)
    except (urllib.error.URLError, ConnectionError, OSError, ValueError):
        # The server is dead.
        pass


def restarted(checks, arguments, command, kill, texts, expected, contexts):
    files = kept(contexts)
    with Server(*arguments, command=command) as server:
        found = [ask(server, f"kill-{kill}-{i}", text) for i, text in enumerate(texts)]
        checks.that(f"kill {kill}: contexts are whole or absent", found == expected, f"{len(files)} files")
    leftover = [path.name for path in kept(contexts) if not path.name.endswith(".safetensors")]
    checks.that(f"kill {kill}: nothing half stays behind", not leftover, leftover)


def streamed(server, tokens, results, number, model):
    body = {"model": model, "prompt": "In Kestrel there lived", "max_tokens": tokens, "temperature": 0, "stream": True, "ignore_eos": True}
    request = urllib.request.Request(
        server.url + "/v1/completions", data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    reasons = []
    ended = False
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            for line in answer:
                data = line.decode().strip()
                if data == "data: [DONE]":
                    ended = True
                elif data.startswith("data:"):
                    event = json.loads(data[5:])
                    if "error" in event:
                        reasons.append("error: " + event["error"]["message"])
                    reasons += [c["finish_reason"] for c in event.get("choices", []) if c.get("finish_reason")]
    except urllib.error.HTTPError as e:
        reasons.append(f"{e.code}: {e.read().decode()}")
    except (OSError, ValueError) as e:
        reasons.append(repr(e))
    results[number] = (reasons, ended)


def stopped(checks, command, model):
    """SIGTERM: short answers end as they would, endless ones end with a reason, the exit code is 0."""
    for grace, tokens in (("30", 150), ("1", 4000)):
        server = Server("--model", str(model), "--grace", grace, command=command)
        results = {}
        threads = [
            threading.Thread(target=streamed, args=(server, tokens, results, i, "demo"), daemon=True) for i in range(6)
        ]
        for thread in threads:
            thread.start()
        running = server.wait_for_metric(RUNNING, 6.0)
        checks.that(f"six streams run, grace {grace} s", running, server.metric(RUNNING))
        begun = time.monotonic()
        code = server.stop(signal.SIGTERM, 90)
        took = time.monotonic() - begun
        for thread in threads:
            thread.join(30)
        checks.that(f"SIGTERM ends with 0, grace {grace} s", code == 0, f"{code} after {took:.1f} s")
        told = [bool(reasons) and not reasons[0].startswith(("Incomplete", "Connection")) for reasons, _ in results.values()]
        checks.that(f"every stream has a reason, grace {grace} s", len(told) == 6 and all(told), results)
        if tokens < 1000:
            whole = all(reasons == ["length"] and ended for reasons, ended in results.values())
            checks.that("short answers are finished", whole, results)


def stalled(checks, command, model):
    """Clients that open streams and never read hold neither the others nor memory."""
    with Server("--model", str(model), command=command) as server:
        host, port = server.url.removeprefix("http://").split(":")
        body = json.dumps(
            {"model": "demo", "prompt": "In Kestrel there lived", "max_tokens": 3900, "stream": True, "ignore_eos": True, "logprobs": 5}
        ).encode()
        head = f"POST /v1/completions HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        silent = []
        for _ in range(8):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            client.connect((host, int(port)))
            client.sendall(head.encode() + body)
            silent.append(client)
        begun = time.monotonic()
        answer = server.post("/v1/completions", {"model": "demo", "prompt": "Mira keeps the", "max_tokens": 8, "temperature": 0})
        checks.that("another client is answered", answer["choices"][0]["text"] != "", f"{time.monotonic() - begun:.1f} s")
        over = server.wait_for_metric(RUNNING, 0.0, 240)
        checks.that("their generations end though nobody reads", over, f"{time.monotonic() - begun:.1f} s")
        for client in silent:
            client.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20, help="how often the server is killed")
    parser.add_argument("--command", default="bin/compare", help="how compare is run")
    options = parser.parse_args()
    checks = Checks()
    with tempfile.TemporaryDirectory() as work:
        model = hf_folder(work + "/demo", RUNNING_TEXT)
        stopped(checks, options.command, model)
        stalled(checks, options.command, model)
        killed(checks, options.command, options.kills, model)
    checks.end()


if __name__ == "__main__":
    main()
