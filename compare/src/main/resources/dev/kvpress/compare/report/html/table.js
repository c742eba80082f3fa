// The table of all cells of one task, sortable by every column.
const sorting = { column: null, descending: false };

// Rows that a browser draws at once; more are leafed through.
const rowsOfPage = 100;
const pageOf = { figures: 0, samples: 0, choices: 0 };
// Where all rows stand of a table that is printed in part.
const fileOf = { figures: "results.csv", samples: "samples.jsonl" };

// The part of the rows that is shown, and buttons to the others where there are any.
function leaf(table, rows, redraw, size = rowsOfPage) {
  const pages = Math.max(1, Math.ceil(rows.length / size));
  pageOf[table] = Math.min(pageOf[table], pages - 1);
  const first = pageOf[table] * size;
  const shown = rows.slice(first, first + size);
  const words = rows.length === 0 ? "no rows" : "rows " + (first + 1) + " to " + (first + shown.length) + " of " + rows.length;
  const box = byId(table + "-pages");
  box.hidden = pages === 1;
  const turn = (label, page) => {
    const button = element("button", { type: "button" }, label);
    button.disabled = page < 0 || page >= pages;
    button.addEventListener("click", () => {
      pageOf[table] = page;
      redraw();
      // The buttons are new; whoever turns pages by keyboard goes on from the same place.
      const again = [...box.querySelectorAll("button")].find((b) => b.textContent === label);
      (again.disabled ? box.querySelector("button:enabled") : again).focus();
    });
    return button;
  };
  fill(box, [
    turn("« first", pageOf[table] === 0 ? -1 : 0),
    turn("‹ previous", pageOf[table] - 1),
    element("span", { role: "status" }, words),
    turn("next ›", pageOf[table] + 1),
    turn("last »", pageOf[table] === pages - 1 ? pages : pages - 1),
  ]);
  if (fileOf[table]) {
    byId(table + "-print").textContent = pages === 1 ? "" : "Printed are " + words + "; all of them stand in " + fileOf[table] + " beside this page.";
  }
  return shown;
}

// Rows of the verdict at once; they are there already, since they need no script.
const choicesOfPage = 25;

function leafChoices() {
  const table = byId("choices");
  if (!table) {
    return;
  }
  const rows = [...table.querySelectorAll("tbody tr")].filter((made) => made.cells.length > 1);
  const shown = new Set(leaf("choices", rows, leafChoices, choicesOfPage));
  rows.forEach((made) => { made.hidden = !shown.has(made); });
  for (const body of table.tBodies) {
    const own = rows.filter((made) => made.parentNode === body);
    body.hidden = !own.some((made) => shown.has(made));
    // The word on what is left out stands behind the last row.
    [...body.rows].filter((made) => made.cells.length === 1 && made.querySelector("td")).forEach((made) => {
      made.hidden = !shown.has(own[own.length - 1]);
    });
  }
}

function columns(topic) {
  const better = (higher) => (higher ? "↑ higher is better" : "↓ lower is better");
  const list = [
    { name: "Method", text: true, key: (c) => c.method.toLowerCase(), show: (c) => c.method },
    { name: "Removed, asked", key: (c) => c.ratio ?? (c.budget === null ? null : 2 - c.budget * 1e-9), show: (c) => c.requested },
    { name: "Removed, achieved\n(fraction)", key: (c) => c.achieved, show: (c) => number(c.achieved) },
  ];
  for (const name of topic.metrics) {
    const info = data.metrics[name];
    list.push({
      name: info.title + "\n" + better(info.higher),
      metric: name,
      key: (c) => c.metrics[name]?.value ?? null,
      show: (c) => marked(figureCell(c.metrics[name]), c.metrics[name] ? c.notes : []),
    });
  }
  list.push(
    { name: "KV cache, logical\n↓ smaller is better", key: (c) => c.kv, show: (c) => bytes(c.kv) },
    { name: "KV cache, physical\n↓ smaller is better", key: (c) => c.kvPhysical, show: (c) => bytes(c.kvPhysical) },
    { name: "Prefill (ms)\n" + (topic.task === "latency" ? "its own" : "shared by methods"), key: (c) => c.prefillMs, show: (c) => number(c.prefillMs) },
    { name: "Press (ms)\n↓ lower is better", key: (c) => c.pressMs, show: (c) => number(c.pressMs) },
    { name: "Second pass (ms)\n↓ lower is better", key: (c) => c.secondPassMs, show: (c) => number(c.secondPassMs) },
    { name: "Per token (ms)\n↓ lower is better", key: (c) => c.tpot, show: (c) => marked(number(c.tpot) + (c.tpotSpread === null ? "" : " ±" + number(c.tpotSpread)), c.tpotNotes) },
    { name: "Samples", key: (c) => c.samples, show: (c) => String(c.samples) },
  );
  const cells = topicCells(topic);
  const used = list.filter((column) => cells.some((c) => column.key(c) !== null && column.key(c) !== undefined));
  if (cells.some((c) => c.error)) {
    used.push({ name: "Error", text: true, wrap: true, key: (c) => c.error, show: (c) => c.error ?? "" });
  }
  return used;
}

