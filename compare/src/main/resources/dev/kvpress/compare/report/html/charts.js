// Quality against ratio, the two Pareto pictures and the times of tokens.
const drawn = new Map();

// One ECharts instance a box. It is filled anew and never thrown away, since the library may still
// be painting a large map when the colours of the theme change.
function draw(id, caption, option, renderer) {
  const box = byId(id);
  const chart = drawn.get(id) ?? echarts.init(box, null, { renderer: renderer || "svg" });
  drawn.set(id, chart);
  chart.resize();
  chart.setOption(Object.assign(common(), option), true);
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", caption);
  return chart;
}

function common() {
  const t = theme();
  return {
    animation: false,
    textStyle: { color: t.text, fontFamily: t.font },
    tooltip: { backgroundColor: t.back, borderColor: t.line, textStyle: { color: t.text }, confine: true },
  };
}

function axis(name, more) {
  const t = theme();
  return Object.assign(
    {
      type: "value",
      name,
      nameLocation: "middle",
      nameTextStyle: { color: t.text },
      axisLabel: { color: t.soft, hideOverlap: true },
      axisLine: { show: true, lineStyle: { color: t.soft } },
      splitLine: { lineStyle: { color: t.line } },
    },
    more,
  );
}

// More methods and points than these are no picture any more.
const mostMethods = 40;
const mostPoints = 600;

function byMethod(cells) {
  const groups = new Map();
  for (const cell of cells) {
    if (!groups.has(cell.method)) {
      groups.set(cell.method, []);
    }
    groups.get(cell.method).push(cell);
  }
  return groups;
}

function isCut(cells) {
  return cells.length > mostPoints || byMethod(cells).size > mostMethods;
}

// What a chart draws of many cells: of the methods with the best mean, of each a part.
function thinned(all, metric) {
  if (!isCut(all)) {
    return { cells: all, words: "" };
  }
  const wanted = filtered(all);
  const mean = (own) => own.reduce((sum, c) => sum + c.metrics[metric].value, 0) / own.length;
  const sign = data.metrics[metric].higher ? -1 : 1;
  const groups = [...byMethod(wanted).values()]
    .map((own) => ({ own, rank: sign * mean(own) }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, mostMethods)
    .map((group) => group.own.sort((a, b) => a.achieved - b.achieved));
  const each = Math.max(2, Math.floor(mostPoints / Math.max(1, groups.length)));
  const cells = groups.flatMap((own) => {
    const step = Math.max(1, Math.ceil(own.length / each));
    return own.filter((c, i) => i % step === 0 || i === own.length - 1);
  });
  return {
    cells,
    words:
      " " + cells.length + " of " + all.length + " cells are drawn, of the " +
      (groups.length === 1 ? "method" : groups.length + " methods") + " with the best mean; the filter of the table chooses among others.",
  };
}

function legend(names) {
  const t = theme();
  return {
    type: "scroll",
    bottom: 0,
    data: names,
    itemWidth: 18,
    itemHeight: 10,
    textStyle: { color: t.text },
    pageTextStyle: { color: t.text },
    pageIconColor: t.text,
    pageIconInactiveColor: t.line,
  };
}

// Values that differ by more than this factor share a logarithmic axis.
const logFactor = 20;

function isWide(values) {
  const low = Math.min(...values);
  return low > 0 && Math.max(...values) / low > logFactor;
}

function valueAxis(info, values) {
  const wide = isWide(values);
  const arrow = info.higher ? "higher is better →" : "← lower is better";
  return axis(info.title + (wide ? ", log scale" : "") + "   " + arrow, {
    type: wide ? "log" : "value",
    scale: true,
    nameGap: 52,
    axisLabel: { color: theme().soft, formatter: (v) => number(v).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "") },
  });
}

function details(cell, metric) {
  const figure = cell.metrics[metric];
  return [
    data.metrics[metric].title + ": " + number(figure.value),
    figure.delta === null ? "" : "against the full cache: " + signed(figure.delta) + interval(figure),
    "removed: " + number(cell.achieved) + " (asked: " + cell.requested + ")",
    cell.kv === null ? "" : "KV cache: " + bytes(cell.kv),
    cell.msPerToken === null ? "" : number(cell.msPerToken) + " ms per token",
    figure.n + " samples",
  ];
}

// Points carry the number of their cell: the library copies everything else that it is given.
function cellTip(point, metric) {
  const cell = data.cells[point.data?.cell];
  return cell ? tip(cell.label, details(cell, metric)) : "";
}

function measured(topic, metric) {
  return topicCells(topic).filter((c) => !c.error && Number.isFinite(c.metrics[metric]?.value));
}

