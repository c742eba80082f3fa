// Fills the context: examples, files chosen or dropped.
const mostFileBytes = 16 * 1024 * 1024;

const examples = [
  {
    title: "a village story (demo model)",
    question: "What does Kuno keep? Kuno keeps the",
    text: async () => (await fetched("village.txt", {})).text(),
  },
  {
    title: "a harbour log of 150 days",
    question: "Which number opens the third gate? The number that opens the third gate is",
    text: async () => harbourLog(150),
  },
  {
    title: "a harbour log of 600 days",
    question: "Which number opens the third gate? The number that opens the third gate is",
    text: async () => harbourLog(600),
  },
];

// A log in which one line matters.
function harbourLog(days) {
  const winds = ["north", "east", "south", "west", "no side at all"];
  const lines = [];
  for (let day = 1; day <= days; day++) {
    lines.push("Day " + day + ": " + ((day * 7) % 11) + " boats came in, the wind blew from " + winds[(day * 3) % winds.length] + ".");
    if (day === Math.round(days * 0.4)) {
      lines.push("Remember: the number that opens the third gate is 4172.");
    }
  }
  return lines.join("\n");
}

function contextFault(message) {
  byId("context-fault").textContent = message;
}

function setContext(text) {
  byId("context").value = text;
  contextFault("");
  contextSize();
}

function contextSize() {
  byId("context-size").textContent = count(byId("context").value.length) + " characters";
}

async function takeFile(file) {
  if (file.size > mostFileBytes) {
    contextFault(file.name + " has " + bytes(file.size) + "; at most " + bytes(mostFileBytes) + " are taken.");
    return;
  }
  try {
    setContext(new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer()));
  } catch {
    contextFault(file.name + " is no text (UTF-8), or it cannot be read.");
  }
}

async function loadExample() {
  const example = examples[Number(byId("example").value)];
  try {
    setContext(await example.text());
    byId("question").value = example.question;
  } catch (error) {
    contextFault(error.message);
  }
}

function wireContext() {
  fill(byId("example"), examples.map((example, i) => element("option", { value: String(i) }, example.title)));
  byId("load").addEventListener("click", loadExample);
  byId("context").addEventListener("input", contextSize);
  byId("file").addEventListener("change", (event) => {
    if (event.target.files.length > 0) {
      takeFile(event.target.files[0]);
    }
  });
  const box = byId("context");
  box.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) {
      event.preventDefault();
      box.classList.add("over");
    }
  });
  box.addEventListener("dragleave", () => box.classList.remove("over"));
  box.addEventListener("drop", (event) => {
    box.classList.remove("over");
    if (event.dataTransfer.files.length > 0) {
      event.preventDefault();
      takeFile(event.dataTransfer.files[0]);
    }
  });
  contextSize();
}
