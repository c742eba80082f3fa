// Ties the controls to the parts of the page.
let topic = data.topics[0];
let metric = topic.metrics[0];

const labelled = (i) => Number(i) || 0;

function showTopic() {
  topic = data.topics[labelled(byId("topic").value)];
  options(byId("metric"), topic.metrics.map((name) => data.metrics[name].title));
  sorting.column = null;
  pageOf.figures = 0;
  drawTable(topic);
  showMetric();
  const list = sampleList(topic);
  byId("s-samples").hidden = list.length === 0;
  options(byId("sample"), list.map((sample) => "sample " + sample));
  showSample();
  options(byId("keep"), topicMaps().map((m) => m.label));
  showKeep();
  options(byId("needles"), topicNeedles().map((m) => m.label));
  showNeedles();
}

function showMetric() {
  metric = topic.metrics[labelled(byId("metric").value)];
  if (metric === undefined) {
    byId("cap-quality").textContent = "No figures to draw.";
    return;
  }
  drawQuality(topic, metric);
  drawPareto("chart-bytes", topic, metric, { name: "KV cache", bytes: true, of: (c) => c.kv });
  drawPareto("chart-time", topic, metric, { name: "time per token", bytes: false, of: (c) => c.msPerToken });
}

function showSample() {
  const list = sampleList(topic);
  pageOf.samples = 0;
  if (list.length) {
    drawSample(topic, list[labelled(byId("sample").value)]);
  }
}

function topicMaps() {
  return data.maps.filter((m) => matches(m.task, topic.task) && matches(m.data, topic.data));
}

function topicNeedles() {
  return data.needles.filter((m) => m.task === topic.task && matches(m.data, topic.data));
}

function showNeedles() {
  const maps = topicNeedles();
  byId("s-needles").hidden = maps.length === 0;
  if (maps.length) {
    drawNeedles(maps[labelled(byId("needles").value)]);
  }
}

function showKeep() {
  const maps = topicMaps();
  byId("s-keep").hidden = maps.length === 0;
  if (maps.length) {
    const map = maps[labelled(byId("keep").value)];
    const layers = ["all layers"].concat(Array.from({ length: map.layers }, (_, i) => "layer " + i));
    if (byId("keep-layer").options.length !== layers.length) {
      options(byId("keep-layer"), layers);
    }
    drawKeepMap(map);
    showTokens();
  }
}

function showTokens() {
  const layer = labelled(byId("keep-layer").value);
  drawTokens(topicMaps()[labelled(byId("keep").value)], layer === 0 ? null : layer - 1);
}

function showAttention() {
  byId("s-attention").hidden = data.attention.length === 0;
  if (data.attention.length) {
    drawAttention(data.attention[labelled(byId("attention").value)]);
  }
}

function showAll() {
  showMetric();
  drawLatency();
  showKeep();
  showNeedles();
  showAttention();
}

options(byId("topic"), data.topics.map((t) => t.title));
options(byId("attention"), data.attention.map((a) => a.label));
byId("topic").addEventListener("change", showTopic);
byId("metric").addEventListener("change", showMetric);
byId("filter").addEventListener("input", () => {
  pageOf.figures = 0;
  drawTable(topic);
  // Charts of many cells show a part, which the filter chooses.
  if (isCut(topicCells(topic))) {
    showMetric();
  }
});
byId("sample").addEventListener("change", showSample);
byId("keep").addEventListener("change", showKeep);
byId("needles").addEventListener("change", showNeedles);
byId("keep-layer").addEventListener("change", showTokens);
byId("attention").addEventListener("change", showAttention);
darkQuery.addEventListener("change", showAll);
let pending = 0;
window.addEventListener("resize", () => {
  cancelAnimationFrame(pending);
  pending = requestAnimationFrame(() => drawn.forEach((chart) => chart.resize()));
});
leafChoices();
showTopic();
drawLatency();
showAttention();
document.documentElement.dataset.ready = "true";
