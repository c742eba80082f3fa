"""A server for the scripts beside this file: started with bin/compare, stopped at the end."""

import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
DEMO = REPOSITORY / "test-data" / "models" / "demo"

# The demo model speaks running text; this template joins what is said, so that it can chat.
RUNNING_TEXT = (
    "{{ bos_token }}{% for message in messages %}{{ message['content'] }}"
    "{% if not loop.last %} {% endif %}{% endfor %}"
)


class Server:
    """`compare serve` on a free port of this machine."""

    def __init__(self, *arguments, command="bin/compare", environment=None):
        self.messages = []
        self.process = subprocess.Popen(
            [*command.split(), "serve", *arguments, "--port", "0"],
            cwd=REPOSITORY,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.url = None
        announced = threading.Event()
        threading.Thread(target=self._read, args=(announced,), daemon=True).start()
        if not announced.wait(300) or self.url is None:
            self.process.kill()
            raise RuntimeError("the server did not start: " + "".join(self.messages))

    def _read(self, announced):
        for line in self.process.stderr:
            self.messages.append(line)
            found = re.search(r"http://[^\s/]+:\d+", line)
            if found and self.url is None:
                self.url = found.group()
                announced.set()
        announced.set()

    def get(self, path):
        """What stands at a path, as JSON."""
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return json.load(answer)

    def post(self, path, body, timeout=300):
        """The answer to a body, as JSON."""
        request = urllib.request.Request(
            self.url + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return json.load(answer)

    def metric(self, name):
        """The sum of a metric's samples, or None where there is no such metric."""
        with urllib.request.urlopen(self.url + "/metrics", timeout=60) as answer:
            lines = answer.read().decode().splitlines()
        values = [
            float(line.rsplit(" ", 1)[1])
            for line in lines
            if re.match(re.escape(name) + r"[{ ]", line)
        ]
        return sum(values) if values else None

    def wait_for_metric(self, name, value, seconds=30):
        """Waits until a metric has a value; whether it came to that."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.metric(name) == value:
                return True
            time.sleep(0.05)
        return False

    def stop(self, how=signal.SIGTERM, seconds=60):
        """Ends the server; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def hf_folder(target, template=None):
    """A copy of the demo model that also tells Python's tokenizers what begins and ends a text."""
    folder = Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "generation_config.json", "model.safetensors", "tokenizer.json"):
        shutil.copyfile(DEMO / name, folder / name)
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "model_max_length": 4096,
        "clean_up_tokenization_spaces": False,
    }
    if template:
        config["chat_template"] = template
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2))
    return folder


class Checks:
    """Counts what held and what did not; ends the script with 1 if anything did not."""

    def __init__(self):
        self.failed = 0

    def that(self, what, holds, found=""):
        self.failed += not holds
        print(("ok     " if holds else "FAILED ") + what + (f": {found}" if found != "" else ""), flush=True)
        return holds

    def end(self):
        print(f"{self.failed} failed" if self.failed else "all held")
        raise SystemExit(1 if self.failed else 0)
