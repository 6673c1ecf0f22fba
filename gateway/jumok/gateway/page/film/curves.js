// Learning curves as SVG, with a cursor at the step that is shown.

import { element, shape } from "../js/dom.js";
import { figure, t, whole } from "./words.js";

const MARGIN = { left: 46, right: 14, top: 10, bottom: 20 };

/** One curve: {host, set, draw}. */
export class Curve {
  constructor(name, onStep) {
    this.name = name;
    this.points = [];
    this.title = element("span");
    this.value = element("span", { class: "value" });
    this.svg = shape("svg", { role: "img" });
    this.host = element("figure", { class: "curve" }, element("h3", {}, this.title, this.value), this.svg);
    const follow = (event) => {
      if (event.type === "pointermove" && !event.buttons) return;
      onStep(this.stepAt(event.clientX - this.svg.getBoundingClientRect().left));
    };
    this.svg.addEventListener("pointerdown", follow);
    this.svg.addEventListener("pointermove", follow);
  }

  /** Take over the points, lists of [step, value], and the steps of the axis. */
  set(points, steps) {
    this.points = points;
    this.steps = steps;
    this.host.hidden = !points.length;
    this.build();
  }

  /** Draw all but the cursor; again where the width or the language has changed. */
  build() {
    if (!this.points.length) return;
    this.title.textContent = t(this.name);
    const { width, height } = this.svg.getBoundingClientRect();
    if (!width) return;
    this.width = width;
    const values = this.points.map(([, value]) => value);
    const [low, high] = [this.name === "loss" ? Math.min(...values) : Math.min(0, ...values), Math.max(...values)];
    const marks = ticks(low, high, 3);
    const [bottom, top] = [Math.min(low, marks[0]), Math.max(high, marks.at(-1))];
    const inner = height - MARGIN.top - MARGIN.bottom;
    this.y = (value) => MARGIN.top + inner * (1 - (value - bottom) / (top - bottom || 1));
    const nodes = marks.flatMap((mark) => [
      shape("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: this.y(mark), y2: this.y(mark) }),
      label(figure(mark), MARGIN.left - 6, this.y(mark) + 4, "end"),
    ]);
    for (const step of ticks(...this.steps, 4).filter((mark) => mark >= this.steps[0] && mark <= this.steps[1])) {
      nodes.push(label(whole(step), this.x(step), height - 4, "middle"));
    }
    this.past = shape("polyline", { class: "line" });
    this.cursor = shape("line", { class: "cursor", y1: MARGIN.top, y2: height - MARGIN.bottom });
    this.dot = shape("circle", { r: 5 });
    const all = shape("polyline", { class: "line future", points: this.line(this.points) });
    this.svg.replaceChildren(...nodes, all, this.cursor, this.past, this.dot);
  }

  draw(step) {
    if (!this.points.length || !this.past) return;
    const value = this.valueAt(step);
    this.past.setAttribute("points", this.line([...this.points.filter((point) => point[0] < step), [step, value]]));
    for (const name of ["x1", "x2"]) this.cursor.setAttribute(name, this.x(step));
    this.dot.setAttribute("cx", this.x(step));
    this.dot.setAttribute("cy", this.y(value));
    this.value.textContent = figure(value);
  }

  /** Describe the curve; not while it moves. */
  tell(step) {
    if (!this.points.length) return;
    const [first, last] = [this.points[0], this.points.at(-1)];
    const values = { first: whole(first[0]), from: figure(first[1]), last: whole(last[0]), to: figure(last[1]) };
    const now = { step: whole(step), value: figure(this.valueAt(step)) };
    this.svg.setAttribute("aria-label", t("curve", { name: t(this.name), ...values, ...now }));
  }

  x(step) {
    const [first, last] = this.steps;
    return MARGIN.left + (this.width - MARGIN.left - MARGIN.right) * ((step - first) / (last - first || 1));
  }

  stepAt(x) {
    const [first, last] = this.steps;
    return first + (last - first) * ((x - MARGIN.left) / (this.width - MARGIN.left - MARGIN.right));
  }

  /** The value at a step, between those that were recorded before and after it. */
  valueAt(step) {
    const after = this.points.findIndex((point) => point[0] >= step);
    if (after < 0) return this.points.at(-1)[1];
    if (after === 0) return this.points[0][1];
    const [[left, from], [right, to]] = [this.points[after - 1], this.points[after]];
    return from + (to - from) * ((step - left) / (right - left));
  }

  line(points) {
    return points.map(([step, value]) => `${this.x(step).toFixed(1)},${this.y(value).toFixed(1)}`).join(" ");
  }
}

function label(text, x, y, anchor) {
  return shape("text", { x, y, "text-anchor": anchor }, text);
}

/** About `count` round numbers from `low` to `high`. */
function ticks(low, high, count) {
  const rough = (high - low || Math.abs(high) || 1) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.99);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}