function figureCell(figure) {
  if (!figure) {
    return "–";
  }
  if (figure.delta === null) {
    return number(figure.value);
  }
  const parts = document.createDocumentFragment();
  parts.append(number(figure.value), element("span", { class: "delta" }, signed(figure.delta) + interval(figure)));
  return parts;
}

// A figure with the marks of what is to be known of it; the lines stand under "Notes and errors".
function marked(content, notes) {
  if (notes.length === 0) {
    return content;
  }
  const parts = document.createDocumentFragment();
  parts.append(content);
  for (const note of notes) {
    const mark = element("sup", {});
    mark.append(element("a", { href: "#note-" + note }, "[" + note + "]"));
    parts.append(mark);
  }
  return parts;
}

const cellsOfTopics = new Map();

function topicCells(topic) {
  if (!cellsOfTopics.has(topic.index)) {
    cellsOfTopics.set(topic.index, data.cells.filter((cell) => cell.topic === topic.index));
  }
  return cellsOfTopics.get(topic.index);
}

function filtered(cells) {
  const needle = byId("filter").value.trim().toLowerCase();
  return needle ? cells.filter((c) => c.label.toLowerCase().includes(needle)) : cells;
}

function compareKeys(a, b) {
  return typeof a === "string" ? a.localeCompare(b) : a - b;
}

function sorted(cells, column) {
  if (!column) {
    return cells;
  }
  const isKnown = (c) => column.key(c) !== null && column.key(c) !== undefined;
  const known = cells.filter(isKnown);
  const unknown = cells.filter((c) => !isKnown(c));
  known.sort((a, b) => (sorting.descending ? -1 : 1) * compareKeys(column.key(a), column.key(b)));
  return known.concat(unknown);
}

function drawTable(topic) {
  const all = columns(topic);
  const chosen = all.find((column) => column.name === sorting.column);
  const cells = sorted(filtered(topicCells(topic)), chosen);
  const head = element("tr");
  for (const column of all) {
    const button = element("button", { type: "button" }, column.name);
    button.addEventListener("click", () => {
      sorting.descending = sorting.column === column.name ? !sorting.descending : false;
      sorting.column = column.name;
      pageOf.figures = 0;
      drawTable(topic);
      // The head is new; whoever sorts by keyboard goes on from the same place.
      byId("figures").querySelectorAll("thead button")[all.indexOf(column)].focus();
    });
    const state = column === chosen ? (sorting.descending ? "descending" : "ascending") : "none";
    head.append(element("th", { scope: "col", "aria-sort": state, class: column.text ? "text" : "" }, button));
  }
  fill(byId("figures").tHead, [head]);
  const best = new Set(topic.best);
  const shown = leaf("figures", cells, () => drawTable(topic));
  fill(
    byId("figures").tBodies[0],
    shown.length
      ? shown.map((cell) => row(cell, all, best.has(cell.index)))
      : [element("tr", {}, element("td", { class: "text", colspan: all.length }, "No method has this in its name."))],
  );
  byId("table-caption").textContent =
    topic.title + ": " + cells.length + (cells.length === 1 ? " row" : " rows") +
    (topic.best.length ? "; the best method at each ratio is in bold" : "");
}

function row(cell, all, isBest) {
  const made = element("tr", isBest ? { class: "best" } : {});
  all.forEach((column, i) => {
    const content = column.show(cell);
    if (i === 0) {
      made.append(element("th", { scope: "row", title: cell.spec }, content));
    } else {
      const kind = column.wrap ? "wrap bad" : column.text ? "text" : column.metric ? "value" : "";
      made.append(element("td", { class: kind }, content));
    }
  });
  return made;
}
