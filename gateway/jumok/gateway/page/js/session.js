// The translation on the page: runs it, rewrites it, and keeps what came before.

import { translate } from "./api.js";
import { Translation } from "./translation.js";

const ALTERNATIVES = 6;

/**
 * One translation at a time. Events: "start", "progress" at each message, "finish", "fail" with the
 * error as detail.
 */
export class Session extends EventTarget {
  constructor() {
    super();
    this.translation = null; // on the page
    this.finished = []; // earlier ones, for undo and for differences
    this.pinned = null;
    this.running = null;
    this.error = null;
    this.prefix = null; // that the user chose
  }

  /** The translation with which the present one is compared, or null. */
  get reference() {
    return this.pinned ?? this.finished.at(-1) ?? null;
  }

  run(text, options) {
    return this.#stream(new Translation(text), { text, ...options }, null);
  }

  /** Translate a segment again from `prefix` on. */
  rewrite(index, prefix, options) {
    const text = this.translation.sentence(index).source;
    const decoding = { ...options.decoding, target_prefix: prefix };
    const request = { ...options, text, segmentation: "SEGMENTATION_NONE", decoding };
    return this.#stream(this.translation.rewriting(index), request, prefix);
  }

  /** Show the translation before this one. */
  undo() {
    this.cancel();
    this.translation = this.finished.pop() ?? this.translation;
    this.prefix = null;
    this.#tell("start");
    this.#tell("finish");
  }

  pin(translation) {
    this.pinned = translation;
    this.#tell("finish");
  }

  cancel() {
    this.running?.abort();
    this.running = null;
  }

  clear() {
    this.cancel();
    this.translation = null;
    this.error = null;
    this.#tell("start");
  }

  async #stream(translation, request, prefix) {
    this.cancel();
    const running = new AbortController();
    this.running = running;
    const before = this.translation;
    if (before?.result) this.finished.push(before);
    this.finished = this.finished.slice(-50);
    this.translation = translation;
    this.prefix = prefix;
    this.error = null;
    this.#tell("start");
    try {
      for await (const message of translate(request, running.signal)) {
        if (this.running !== running) return;
        translation.add(message);
        this.#tell("progress");
      }
      this.running = null;
      this.#tell("finish");
    } catch (error) {
      if (this.running !== running) return; // cancelled: another run has taken over
      this.running = null;
      this.error = error;
      this.#tell("fail");
    }
  }

  #tell(type) {
    this.dispatchEvent(new Event(type));
  }
}

/** The wire's options for the user's choices. */
export function requestOptions(store) {
  const decoding = { alternatives: ALTERNATIVES };
  const width = store.get("width");
  if (store.get("search") === "beam") {
    decoding.beam_search = { width, num_hypotheses: 1, provisional: true };
  }
  if (store.get("search") === "sampling") decoding.sampling = {};
  return { model: store.get("model"), decoding };
}
