// A figure as PNG.

import { FONT } from "./figure.js";

const MOST_PIXELS = 60e6;

/** Draw the figure with two pixels for each of its units; a promise of the file. */
export function pngOf({ width, height, shapes }) {
  const scale = Math.min(2, Math.sqrt(MOST_PIXELS / (width * height)));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  for (const each of shapes) {
    context.fillStyle = each.fill;
    if (each.kind === "rect") rect(context, each);
    else words(context, each);
  }
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function rect(context, { x, y, width, height, radius }) {
  context.beginPath();
  context.roundRect(x, y, width, height, radius);
  context.fill();
}

function words(context, { text, x, y, size, anchor, rotate }) {
  context.save();
  context.font = `${size}px ${FONT}`;
  context.textAlign = { start: "left", middle: "center", end: "right" }[anchor];
  context.translate(x, y);
  if (rotate) context.rotate((rotate * Math.PI) / 180);
  context.fillText(text, 0, 0);
  context.restore();
}
