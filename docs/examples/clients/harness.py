"""lm-evaluation-harness against the endpoint: the figures must be those of its own HFLM and ours.

Needs a Python with lm_eval 0.4 (its extras hf and api); nothing is downloaded. The tasks beside
this file read the repository's data by relative paths.

    python docs/examples/clients/harness.py --limit 12
"""

import argparse
import csv
import json
import math
import os
import subprocess
import tempfile
from pathlib import Path

from endpoint import DEMO, REPOSITORY, RUNNING_TEXT, Checks, Server, hf_folder

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import lm_eval  # noqa: E402
from lm_eval.tasks import TaskManager  # noqa: E402

TASKS = Path(__file__).resolve().parent / "tasks"
POSITIONS = 4096
# The same sums in another order of additions; accuracies must be equal.
TOLERANCE = 1e-4
# Choices need a text that begins with BOS; the rolling loss puts BOS in front by itself.
WITH_BOS = ["village_choice", "village_guess", "village_recall"]
WITHOUT_BOS = ["village_stories"]


def evaluate(model, arguments, tasks, limit, **more):
    """One run of the harness."""
    return lm_eval.simple_evaluate(
        model=model,
        model_args=arguments,
        tasks=tasks,
        task_manager=TaskManager(include_path=str(TASKS), include_defaults=False),
        limit=limit,
        bootstrap_iters=0,
        log_samples=True,
        **more,
    )


def figures(result):
    """Metrics by task and name, and what each sample said."""
    found = {}
    for task, values in result["results"].items():
        for name, value in values.items():
            if "," in name and "stderr" not in name:
                found[f"{task} {name.split(',')[0]}"] = value
    said = {
        task: [sample["filtered_resps"] for sample in sorted(samples, key=lambda s: s["doc_id"])]
        for task, samples in result["samples"].items()
    }
    return found, said


def reference(folder, limit):
    """HFLM on both kinds of task."""
    found, said, logged = {}, {}, {}
    for bos, tasks in ((True, WITH_BOS), (False, WITHOUT_BOS)):
        arguments = f"pretrained={folder},dtype=float32,add_bos_token={bos}"
        result = evaluate("hf", arguments, tasks, limit, batch_size=1, device="cpu")
        metrics, samples = figures(result)
        found |= metrics
        said |= samples
        logged |= result["samples"]
    return found, said, logged


def completions(url, tokenizer, limit, model="demo", batch=1, concurrent=1, tasks=None, **more):
    """The harness over /v1/completions."""
    found, said = {}, {}
    for bos, group in ((True, WITH_BOS), (False, WITHOUT_BOS)):
        chosen = [task for task in group if tasks is None or task in tasks]
        if chosen:
            arguments = {
                "model": model,
                "base_url": url + "/v1/completions",
                "max_length": POSITIONS,
                "add_bos_token": bos,
                "num_concurrent": concurrent,
                "max_retries": 3,
                **({"tokenizer": str(tokenizer), "tokenizer_backend": "huggingface"} if tokenizer else {}),
                **more,
            }
            result = evaluate("local-completions", arguments, chosen, limit, batch_size=batch)
            metrics, samples = figures(result)
            found |= metrics
            said |= samples
    return found, said


def close(one, other):
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def alike(one, other):
    """Whether samples say the same: numbers nearly, everything else exactly."""
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, bool) or not isinstance(one, (int, float)):
        return str(one) == str(other)
    return close(one, float(other))


def compared(checks, name, found, said, expected, expected_said):
    for metric, value in found.items():
        wanted = expected[metric]
        exact = "acc" in metric or "exact_match" in metric
        checks.that(f"{name}: {metric}", value == wanted if exact else close(value, wanted), f"{value} against {wanted}")
    for task, samples in said.items():
        checks.that(f"{name}: every sample of {task}", alike(samples, expected_said[task]))


