// The heat map as a table, for screen readers and for copying. It is built when it is opened.

import { element } from "./dom.js";
import { percent, probability, t } from "./language.js";

export class AttentionTable {
  constructor(host) {
    this.place = element("div", { class: "table-scroller", tabindex: "0", role: "group" });
    this.summary = element("summary");
    this.details = element("details", { class: "table" }, this.summary, this.place);
    this.details.addEventListener("toggle", () => this.#build());
    host.append(this.details);
  }

  update(grid) {
    this.grid = grid;
    this.summary.textContent = t("table");
    this.place.setAttribute("aria-label", t("table"));
    this.details.hidden = !grid.rows.length;
    this.#build();
  }

  #build() {
    if (!this.details.open || !this.grid) {
      this.place.replaceChildren();
      return;
    }
    const { rows, columns, weights } = this.grid;
    const name = ({ label, end }) => (end ? t("end") : label);
    const head = element(
      "tr",
      {},
      element("td"),
      ...columns.map((column) => element("th", { scope: "col", dir: "auto", text: name(column) })),
    );
    const body = rows.map((row, index) =>
      element(
        "tr",
        {},
        element(
          "th",
          { scope: "row", dir: "auto" },
          name(row),
          element("small", { text: ` ${probability(row.probability)}` }),
        ),
        ...Array.from(weights[index], (weight) => element("td", { text: percent(weight) })),
      ),
    );
    this.place.replaceChildren(
      element(
        "table",
        {},
        element("caption", { text: t("table_caption") }),
        element("thead", {}, head),
        element("tbody", {}, ...body),
      ),
    );
  }
}
