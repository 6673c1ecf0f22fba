// The HTTP interface of the gateway.

import { readEvents } from "./sse.js";

/** A refused or failed request; `fields` are the invalid fields (RFC 9457). */
export class Problem extends Error {
  constructor(problem) {
    super(problem.detail || problem.title || "");
    this.status = problem.status ?? 0;
    this.fields = problem.errors ?? [];
  }
}

/** Describe the served models, the default one first. */
export async function listModels() {
  const response = await send("v1/models");
  return (await response.json()).models;
}

/** Translate; yield the events source, tokens and result. */
export async function* translate(request, signal) {
  const body = { attention: "ATTENTION_DENSE", ...request, stream: true };
  const response = await send("v1/translate", body, signal);
  let complete = false;
  for await (const { event, data } of readEvents(response)) {
    if (event === "error") throw new Problem(data);
    complete ||= event === "result";
    yield { event, data };
  }
  if (!complete) throw new Problem({ status: 0 });
}

/** Align a translation with its source and score it. */
export async function align(request, signal) {
  return (await send("v1/align", request, signal)).json();
}

/** Explain a translation; null if the server cannot. */
export async function explain(request, signal) {
  try {
    return await (await send("v1/explain", request, signal)).json();
  } catch (error) {
    if (error instanceof Problem && [404, 405, 501].includes(error.status)) return null;
    throw error;
  }
}

/** Whether the film of a training is served. */
export async function hasFilm() {
  try {
    return (await fetch("v1/run", { method: "HEAD" })).status === 200;
  } catch {
    return false; // no connection, which other requests report
  }
}

/** The text of a file of the page. */
export async function readText(path) {
  return (await send(path)).text();
}

async function send(path, body, signal) {
  const options = body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  let response;
  try {
    response = await fetch(path, { ...options, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ status: 0 }); // no connection; the page has words for it
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new Problem({ status: response.status, title: response.statusText, ...problem });
}
