// All views of one sentence, with one focus: links, heat map, table, and a line that says what is
// under the pointer.

import { AttentionTable } from "./attention_table.js";
import { element } from "./dom.js";
import { makeGrid, strongest } from "./grid.js";
import { HeatMap } from "./heat_map.js";
import { language, number, percent, probability, t } from "./language.js";
import { colorOf } from "./ramp.js";
import { SentenceLinks } from "./sentence_links.js";
import { theme } from "./theme.js";

export class SentenceView {
  constructor(host, { onPick = null, values = false, table = true }) {
    this.grid = { rows: [], columns: [], weights: [] };
    const onFocus = (row, column) => this.focus(row, column);
    this.links = new SentenceLinks(host, { onFocus, onPick, values });
    this.reading = element("p", { class: "reading", "aria-live": "polite" });
    host.append(this.reading);
    this.map = new HeatMap(host, {
      label: t("map_help"),
      onFocus,
      onPick: onPick && ((row) => onPick(row, this.map.rowLabels.children[row])),
    });
    this.legend = element("div", { class: "legend" });
    host.append(this.legend);
    this.table = table ? new AttentionTable(host) : null;
  }

  /** Show a sentence; `options` are those of the store. */
  update(sentence, options) {
    this.sentence = sentence;
    this.grid = makeGrid(sentence, options);
    this.map.cells.setAttribute("aria-label", t("map_help"));
    // labels depend on the language, too
    const { numbers, threshold } = options;
    this.map.update(this.grid, { numbers, threshold, language: language() });
    this.links.update(this.grid);
    this.table?.update(this.grid);
    this.#explainColours();
    this.focus(null, null);
  }

  focus(row, column) {
    if (row === this.row && column === this.column && row !== null) return;
    this.row = row;
    this.column = column;
    this.map.highlight(row, column);
    this.links.highlight(row, column);
    this.reading.textContent = this.#words(row, column);
  }

  #explainColours() {
    const shown = theme();
    const key = `${shown} ${language()}`;
    if (this.legend.dataset.key === key) return;
    this.legend.dataset.key = key;
    const ramp = element("span", { class: "ramp", "aria-hidden": "true" });
    const colours = Array.from({ length: 17 }, (_, step) => colorOf(step / 16, shown));
    ramp.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
    this.legend.replaceChildren(
      element("span", { text: "0" }),
      ramp,
      element("span", { text: "1" }),
      element("span", { class: "legend-text", text: t(shown === "dark" ? "map_axis_dark" : "map_axis") }),
    );
  }

  #words(row, column) {
    const { rows, columns, weights } = this.grid;
    const name = (item) => (item.end ? t("end") : item.label);
    if (row !== null && column !== null) {
      const weight = percent(weights[row][column]);
      return t("cell", { target: name(rows[row]), source: name(columns[column]), weight });
    }
    if (row !== null) {
      const most = strongest(weights[row]);
      if (most < 0) return "";
      return t("row_summary", {
        target: name(rows[row]),
        probability: probability(rows[row].probability),
        source: name(columns[most]),
        weight: percent(weights[row][most]),
      });
    }
    if (column !== null) {
      const { unattended, coverage } = columns[column];
      return t(unattended ? "unattended" : "column_summary", {
        source: name(columns[column]),
        coverage: number(coverage),
      });
    }
    return rows.length ? t("hover_hint") : "";
  }
}
