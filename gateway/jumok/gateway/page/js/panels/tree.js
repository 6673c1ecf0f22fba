// The panel with beam search as a tree.

import { translate } from "../api.js";
import { element, shape } from "../dom.js";
import { number, probability, t } from "../language.js";
import { layOut, prefixTree, visit } from "../prefix_tree.js";
import { Translation } from "../translation.js";
import { problemText } from "./problem.js";

const BRANCH = 40; // pixels between branches
const LEAF = 21;
const GAP = 34; // between columns
const measuring = document.createElement("canvas").getContext("2d");

export class TreePanel {
  constructor(host, context) {
    this.context = context;
    this.width = 5;
    this.leaves = 2;
    this.intro = element("p", { class: "intro" });
    this.controls = element("div", { class: "controls" });
    this.picture = element("div", { class: "tree-scroller", tabindex: "0", role: "group" });
    this.list = element("div", { class: "table-scroller", tabindex: "0", role: "group" });
    this.note = element("p", { class: "faint" });
    this.empty = element("p", { class: "empty" });
    host.append(this.intro, this.controls, this.empty, this.picture, this.note, this.list);
    this.wanted = "";
  }

  update() {
    this.intro.textContent = t("tree_intro");
    this.note.textContent = t("tree_note");
    this.empty.textContent = t("nothing_yet");
    this.picture.setAttribute("aria-label", t("tree_label"));
    this.list.setAttribute("aria-label", t("tree_hypothesis"));
    this.#drawControls();
    const sentence = this.context.sentence();
    for (const part of [this.picture, this.note, this.list]) part.hidden = !sentence;
    this.empty.hidden = Boolean(sentence);
    if (!sentence || this.context.session.running) return;
    const { model } = this.context.options();
    const wanted = JSON.stringify([sentence.source, model, this.width]);
    if (wanted === this.wanted) this.#draw();
    else this.#search(wanted, sentence.source, model);
  }

  async #search(wanted, text, model) {
    this.wanted = wanted;
    this.hypotheses = null;
    this.running?.abort();
    this.running = new AbortController();
    const beam = { width: this.width, num_hypotheses: this.width };
    const request = {
      text,
      model,
      segmentation: "SEGMENTATION_NONE",
      attention: "ATTENTION_NONE",
      decoding: { beam_search: beam, alternatives: 5 },
    };
    try {
      const translation = new Translation(text);
      for await (const message of translate(request, this.running.signal)) translation.add(message);
      if (this.wanted !== wanted) return;
      this.hypotheses = translation.result.hypotheses.map((hypothesis, rank) => ({
        text: hypothesis.text,
        score: hypothesis.score,
        logProb: hypothesis.log_prob,
        // the tokens of the best one came with the stream
        tokens: rank === 0 ? translation.tokens.flat() : hypothesis.tokens,
      }));
      this.#draw();
    } catch (error) {
      if (error.name === "AbortError") return;
      this.wanted = "";
      this.picture.replaceChildren(element("p", { class: "problem", text: problemText(error) }));
    }
  }

  #drawControls() {
    const focused = document.activeElement?.id;
    const field = (id, label, value, least, most, set) => {
      const input = element("input", { type: "number", id, min: least, max: most });
      input.value = value;
      input.addEventListener("change", () => {
        set(Math.min(most, Math.max(least, Math.round(Number(input.value)) || least)));
        this.update();
      });
      return element("label", { class: "inline" }, label, input);
    };
    this.controls.replaceChildren(
      field("tree-width", t("tree_width"), this.width, 1, 16, (value) => (this.width = value)),
      field("tree-leaves", t("tree_leaves"), this.leaves, 0, 5, (value) => (this.leaves = value)),
    );
    if (focused?.startsWith("tree-")) document.getElementById(focused)?.focus();
  }

  #draw() {
    if (!this.hypotheses) return;
    const root = prefixTree(this.hypotheses, this.leaves);
    const { depth, height } = layOut(root, { branch: BRANCH, leaf: LEAF });
    this.picture.replaceChildren(this.#tree(root, depth, height));
    this.#tabulate();
  }

  #tree(root, depth, height) {
    const style = getComputedStyle(this.picture);
    const widths = new Array(depth + 2).fill(0);
    visit(root, (each) => {
      const leaf = !each.children.length && !each.hypothesis;
      measuring.font = `${leaf ? 12.5 : 15}px ${style.fontFamily}`;
      each.width = measuring.measureText(nodeText(each)).width + (leaf ? 4 : 18);
      each.note = each.token ? probability(Math.exp(each.token.log_prob)) : "";
      measuring.font = `11px ${style.fontFamily}`;
      each.noteWidth = leaf ? measuring.measureText(each.note).width + 6 : 0;
      widths[each.depth] = Math.max(widths[each.depth], each.width + each.noteWidth);
      if (each.hypothesis) widths[each.depth + 1] = Math.max(widths[each.depth + 1], 92);
    });
    const lefts = [];
    widths.reduce((left, width, level) => ((lefts[level] = left), left + width + GAP), 8);
    const total = lefts.at(-1) + widths.at(-1) + 8;
    const picture = shape("svg", {
      class: "tree",
      width: Math.ceil(total),
      height: Math.ceil(height + 66),
      viewBox: `0 -36 ${Math.ceil(total)} ${Math.ceil(height + 66)}`,
      role: "img",
      "aria-label": t("tree_label"),
    });
    const edges = shape("g");
    const nodes = shape("g");
    visit(root, (each, parent) => {
      each.x = lefts[each.depth];
      if (parent) edges.append(edge(parent, each));
      nodes.append(...drawnNode(each));
      if (each.hypothesis) {
        edges.append(curve(each.x + each.width, each.y, lefts[each.depth + 1], each.y, "tree-edge", 1.5));
        nodes.append(score(each, lefts[each.depth + 1]));
      }
    });
    picture.append(edges, nodes);
    return picture;
  }

  #tabulate() {
    const head = ["tree_rank", "tree_hypothesis", "tree_score", "tree_log_prob"];
    this.list.replaceChildren(
      element(
        "table",
        { class: "hypotheses" },
        element("thead", {}, element("tr", {}, ...head.map((key) => element("th", { scope: "col", text: t(key) })))),
        element(
          "tbody",
          {},
          ...this.hypotheses.map(({ text, score: value, logProb }, rank) =>
            element(
              "tr",
              {},
              element("td", { text: rank + 1 }),
              element("td", { class: "hypothesis-text", dir: "auto", text }),
              element("td", { text: number(value, 3) }),
              element("td", { text: number(logProb, 2) }),
            ),
          ),
        ),
      ),
    );
  }
}

