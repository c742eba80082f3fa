"""What transformers 4.57 makes of chat templates: figures.json.

templates/ are written for this project; each gives the format of the family it is named after.
constructs.txt has one template a line (⏎ stands for a line break): the parts of Jinja2 that chat
templates use, and some that are refused here.

    python make.py            # needs transformers and jinja2
"""
import json
from pathlib import Path

from transformers.utils.chat_template_utils import render_jinja_template

HERE = Path(__file__).parent
CONVERSATIONS = {
    "question": [{"role": "user", "content": "Hi there"}],
    "system": [
        {"role": "system", "content": "Be terse.\n"},
        {"role": "user", "content": "  What is 2+2? "},
    ],
    "turns": [
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": " Yes, one.\n"},
        {"role": "user", "content": "And <b>\"two\"</b> & 'three' über 😀?"},
    ],
    "thoughts": [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": "<think>\nhm\n</think>\n\nYes"},
        {"role": "user", "content": "{{ not a template }} {% if %}"},
        {"role": "assistant", "content": "<think>so</think>ok"},
    ],
    "code": [{"role": "user", "content": "line\n\n  {# c #} end \n"}],
}


def rendered(template, conversation, **more):
    try:
        text = render_jinja_template(
            [conversation], chat_template=template, bos_token="<s>", eos_token="</s>", **more
        )[0][0]
        return {"text": text}
    except Exception as error:  # Whatever Python says, a refusal is expected.
        return {"error": str(error)}


def main():
    figures = {"conversations": CONVERSATIONS, "templates": [], "constructs": []}
    for file in sorted((HERE / "templates").glob("*.jinja")):
        for name, conversation in CONVERSATIONS.items():
            for begins in (True, False):
                for switches in ({}, {"enable_thinking": False}):
                    figures["templates"].append(
                        {
                            "template": file.name,
                            "conversation": name,
                            "answer_begins": begins,
                            "switches": switches,
                            **rendered(
                                file.read_text(),
                                conversation,
                                add_generation_prompt=begins,
                                **switches,
                            ),
                        }
                    )
    for line in (HERE / "constructs.txt").read_text().splitlines():
        template = line.replace("⏎", "\n")
        for name in ("question", "turns"):
            figures["constructs"].append(
                {
                    "template": template,
                    "conversation": name,
                    **rendered(template, CONVERSATIONS[name], add_generation_prompt=True),
                }
            )
    (HERE / "figures.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n")


main()