// The interval is that of the difference to the full cache; it is drawn around the cell's value.
function errorBars(points, colour) {
  return {
    type: "custom",
    silent: true,
    z: 1,
    encode: { x: 0, y: [1, 2] },
    data: points,
    renderItem: (params, api) => {
      const low = api.coord([api.value(0), api.value(1)]);
      const high = api.coord([api.value(0), api.value(2)]);
      const style = { stroke: colour, lineWidth: 1.5, fill: "none" };
      const bar = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style });
      return {
        type: "group",
        children: [
          bar(low[0], low[1], high[0], high[1]),
          bar(low[0] - 4, low[1], low[0] + 4, low[1]),
          bar(high[0] - 4, high[1], high[0] + 4, high[1]),
        ],
      };
    },
  };
}

function ends(figure) {
  const shift = figure.value - figure.delta;
  return [figure.low + shift, figure.high + shift];
}

function drawQuality(topic, metric) {
  const info = data.metrics[metric];
  const whole = measured(topic, metric);
  const baseline = whole.find((c) => c.baseline);
  const part = thinned(whole.filter((c) => !c.baseline && c.achieved !== null), metric);
  const cells = part.cells;
  const all = baseline ? [baseline, ...cells] : cells;
  const names = [...new Set(cells.map((c) => c.method))];
  const values = all.map((c) => c.metrics[metric].value);
  const wide = isWide(values);
  const series = [];
  for (const name of names) {
    const own = cells.filter((c) => c.method === name).sort((a, b) => a.achieved - b.achieved);
    const { colour, shape, dash } = look(name);
    series.push({
      name,
      type: "line",
      symbol: shape,
      symbolSize: 9,
      z: 3,
      itemStyle: { color: colour },
      lineStyle: { color: colour, type: dash, width: 1.5 },
      data: own.map((c) => ({ value: [c.achieved, c.metrics[metric].value], cell: c.index })),
    });
    const bars = own
      .map((c) => c.metrics[metric])
      .map((f, i) => (f.low === null || f.high === null ? null : [own[i].achieved, ...ends(f)]))
      .filter((bar) => bar && !(wide && bar[1] <= 0));
    if (bars.length) {
      series.push(Object.assign(errorBars(bars, colour), { name }));
    }
  }
  if (baseline && series.length) {
    const t = theme();
    series[0].markLine = {
      silent: true,
      symbol: "none",
      lineStyle: { color: t.text, type: "dashed" },
      label: { formatter: "full cache " + number(baseline.metrics[metric].value), color: t.text, position: "insideStartTop" },
      data: [{ yAxis: baseline.metrics[metric].value }],
    };
    // Draws nothing; without it the axis might end before the full cache's line.
    series.push({
      type: "line",
      symbol: "none",
      silent: true,
      data: [[0, baseline.metrics[metric].value]],
    });
  }
  const barred = cells.some((c) => c.metrics[metric].low !== null);
  const caption =
    capital(info.title) + " of each method against the fraction of the cache that it really removed; " +
    (info.higher ? "higher" : "lower") + " and further right is better. " +
    (barred ? "Bars are 95 % intervals of the difference to the full cache (dashed line)." : "The dashed line is the full cache.") +
    " A click on a name hides it." + part.words;
  byId("cap-quality").textContent = cells.length ? caption : "No figures to draw.";
  draw("chart-quality", caption, {
    grid: { left: 72, right: 24, top: 24, bottom: 84 },
    legend: legend(names),
    xAxis: axis("fraction of the cache removed (achieved)", {
      min: 0,
      max: (range) => Math.min(1, Math.ceil((range.max + 0.02) * 10) / 10),
      nameGap: 28,
    }),
    yAxis: valueAxis(info, values),
    tooltip: Object.assign(common().tooltip, {
      trigger: "item",
      formatter: (p) => cellTip(p, metric),
    }),
    series,
  });
}

// Points that no other beats in both directions, from left to right.
function front(points, higher) {
  const ordered = [...points].sort((a, b) => a.value[0] - b.value[0] || (higher ? b.value[1] - a.value[1] : a.value[1] - b.value[1]));
  const kept = [];
  for (const point of ordered) {
    const last = kept[kept.length - 1];
    if (!last || (higher ? point.value[1] > last.value[1] : point.value[1] < last.value[1])) {
      kept.push(point);
    }
  }
  return kept;
}

// Those of the front that are far enough apart, as parts of the drawing, for their labels to be read.
function apart(best, wide) {
  const place = (values) => {
    const low = Math.min(...values);
    const size = Math.max(...values) - low || 1;
    return values.map((value) => (value - low) / size);
  };
  const xs = place(best.map((p) => p.value[0]));
  const ys = place(best.map((p) => (wide ? Math.log(p.value[1]) : p.value[1])));
  const kept = [];
  best.forEach((p, i) => {
    if (kept.every((k) => Math.abs(xs[i] - xs[k]) > 0.35 || Math.abs(ys[i] - ys[k]) > 0.08)) {
      kept.push(i);
    }
  });
  return kept.map((i) => best[i]);
}

