"""Writes figures.json and stems.txt: what the originals say of the texts of texts.py.

README.md says which sources have to be importable under which name.
"""

import importlib.util
import json
import os
import random
import re
import sys
import types
import warnings

import texts

warnings.filterwarnings("ignore")
sys.setrecursionlimit(100000)  # the package rouge recurses once a word
HERE = os.path.dirname(os.path.abspath(__file__))


def stub(name, **members):
    """InfiniteBench's file loads two modules that its scores need nothing of but ROUGE."""
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module


class RougeOfEvaluate:
    """evaluate.load("rouge"): rouge_score without stemming, the best of several references."""

    def compute(self, predictions, references, use_aggregator):
        scorer = rouge_scorer.RougeScorer(["rougeLsum"], use_stemmer=False)
        scores = []
        for prediction, reference in zip(predictions, references):
            refs = reference if isinstance(reference, list) else [reference]
            scores.append(max(scorer.score(r, prediction)["rougeLsum"].fmeasure for r in refs))
        return {"rougeLsum": scores}


from rouge_score import rouge_scorer  # noqa: E402

stub("evaluate", load=lambda name: RougeOfEvaluate())
stub("args", parse_args=lambda: None)

import infinitebench_scores as infinite  # noqa: E402
import jieba  # noqa: E402
import kvpress_aime25  # noqa: E402
import kvpress_math500  # noqa: E402
import lm_eval  # noqa: E402
import longbench_metrics as longbench  # noqa: E402
import ruler_constants as ruler  # noqa: E402
from lm_eval.api.metrics import exact_match_hf_evaluate  # noqa: E402
from lm_eval.filters.extraction import RegexFilter  # noqa: E402
from nltk.stem import porter  # noqa: E402
from rouge import Rouge  # noqa: E402
from transformers.data.metrics import squad_metrics  # noqa: E402


def task_utils(name):
    path = os.path.join(os.path.dirname(lm_eval.__file__), "tasks", name, "utils.py")
    spec = importlib.util.spec_from_file_location("utils_" + name, path)
    module = importlib.util.module_from_spec(spec)
    if "datasets" not in sys.modules:
        stub("datasets", Dataset=object)
    spec.loader.exec_module(module)
    return module


def best(score, written, refs):
    return max([0.0] + [float(score(written, ref)) for ref in refs])


def rouge_figures(written, refs):
    row = {}
    for name, stem in (("plain", False), ("stemmed", True)):
        kinds = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
        scorer = rouge_scorer.RougeScorer(kinds, use_stemmer=stem)
        scores = [scorer.score(ref, written) for ref in refs]
        row[name] = [max(s[kind].fmeasure for s in scores) for kind in kinds]
    package = [0.0, 0.0, 0.0]
    for ref in refs:
        try:
            scores = Rouge().get_scores(written, ref)[0]
        except ValueError:
            continue  # no sentence on one side: the package stops, LongBench counts 0
        figures = [scores[k]["f"] for k in ("rouge-1", "rouge-2", "rouge-l")]
        package = [max(a, b) for a, b in zip(package, figures)]
    row["package"] = package
    return row


def on_a_word(written, refs):
    """Our own definition, put down a second time: there is no original of it."""
    joined = "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3041-\u309f\u30a1-\u30ff\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff"
    import unicodedata

    def part(c):
        return unicodedata.category(c)[0] in "LNM"

    def alone(c):
        return re.match("[" + joined + "]", c) is not None

    def inside(text, i):
        if i == 0 or i == len(text):
            return False
        a, b = text[i - 1], text[i]
        if part(a) and part(b):
            return not alone(a) and not alone(b)
        return False

    text = written.lower()
    for ref in refs:
        ref = ref.lower().strip()
        if not ref:
            continue
        for i in range(len(text)):
            if not text.startswith(ref, i):
                continue
            j = i + len(ref)
            if inside(text, i) or inside(text, j):
                continue
            front = re.search(r"(\d[.]|(^|\s)[-−])$", text[:i]) or (
                re.search(r"\d,$", text[:i]) and re.match(r"\d{3}(?!\d)", text[i:]))
            back = text[j - 1].isdecimal() and re.match(r"[.]\d|,\d{3}(?!\d)", text[j:])
            if (ref[0].isdecimal() and front) or back:
                continue
            return 1.0
    return 0.0


