// Ties the parts together.
const sides = [new Side("left", "Left"), new Side("right", "Right")];
const fullCache = "baseline";
const usualPress = "h2o";

let server = null;
let running = null;

function state(words) {
  byId("state").textContent = words;
}

function build() {
  fill(byId("sides"), sides.map((side) => side.choice.root));
  fill(byId("answers"), sides.map((side) => side.root));
  fill(byId("maps"), sides.map((side) => side.map.root));
  const head = element("tr", {}, element("th", { scope: "col" }, "Figure"), ...sides.map((side) => element("th", { scope: "col" }, side.name)));
  const body = rows.map(([key, title]) => element("tr", {}, element("th", { scope: "row" }, title), ...sides.map((side) => side.cells[key])));
  fill(byId("figures"), [element("thead", {}, head), element("tbody", {}, ...body)]);
  document.body.append(element("datalist", { id: "specs" }));
}

// The same text stands at the same place on both sides.
function scrollTogether() {
  const boxes = sides.map((side) => side.map.box);
  boxes.forEach((box, i) =>
    box.addEventListener("scroll", () => {
      const other = boxes[1 - i];
      if (box.matches(":hover, :focus") && other.scrollTop !== box.scrollTop) {
        other.scrollTop = box.scrollTop;
      }
    }),
  );
}

// What the server has; asked again once a key is there.
async function meet() {
  try {
    const models = await list("v1/models");
    const presses = await list("v1/presses");
    welcome(models.data[0], presses.data);
  } catch (error) {
    byId("model").textContent = "";
    refuseOrAskForKey(error);
  }
}

function refuseOrAskForKey(error) {
  if (error.status === 401) {
    byId("key-box").hidden = false;
    byId("key").focus();
    state(apiKey === "" ? "The server asks for its key." : "The server does not take this key.");
  } else {
    state(error.message);
  }
}

function welcome(model, presses) {
  const about = model.kvpress ?? {};
  server = { model: model.id, chat: about.chat === true };
  byId("model").textContent =
    "Model " + model.id + ", " + count(model.max_model_len) + " positions, " + (server.chat ? "asked in its chat template" : "no chat template: it goes on with the text");
  document.title = "Two caches, one question: " + model.id;
  const usable = presses.filter((press) => press.complete && press.supported);
  const cuts = about.press && about.press !== fullCache ? about.press : (usable.find((press) => press.name === usualPress) ?? usable[0]).name;
  const [left, right] = sides.map((side) => side.choice);
  left.offer(presses, fullCache, null);
  right.offer(presses, cuts, about.compression_ratio ?? null);
  fill(byId("specs"), presses.filter((press) => press.example).map((press) => element("option", { value: press.example })));
  byId("compare").disabled = false;
  byId("key-box").hidden = true;
  state("");
}

function asked() {
  const value = (id) => Number(byId(id).value);
  return {
    context: byId("context").value,
    question: byId("question").value,
    maxTokens: value("max-tokens"),
    temperature: value("temperature"),
    seed: value("seed"),
  };
}

async function askSide(side, signal) {
  try {
    await ask(side.request, signal, side);
    side.end("An empty answer.");
    return true;
  } catch (error) {
    if (signal.aborted) {
      side.stopped();
    } else {
      side.fail(error instanceof AskError ? error.message : "The page has a fault: " + error);
      if (error.status === 401) {
        refuseOrAskForKey(error);
      }
    }
    return false;
  }
}

async function compareSides() {
  const inTurn = byId("in-turn").checked;
  running = new AbortController();
  const signal = running.signal;
  busy(true);
  // What is typed meanwhile is for the next time.
  const what = asked();
  sides.forEach((side) => side.begin(server, what));
  byId("times-note").textContent = inTurn
    ? "One side ran after the other. The first two rows are by the clock of this page, the others by the server's."
    : "Both sides ran at once and shared the machine, so their times are no comparison. The first two rows are by the clock of this page, the others by the server's.";
  byId("s-kept").hidden = true;
  state("Both sides are asked …");
  sides[0].root.scrollIntoView({ block: "nearest" });
  const all = [];
  if (inTurn) {
    for (const side of sides) {
      all.push(await askSide(side, signal));
    }
  } else {
    all.push(...(await Promise.all(sides.map((side) => askSide(side, signal)))));
  }
  byId("s-kept").hidden = sides.every((side) => side.choiceFigures === null);
  busy(false);
  if (signal.aborted) {
    state("Stopped.");
  } else if (byId("key-box").hidden) {
    state(all.every((well) => well) ? "Both sides have answered." : "A side has not answered; see there.");
  }
}

function busy(yes) {
  byId("compare").disabled = yes;
  byId("stop").disabled = !yes;
  if (yes) {
    byId("stop").focus();
  } else {
    running = null;
    if (document.activeElement === byId("stop") || document.activeElement === document.body) {
      byId("compare").focus();
    }
  }
}

build();
wireContext();
scrollTogether();
byId("compare").disabled = true;
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (running === null && server !== null) {
    compareSides();
  }
});
byId("stop").addEventListener("click", () => running?.abort());
byId("use-key").addEventListener("click", () => {
  apiKey = byId("key").value;
  meet();
});
byId("key").addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    byId("use-key").click();
  }
});
meet().finally(() => (document.documentElement.dataset.ready = "true"));
