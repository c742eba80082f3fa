// One sample in all cells: figures, and answers against what was expected.
function sampleList(topic) {
  const list = [...new Set(data.samples.filter((s) => s.topic === topic.index).map((s) => s.sample))];
  return list.sort((a, b) => a - b);
}

function drawSample(topic, sample) {
  const rows = data.samples.filter((s) => s.topic === topic.index && s.sample === sample);
  const names = topic.metrics.filter((name) => rows.some((s) => Number.isFinite(s.figures[name])));
  const answers = rows.some((s) => s.answer !== null);
  const nll = names.length === 0 && rows.some((s) => s.nll !== null);
  const titles = ["Method", "Removed, asked", "Removed, achieved"]
    .concat(names.map((name) => data.metrics[name].title))
    .concat(nll ? ["NLL (nats/token)"] : [])
    .concat(answers ? ["Answer"] : []);
  fill(byId("sample-table").tHead, [
    element("tr", {}, ...titles.map((title, i) => element("th", { scope: "col", class: i === 0 || title === "Answer" ? "text" : "" }, title))),
  ]);
  fill(
    byId("sample-table").tBodies[0],
    leaf("samples", rows, () => drawSample(topic, sample)).map((s) => {
      const made = element("tr", {}, element("th", { scope: "row" }, s.method));
      const add = (content, kind) => made.append(element("td", kind ? { class: kind } : {}, content));
      add(s.requested);
      add(number(s.achieved));
      names.forEach((name) => add(number(s.figures[name])));
      if (nll) {
        add(number(s.nll));
      }
      if (answers) {
        add(s.answer ?? "–", "wrap answer");
      }
      return made;
    }),
  );
  byId("sample-caption").textContent = topic.title + ", sample " + sample;
  const expected = rows.find((s) => s.expected.length > 0)?.expected ?? [];
  fill(
    byId("expected"),
    expected.length ? [element("p", {}, element("strong", {}, "Expected: "), element("span", { class: "answer" }, expected.join("  or  ")))] : [],
  );
}
