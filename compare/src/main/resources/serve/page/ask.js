// Speaks with the server.

// What is told to people as it is.
class AskError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

const mostTries = 5;
const longestWait = 60;

// The key that was typed in, in memory only.
let apiKey = "";

function headers(more) {
  return apiKey === "" ? more : { ...more, Authorization: "Bearer " + apiKey };
}

async function fetched(path, options) {
  try {
    return await fetch(path, { ...options, cache: "no-store", redirect: "error" });
  } catch (error) {
    if (error.name === "AbortError") {
      throw error;
    }
    throw new AskError("The server cannot be reached. Is it still running?", 0);
  }
}

// Why a request was refused, in the server's words where it says some.
async function refusal(response) {
  let message = "";
  try {
    message = (await response.json()).error.message;
  } catch (error) {
    if (error.name === "AbortError") {
      throw error;
    }
  }
  const said = typeof message === "string" && message !== "" ? message : "it does not say why";
  return new AskError("The server answers " + response.status + ": " + said, response.status);
}

async function list(path) {
  const response = await fetched(path, { headers: headers({ Accept: "application/json" }) });
  if (!response.ok) {
    throw await refusal(response);
  }
  return response.json();
}

function requestOf(server, asked, side) {
  const body = {
    model: server.model,
    stream: true,
    stream_options: { include_usage: true, continuous_usage_stats: true },
    max_tokens: asked.maxTokens,
    temperature: asked.temperature,
    seed: asked.seed,
    press: side.press,
    kept_map: true,
  };
  if (side.ratio !== null) {
    body.compression_ratio = side.ratio;
  }
  if (asked.context !== "") {
    body.context = asked.context;
  }
  if (server.chat) {
    return { path: "v1/chat/completions", body: { ...body, messages: [{ role: "user", content: asked.question }] } };
  }
  return { path: "v1/completions", body: { ...body, prompt: asked.question } };
}

function waited(seconds, signal) {
  return new Promise((done, failed) => {
    const giveUp = () => {
      clearTimeout(timer);
      failed(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", giveUp);
      done();
    }, seconds * 1000);
    signal.addEventListener("abort", giveUp, { once: true });
  });
}

function secondsToWait(response) {
  const said = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return Number.isFinite(said) && said > 0 ? Math.min(said, longestWait) : 1;
}

// A server that is busy is asked again, as late as it wishes.
async function opened(request, signal, tell) {
  for (let time = 1; ; time++) {
    tell.asked();
    const response = await fetched(request.path, {
      method: "POST",
      headers: headers({ "Content-Type": "application/json", Accept: "text/event-stream" }),
      body: JSON.stringify(request.body),
      signal,
    });
    if (response.ok) {
      return response;
    }
    const why = await refusal(response);
    if (response.status !== 429 || time === mostTries) {
      throw why;
    }
    const seconds = secondsToWait(response);
    tell.busy(seconds, time, mostTries);
    await waited(seconds, signal);
  }
}

function parsed(data) {
  try {
    return JSON.parse(data);
  } catch {
    throw new AskError("The server sends something that is not JSON: " + data.slice(0, 80));
  }
}

// Asks and tells what comes; ends when the answer has, and throws where it does not.
async function ask(request, signal, tell) {
  const response = await opened(request, signal, tell);
  if (!(response.headers.get("Content-Type") ?? "").startsWith("text/event-stream")) {
    throw new AskError("The server does not answer with a stream, so this page cannot read it.");
  }
  for await (const data of eventsOf(response.body)) {
    if (data === "[DONE]") {
      return;
    }
    const chunk = parsed(data);
    if (chunk.error) {
      throw new AskError(String(chunk.error.message ?? "The server gives up and does not say why."));
    }
    tellChunk(chunk, tell);
  }
  throw new AskError("The answer broke off: the server has hung up before its end.");
}

function tellChunk(chunk, tell) {
  const choice = chunk.choices?.[0];
  const text = choice?.text ?? choice?.delta?.content ?? "";
  if (text !== "") {
    tell.piece(text);
  }
  if (Number.isInteger(chunk.usage?.completion_tokens)) {
    tell.tokens(chunk.usage.completion_tokens);
  }
  if (choice?.finish_reason) {
    tell.finish(choice.finish_reason);
  }
  if (chunk.kvpress) {
    tell.figures(chunk.kvpress);
  }
}
