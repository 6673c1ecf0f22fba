// The list of alternatives to a word of the translation.

import { byId, element } from "./dom.js";
import { probability, t } from "./language.js";
import { rove, settleTabStop } from "./roving.js";
import { pieceText } from "./words.js";

/** The alternatives in a box beside the word. `onChoose(tokenIndex, piece)` rewrites from there. */
export class Alternatives {
  constructor() {
    this.box = byId("alternatives");
    rove(this.box, ".alternative");
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close(true);
    });
    document.addEventListener("pointerdown", (event) => {
      if (!this.box.hidden && !this.box.contains(event.target)) this.close(false);
    });
    // the word moves when the page is laid out anew
    addEventListener("resize", () => !this.box.hidden && this.#place());
  }

  /** Open for the tokens at `indices` of a sentence. */
  open(sentence, indices, label, anchor, onChoose) {
    this.anchor = anchor;
    this.opener = document.activeElement;
    this.onChoose = onChoose;
    this.sentence = sentence;
    this.indices = indices;
    const close = element("button", { type: "button", class: "quiet close", "aria-label": t("close"), text: "×" });
    close.addEventListener("click", () => this.close(true));
    this.list = element("div", { class: "alternative-list" });
    this.box.setAttribute("aria-label", t("alternatives", { word: label }));
    this.box.replaceChildren(
      element("div", { class: "alternatives-head" }, element("strong", { text: t("alternatives", { word: label }) }), close),
      ...this.#pieces(),
      this.list,
      element("p", { class: "hint", text: t("alternatives_hint") }),
    );
    this.#show(indices[0]);
    this.box.hidden = false;
    this.#place();
    this.list.querySelector("button:not(:disabled)")?.focus({ preventScroll: true });
  }

  close(returnFocus) {
    if (this.box.hidden) return;
    this.box.hidden = true;
    if (returnFocus) this.opener?.focus();
  }

  /** Buttons for the pieces of a word of several. */
  #pieces() {
    this.pieceButtons = [];
    if (this.indices.length < 2) return [];
    this.pieceButtons = this.indices.map((index) => {
      const { piece } = this.sentence.tokens[index];
      const button = element("button", { type: "button", text: piece, "data-index": index });
      button.addEventListener("click", () => this.#show(index));
      return button;
    });
    return [element("div", { class: "segmented pieces", role: "group", "aria-label": t("piece") }, ...this.pieceButtons)];
  }

  #show(index) {
    const token = this.sentence.tokens[index];
    for (const button of this.pieceButtons) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.index) === index));
    }
    const candidates = [{ ...token, chosen: true }, ...(token.alternatives ?? [])];
    candidates.sort((a, b) => b.log_prob - a.log_prob);
    this.list.replaceChildren(...candidates.map((candidate) => this.#candidate(candidate, index)));
    if (candidates.length === 1) this.list.append(element("p", { class: "hint", text: t("no_alternatives") }));
    settleTabStop(this.box, ".alternative");
  }

  #candidate({ piece, log_prob: logProb, chosen }, index) {
    const text = pieceText(piece);
    const end = piece === "</s>";
    const button = element(
      "button",
      { type: "button", class: "alternative", disabled: !chosen && text === null, "aria-current": chosen ? "true" : null },
      element("span", { class: "alternative-text" }, element("bdi", { text: end ? t("end_of_sentence") : text?.trim() || piece })),
      element("span", { class: "alternative-note", text: chosen ? t("chosen") : text === null ? t("cannot_choose") : "" }),
      element("span", { class: "alternative-value", text: probability(Math.exp(logProb)) }),
    );
    const bar = element("span", { class: "alternative-bar" });
    bar.style.width = `${Math.exp(logProb) * 100}%`;
    button.append(bar);
    button.addEventListener("click", () => {
      this.close(true);
      if (!chosen) this.onChoose(index, piece);
    });
    return button;
  }

  #place() {
    if (!this.anchor.isConnected) return;
    const word = this.anchor.getBoundingClientRect();
    const width = Math.min(320, document.documentElement.clientWidth - 24);
    const left = Math.max(12, Math.min(word.left, document.documentElement.clientWidth - width - 12));
    this.box.style.width = `${width}px`;
    this.box.style.left = `${left + scrollX}px`;
    const height = this.box.offsetHeight;
    const below = word.bottom + height + 16 < innerHeight || word.top < height + 16;
    this.box.style.top = `${(below ? word.bottom + 8 : word.top - height - 8) + scrollY}px`;
  }
}

/** The prefix that puts `piece` in the place of a token. */
export function prefixWith(sentence, index, piece) {
  const before = sentence.tokens.slice(0, index).map((token) => token.text).join("");
  return (before + pieceText(piece)).trimStart();
}
