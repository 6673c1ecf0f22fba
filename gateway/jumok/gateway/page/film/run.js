// What a run has recorded, and asking the server for it again while the training goes on.

const PAUSE = 4000; // milliseconds between two requests
const CURVES = { loss: "train/loss", bleu: "dev/bleu", rate: "train/learning_rate" };

/**
 * Arrange the answer of /v1/run.
 *
 * @returns {name, frames, curves}: `frames` are evaluations in order, {step, sentences: [{source,
 * target, reference, weights}]}; `curves` are lists of [step, value]
 */
export function arrange({ name, metrics, attention }) {
  const steps = new Map();
  for (const line of attention) {
    if (!steps.has(line.step)) steps.set(line.step, []);
    steps.get(line.step)[line.sentence - 1] = line;
  }
  const most = Math.max(0, ...Array.from(steps.values(), (sentences) => sentences.length));
  const frames = Array.from(steps, ([step, sentences]) => ({ step, sentences }))
    // the lines of the latest evaluation may not all be there
    .filter(({ sentences }) => Array.from(sentences).filter(Boolean).length === most)
    .sort((first, second) => first.step - second.step);
  const curves = {};
  for (const [key, figure] of Object.entries(CURVES)) {
    curves[key] = metrics.filter((line) => Number.isFinite(line[figure])).map((line) => [line.step, line[figure]]);
  }
  return { name, frames, curves };
}

/** Ask for the run every few seconds; `listener` gets {run}, or {problem: "none" or "lost"}. */
export function follow(listener) {
  let tag = null;
  async function ask() {
    let answer;
    let content;
    try {
      answer = await fetch("../v1/run", tag ? { headers: { "if-none-match": tag } } : {});
      if (answer.ok) content = await answer.json();
    } catch {
      listener({ problem: "lost" });
      return;
    }
    if (content) {
      tag = answer.headers.get("etag");
      listener({ run: arrange(content) });
    } else if (answer.status === 304) listener({});
    else listener({ problem: answer.status === 404 ? "none" : "lost" });
  }
  async function repeat() {
    if (!document.hidden) await ask();
    setTimeout(repeat, PAUSE);
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) ask();
  });
  repeat();
}
