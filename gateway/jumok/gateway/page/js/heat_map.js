// The heat map: cells on a canvas, labels in HTML, highlights above.

import { element } from "./dom.js";
import { colorOf, inkOn } from "./ramp.js";
import { t } from "./language.js";
import { onThemeChange, theme } from "./theme.js";

const USUAL_WIDTH = 88; // pixels of a cell, if there is room
const MOST_WIDTH = 150; // for long labels
const LONG = 1400; // pixels; higher maps scroll in a box, in which labels stay in view
const LABEL_LENGTH = 150; // pixels, of slanted labels
const MOST_PIXELS = 40e6; // of a canvas; browsers refuse much larger ones

const measuring = document.createElement("canvas").getContext("2d");

/**
 * A heat map that grows by rows.
 *
 * `onFocus(row, column)` is called when the pointer or the keyboard moves to a cell (column null
 * for a row as a whole, row null for a column), with two nulls when it leaves; `onPick(row)` when
 * a row is chosen.
 */
export class HeatMap {
  constructor(host, { label, onFocus, onPick }) {
    this.grid = { rows: [], columns: [], weights: [] };
    this.options = {};
    this.onFocus = onFocus;
    this.onPick = onPick;
    this.painted = 0; // rows
    this.capacity = 0; // rows
    this.cursor = { row: 0, column: 0 };
    this.columnLabels = element("div", { class: "heat-columns", "aria-hidden": "true" });
    this.rowLabels = element("div", { class: "heat-rows", "aria-hidden": "true" });
    this.canvas = element("canvas", { "aria-hidden": "true" });
    this.bands = ["row", "column", "cell"].map((kind) => element("div", { class: `heat-band heat-${kind}` }));
    this.cells = element(
      "div",
      { class: "heat-cells", tabindex: "0", role: "application", "aria-label": label },
      this.canvas,
      ...this.bands,
    );
    this.host = element(
      "div",
      { class: "heat", dir: "ltr" },
      element("div", { class: "heat-corner", "aria-hidden": "true" }),
      this.columnLabels,
      this.rowLabels,
      this.cells,
    );
    this.scroller = element("div", { class: "heat-scroller" }, this.host);
    host.append(this.scroller);
    this.#listen();
    onThemeChange(() => this.#repaint());
    new ResizeObserver(() => this.#resize()).observe(this.scroller);
  }

  /** Draw a grid. Rows that have not changed are not drawn again. */
  update(grid, options) {
    const before = this.grid;
    const sameOptions = JSON.stringify(options) === JSON.stringify(this.options);
    const sameColumns =
      sameOptions &&
      before.columns.length === grid.columns.length &&
      before.columns.every(({ label }, index) => label === grid.columns[index].label);
    this.grid = grid;
    this.options = options;
    if (!sameColumns) {
      this.#layOutColumns();
      this.#repaint();
    } else {
      let same = 0;
      while (same < this.painted && same < grid.rows.length && sameRow(before, grid, same)) same += 1;
      this.#paintRows(same);
    }
    this.#markColumns();
  }

  /** Emphasise a row, a column or a cell; null for neither. */
  highlight(row, column) {
    const [rowBand, columnBand, cell] = this.bands;
    const { cellWidth, cellHeight } = this;
    place(rowBand, row !== null, 0, row * cellHeight, this.grid.columns.length * cellWidth, cellHeight);
    place(columnBand, column !== null, column * cellWidth, 0, cellWidth, this.grid.rows.length * cellHeight);
    place(cell, row !== null && column !== null, column * cellWidth, row * cellHeight, cellWidth, cellHeight);
    mark(this.rowLabels, row);
    mark(this.columnLabels, column);
  }

  #layOutColumns() {
    const { columns } = this.grid;
    const style = getComputedStyle(this.host);
    measuring.font = `${style.fontSize} ${style.fontFamily}`;
    const longest = Math.max(20, ...columns.map((column) => measuring.measureText(name(column)).width));
    const room = Math.max(120, this.scroller.clientWidth - this.#labelRoom());
    const least = this.options.numbers ? 40 : columns.length > 60 ? 14 : 24;
    const widest = Math.min(MOST_WIDTH, Math.max(USUAL_WIDTH, longest + 16));
    this.cellWidth = Math.floor(Math.min(widest, Math.max(least, room / Math.max(1, columns.length))));
    this.cellHeight = columns.length > 60 && !this.options.numbers ? 18 : 34;
    this.slanted = longest > this.cellWidth - 8;
    const length = Math.min(longest, LABEL_LENGTH);
    const slope = this.slanted ? length * Math.SQRT1_2 : 0;
    this.host.classList.toggle("slanted", this.slanted);
    this.host.classList.toggle("dense", this.cellHeight < 24);
    this.columnLabels.style.height = `${Math.ceil(slope + 34)}px`;
    this.columnLabels.style.width = `${columns.length * this.cellWidth + Math.ceil(slope)}px`;
    this.columnLabels.replaceChildren(
      ...columns.map((column, index) => {
        const node = element("div", { class: "heat-label", "data-index": index }, element("bdi", { text: name(column) }));
        node.style.left = `${index * this.cellWidth}px`;
        node.style.width = `${this.cellWidth}px`;
        return node;
      }),
    );
    this.cells.style.width = `${columns.length * this.cellWidth}px`;
  }

  #labelRoom() {
    return Math.min(150, this.scroller.clientWidth * 0.3) + 8;
  }

  #markColumns() {
    const labels = this.columnLabels.children;
    this.grid.columns.forEach(({ unattended, end }, index) => {
      const names = `heat-label${unattended ? " unattended" : ""}${end ? " end" : ""}`;
      if (labels[index].className !== names) labels[index].className = names;
    });
  }

