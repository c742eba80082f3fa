// What all parts of the report share beside common.js: the data, colours of the theme.
const data = JSON.parse(document.getElementById("data").textContent);

function options(select, labels) {
  fill(select, labels.map((label, i) => element("option", { value: String(i) }, label)));
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function signed(value) {
  return value === 0 ? "0" : (value < 0 ? "−" : "+") + number(Math.abs(value));
}

function interval(figure) {
  return figure.low === null || figure.high === null
    ? ""
    : " [" + signed(figure.low) + ", " + signed(figure.high) + "]";
}

function decode(base64) {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

const darkQuery = window.matchMedia("(prefers-color-scheme: dark)");

// After Okabe and Ito: told apart by people of any colour vision; shapes and dashes help.
const hues = {
  light: ["#0072b2", "#d55e00", "#007a5a", "#a8558a", "#b37400", "#767676"],
  dark: ["#56a9e0", "#ff8a4c", "#2fbf95", "#dd8fc0", "#e6b040", "#b5b5b5"],
};
const turned = "path://M0,0L10,0L5,9Z";
const cross = "path://M3.5,0H6.5V3.5H10V6.5H6.5V10H3.5V6.5H0V3.5H3.5Z";
const shapes = ["circle", "rect", "triangle", "diamond", turned, cross];
const dashes = ["solid", "dashed", "dotted"];
// Of even steps in lightness, from dark blue to yellow.
const scale = ["#00204d", "#31446b", "#666970", "#958f78", "#cbba69", "#ffea46"];

const methods = [...new Set(data.cells.map((cell) => cell.method))];

function look(method) {
  const i = methods.indexOf(method);
  const colours = darkQuery.matches ? hues.dark : hues.light;
  return {
    colour: colours[i % colours.length],
    shape: shapes[(i + Math.floor(i / colours.length)) % shapes.length],
    dash: dashes[Math.floor(i / colours.length) % dashes.length],
  };
}

function theme() {
  const dark = darkQuery.matches;
  return {
    text: dark ? "#e6e9ec" : "#1b1f24",
    soft: dark ? "#a3adb8" : "#57606a",
    line: dark ? "#3a424c" : "#d0d7de",
    back: dark ? "#1e2329" : "#ffffff",
    page: dark ? "#14171b" : "#ffffff",
    font: getComputedStyle(document.body).fontFamily,
  };
}

function tip(title, rows) {
  return element(
    "div",
    { class: "tip" },
    element("b", {}, title),
    ...rows.filter((row) => row).map((row) => element("div", {}, row)),
  );
}
