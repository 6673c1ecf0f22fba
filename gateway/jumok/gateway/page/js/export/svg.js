// A figure as SVG with real text.

import { FONT } from "./figure.js";

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Escape a text for XML and HTML. */
export function escape(text) {
  // control characters are not allowed in XML
  return String(text).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/gu, "�").replace(/[&<>"]/g, (c) => ESCAPES[c]);
}

/** The figure as the text of an SVG file. */
export function svgOf({ width, height, shapes }, title) {
  const body = shapes.map((each) => (each.kind === "rect" ? rect(each) : words(each))).join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escape(FONT)}" role="img">
<title>${escape(title)}</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${body}
</svg>
`;
}

function rect({ x, y, width, height, radius, fill }) {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}" fill="${fill}"/>`;
}

function words({ text, x, y, size, fill, anchor, rotate }) {
  const turn = rotate ? ` transform="rotate(${rotate} ${round(x)} ${round(y)})"` : "";
  const align = anchor === "start" ? "" : ` text-anchor="${anchor}"`;
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${fill}"${align}${turn}>${escape(text)}</text>`;
}

function round(value) {
  return Math.round(value * 100) / 100;
}
