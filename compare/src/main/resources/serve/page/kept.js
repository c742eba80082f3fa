// Which tokens of a context were held by how many heads, painted on its text.
const mostPatches = 10000;

// What the server says, or why it cannot be painted.
function keptMapOf(choice) {
  const map = choice.kept_map;
  if (!map) {
    return { fault: "The server does not say which tokens it kept." };
  }
  const whole = Array.isArray(map.text) && Array.isArray(map.share) && map.text.length === map.share.length;
  if (!whole || !map.share.every((share) => share >= 0 && share <= 1)) {
    return { fault: "What the server says of the tokens it kept does not fit together, so nothing is painted." };
  }
  const read = choice.context_tokens > 0 ? Math.min(choice.context_tokens, map.text.length) : map.text.length;
  const heads = choice.seen_tokens / (choice.context_tokens + choice.prompt_tokens);
  return { text: map.text, share: map.share, context: read, heads: Number.isInteger(heads) ? heads : null };
}

// Neighbours together, so that there are never more patches than a browser scrolls smoothly.
function patchesOf(map) {
  const size = Math.ceil(map.context / mostPatches);
  const patches = [];
  for (let from = 0; from < map.context; from += size) {
    const to = Math.min(from + size, map.context);
    let sum = 0;
    for (let i = from; i < to; i++) {
      sum += map.share[i];
    }
    patches.push({ from, to, text: map.text.slice(from, to).join(""), share: sum / (to - from) });
  }
  return patches;
}

function count(value) {
  return value.toLocaleString("en");
}

function percent(share) {
  if (!Number.isFinite(share)) {
    return "–";
  }
  const value = 100 * share;
  return (value > 0 && value < 0.1 ? "below 0.1" : String(Number(value.toFixed(1)))) + "\u202f%";
}

class KeptView {
  #patches = [];
  #map = null;
  #at = -1;

  constructor(side, title) {
    this.name = element("h3", { id: side + "-map-name" }, title);
    this.sum = element("p", { class: "note" });
    this.box = element("div", { class: "tokens", tabindex: "0", role: "region", "aria-labelledby": side + "-map-name", "aria-describedby": "kept-help" });
    this.readout = element("p", { class: "note readout", "aria-live": "polite" });
    this.root = element("figure", { class: "map" }, this.name, this.sum, this.box, this.readout);
    this.box.addEventListener("pointerover", (event) => this.#point(event.target));
    this.box.addEventListener("keydown", (event) => this.#walk(event));
  }

  clear(title) {
    this.name.textContent = title;
    this.#patches = [];
    this.#map = null;
    this.#at = -1;
    fill(this.box, []);
    this.sum.textContent = "";
    this.readout.textContent = "";
  }

  show(map) {
    if (map.fault) {
      this.sum.textContent = map.fault;
      return;
    }
    this.#map = map;
    this.#patches = patchesOf(map);
    this.sum.textContent = this.#summary();
    const parts = document.createDocumentFragment();
    this.#patches.forEach((patch, i) => {
      const span = element("span", { class: patch.share > 0 ? "token" : "token gone", "data-i": String(i) }, patch.text);
      span.style.setProperty("--kept", patch.share.toFixed(3));
      parts.append(span);
    });
    if (map.context < map.text.length) {
      parts.append(element("p", { class: "asked" }, map.text.slice(map.context).join("")));
    }
    fill(this.box, [parts]);
  }

  #summary() {
    const map = this.#map;
    const shares = map.share.slice(0, map.context);
    const all = shares.filter((share) => share === 1).length;
    const none = shares.filter((share) => share === 0).length;
    const size = this.#patches.length === 0 ? 1 : this.#patches[0].to;
    return (
      count(map.context) + " tokens: " + count(all) + " kept by all heads, " + count(map.context - all - none) + " by some, " + count(none) + " by none." +
      (size > 1 ? " So many are painted in patches of " + size + ", in their mean." : "")
    );
  }

  #point(target) {
    if (target.dataset?.i !== undefined) {
      this.#read(Number(target.dataset.i));
    }
  }

  #walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined || this.#patches.length === 0 || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    event.preventDefault();
    this.#read(Math.max(0, Math.min(this.#patches.length - 1, this.#at + step)));
    this.box.children[this.#at].scrollIntoView({ block: "nearest" });
  }

  #read(i) {
    this.box.children[this.#at]?.classList.remove("here");
    this.#at = i;
    this.box.children[i].classList.add("here");
    const patch = this.#patches[i];
    const which = patch.to - patch.from === 1 ? "Token " + count(patch.from) : "Tokens " + count(patch.from) + " to " + count(patch.to - 1);
    const heads = this.#map.heads === null || patch.to - patch.from > 1 ? "" : Math.round(patch.share * this.#map.heads) + " of " + count(this.#map.heads) + " heads, ";
    this.readout.textContent = which + " “" + patch.text + "”: kept by " + heads + percent(patch.share);
  }
}
