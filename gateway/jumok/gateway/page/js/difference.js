// The difference of two texts by words.

import { element } from "./dom.js";

/**
 * Compare two texts: a list of {kind: "same" | "added" | "removed", words}, by their longest common
 * subsequence.
 */
export function compare(before, after) {
  const [old, now] = [split(before), split(after)];
  const lengths = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      lengths[i][j] = old[i] === now[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  const parts = [];
  const push = (kind, word) => {
    if (parts.at(-1)?.kind === kind) parts.at(-1).words.push(word);
    else parts.push({ kind, words: [word] });
  };
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      push("same", now[j]);
      i += 1;
      j += 1;
    } else if (i < old.length && (j === now.length || lengths[i + 1][j] >= lengths[i][j + 1])) {
      push("removed", old[i]);
      i += 1;
    } else {
      push("added", now[j]);
      j += 1;
    }
  }
  return parts;
}

/** The share of words that two texts have in common, 0 to 1. */
export function similarity(before, after) {
  const same = compare(before, after)
    .filter(({ kind }) => kind === "same")
    .reduce((sum, { words }) => sum + words.length, 0);
  return same / Math.max(1, split(before).length, split(after).length);
}

/** The difference as a line of text with <ins> and <del>. */
export function differenceLine(before, after) {
  const tags = { same: "span", added: "ins", removed: "del" };
  const nodes = compare(before, after).flatMap(({ kind, words }) => [
    element(tags[kind], { text: words.join(" ") }),
    " ",
  ]);
  return element("p", { class: "difference-line", dir: "auto" }, ...nodes);
}

function split(text) {
  return text.split(/\s+/u).filter(Boolean);
}
