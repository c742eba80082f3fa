// One of the two sides: its answer as it arrives, its figures, its words for screen readers.
const sayEvery = 3000;

const endings = {
  end_token: "at the model's own end",
  stop: "at a stop",
  max_tokens: "at the most tokens",
  length: "at the most tokens",
  max_positions: "at the model's last position",
  time_limit: "at the server's time limit",
  cancelled: "as the server gave it up",
};

// Rows of the table of figures, in order.
const rows = [
  ["first", "First token"],
  ["rate", "Tokens per second"],
  ["tokens", "New tokens"],
  ["cache", "Cache as the answer begins"],
  ["removed", "Removed"],
  ["entries", "Kept, over layers and heads"],
  ["memory", "Memory it takes"],
  ["prefill", "Reading the prompt"],
  ["cutting", "In the press"],
  ["decode", "Writing the answer"],
  ["wait", "Waiting"],
  ["ended", "Ended"],
];

// Figures with a second line, which is there from the beginning, so that nothing moves later.
const twoLines = ["cache", "removed", "entries", "prefill"];
const nothingYet = "\u00a0";

function milliseconds(value) {
  if (!Number.isFinite(value)) {
    return "–";
  }
  return value < 1000 ? value.toFixed(value < 100 ? 1 : 0) + " ms" : (value / 1000).toFixed(2) + " s";
}

class Side {
  #pending = "";
  #frame = 0;
  #unsaid = "";
  #sayTimer = 0;

  constructor(side, name) {
    this.name = name;
    this.choice = new PressChoice(side, name);
    this.map = new KeptView(side, name);
    this.heading = element("h3", { id: side + "-name" }, name);
    this.answer = element("div", { id: side + "-answer", class: "answer empty", "data-empty": "No answer yet.", tabindex: "0", role: "region", "aria-labelledby": side + "-name" });
    this.fault = element("p", { id: side + "-fault", class: "bad fault", role: "alert" });
    this.notices = element("ul", { id: side + "-notices", class: "notices" });
    this.said = element("div", { id: side + "-said", class: "said", "aria-live": "polite" });
    this.root = element("article", { class: "panel", "aria-labelledby": side + "-name" }, this.heading, this.answer, this.fault, this.notices, this.said);
    this.cells = Object.fromEntries(rows.map(([key]) => [key, element("td", { id: side + "-" + key })]));
    this.#empty();
  }

  #empty() {
    Object.values(this.cells).forEach((cell) => (cell.textContent = "–"));
    twoLines.forEach((key) => this.#lines(key, "–", nothingYet));
    this.bar = element("span", {});
    this.cells.cache.append(element("span", { class: "bar", "aria-hidden": "true" }, this.bar));
  }