// One series for all labels, so that the library can see which would overlap.
function frontLabels(best) {
  const widest = Math.max(...best.map((p) => p.value[0]));
  const narrowest = Math.min(...best.map((p) => p.value[0]));
  return {
    name: "labels",
    type: "scatter",
    silent: true,
    symbolSize: 12,
    itemStyle: { color: "transparent" },
    labelLayout: { hideOverlap: true },
    label: {
      show: true,
      position: "top",
      color: theme().text,
      textBorderColor: theme().page,
      textBorderWidth: 3,
      formatter: (p) => data.cells[p.data.cell].label,
    },
    data: best.map((p) => ({
      value: p.value,
      cell: p.cell,
      label: { align: p.value[0] < (2 * narrowest + widest) / 3 ? "left" : "center" },
    })),
  };
}

function drawPareto(id, topic, metric, cost) {
  const info = data.metrics[metric];
  const whole = measured(topic, metric).filter((c) => cost.of(c) !== null);
  const largest = whole.reduce((most, c) => Math.max(most, cost.of(c)), 1);
  const scaleOf = cost.bytes ? byteUnit(largest) : { name: "ms", size: 1 };
  const t = theme();
  const point = (c) => ({ value: [cost.of(c) / scaleOf.size, c.metrics[metric].value], cell: c.index });
  // The front is that of all cells, also of those that are not drawn for themselves.
  const best = front(whole.map(point), info.higher);
  const part = thinned(whole, metric);
  const cells = [...new Set([...part.cells, ...best.map((p) => data.cells[p.cell])])];
  const points = cells.map(point);
  const names = [...new Set(cells.map((c) => c.method))];
  const series = names.map((name) => {
    const { colour, shape } = look(name);
    const isFull = cells.some((c) => c.method === name && c.baseline);
    return {
      name,
      type: "scatter",
      symbol: isFull ? "diamond" : shape,
      symbolSize: isFull ? 14 : 10,
      z: 3,
      itemStyle: { color: isFull ? t.text : colour },
      data: points.filter((p) => data.cells[p.cell].method === name),
    };
  });
  series.push(frontLabels(apart(best, isWide(points.map((p) => p.value[1])))));
  series.push({
    name: "nothing is better in both",
    type: "line",
    silent: true,
    symbol: "none",
    z: 1,
    lineStyle: { color: t.soft, type: "dashed" },
    data: best.map((p) => p.value),
  });
  const caption = cells.length
    ? capital(info.title) + " against " + cost.name + ": the " + (info.higher ? "upper" : "lower") +
      " left is best. The dashed line joins the cells that no other cell beats in both." + part.words
    : "No " + cost.name + " was measured for this task.";
  byId(id.replace("chart", "cap")).textContent = caption;
  byId(id).hidden = cells.length === 0;
  if (cells.length) {
    draw(id, caption, {
      grid: { left: 72, right: 40, top: 32, bottom: 84 },
      legend: legend(names),
      xAxis: axis(cost.name + " (" + scaleOf.name + ")   ← lower is better", { scale: true, nameGap: 28 }),
      yAxis: valueAxis(info, points.map((p) => p.value[1])),
      tooltip: Object.assign(common().tooltip, {
        trigger: "item",
        formatter: (p) => cellTip(p, metric),
      }),
      series,
    });
  }
}

function drawLatency() {
  const timed = data.cells.filter((c) => c.tokenMs.length > 0);
  const cells = [...timed.filter((c) => c.baseline), ...timed.filter((c) => !c.baseline)].slice(0, mostMethods);
  if (cells.length < timed.length) {
    byId("cap-latency").textContent =
      byId("cap-latency").textContent.replace(/ \d+ of \d+ cells are drawn\.$/, "") +
      " " + cells.length + " of " + timed.length + " cells are drawn.";
  }
  byId("s-latency").hidden = cells.length === 0;
  if (cells.length === 0) {
    return;
  }
  const several = new Set(cells.map((c) => c.topic)).size > 1;
  const name = (c) => (several ? c.label + ", " + data.topics[c.topic].title : c.label);
  const full = theme().text;
  const ratios = [...new Set(cells.map((c) => c.requested))];
  const series = cells.map((c) => {
    const { colour } = look(c.method);
    return {
      name: name(c),
      type: "line",
      showSymbol: c.tokenMs.length < 3,
      lineStyle: { color: c.baseline ? full : colour, width: c.baseline ? 2.5 : 1.5, type: dashes[ratios.indexOf(c.requested) % dashes.length] },
      itemStyle: { color: c.baseline ? full : colour },
      data: c.tokenMs.map((ms, i) => [(i + 0.5) * c.tokensPerPoint + 0.5, ms]),
    };
  });
  draw("chart-latency", byId("cap-latency").textContent, {
    grid: { left: 72, right: 24, top: 24, bottom: 84 },
    legend: legend(cells.map(name)),
    xAxis: axis("generated token", { nameGap: 28 }),
    yAxis: axis("time per token (ms)   ← lower is better", { nameGap: 48 }),
    tooltip: Object.assign(common().tooltip, {
      trigger: "item",
      formatter: (p) => tip(p.seriesName, ["token " + Math.round(p.value[0]), number(p.value[1]) + " ms"]),
    }),
    series,
  });
}
