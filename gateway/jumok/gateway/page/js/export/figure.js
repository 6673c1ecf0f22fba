// A map with its caption as shapes: [{kind: "rect" | "text", …}], which an SVG or a canvas draws.

import { languageName, t } from "../language.js";
import { colorOf, inkOn } from "../ramp.js";

export const FONT = '"Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR", NanumBarunGothic, sans-serif';

const INK = "#1c2027";
const SOFT = "#5b6270";
const MARGIN = 28;
const SIZE = 15;
const measuring = document.createElement("canvas").getContext("2d");

/**
 * Lay out a grid and its caption, always in light colours: most figures end on paper.
 *
 * @param caption lines of {name, text}
 * @returns {width, height, shapes}
 */
export function figure(grid, caption, { numbers, threshold }) {
  const { rows, columns, weights } = grid;
  const name = ({ label, end }) => (end ? t("end") : label);
  const widest = (items) => Math.max(20, ...items.map((item) => width(name(item), SIZE)));
  const small = columns.length > 30;
  const cell = { width: small ? 22 : 56, height: small ? 20 : 32 };
  if (numbers) cell.width = Math.max(cell.width, 40);
  const slanted = widest(columns) > cell.width - 6;
  const header = slanted ? widest(columns) * Math.SQRT1_2 + 16 : 26;
  const left = MARGIN + widest(rows) + 10;
  const total = Math.max(560, left + columns.length * cell.width + (slanted ? header : 0) + MARGIN);
  const shapes = [];
  let y = MARGIN;
  for (const line of caption) y = captionLine(shapes, line, y, total);
  const top = y + 14 + header;
  columns.forEach((column, index) => {
    const x = left + (index + 0.5) * cell.width;
    shapes.push({
      kind: "text",
      text: name(column),
      x,
      y: top - 8,
      size: SIZE,
      fill: column.end ? SOFT : INK,
      anchor: slanted ? "start" : "middle",
      rotate: slanted ? -45 : 0,
    });
  });
  rows.forEach((row, index) => {
    const middle = top + (index + 0.5) * cell.height;
    const fill = row.end ? SOFT : INK;
    shapes.push({ kind: "text", text: name(row), x: left - 8, y: middle + 5, size: SIZE, fill, anchor: "end" });
    weights[index].forEach((weight, column) => {
      const visible = weight * 100 >= threshold;
      const place = { x: left + column * cell.width + 1, y: top + index * cell.height + 1 };
      shapes.push({
        kind: "rect",
        ...place,
        width: cell.width - 2,
        height: cell.height - 2,
        radius: 3,
        fill: colorOf(visible ? weight : 0, "light"),
      });
      if (!numbers || !visible) return;
      shapes.push({
        kind: "text",
        text: weight.toFixed(2),
        x: left + (column + 0.5) * cell.width,
        y: middle + 4,
        size: 12,
        fill: inkOn(weight, "light"),
        anchor: "middle",
      });
    });
  });
  const bottom = legend(shapes, left, top + rows.length * cell.height + 20);
  return { width: Math.ceil(total), height: Math.ceil(bottom + MARGIN), shapes };
}

/** The lines of the caption of a translation's sentence. */
export function captionOf(sentence, result, model) {
  const languages = model ? ` (${languageName(model.source_language)} → ${languageName(model.target_language)})` : "";
  return [
    { name: t("file_source"), text: sentence.source },
    { name: t("file_target"), text: sentence.text },
    { name: t("file_model"), text: `${result.model}${languages}, ${result.model_fingerprint.slice(0, 16)}` },
  ];
}

function captionLine(shapes, { name, text }, y, total) {
  shapes.push({ kind: "text", text: name, x: MARGIN, y: y + SIZE, size: 13, fill: SOFT, anchor: "start" });
  const indent = MARGIN + 92;
  for (const line of wrapped(text, total - indent - MARGIN)) {
    shapes.push({ kind: "text", text: line, x: indent, y: y + SIZE, size: SIZE, fill: INK, anchor: "start" });
    y += 22;
  }
  return y;
}

function wrapped(text, most) {
  const lines = [""];
  for (const word of text.split(/(?<=\s)/u)) {
    if (lines.at(-1) && width(lines.at(-1) + word, SIZE) > most) lines.push("");
    lines[lines.length - 1] += word;
  }
  return lines.map((line) => line.trimEnd());
}

function legend(shapes, left, top) {
  const steps = 40;
  for (let step = 0; step < steps; step += 1) {
    const fill = colorOf(step / (steps - 1), "light");
    shapes.push({ kind: "rect", x: left + 16 + step * 4, y: top, width: 4.5, height: 10, radius: 0, fill });
  }
  shapes.push({ kind: "text", text: "0", x: left + 8, y: top + 10, size: 12, fill: SOFT, anchor: "end" });
  shapes.push({ kind: "text", text: "1", x: left + 24 + steps * 4, y: top + 10, size: 12, fill: SOFT, anchor: "start" });
  return top + 12;
}

function width(text, size) {
  measuring.font = `${size}px ${FONT}`;
  return measuring.measureText(text).width;
}
