"""Writes texts.py's texts to texts.json, where the Java tests read them."""
import json
from texts import HERE, LONG, TEXTS

json.dump({"texts": TEXTS, "long": LONG}, open(HERE + "/texts.json", "w"), ensure_ascii=True, indent=0)
