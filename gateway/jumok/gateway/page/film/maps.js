// The attention of a sentence, drawn on a canvas.

import { element } from "../js/dom.js";
import { colorOf } from "../js/ramp.js";
import { theme } from "../js/theme.js";
import { passage } from "./passage.js";
import { t, whole } from "./words.js";

const ROW = 24; // pixels; less where there are many rows
const ROWS_LEAST = 6;
const COLUMN_MOST = 64;
const GAP = 8;
const SIZE = 14; // of labels
const LABEL_MOST = 110; // of labels that stand upright
const TOLD = 12; // pairs of words in the description

/** A sentence with its map: {host, draw}. */
export class SentenceMap {
  constructor() {
    this.canvas = element("canvas", { role: "img" });
    this.texts = ["source", "reference", "target"].map((name) => ({
      name,
      term: element("dt"),
      node: element("dd", { dir: "auto", class: name }),
    }));
    this.host = element(
      "article",
      { class: "sentence" },
      this.canvas,
      element("dl", {}, ...this.texts.flatMap(({ term, node }) => [term, node])),
    );
  }

  /** Take over the language of the interface. */
  update() {
    for (const { name, term } of this.texts) term.textContent = t(name);
  }

  /**
   * Draw the passage between two evaluations, share 0 to 1.
   *
   * @param frames all evaluations of this sentence, which the size of the map depends on
   */
  draw(frames, from, to, share, step) {
    const { source } = frames[to];
    const { rows, height } = passage(frames[from], frames[to], share);
    const place = this.measure(source, frames);
    const context = this.context(place.width, place.top + place.height);
    const style = getComputedStyle(document.documentElement);
    const [ink, soft] = ["--ink", "--soft"].map((name) => style.getPropertyValue(name));
    context.font = fontOf(SIZE);
    columns(context, source, place, ink, soft);
    const row = Math.min(ROW, place.height / Math.max(height, 1));
    for (const each of rows) drawRow(context, each, row, place, ink);
    this.tell(frames[to], step);
  }

  /** Where the map is on the canvas. */
  measure(source, frames) {
    const width = Math.max(240, this.canvas.clientWidth);
    const measuring = this.canvas.getContext("2d");
    measuring.font = fontOf(SIZE);
    const widest = (labels) => Math.max(0, ...labels.map((label) => measuring.measureText(label).width));
    const words = new Set(frames.flatMap(({ target }) => target));
    const left = Math.min(Math.ceil(widest([...words])), width * 0.3) + GAP;
    const header = widest(source);
    const column = Math.min(COLUMN_MOST, (width - left) / source.length);
    const upright = header + GAP > column;
    const top = (upright ? Math.min(header, LABEL_MOST) : SIZE) + 2 * GAP;
    // a model that has learnt little repeats itself: do not make room for that
    const usual = Math.max(...frames.map(({ reference }) => reference.split(" ").length));
    return { width, left, column, upright, top, height: Math.max(ROWS_LEAST, usual + 1) * ROW };
  }

  context(width, height) {
    const scale = devicePixelRatio || 1;
    const size = [Math.round(width * scale), Math.round(height * scale)];
    if (this.canvas.width !== size[0] || this.canvas.height !== size[1]) {
      [this.canvas.width, this.canvas.height] = size;
      this.canvas.style.height = `${height}px`;
    }
    const context = this.canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    return context;
  }

  tell({ source, target, weights, reference }, step) {
    const texts = { source: source.slice(0, -1).join(" "), reference, target: target.join(" ") };
    for (const { name, node } of this.texts) {
      if (node.textContent !== texts[name]) node.textContent = texts[name];
    }
    const pairs = target.slice(0, TOLD).map((word, row) => {
      const column = weights[row].indexOf(Math.max(...weights[row]));
      return t("pair", { target: word, source: source[column], weight: `${Math.round(weights[row][column] * 100)}%` });
    });
    const told = t("map", { step: whole(step), pairs: pairs.join(", ") });
    if (this.canvas.getAttribute("aria-label") !== told) this.canvas.setAttribute("aria-label", told);
  }
}

function columns(context, source, { left, column, upright, top }, ink, soft) {
  source.forEach((label, index) => {
    context.save();
    context.fillStyle = index === source.length - 1 ? soft : ink; // the last is the end of the source
    context.translate(left + (index + 0.5) * column, top - GAP);
    if (upright) {
      context.rotate(-Math.PI / 2);
      context.textAlign = "left";
      context.textBaseline = "middle";
      context.fillText(shortened(context, label, LABEL_MOST), 0, 0);
    } else {
      context.textAlign = "center";
      context.textBaseline = "alphabetic";
      context.fillText(label, 0, 0);
    }
    context.restore();
  });
}

function drawRow(context, { label, place, opacity, weights }, row, { left, column, top }, ink) {
  const y = top + place * row;
  context.globalAlpha = opacity;
  weights.forEach((weight, index) => {
    context.fillStyle = colorOf(weight, theme());
    context.beginPath();
    context.roundRect(left + index * column + 1, y + 0.5, column - 2, Math.max(1, row - 2), Math.min(3, row / 6));
    context.fill();
  });
  const size = Math.min(SIZE, row - 3);
  if (size >= 7) {
    context.font = fontOf(size);
    context.fillStyle = ink;
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.fillText(shortened(context, label, left - GAP), left - GAP, y + row / 2);
  }
  context.globalAlpha = 1;
}

function shortened(context, label, most) {
  if (context.measureText(label).width <= most) return label;
  const characters = Array.from(label);
  while (characters.length > 1 && context.measureText(`${characters.join("")}…`).width > most) characters.pop();
  return `${characters.join("")}…`;
}

function fontOf(size) {
  return `${size}px ${getComputedStyle(document.documentElement).fontFamily}`;
}
