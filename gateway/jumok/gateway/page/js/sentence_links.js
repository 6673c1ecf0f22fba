// A sentence above its translation, with links that show the attention between their words.

import { element, shape } from "./dom.js";
import { strongest } from "./grid.js";
import { probability as inWords, t } from "./language.js";
import { rove, settleTabStop } from "./roving.js";

const FAINTEST = 0.04; // weights below are not drawn
const MOST_AT_REST = 40; // words; links of longer sentences are drawn only under the pointer
const RIGHT_TO_LEFT = /\p{Script=Arabic}|\p{Script=Hebrew}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}/u;
const RESTING = 0.2; // weights below are drawn only under the pointer

/**
 * Words of both sides. `onFocus(row, column)` as in HeatMap; `onPick(row, button)` when a word of
 * the translation is chosen.
 */
export class SentenceLinks {
  constructor(host, { onFocus, onPick = null, coverage = true, values = false }) {
    this.grid = { rows: [], columns: [], weights: [] };
    this.links = null;
    this.coverage = coverage;
    this.values = values; // whether to write the probability of each word below it
    this.source = element("div", { class: "links-source"});
    this.target = element("div", { class: "links-target", role: "group" });
    this.picture = shape("svg", { class: "links-picture", "aria-hidden": "true" });
    this.key = element("p", { class: "links-key", hidden: !coverage });
    this.host = element("div", { class: "links" }, this.source, this.target, this.picture, this.key);
    host.append(this.host);
    this.pickable = Boolean(onPick);
    for (const side of [this.source, this.target]) {
      const focus = (event) => {
        const word = event.target.closest(".word");
        if (!word) return;
        const index = Number(word.dataset.index);
        if (side === this.source) onFocus(null, index);
        else onFocus(index, null);
      };
      side.addEventListener("pointerover", focus);
      side.addEventListener("focusin", focus);
      side.addEventListener("focusout", () => onFocus(null, null));
    }
    this.host.addEventListener("pointerleave", () => onFocus(null, null));
    this.target.addEventListener("click", (event) => {
      const word = event.target.closest(".word");
      if (word) onPick?.(Number(word.dataset.index), word);
    });
    rove(this.target, "button.word");
    new ResizeObserver(() => this.#draw()).observe(this.host);
  }

  /** Draw a grid; `links`, {row, column, weight, emphasis}, take the place of its attention. */
  update(grid, links = null) {
    this.grid = grid;
    this.links = links;
    this.target.setAttribute("aria-label", t("target_words"));
    // even the same direction, set again, makes the browser lay out all words
    if (this.source.dir !== direction(grid.columns)) this.source.dir = direction(grid.columns);
    if (this.target.dir !== direction(grid.rows)) this.target.dir = direction(grid.rows);
    const columnKey = ({ label, end }) => `${end ? t("end") : label}`;
    const rowKey = ({ label, end, probability }) => `${end ? t("end") : label} ${probability}`;
    reconcile(this.source, grid.columns, columnKey, (column) => this.#sourceWord(column));
    reconcile(this.target, grid.rows, rowKey, (row) => this.#targetWord(row));
    this.#drawCoverage();
    this.#explain();
    settleTabStop(this.target, "button.word");
    this.highlight(null, null);
  }

  highlight(row, column) {
    this.row = row;
    this.column = column;
    mark(this.source, column);
    mark(this.target, row);
    this.#draw();
  }

  #sourceWord({ label, end }) {
    const word = element("span", { class: "word" }, element("bdi", { text: end ? t("end") : label }));
    word.classList.toggle("end", end);
    if (this.coverage) word.prepend(element("span", { class: "coverage" }, element("span", { class: "coverage-filled" })));
    return word;
  }

  /** Say what the bars and the wavy lines are. */
  #explain() {
    const marked = this.grid.columns.some(({ unattended }) => unattended);
    const key = `${t("coverage_legend")} ${marked}`;
    if (this.key.dataset.key === key) return;
    this.key.dataset.key = key;
    this.key.replaceChildren(
      element("i", { class: "key-bar" }),
      t("coverage_legend"),
      ...(marked ? [element("i", { class: "key-wave" }), t("unattended_legend")] : []),
    );
  }

  /** Set the bars, by a transformation, which needs no new layout. */
  #drawCoverage() {
    const words = this.source.children;
    this.grid.columns.forEach(({ coverage, unattended }, index) => {
      words[index].classList.toggle("unattended", unattended);
      if (!this.coverage) return;
      const bar = words[index].firstChild.firstChild;
      const scale = `scaleY(${Math.min(1, coverage / 2).toFixed(2)})`;
      if (bar.dataset.scale === scale) return; // most bars stay as they are at each step
      bar.dataset.scale = scale;
      bar.style.transform = scale;
    });
  }