def plain_rows():
    control = re.compile(r"[\x00-\x1f]")
    for written, refs in texts.plain_pairs():
        row = {"written": written, "expected": refs, **rouge_figures(written, refs)}
        row["squad_f1"] = best(lambda w, r: squad_metrics.compute_f1(r, w), written, refs)
        row["squad_exact"] = best(lambda w, r: squad_metrics.compute_exact(r, w), written, refs)
        row["qa_f1_score"] = best(longbench.qa_f1_score, written, refs)
        row["rouge_score"] = best(longbench.rouge_score, written, refs)
        clean = control.sub("\n", written.strip()).strip()  # RULER's postprocess_pred
        row["string_match_all"] = ruler.string_match_all([clean], [refs]) / 100
        row["string_match_part"] = ruler.string_match_part([clean], [refs]) / 100
        row["on_a_word"] = on_a_word(written, refs)
        yield row


def chinese_rows():
    for written, ref in texts.chinese_pairs():
        yield {
            "written": written,
            "expected": ref,
            "words": list(jieba.cut(written, cut_all=False)),
            "qa_f1_zh_score": float(longbench.qa_f1_zh_score(written, ref)),
            "rouge_zh_score": float(longbench.rouge_zh_score(written, ref)),
            "longbook_qa_chn": float(infinite.get_score_one_longbook_qa_chn(written, [ref], "")),
        }


def code_rows():
    for written, ref in texts.code_pairs():
        yield {"written": written, "expected": ref, "code_sim_score": longbench.code_sim_score(written, ref)}


def class_rows():
    for written, ref, classes in texts.classified():
        score = longbench.classification_score(written, ref, all_classes=classes)
        yield {"written": written, "expected": ref, "classes": classes, "classification_score": score}


def count_rows():
    for written, paragraph, chinese, number in texts.counted():
        yield {
            "written": written,
            "paragraph": paragraph,
            "chinese": chinese,
            "number": number,
            "retrieval_score": longbench.retrieval_score(written, paragraph),
            "retrieval_zh_score": longbench.retrieval_zh_score(written, chinese),
            "count_score": longbench.count_score(written, number),
        }


def math_rows():
    hendrycks, aime = task_utils("hendrycks_math"), task_utils("aime")

    def filtered(pattern, select, written):
        return RegexFilter(pattern, select).apply([[written]], [{}])[0][0]

    def same(found, expected):
        return float(exact_match_hf_evaluate(
            [found], [expected], regexes_to_ignore=[",", "\\$", "(?s).*#### ", "\\.$"],
            ignore_case=True)["exact_match"])

    strict, cot = "#### (\\-?[0-9\\.\\,]+)", "The answer is (\\-?[0-9\\.\\,]+)."
    last = "(-?[$0-9.,]{2,})|(-?[0-9]+)"
    for written, expected in texts.math_pairs():
        behind = expected.split("####")[-1].strip()
        boxed = hendrycks.last_boxed_only_string(expected)
        solution = expected if boxed is not None else "\\boxed{" + expected + "}"
        yield {
            "written": written,
            "expected": expected,
            "gsm8k_strict": same(filtered(strict, 0, written), expected),
            "gsm8k_flexible": same(filtered(last, -1, written), expected),
            "gsm8k_cot_strict": same(filtered(cot, 0, written), behind),
            "gsm8k_cot_flexible": same(filtered(last, -1, written), behind),
            "hendrycks_math": float(
                hendrycks.process_results({"solution": solution}, [written])["exact_match"]),
            "aime": float(aime.process_results({"answer": expected}, [written])["exact_match"]),
            "kvpress_aime": float(kvpress_aime25.score_aime(written, expected)),
            "kvpress_math": float(kvpress_math500.score_aime(written, expected)),
        }


