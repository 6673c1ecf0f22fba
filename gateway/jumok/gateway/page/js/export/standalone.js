// A page that needs no server, in one file. `jumok translate --heatmap` fills the same template.

import { readText } from "../api.js";
import { escape } from "./svg.js";

/** Make the page of `data`, which the script of the template describes. */
export async function standalonePage(data) {
  const files = ["html", "css", "js"].map((kind) => readText(`standalone/page.${kind}`));
  const [template, style, script] = await Promise.all(files);
  const parts = {
    title: escape(data.caption.target || data.caption.source),
    style: style.trimEnd(),
    script: script.trimEnd(),
    // "<" could end the script element
    data: JSON.stringify(data).replaceAll("<", "\\u003c"),
  };
  // one pass, by a function: neither "{{…}}" nor "$" in a translation is replaced
  return template.replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]);
}
