// What all pages share: small builders, figures as text.
const byId = (id) => document.getElementById(id);

// Text is only ever set as text, so that a prompt cannot become markup.
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    made.setAttribute(key, value);
  }
  for (const child of children) {
    made.append(child);
  }
  return made;
}

function fill(parent, children) {
  parent.replaceChildren(...children);
}

function number(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) {
    return "–";
  }
  if (value === 0) {
    return "0";
  }
  const before = Math.floor(Math.log10(Math.abs(value))) + 1;
  if (before > 7 || before < -4) {
    return value.toExponential(2);
  }
  return value.toFixed(Math.max(0, 4 - Math.max(before, 0)));
}

const byteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

function byteUnit(largest) {
  let unit = 0;
  while (largest >= 1024 && unit < byteUnits.length - 1) {
    largest /= 1024;
    unit++;
  }
  return { name: byteUnits[unit], size: 1024 ** unit };
}

function bytes(value) {
  if (value === null || value === undefined) {
    return "–";
  }
  const unit = byteUnit(value);
  return (value / unit.size).toFixed(unit.size === 1 ? 0 : 1) + " " + unit.name;
}
