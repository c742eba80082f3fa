"""Log-likelihoods of lm-evaluation-harness on the demo model, for rows of our own.

Every file beside this script holds made-up rows with the columns of a benchmark. The harness's own
task of that benchmark phrases them, its HFLM scores them on test-data/models/demo, and its own
process_results judges. requests.jsonl holds pairs of context and continuation beside any task.

    python harness.py            writes figures.jsonl

Made with lm_eval 0.4.13, transformers 4.57.6, torch on a CPU in float32.
"""

import json
from pathlib import Path

import datasets
import lm_eval.tasks
import torch
from lm_eval.api.instance import Instance
from lm_eval.api.task import ConfigurableTask
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks._yaml_loader import load_yaml
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

HERE = Path(__file__).parent
DEMO = HERE.parents[1] / "models" / "demo"
TASKS = Path(lm_eval.tasks.__file__).parent
YAML = {
    "copa": "super_glue/copa/default.yaml",
    "piqa": "piqa/piqa.yaml",
    "openbookqa": "openbookqa/openbookqa.yaml",
    "arc": "arc/arc_easy.yaml",
    "winogrande": "winogrande/default.yaml",
    "rte": "glue/rte/default.yaml",
    "mathqa": "mathqa/mathqa.yaml",
    "hellaswag": "hellaswag/hellaswag.yaml",
    "longbench-v2": "longbench2/academic_single.yaml",
}


def rows(name):
    text = (HERE / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def task_of(name):
    config = load_yaml(TASKS / YAML[name])
    own = rows(name)
    if name == "longbench-v2":
        # The harness reads a copy of the data set whose choices are a list and whose answer is a place.
        for row in own:
            row["choices"] = [row.pop(f"choice_{letter}") for letter in "ABCD"]
            row["answer"] = "ABCD".index(row["answer"])

    class Local(ConfigurableTask):
        def download(self, dataset_kwargs=None, **kwargs):
            splits = {self.config.training_split, self.config.validation_split, self.config.test_split}
            data = datasets.Dataset.from_list(own)
            self.dataset = datasets.DatasetDict({split: data for split in splits if split})

    config["metric_list"] = [{"metric": m} for m in ("acc", "acc_norm", "acc_bytes")]
    return Local(config=config)


def main():
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(DEMO / "tokenizer.json"), bos_token="<s>", eos_token="</s>"
    )
    model = LlamaForCausalLM.from_pretrained(DEMO, torch_dtype=torch.float32)
    harness = HFLM(pretrained=model, tokenizer=tokenizer, batch_size=1, max_length=4096)
    lines = []
    for name in YAML:
        task = task_of(name)
        docs = list(task.eval_docs)
        for number, doc in enumerate(docs):
            ctx = task.fewshot_context(doc, 0)
            requests = task.construct_requests(doc, ctx)
            scores = harness.loglikelihood(requests, disable_tqdm=True)
            figures = task.process_results(doc, scores)
            lines.append(
                {
                    "shape": name,
                    "row": number,
                    "arguments": [list(request.args) for request in requests],
                    "loglikelihoods": [round(score[0], 6) for score in scores],
                    **{key: float(figures[key]) for key in ("acc", "acc_norm", "acc_bytes")},
                }
            )
    for number, row in enumerate(rows("requests")):
        request = Instance("loglikelihood", row, (row["context"], row["continuation"]), 0)
        (score,) = harness.loglikelihood([request], disable_tqdm=True)
        lines.append(
            {
                "shape": "lm-eval-requests",
                "row": number,
                "arguments": [[row["context"], row["continuation"]]],
                "loglikelihoods": [round(score[0], 6)],
            }
        )
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (HERE / "figures.jsonl").write_text(text, encoding="utf-8")


main()
