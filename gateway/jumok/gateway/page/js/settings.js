// How attention is shown: unit, numbers, threshold, what is hidden, and which sentence.

import { byId, element } from "./dom.js";
import { percent, t } from "./language.js";

const CHECKS = ["numbers", "hidePunctuation", "hideEnd"];

export class Settings {
  constructor(store, { onSegment }) {
    this.store = store;
    this.onSegment = onSegment;
    for (const name of CHECKS) {
      byId(name).addEventListener("change", (event) => store.set({ [name]: event.target.checked }));
    }
    byId("threshold").addEventListener("input", (event) => store.set({ threshold: Number(event.target.value) }));
    this.units = [...document.querySelectorAll("[data-unit]")];
    for (const button of this.units) {
      button.addEventListener("click", () => store.set({ unit: button.dataset.unit }));
    }
    this.previous = element("button", { type: "button", class: "quiet", text: "‹" });
    this.next = element("button", { type: "button", class: "quiet", text: "›" });
    this.place = element("span", { "aria-live": "polite" });
    this.previous.addEventListener("click", () => onSegment(-1));
    this.next.addEventListener("click", () => onSegment(1));
    byId("pager").append(this.previous, this.place, this.next);
  }

  update() {
    for (const name of CHECKS) byId(name).checked = this.store.get(name);
    byId("threshold").value = this.store.get("threshold");
    byId("threshold-value").textContent = percent(this.store.get("threshold") / 100);
    for (const button of this.units) {
      button.setAttribute("aria-pressed", String(button.dataset.unit === this.store.get("unit")));
    }
  }

  /** Show which of `count` sentences is shown. */
  page(index, count) {
    byId("pager").hidden = count < 2;
    this.place.textContent = t("sentence_of", { number: index + 1, count });
    this.previous.setAttribute("aria-label", t("previous_sentence"));
    this.next.setAttribute("aria-label", t("next_sentence"));
    this.previous.disabled = index === 0;
    this.next.disabled = index >= count - 1;
  }
}