def infinite_rows():
    """Answers to each task: those of the other groups, with expected ones of the task's kind."""
    rng = random.Random(18)
    plain = texts.plain_pairs()
    numbers = [row[0] for row in texts.counted()]

    def row(task, written, expected, label):
        return {"task": task, "written": written, "expected": expected,
                "score": infinite.get_score_one(written, label, task, "any")}

    for _ in range(40):
        written, n = rng.choice(numbers), str(rng.randint(0, 30))
        yield row("passkey", written, [n], [n])
        yield row("number_string", written, [n], [n])
        lines = rng.choice(["{}", "result: {}", "`{}`.", "{} \n", "it is {}!", "+{}", "1_{}"]).format(n)
        yield row("code_run", lines, [n], [int(n)])
        yield row("code_run", written, [n], [int(n)])
        whole = rng.choice(["{}", "it is {}", "{}, or 5"]).format(n)
        yield row("math_find", whole, [n], [int(n)])
        half = n + ".5"
        yield row("math_find", rng.choice(["{}", "it is {} or", "-{}"]).format(half), [half], [float(half)])
        yield row("math_find", written, [half], [float(half)])
        steps = [rng.randint(0, 9) for _ in range(4)]
        said = [s if rng.random() < 0.8 else s + 1 for s in steps][: rng.randint(0, 4)]
        yield row("math_calc", rng.choice([", ", " then ", "\n"]).join(map(str, said)),
                  [str(s) for s in steps], steps)
        written, refs = rng.choice(plain)
        word = rng.choice((written.split() or ["x"]))
        yield row("kv_retrieval", written, [word], word)
        name = rng.choice(["JAMES", "O'HARA", "EVE", "Eve"])
        said = rng.choice(["{}", "It is {}.", "{}?", "not {}s", "\"{}\""]).format(rng.choice([name, name.lower()]))
        yield row("longdialogue_qa_eng", said, [name], [name])
        yield row("longbook_qa_eng", written, refs, refs)
        yield row("longbook_sum_eng", written, refs, refs)
    wanted = {"A": "first", "B": "second", "C": "third", "D": "fourth"}
    for written, letter in texts.CHOICES:
        for text in (letter, "B"):
            label = [wanted[text], text]
            yield row("longbook_choice_eng", written, label, label)
            yield row("code_debug", written, label, label)


def longbench_v2(written, letter):
    written = written.replace("*", "")
    found = re.search(r"The correct answer is \(([A-D])\)", written) or re.search(
        r"The correct answer is ([A-D])", written)
    return float(found is not None and found.group(1) == letter)


def kl_rows():
    """llama.cpp's statistics, put down a second time (tools/perplexity, kl_divergence)."""
    import numpy as np

    rng = np.random.default_rng(19)
    for tokens in (1, 2, 11, 64, 1001):
        values = np.abs(rng.normal(0, 1, tokens)) ** 3
        changes = rng.normal(0, 0.1, tokens)
        same = rng.random(tokens) < 0.8
        order = np.sort(values)

        def percentile(fraction):
            p = fraction * (tokens - 1)
            i = int(p)
            p -= i
            return (1 - p) * order[i] + p * order[min(i + 1, tokens - 1)]

        def error(x):
            return float(np.sqrt(np.var(x) / (tokens - 1))) if tokens > 1 else None

        top = float(np.mean(same))
        rms = float(np.sqrt(np.mean(changes**2)))
        yield {
            "kl": values.tolist(), "p_diff": changes.tolist(), "same": same.astype(int).tolist(),
            "mean": float(np.mean(values)), "mean_error": error(values),
            "median": percentile(0.5), "p90": percentile(0.9), "p99": percentile(0.99),
            "p999": percentile(0.999), "max": float(order[-1]),
            "p_diff_mean": float(np.mean(changes)), "p_diff_mean_error": error(changes),
            "p_diff_rms": rms,
            "p_diff_rms_error": 0.5 / rms * error(changes**2) if tokens > 1 else None,
            "top1": top, "top1_error": float(np.sqrt(top * (1 - top) / (tokens - 1))) if tokens > 1 else None,
        }


def main():
    figures = {
        "plain": list(plain_rows()),
        "chinese": list(chinese_rows()),
        "code": list(code_rows()),
        "classes": list(class_rows()),
        "counts": list(count_rows()),
        "math": list(math_rows()),
        "infinitebench": list(infinite_rows()),
        "choices": [{"written": w, "expected": l, "longbench_v2": longbench_v2(w, l)} for w, l in texts.CHOICES],
        "kl": list(kl_rows()),
    }
    with open(os.path.join(HERE, "figures.json"), "w", encoding="utf-8", newline="\n") as out:
        out.write("{\n")
        for g, (group, rows) in enumerate(figures.items()):
            out.write(json.dumps(group) + ": [\n")
            out.write(",\n".join(json.dumps(row, ensure_ascii=True) for row in rows))
            out.write("\n]" + (",\n" if g + 1 < len(figures) else "\n"))
        out.write("}\n")
    stemmer = porter.PorterStemmer()
    with open(os.path.join(HERE, "stems.txt"), "w", encoding="utf-8", newline="\n") as out:
        for word in texts.stem_words():
            out.write(word + " " + stemmer.stem(word) + "\n")
    print({group: len(rows) for group, rows in figures.items()})


if __name__ == "__main__":
    main()
