// The choice of a press and of how much it removes, once for each side.
const otherPress = "";
const checkAfter = 300;

class PressChoice {
  #presses = [];
  #found = null;
  #asked = 0;
  #timer = 0;

  constructor(side, title) {
    this.side = side;
    const id = (name) => side + "-" + name;
    this.select = element("select", { id: id("press"), "aria-describedby": id("about") });
    this.spec = element("input", { id: id("spec"), class: "spec", type: "text", list: "specs", spellcheck: "false", placeholder: "adakv(snapkv)", "aria-describedby": id("about") });
    this.slider = element("input", { id: id("slider"), type: "range", min: "0", max: "0.99", step: "0.01", value: "0.5", "aria-label": title + ": fraction removed" });
    this.ratio = element("input", { id: id("ratio"), type: "number", min: "0", max: "0.999999", step: "any", value: "0.5", required: "" });
    this.about = element("p", { id: id("about"), class: "note about" });
    this.specRow = element("div", { class: "row" }, element("label", { for: id("spec") }, "Spec"), this.spec);
    this.root = element(
      "fieldset",
      {},
      element("legend", {}, title),
      element("div", { class: "row" }, element("label", { for: id("press") }, "Press"), this.select),
      this.specRow,
      element("div", { class: "row" }, element("label", { for: id("ratio") }, "Removed"), element("div", { class: "ratio" }, this.slider, this.ratio)),
      this.about,
    );
    this.select.addEventListener("change", () => this.#show());
    this.spec.addEventListener("input", () => this.#check());
    this.slider.addEventListener("input", () => (this.ratio.value = this.slider.value));
    this.ratio.addEventListener("input", () => (this.slider.value = this.ratio.value));
    this.#show();
  }

  // Presses that need nothing more than their name, those for this model first.
  offer(presses, chosen, ratio) {
    this.#presses = presses;
    const alone = presses.filter((press) => press.complete);
    const option = (press) => element("option", press.supported ? { value: press.name } : { value: press.name, disabled: "" }, press.name);
    const groups = [element("optgroup", { label: "On this model" }, ...alone.filter((press) => press.supported).map(option))];
    const others = alone.filter((press) => !press.supported);
    if (others.length > 0) {
      groups.push(element("optgroup", { label: "Not on this model" }, ...others.map(option)));
    }
    groups.push(element("optgroup", { label: "With parameters, or one around another" }, element("option", { value: otherPress }, "a spec of mine …")));
    fill(this.select, groups);
    if (alone.some((press) => press.name === chosen && press.supported)) {
      this.select.value = chosen;
    } else {
      this.select.value = otherPress;
      this.spec.value = chosen;
    }
    if (ratio !== null) {
      this.ratio.value = String(ratio);
      this.slider.value = this.ratio.value;
    }
    this.#show();
  }

  #show() {
    const own = this.select.value === otherPress;
    this.specRow.hidden = !own;
    this.spec.required = own;
    if (own) {
      this.#check();
    } else {
      this.#tell(this.#presses.find((press) => press.name === this.select.value) ?? null);
    }
  }

  // The server knows whether a spec can be made, and what its press does with a ratio.
  #check() {
    clearTimeout(this.#timer);
    const turn = ++this.#asked;
    this.#tell(null);
    const spec = this.spec.value.trim();
    if (spec !== "" && this.#presses.length > 0) {
      this.#timer = setTimeout(() => this.#lookUp(spec, turn), checkAfter);
    }
  }

  async #lookUp(spec, turn) {
    let found;
    try {
      found = (await list("v1/presses?spec=" + encodeURIComponent(spec))).data[0];
    } catch (error) {
      found = { supported: false, follows_ratio: true, summary: "", reason: error.message };
    }
    if (turn === this.#asked && this.select.value === otherPress) {
      this.#tell(found);
    }
  }

  #tell(press) {
    this.#found = press;
    const follows = press === null || press.follows_ratio;
    this.ratio.disabled = !follows;
    this.slider.disabled = !follows;
    this.about.classList.toggle("bad", press !== null && !press.supported);
    if (press === null) {
      this.about.textContent = "";
    } else if (!press.supported) {
      this.about.textContent = press.reason;
    } else {
      this.about.textContent = press.summary + (follows ? "" : " It takes no ratio.");
    }
  }

  get press() {
    return this.select.value === otherPress ? this.spec.value.trim() : this.select.value;
  }

  // The fraction to be removed; null for a press with a rule of its own.
  get removed() {
    return this.ratio.disabled ? null : Number(this.ratio.value);
  }

  get title() {
    return this.removed === null ? this.press : this.press + " at " + this.removed;
  }
}
