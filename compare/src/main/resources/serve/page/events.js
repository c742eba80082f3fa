// Server-sent events out of the bytes of an answer, wherever these are cut: between the two
// halves of a line end, or inside a character.
class EventCutter {
  #line = [];
  #data = [];
  #afterReturn = false;

  // The data of all events that this piece of text completes.
  take(text) {
    const found = [];
    if (text === "") {
      return found;
    }
    let from = this.#afterReturn && text.startsWith("\n") ? 1 : 0;
    this.#afterReturn = false;
    const ends = /\r\n|\r|\n/g;
    ends.lastIndex = from;
    for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
      this.#line.push(text.slice(from, end.index));
      from = ends.lastIndex;
      this.#afterReturn = end[0] === "\r" && from === text.length;
      this.#endLine(found);
    }
    this.#line.push(text.slice(from));
    return found;
  }

  #endLine(found) {
    const line = this.#line.join("");
    this.#line = [];
    if (line === "") {
      if (this.#data.length > 0) {
        found.push(this.#data.join("\n"));
      }
      this.#data = [];
    } else if (line === "data" || line.startsWith("data:")) {
      const value = line.slice(5);
      this.#data.push(value.startsWith(" ") ? value.slice(1) : value);
    }
    // Anything else is a comment, which only keeps the line open, or a field of no use here.
  }
}

function decoded(decoder, piece) {
  try {
    return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
  } catch {
    throw new AskError("The answer broke off: the server sends bytes that are no text (UTF-8).");
  }
}

async function readFrom(reader) {
  try {
    return await reader.read();
  } catch (error) {
    throw error.name === "AbortError" ? error : new AskError("The answer broke off: the connection to the server is lost.");
  }
}

// All events of a body, in order. Whoever stops asking for them hangs up.
async function* eventsOf(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const cutter = new EventCutter();
  try {
    for (;;) {
      const { done, value } = await readFrom(reader);
      yield* cutter.take(decoded(decoder, value));
      if (done) {
        return;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