def own(checks, command, logged, expected, limit, folder):
    """Our own tasks on what the harness logged, and on the same stories."""
    for task in ("village_choice", "village_guess"):
        lines = [{"doc_id": s["doc_id"], "arguments": s["arguments"], "target": s["target"]} for s in logged[task]]
        data = folder / f"{task}.jsonl"
        data.write_text("".join(json.dumps(line) + "\n" for line in lines))
        metrics = compare(command, folder / task, "--tasks", "multiple_choice", "--data-path", f"multiple_choice={data}")
        for name in ("acc", "acc_norm"):
            wanted = expected[f"{task} {name}"]
            checks.that(f"compare: {task} {name}", close(metrics[name], wanted), f"{metrics[name]} against {wanted}")
    metrics = compare(
        command, folder / "stories", "--tasks", "perplexity", "--protocol", "streaming", "--chunk-size", "256",
        "--max-samples", str(limit), "--max-length", str(POSITIONS),
    )
    stories = [s["doc"]["text"] for s in logged["village_stories"]]
    tokens = sum(token_counts(stories))
    words = sum(len(text.split()) for text in stories)
    perplexity = math.exp(metrics["nll"] * tokens / words)
    wanted = expected["village_stories word_perplexity"]
    checks.that("compare: village_stories word_perplexity", close(perplexity, wanted), f"{perplexity} against {wanted}")


def token_counts(texts):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(DEMO / "tokenizer.json"))
    return [len(tokenizer.encode(text, add_special_tokens=False).ids) for text in texts]


def compare(command, output, *arguments):
    """The metrics of the full cache."""
    subprocess.run(
        [*command.split(), *arguments, "--methods", "baseline", "--output", str(output), "--fresh"],
        cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    with open(output / "results.csv", newline="") as file:
        row = next(csv.DictReader(file))
    columns = {"acc": "acc_value", "acc_norm": "acc_norm_value", "nll": "nll"}
    return {name: float(row[column]) for name, column in columns.items() if row.get(column)}


def presses(checks, url, folder, expected, limit):
    """What is cut costs something, the more the dearer."""
    stories = [expected["village_stories byte_perplexity"]]
    for share in (0.25, 0.05):
        name = f"demo:h2o(heavy_ratio={share},recent_ratio={share})"
        found, _ = completions(url, folder, min(limit, 2), model=name, tasks=["village_stories"])
        stories.append(found["village_stories byte_perplexity"])
    full, _ = completions(url, folder, min(limit, 2), tasks=["village_stories"])
    stories[0] = full["village_stories byte_perplexity"]
    checks.that("h2o: byte perplexity rises with what is evicted", stories[0] < stories[1] < stories[2], stories)
    recall = []
    for name in ("demo", "demo:snapkv@0.5", "demo:snapkv@0.95"):
        found, _ = completions(url, folder, limit, model=name, tasks=["village_recall"])
        recall.append(found["village_recall exact_match"])
    checks.that("snapkv: recall falls with what is evicted", recall[0] >= recall[1] >= recall[2] and recall[0] > recall[2], recall)


def chat(checks, command, folder, limit, expected, expected_said):
    """The same questions as messages of a chat whose template says them as running text."""
    with Server("--model", str(folder), command=command) as server:
        model = server.get("/v1/models")["data"][0]["id"]
        for concurrent in (1, 4):
            arguments = {
                "model": model,
                "base_url": server.url + "/v1/chat/completions",
                "num_concurrent": concurrent,
                "eos_string": "</s>",
            }
            result = evaluate(
                "local-chat-completions", arguments, ["village_recall"], limit, batch_size=1, apply_chat_template=True
            )
            found, said = figures(result)
            compared(checks, f"chat, {concurrent} at once", found, said, expected, expected_said)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, default=12, help="samples of each task")
    parser.add_argument("--command", default="bin/compare", help="how compare is run")
    options = parser.parse_args()
    os.chdir(REPOSITORY)
    checks = Checks()
    with tempfile.TemporaryDirectory() as work:
        folder = hf_folder(Path(work) / "demo", RUNNING_TEXT)
        expected, expected_said, logged = reference(folder, options.limit)
        print(json.dumps(expected, indent=1))
        own(checks, options.command, logged, expected, options.limit, Path(work))
        with Server("--model", str(DEMO), command=options.command) as server:
            ways = [
                ("ids", folder, {}, 1, 1),
                ("ids, 4 a request", folder, {}, 4, 1),
                ("ids, 2 a request, 4 at once", folder, {}, 2, 4),
                ("text", folder, {"tokenized_requests": False}, 1, 1),
                ("text, 4 a request, 2 at once", folder, {"tokenized_requests": False}, 4, 2),
            ]
            for name, tokenizer, more, batch, concurrent in ways:
                found, said = completions(
                    server.url, tokenizer, options.limit, batch=batch, concurrent=concurrent, **more
                )
                compared(checks, name, found, said, expected, expected_said)
            presses(checks, server.url, folder, expected, options.limit)
        chat(checks, options.command, folder, options.limit, expected, expected_said)
    checks.end()


if __name__ == "__main__":
    main()