  #targetWord({ label, probability, end }) {
    const tag = this.pickable && !end ? "button" : "span";
    const word = element(tag, { class: "word", type: tag === "button" ? "button" : null, tabindex: tag === "button" ? "-1" : null });
    word.append(element("bdi", { text: end ? t("end") : label }));
    word.classList.toggle("end", end);
    if (this.values) word.append(element("small", { text: inWords(probability) }));
    shadeWord(word, probability);
    return word;
  }

  #draw() {
    const atRest = this.row === null && this.column === null;
    if (atRest && !this.links && Math.max(this.grid.rows.length, this.grid.columns.length) > MOST_AT_REST) {
      this.picture.replaceChildren();
      return;
    }
    const box = this.host.getBoundingClientRect();
    this.picture.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`);
    this.picture.replaceChildren(...this.#curves(box));
  }

  #curves(box) {
    const { row, column } = this;
    const atRest = row === null && column === null;
    if (!box.width || !this.source.children.length) return [];
    // links from one of several lines would cross the words of the others
    if (atRest && !this.links && (lineCount(this.source) > 1 || lineCount(this.target) > 2)) return [];
    return this.#visibleLinks(atRest)
      .filter((link) => (row === null || link.row === row) && (column === null || link.column === column))
      .map((link) => this.#curve(link, box, atRest));
  }

  #visibleLinks(atRest) {
    if (this.links) return this.links;
    const { rows, columns, weights } = this.grid;
    const links = [];
    rows.forEach((_, row) => {
      if (atRest) {
        const column = strongest(weights[row]);
        if (column < 0 || weights[row][column] < RESTING || columns[column].end || rows[row].end) return;
        links.push({ row, column, weight: weights[row][column] });
      } else {
        weights[row].forEach((weight, column) => weight >= FAINTEST && links.push({ row, column, weight }));
      }
    });
    return links;
  }

  #curve({ row, column, weight, emphasis }, box, atRest) {
    const from = this.source.children[column].lastChild.getBoundingClientRect();
    const to = this.target.children[row].getBoundingClientRect();
    const [x1, y1] = [from.left + from.width / 2 - box.left, from.bottom - box.top + 3];
    const [x2, y2] = [to.left + to.width / 2 - box.left, to.top - box.top - 2];
    const bend = Math.max(16, (y2 - y1) / 2);
    const curve = shape("path", {
      d: `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`,
      class: emphasis ? "link emphasis" : "link",
      "data-row": row,
      "data-column": column,
    });
    curve.style.strokeWidth = `${1 + weight * (atRest ? 3 : 6)}px`;
    curve.style.opacity = String(this.links && atRest ? (emphasis ? 1 : 0.35) : atRest ? 0.15 + weight * 0.45 : 0.25 + weight * 0.75);
    return curve;
  }
}

/** Shade a word by how improbable it is. */
export function shadeWord(word, probability) {
  const doubt = Math.min(1, -Math.log(Math.max(probability, 1e-6)) / Math.log(20)); // all of it at 5%
  word.style.setProperty("--doubt", `${Math.round(doubt * 100)}%`);
}

/** Make the children of `host` those of `items`; what has not changed stays. */
function reconcile(host, items, keyOf, make) {
  items.forEach((item, index) => {
    const old = host.children[index];
    const key = keyOf(item);
    if (old?.dataset.key === key) return;
    const node = make(item);
    node.dataset.key = key;
    node.dataset.index = index;
    if (!old) {
      host.append(node);
      return;
    }
    const focused = old === document.activeElement;
    old.replaceWith(node);
    if (focused) node.focus();
  });
  while (host.children.length > items.length) host.lastChild.remove();
}

/** The direction of a sentence: that of its first letter. */
function direction(items) {
  const letter = /\p{L}/u.exec(items.filter(({ end }) => !end).map(({ label }) => label).join(""));
  return letter && RIGHT_TO_LEFT.test(letter[0]) ? "rtl" : "ltr";
}

function lineCount(host) {
  return new Set([...host.children].map((word) => Math.round(word.getBoundingClientRect().bottom))).size;
}

function mark(host, index) {
  for (const word of host.querySelectorAll(".active")) word.classList.remove("active");
  if (index !== null) host.children[index]?.classList.add("active");
}
