// Which tokens were kept, and where the model looks.
const mostColumns = 512;
const mostTokens = 6000;
const mostRows = 256;
const decades = 5;

function cells2d(rows, columns, value) {
  const list = [];
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const v = value(x, y);
      if (v !== null) {
        list.push([x, y, v]);
      }
    }
  }
  return list;
}

function colourBar(min, max, text, formatter) {
  const t = theme();
  return {
    min,
    max,
    dimension: 2,
    calculable: false,
    orient: "horizontal",
    left: "center",
    bottom: 0,
    itemHeight: 140,
    text,
    textStyle: { color: t.text },
    formatter,
    inRange: { color: scale },
  };
}

function heatmap(id, caption, option, values, show) {
  draw(
    id,
    caption,
    Object.assign(option, {
      tooltip: Object.assign(common().tooltip, { trigger: "item", formatter: (p) => show(p.value) }),
      series: [{ type: "heatmap", data: values, progressive: 20000, emphasis: { disabled: true }, animation: false }],
    }),
    "canvas",
  );
}

function categories(count, name, size, more) {
  return axis(
    name,
    Object.assign(
      { type: "category", data: Array.from({ length: count }, (_, i) => String(Math.round(i * size))), splitLine: { show: false } },
      more,
    ),
  );
}

function drawKeepMap(map) {
  const kept = decode(map.kept);
  const size = Math.max(1, map.tokens / mostColumns);
  const count = Math.ceil(map.tokens / size);
  const fraction = (x, layer) => {
    const from = Math.floor(x * size);
    const to = Math.max(from + 1, Math.min(map.tokens, Math.floor((x + 1) * size)));
    let sum = 0;
    for (let token = from; token < to; token++) {
      sum += kept[layer * map.tokens + token];
    }
    return sum / ((to - from) * map.kvHeads);
  };
  byId("chart-keep").style.height = Math.min(36, 10 + 1.25 * map.layers) + "rem";
  heatmap(
    "chart-keep",
    "Keep map of " + map.label,
    {
      grid: { left: 56, right: 16, top: 16, bottom: 96 },
      xAxis: categories(count, "token position", size, { nameGap: 26 }),
      yAxis: categories(map.layers, "layer", 1, { nameGap: 36, inverse: true }),
      visualMap: colourBar(0, 1, ["kept by all heads", "by none"], (v) => v.toFixed(1)),
    },
    cells2d(map.layers, count, fraction),
    (v) => tip("layer " + v[1] + ", token " + Math.round(v[0] * size), ["kept by " + Math.round(100 * v[2]) + " % of the heads"]),
  );
}

// Files may leave task or data out where there is only one.
function matches(found, wanted) {
  return !found || !wanted || found === wanted;
}

function drawTokens(map, layer) {
  const text = data.texts.find((t) => t.sample === map.sample && matches(t.task, map.task) && matches(t.data, map.data));
  byId("token-box").hidden = !text;
  if (!text) {
    return;
  }
  const kept = decode(map.kept);
  const layers = layer === null ? Array.from({ length: map.layers }, (_, i) => i) : [layer];
  const all = layers.length * map.kvHeads;
  const shown = Math.min(map.tokens, text.tokens.length, mostTokens);
  const parts = document.createDocumentFragment();
  for (let i = 0; i < shown; i++) {
    const heads = layers.reduce((sum, l) => sum + kept[l * map.tokens + i], 0);
    const span = element("span", { class: heads ? "token" : "token gone", title: "token " + i + ": kept by " + heads + " of " + all + " heads" }, text.tokens[i]);
    span.style.setProperty("--kept", (heads / all).toFixed(2));
    parts.append(span);
  }
  if (shown < map.tokens) {
    parts.append(element("p", { class: "note" }, "The first " + shown + " of " + map.tokens + " tokens."));
  }
  byId("tokens").replaceChildren(parts);
}

function drawAttention(map) {
  const levels = decode(map.levels);
  const size = Math.max(1, map.tokens / mostRows);
  const count = Math.ceil(map.tokens / size);
  const weight = (q, k) => levels[(q * (q + 1)) / 2 + k];
  // A level of 0 stands for a weight of 0 or below the scale.
  const log = (level) => (Math.max(level, 1) - 1) * (decades / 254) - decades;
  const value = (x, y) => {
    const q = Math.min(map.tokens - 1, Math.floor((y + 0.5) * size));
    const k = Math.min(map.tokens - 1, Math.floor((x + 0.5) * size));
    return k > q ? null : log(weight(q, k));
  };
  heatmap(
    "chart-attention",
    "Attention of " + map.label + " on a logarithmic scale",
    {
      grid: { left: 60, right: 16, top: 16, bottom: 96 },
      xAxis: categories(count, "key position (token)", size, { nameGap: 26 }),
      yAxis: categories(count, "query position (token)", size, { nameGap: 42, inverse: true }),
      visualMap: colourBar(-decades, 0, ["1", "≤ 10⁻⁵"], (v) => "10^" + v.toFixed(1)),
    },
    cells2d(count, count, value),
    (v) => tip("query " + Math.round(v[1] * size) + " looks at key " + Math.round(v[0] * size), ["probability about " + number(10 ** v[2])]),
  );
}

function drawNeedles(map) {
  const title = data.metrics[map.metric].title;
  const values = map.spots.map((spot) => spot[2]);
  const low = map.fraction ? 0 : Math.min(...values);
  const high = map.fraction ? 1 : Math.max(...values);
  const better = data.metrics[map.metric].higher ? "higher is better" : "lower is better";
  byId("cap-needles").textContent =
    capital(title) + " (" + better + ") by the length of the context and by how much of it stands before what is asked for. Lengths that differ by less than a tenth stand together, under the shortest.";
  byId("chart-needles").style.height = Math.min(36, 12 + 1.75 * map.depths.length) + "rem";
  heatmap(
    "chart-needles",
    "Needle in a haystack, " + map.label + ": " + title,
    {
      grid: { left: 64, right: 16, top: 16, bottom: 96 },
      xAxis: axis("context (tokens)", { type: "category", data: map.lengths, splitLine: { show: false }, nameGap: 26 }),
      yAxis: axis("depth (%)", { type: "category", data: map.depths, splitLine: { show: false }, nameGap: 46, inverse: true }),
      visualMap: colourBar(low, high, [number(high), number(low)], (v) => v.toFixed(2)),
    },
    map.spots,
    (v) => tip(map.lengths[v[0]] + " tokens, depth " + map.depths[v[1]] + " %", [title + ": " + number(v[2]), v[3] + (v[3] === 1 ? " sample" : " samples")]),
  );
}