  #resize() {
    const width = this.scroller.clientWidth;
    if (width === this.width || !width) return;
    this.width = width;
    this.#layOutColumns();
    this.#markColumns();
    this.#repaint();
    this.highlight(null, null);
  }

  #repaint() {
    this.capacity = 0;
    this.#paintRows(0);
  }

  #paintRows(from) {
    const { rows } = this.grid;
    if (!this.cellWidth) return;
    if (rows.length > this.capacity) {
      this.#grow();
      from = 0;
    }
    const context = this.context;
    for (let row = from; row < rows.length; row += 1) this.#paintRow(context, row);
    if (this.painted > rows.length) {
      const top = rows.length * this.cellHeight;
      context.clearRect(0, top, this.grid.columns.length * this.cellWidth, (this.painted - rows.length) * this.cellHeight);
    }
    this.painted = rows.length;
    this.#labelRows(from);
    const height = rows.length * this.cellHeight;
    this.cells.style.height = `${height}px`;
    this.scroller.classList.toggle("long", height > LONG);
  }

  /** Make the canvas high enough, with room for more rows, since a change of size clears it. */
  #grow() {
    const { rows, columns } = this.grid;
    this.capacity = Math.ceil(Math.max(rows.length * 1.25, columns.length * 1.25, 8));
    const width = columns.length * this.cellWidth;
    const height = this.capacity * this.cellHeight;
    const scale = Math.min(devicePixelRatio || 1, Math.sqrt(MOST_PIXELS / Math.max(1, width * height)));
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.context = this.canvas.getContext("2d");
    this.context.scale(scale, scale);
  }

  #paintRow(context, row) {
    const { cellWidth, cellHeight } = this;
    const { numbers, threshold } = this.options;
    const weights = this.grid.weights[row];
    const gap = cellHeight < 24 ? 1 : 2;
    const shown = theme();
    const top = row * cellHeight;
    context.clearRect(0, top, weights.length * cellWidth, cellHeight);
    if (numbers) {
      context.font = `12px ${getComputedStyle(this.host).fontFamily}`;
      context.textAlign = "center";
      context.textBaseline = "middle";
    }
    weights.forEach((weight, column) => {
      const visible = weight * 100 >= threshold;
      context.fillStyle = colorOf(visible ? weight : 0, shown);
      const left = column * cellWidth;
      context.beginPath();
      if (gap > 1) context.roundRect(left + 1, top + 1, cellWidth - gap, cellHeight - gap, 3);
      else context.rect(left, top, cellWidth - gap, cellHeight - gap);
      context.fill();
      if (numbers && visible) {
        context.fillStyle = inkOn(weight, shown);
        context.fillText(weight.toFixed(2), left + cellWidth / 2, top + cellHeight / 2);
      }
    });
  }

  #labelRows(from) {
    const { rows } = this.grid;
    while (this.rowLabels.children.length > rows.length) this.rowLabels.lastChild.remove();
    for (let row = Math.min(from, this.rowLabels.children.length); row < rows.length; row += 1) {
      let node = this.rowLabels.children[row];
      if (!node) {
        node = element("div", { class: "heat-label", "data-index": row }, element("bdi"));
        this.rowLabels.append(node);
      }
      node.style.height = `${this.cellHeight}px`;
      node.firstChild.textContent = name(rows[row]);
      node.classList.toggle("end", rows[row].end);
    }
  }

  #listen() {
    const cellAt = (event) => {
      const box = this.cells.getBoundingClientRect();
      const row = Math.floor((event.clientY - box.top) / this.cellHeight);
      const column = Math.floor((event.clientX - box.left) / this.cellWidth);
      return { row: clamp(row, this.grid.rows.length), column: clamp(column, this.grid.columns.length) };
    };
    const labelAt = (event) => {
      const node = event.target.closest(".heat-label");
      return node ? Number(node.dataset.index) : null;
    };
    this.cells.addEventListener("pointermove", (event) => {
      if (!this.grid.rows.length) return;
      this.cursor = cellAt(event);
      this.onFocus(this.cursor.row, this.cursor.column);
    });
    this.cells.addEventListener("click", (event) => {
      // a finger has no other way to point at a cell
      if (event.pointerType !== "touch" && this.grid.rows.length) this.onPick?.(cellAt(event).row);
    });
    this.rowLabels.addEventListener("pointerover", (event) => this.onFocus(labelAt(event), null));
    this.rowLabels.addEventListener("click", (event) => labelAt(event) !== null && this.onPick?.(labelAt(event)));
    this.columnLabels.addEventListener("pointerover", (event) => this.onFocus(null, labelAt(event)));
    this.host.addEventListener("pointerleave", () => this.onFocus(null, null));
    this.cells.addEventListener("focus", () => this.#move(0, 0));
    this.cells.addEventListener("blur", () => this.onFocus(null, null));
    this.cells.addEventListener("keydown", (event) => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      const far = { Home: [0, -1e6], End: [0, 1e6], PageUp: [-10, 0], PageDown: [10, 0] }[event.key];
      if (step || far) this.#move(...(step ?? far));
      else if (event.key === "Enter" || event.key === " ") this.onPick?.(this.cursor.row);
      else if (event.key === "Escape") this.onFocus(null, null);
      else return;
      event.preventDefault();
    });
  }

  #move(rows, columns) {
    if (!this.grid.rows.length) return;
    const row = clamp(this.cursor.row + rows, this.grid.rows.length);
    const column = clamp(this.cursor.column + columns, this.grid.columns.length);
    this.cursor = { row, column };
    this.onFocus(row, column);
    this.bands[2].scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }
}

/** The label of a row or column. */
function name({ label, end }) {
  return end ? t("end") : label;
}

function sameRow(before, after, row) {
  if (before.rows[row].label !== after.rows[row].label) return false;
  const [old, now] = [before.weights[row], after.weights[row]];
  return old.every((weight, column) => weight === now[column]);
}

function place(band, shown, left, top, width, height) {
  band.hidden = !shown;
  if (!shown) return;
  Object.assign(band.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
}

function mark(labels, index) {
  labels.querySelector(".active")?.classList.remove("active");
  if (index !== null) labels.children[index]?.classList.add("active");
}

function clamp(index, count) {
  return Math.max(0, Math.min(count - 1, index));
}
