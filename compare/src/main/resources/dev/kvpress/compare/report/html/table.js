// The table of all cells of one task, sortable by every column.
const sorting = { column: null, descending: false };

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
  const used = list.filter((column) => topicCells(topic).some((c) => column.key(c) !== null && column.key(c) !== undefined));
  if (topicCells(topic).some((c) => c.error)) {
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

function topicCells(topic) {
  return data.cells.filter((cell) => cell.topic === topic.index);
}

function compareKeys(a, b) {
  return typeof a === "string" ? a.localeCompare(b) : a - b;
}

function sorted(cells, column) {
  if (!column) {
    return cells;
  }
  const known = cells.filter((c) => column.key(c) !== null && column.key(c) !== undefined);
  const unknown = cells.filter((c) => !known.includes(c));
  known.sort((a, b) => (sorting.descending ? -1 : 1) * compareKeys(column.key(a), column.key(b)));
  return known.concat(unknown);
}

function drawTable(topic) {
  const all = columns(topic);
  const needle = byId("filter").value.trim().toLowerCase();
  const chosen = all.find((column) => column.name === sorting.column);
  const cells = sorted(topicCells(topic), chosen).filter((c) => c.label.toLowerCase().includes(needle));
  const head = element("tr");
  for (const column of all) {
    const button = element("button", { type: "button" }, column.name);
    button.addEventListener("click", () => {
      sorting.descending = sorting.column === column.name ? !sorting.descending : false;
      sorting.column = column.name;
      drawTable(topic);
      // The head is new; whoever sorts by keyboard goes on from the same place.
      byId("figures").querySelectorAll("thead button")[all.indexOf(column)].focus();
    });
    const state = column === chosen ? (sorting.descending ? "descending" : "ascending") : "none";
    head.append(element("th", { scope: "col", "aria-sort": state, class: column.text ? "text" : "" }, button));
  }
  fill(byId("figures").tHead, [head]);
  const best = new Set(topic.best);
  fill(byId("figures").tBodies[0], cells.map((cell) => row(cell, all, best.has(cell.index))));
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
