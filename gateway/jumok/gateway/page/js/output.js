// The card with the translation: its words, shaded by probability, warnings and differences.

import { differenceLine, similarity } from "./difference.js";
import { byId, element } from "./dom.js";
import { known, number, percent, t } from "./language.js";
import { rove, settleTabStop } from "./roving.js";
import { shadeWord } from "./sentence_links.js";
import { groupTokens, isEnd } from "./words.js";

/** `onPick(segment, tokenIndices, button)` when a word is chosen. */
export class Output {
  constructor(session, { onPick }) {
    this.session = session;
    this.host = byId("output");
    this.drawn = ""; // what the words were when they were drawn
    rove(this.host, "button.word");
    this.host.addEventListener("click", (event) => {
      const word = event.target.closest("button.word");
      if (word) onPick(Number(word.dataset.segment), word.dataset.tokens.split(" ").map(Number), word);
    });
    byId("undo").addEventListener("click", () => session.undo());
    byId("pin").addEventListener("click", () => session.pin(session.pinned ? null : session.translation));
    byId("copy").addEventListener("click", () => this.#copy());
  }

  /** Draw everything. */
  update() {
    const { translation, running } = this.session;
    const empty = !translation?.text;
    this.#drawWords(translation);
    this.host.setAttribute("aria-busy", String(Boolean(running)));
    this.host.hidden = empty;
    byId("output-foot").hidden = !translation;
    byId("output-hint").textContent = t(empty ? "translation_hint" : "words_hint");
    byId("doubt-legend").hidden = empty;
    this.#warn(translation);
    this.#compare(translation);
    this.#state(translation);
  }

  /** Draw the words if they have changed: the box of alternatives stands beside one of them. */
  #drawWords(translation) {
    const words = translation ? this.#words(translation) : [];
    const key = words.map((node) => node.outerHTML ?? node).join("");
    if (key === this.drawn) return;
    this.drawn = key;
    const focused = [...this.host.querySelectorAll("button.word")].indexOf(document.activeElement);
    this.host.replaceChildren(...words);
    if (focused >= 0) (this.host.querySelectorAll("button.word")[focused] ?? this.host).focus();
    settleTabStop(this.host, "button.word");
  }

  /** The words of a segment, as buttons, with the white space between them. */
  #words(translation) {
    const nodes = translation.tokens.flatMap((tokens, segment) => wordsOf(tokens ?? [], segment));
    const provisional = translation.provisional.map((token) => token.text).join("");
    if (provisional) nodes.push(element("span", { class: "provisional", text: provisional }));
    if (this.session.running && !translation.result) nodes.push(element("span", { class: "caret", "aria-hidden": "true" }));
    return nodes;
  }

  #warn(translation) {
    const several = translation?.segmentCount > 1;
    const warnings = (translation?.best?.warnings ?? []).map(({ kind, segment }) => {
      const warning = t(known(kind) ? kind : "WARNING_KIND_UNSPECIFIED"); // a newer server has more
      return several ? t("warning_in_sentence", { number: segment + 1, warning }) : warning;
    });
    if (translation?.best?.finish_reason === "FINISH_REASON_LENGTH") warnings.push(t("cut"));
    byId("warnings").replaceChildren(...warnings.map((text) => element("li", { text })));
  }

  #compare(translation) {
    const { reference, pinned, running, prefix } = this.session;
    const nodes = [];
    if (prefix !== null && translation) nodes.push(element("p", { class: "rewritten", text: t("rewritten", { prefix }) }));
    if (!running && translation?.result && reference && reference !== translation) {
      const title = t(pinned ? "difference_pinned" : "difference_last");
      const lines = [];
      if (reference.sourceText !== translation.sourceText) lines.push(labelled("difference_source", reference.sourceText, translation.sourceText));
      if (reference.text !== translation.text) lines.push(labelled("difference_target", reference.text, translation.text));
      if (lines.length && (pinned || related(reference, translation))) nodes.push(element("h3", { text: title }), ...lines);
      else if (pinned && !lines.length) nodes.push(element("h3", { text: title }), element("p", { class: "faint", text: t("difference_none") }));
    }
    byId("difference").replaceChildren(...nodes);
  }

  #state(translation) {
    const { running, pinned, finished } = this.session;
    const result = translation?.result;
    const tokens = translation?.tokens.flat().length ?? 0;
    const parts = [];
    if (running) parts.push(t("translating"));
    else if (result) {
      parts.push(t("finished", { tokens, milliseconds: number(result.timings.total * 1000, 0) }));
      const confidence = translation.best.segment_confidence ?? [];
      if (confidence.length) parts.push(t("confidence", { value: confidence.map((value) => percent(value)).join(", ") }));
    }
    byId("status").textContent = parts.join(" · ");
    byId("status").title = result?.hypotheses[0].segment_confidence?.length ? t("confidence_help") : "";
    byId("undo").hidden = !finished.length || Boolean(running);
    byId("pin").hidden = !result;
    byId("pin").textContent = t(pinned ? "unpin" : "pin");
    byId("pin").title = t(pinned ? "unpin_label" : "pin_label");
    byId("announcement").textContent = result && !running ? translation.text : "";
    byId("copy").hidden = !result;
  }

  async #copy() {
    const copied = await copyText(this.session.translation.text);
    if (copied) byId("status").textContent = t("copied");
  }
}

/** Whether two translations have so much in common that their difference tells something. */
function related(before, after) {
  const least = 0.25;
  return similarity(before.sourceText, after.sourceText) >= least || similarity(before.text, after.text) >= least;
}

/** Copy a text to the clipboard; whether the browser allowed it. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function wordsOf(tokens, segment) {
  return groupTokens(tokens).flatMap((indices) => {
    if (isEnd(tokens[indices[0]])) return [];
    const text = indices.map((index) => tokens[index].text).join("");
    const [space] = /^\s*/u.exec(text);
    const word = element("button", {
      type: "button",
      class: "word",
      tabindex: "-1",
      "data-segment": segment,
      "data-tokens": indices.join(" "),
      text: text.slice(space.length),
    });
    shadeWord(word, Math.exp(indices.reduce((sum, index) => sum + tokens[index].log_prob, 0)));
    return space ? [space, word] : [word];
  });
}

function labelled(key, before, after) {
  return element("div", { class: "difference-row" }, element("span", { class: "faint", text: t(key) }), differenceLine(before, after));
}
