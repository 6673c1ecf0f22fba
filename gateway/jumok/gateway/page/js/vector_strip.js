// A vector as a strip of cells: positive numbers in the accent colour, negative ones in that of doubt.

import { element } from "./dom.js";
import { number } from "./language.js";

const HEIGHT = 18;
const WIDTH = 3; // pixels of a cell, at most

/** Draw a vector; the strongest colour is that of its largest absolute value. */
export function vectorStrip(vector, label) {
  const style = getComputedStyle(document.documentElement);
  const [positive, negative] = ["--accent", "--doubt-color"].map((name) => style.getPropertyValue(name));
  const most = Math.max(...vector.map(Math.abs), 1e-12);
  const canvas = element("canvas", {
    class: "vector",
    width: vector.length * WIDTH,
    height: HEIGHT,
    role: "img",
    "aria-label": `${label}: ${vector.length} × [${number(-most)}, ${number(most)}]`,
    title: `${vector.length} × [${number(-most)}, ${number(most)}]`,
  });
  const context = canvas.getContext("2d");
  vector.forEach((value, index) => {
    context.fillStyle = value < 0 ? negative : positive;
    context.globalAlpha = Math.abs(value) / most;
    context.fillRect(index * WIDTH, 0, WIDTH, HEIGHT);
  });
  return canvas;
}