  #lines(key, value, more) {
    fill(this.cells[key], [value, element("span", { class: "more" }, more)]);
  }

  begin(server, asked) {
    this.removed = this.choice.removed;
    this.request = requestOf(server, asked, { press: this.choice.press, ratio: this.removed });
    this.title = this.name + ": " + this.choice.title;
    this.heading.textContent = this.title;
    this.map.clear(this.title);
    this.#empty();
    fill(this.notices, []);
    this.fault.textContent = "";
    this.said.textContent = "";
    this.#pending = "";
    this.#unsaid = "";
    this.text = document.createTextNode("");
    fill(this.answer, [this.text]);
    this.#wait("Waiting …");
    this.firstAt = 0;
    this.lastAt = 0;
    this.count = 0;
    this.choiceFigures = null;
  }

  #wait(words) {
    this.answer.dataset.empty = words;
    this.answer.classList.add("empty");
  }

  // What a request tells, in the order in which it happens.
  asked() {
    this.askedAt = performance.now();
    this.#wait("The context is read …");
  }

  busy(seconds, time, most) {
    this.#wait("The server is busy. It is asked again in " + seconds + " s (" + time + " of " + (most - 1) + ").");
  }

  piece(text) {
    this.lastAt = performance.now();
    if (this.firstAt === 0) {
      this.firstAt = this.lastAt;
      this.cells.first.textContent = milliseconds(this.firstAt - this.askedAt);
      this.answer.classList.remove("empty");
    }
    this.#pending += text;
    this.#unsaid += text;
    this.#later();
    this.#say(false);
  }

  tokens(count) {
    this.count = count;
    this.#later();
  }

  finish(reason) {
    this.cells.ended.textContent = endings[reason] ?? reason;
  }

  figures(all) {
    const choice = all.choices?.[0];
    if (choice) {
      this.choiceFigures = choice;
      this.#showFigures(choice);
    }
  }

  // Once in a frame, however many pieces arrive in it.
  #later() {
    if (this.#frame === 0) {
      this.#frame = requestAnimationFrame(() => this.#paint());
    }
  }

  #paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#pending !== "") {
      const box = this.answer;
      const follows = box.scrollHeight - box.scrollTop - box.clientHeight < 24;
      this.text.appendData(this.#pending);
      this.#pending = "";
      if (follows) {
        box.scrollTop = box.scrollHeight;
      }
    }
    if (this.count > 0) {
      this.cells.tokens.textContent = count(this.count);
    }
    const seconds = (this.lastAt - this.firstAt) / 1000;
    if (this.count > 1 && seconds > 0) {
      this.cells.rate.textContent = ((this.count - 1) / seconds).toFixed(1);
    }
  }

  #showFigures(choice) {
    const size = choice.bytes;
    if (size) {
      this.#lines("cache", bytes(size.logical), "of " + bytes(size.full));
      this.cells.cache.append(this.bar.parentElement);
      this.bar.style.setProperty("--part", Math.min(100, (100 * size.logical) / size.full).toFixed(2) + "%");
      this.cells.memory.textContent = bytes(size.physical);
    }
    this.#lines("removed", percent(choice.achieved_ratio), this.removed === null ? nothingYet : "asked for " + percent(this.removed));
    this.#lines("entries", count(choice.kept_tokens), "of " + count(choice.seen_tokens));
    this.#showTimes(choice);
    if (choice.finish) {
      this.finish(choice.finish);
    }
    fill(this.notices, (choice.notices ?? []).map((notice) => element("li", {}, notice)));
  }

  // A context that this request read has times of its own, which count like the question's.
  #showTimes(choice) {
    const times = [choice.times_ms, choice.context_times_ms].filter((part) => part);
    const all = (name) => milliseconds(times.reduce((sum, part) => sum + part[name], 0));
    const alone = choice.context_tokens > 0 && times.length < 2;
    this.#lines("prefill", milliseconds(times.reduce((sum, part) => sum + part.prefill + part.reading, 0)), alone ? "of the question alone" : nothingYet);
    this.cells.cutting.textContent = alone ? "–" : all("press");
    this.cells.wait.textContent = all("wait");
    this.cells.decode.textContent = milliseconds(choice.times_ms?.decode);
  }

  // Whole words, now and then, so that a screen reader is not flooded.
  #say(last) {
    if (last) {
      clearTimeout(this.#sayTimer);
      this.#sayTimer = 0;
      this.said.append(element("p", {}, this.#unsaid));
      this.#unsaid = "";
    } else if (this.#sayTimer === 0) {
      this.#sayTimer = setTimeout(() => {
        this.#sayTimer = 0;
        const end = this.#unsaid.search(/\s\S*$/);
        if (end > 0) {
          this.said.append(element("p", {}, this.#unsaid.slice(0, end)));
          this.#unsaid = this.#unsaid.slice(end);
        }
      }, sayEvery);
    }
  }

  // However it ends, what has arrived is shown.
  end(words) {
    this.#paint();
    this.#say(true);
    if (this.text.length === 0) {
      this.#wait(words);
    }
    if (this.choiceFigures !== null) {
      this.map.show(keptMapOf(this.choiceFigures));
    }
  }

  fail(message) {
    this.end("No answer.");
    this.fault.textContent = message;
    this.cells.ended.textContent = "by a fault";
  }

  stopped() {
    this.end("Stopped before the first token.");
    this.cells.ended.textContent = "stopped by you";
  }
}
