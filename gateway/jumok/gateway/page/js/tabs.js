// The tabs below the translation.

import { byId } from "./dom.js";
import { rove } from "./roving.js";

const NAMES = ["attention", "tree", "own", "compare", "explain"];

export class Tabs {
  constructor(store, onShow) {
    this.store = store;
    this.onShow = onShow;
    this.list = document.querySelector("[role=tablist]");
    rove(this.list, "[role=tab]");
    for (const name of NAMES) {
      const tab = byId(`tab-${name}`);
      const choose = () => store.set({ tab: name });
      tab.addEventListener("click", choose);
      tab.addEventListener("focus", choose);
    }
  }

  update() {
    const shown = this.store.get("tab");
    for (const name of NAMES) {
      byId(`tab-${name}`).setAttribute("aria-selected", String(name === shown));
      byId(`tab-${name}`).tabIndex = name === shown ? 0 : -1;
      byId(`panel-${name}`).hidden = name !== shown;
    }
    byId("settings").hidden = !["attention", "own", "compare"].includes(shown);
    this.onShow(shown);
  }
}