function nodeText({ token }) {
  if (!token) return t("tree_start");
  return token.piece === "</s>" ? t("end") : token.piece.replace(/^▁/u, "") || "␣";
}

function edge(parent, child) {
  const taken = child.children.length > 0 || child.hypothesis;
  const width = taken ? 1 + 3.5 * Math.exp(child.token.log_prob) : 1;
  return curve(parent.x + parent.width, parent.y, child.x, child.y, taken ? "tree-edge" : "tree-edge faint-edge", width);
}

function curve(x1, y1, x2, y2, className, width) {
  const middle = (x1 + x2) / 2;
  const path = shape("path", { class: className, d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}` });
  path.style.strokeWidth = `${width}px`;
  return path;
}

function drawnNode(each) {
  const { x, y, width, token } = each;
  const text = nodeText(each);
  const title = token ? shape("title", { text: t("tree_token", { token: text, probability: each.note }) }) : null;
  if (!each.children.length && !each.hypothesis) {
    return [
      shape("text", { class: "tree-leaf", x: x + 3, y: y + 4 }, text, title),
      shape("text", { class: "tree-leaf-note", x: x + each.width + 2, y: y + 4, text: each.note }),
    ];
  }
  return [
    shape("rect", { class: "tree-node", x, y: y - 14, width, height: 28, rx: 8 }, title),
    shape("text", { class: "tree-text", x: x + width / 2, y: y + 5, text }),
    token ? shape("text", { class: "tree-note", x: x + width / 2, y: y - 17, text: each.note }) : null,
  ].filter(Boolean);
}

function score({ hypothesis, y }, x) {
  const best = hypothesis.rank === 0;
  return shape(
    "g",
    { class: best ? "tree-score best" : "tree-score" },
    shape("rect", { x, y: y - 13, width: 90, height: 26, rx: 13 }),
    shape("text", { x: x + 45, y: y + 4.5, text: `#${hypothesis.rank + 1}  ${number(hypothesis.score, 2)}` }),
  );
}
