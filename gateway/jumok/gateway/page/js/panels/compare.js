// The panel with two models, or two alignment rules, side by side.

import { align, translate } from "../api.js";
import { differenceLine } from "../difference.js";
import { byId, element } from "../dom.js";
import { makeGrid } from "../grid.js";
import { percent, t } from "../language.js";
import { SentenceLinks } from "../sentence_links.js";
import { SentenceView } from "../sentence_view.js";
import { Sentence, Translation } from "../translation.js";
import { problemText } from "./problem.js";

const RULES = ["writes", "reads", "posterior"];
const WIRE_RULES = Object.fromEntries(RULES.map((rule) => [rule, `ALIGNMENT_RULE_${rule.toUpperCase()}`]));

export class ComparePanel {
  constructor(host, context) {
    this.context = context;
    this.kind = null; // "models" or "rules", once the models are known
    this.chosen = { models: [null, null], rules: ["writes", "posterior"] };
    this.kinds = ["models", "rules"].map((kind) => {
      const button = element("button", { type: "button", "data-kind": kind });
      button.addEventListener("click", () => {
        this.kind = kind;
        this.update();
      });
      return button;
    });
    this.group = element("div", { class: "segmented", role: "group" }, ...this.kinds);
    this.intro = element("p", { class: "intro" });
    this.summary = element("div", { class: "compare-summary", "aria-live": "polite" });
    this.empty = element("p", { class: "empty" });
    this.problem = element("p", { class: "problem", role: "alert", hidden: true });
    this.sides = [0, 1].map((side) => this.#side(side));
    this.pair = element("div", { class: "compare" }, ...this.sides.map(({ host: each }) => each));
    host.append(element("div", { class: "controls" }, this.group), this.intro, this.empty, this.problem, this.summary, this.pair);
    this.wanted = "";
  }

  #side(index) {
    const select = element("select", { id: `compare-${index}` });
    select.addEventListener("change", () => {
      this.chosen[this.kind][index] = select.value;
      this.update();
    });
    const facts = element("p", { class: "faint" });
    const text = element("p", { class: "compare-text", dir: "auto" });
    const models = element("div");
    const rules = element("div");
    const host = element("div", { class: "compare-side" }, select, text, facts, models, rules);
    return {
      host,
      select,
      facts,
      text,
      models,
      rules,
      view: new SentenceView(models, {}),
      links: new SentenceLinks(rules, {
        coverage: false,
        onFocus: (row, column) => this.sides.forEach(({ links }) => links.highlight(row, column)),
      }),
    };
  }

  update() {
    const models = this.context.models();
    if (!models.length) return;
    // models of other languages hardly understand the text
    this.kind ??= near(models, this.context.store.get("model")).length > 1 ? "models" : "rules";
    byId("settings").hidden = this.kind === "rules"; // rules are shown by words only
    this.group.setAttribute("aria-label", t("compare_what"));
    for (const button of this.kinds) {
      button.textContent = t(`compare_${button.dataset.kind}`);
      button.setAttribute("aria-pressed", String(button.dataset.kind === this.kind));
    }
    this.intro.textContent = t(`compare_${this.kind}_intro`);
    this.empty.textContent = t("nothing_yet");
    const sentence = this.context.sentence();
    this.empty.hidden = Boolean(sentence);
    this.pair.hidden = this.summary.hidden = !sentence;
    this.#drawSelects();
    if (!sentence || this.context.session.running) return;
    const { model } = this.context.options();
    const wanted = JSON.stringify([this.kind, this.chosen[this.kind], sentence.source, sentence.text, model]);
    if (wanted === this.wanted) this.#draw();
    else this.#fetch(wanted, sentence, model);
  }

  #drawSelects() {
    const models = this.context.models();
    const current = models.find(({ name }) => name === this.context.store.get("model"));
    const same = near(models, current?.name);
    const ordered = [...same, ...models.filter((model) => !same.includes(model))].map(({ name }) => name);
    const [left, right] = this.chosen.models;
    if (!ordered.includes(left)) this.chosen.models[0] = current?.name ?? null;
    if (!ordered.includes(right)) this.chosen.models[1] = ordered.find((name) => name !== this.chosen.models[0]) ?? current?.name;
    const choices = this.kind === "models" ? ordered : RULES;
    this.sides.forEach(({ select, models: maps, rules }, side) => {
      select.setAttribute("aria-label", t(side ? "compare_right" : "compare_left"));
      select.replaceChildren(
        ...choices.map((name) => element("option", { value: name, text: this.kind === "rules" ? t(`rule_${name}`) : name })),
      );
      select.value = this.chosen[this.kind][side] ?? "";
      maps.hidden = this.kind !== "models";
      rules.hidden = this.kind !== "rules";
    });
  }

  async #fetch(wanted, sentence, model) {
    this.wanted = wanted;
    this.answers = null;
    this.problem.hidden = true;
    const ask = this.kind === "models" ? (name) => translated(sentence, name) : (rule) => aligned(sentence, model, rule);
    try {
      const answers = await Promise.all(this.chosen[this.kind].map(ask));
      if (this.wanted !== wanted) return;
      this.answers = answers;
      this.#draw();
    } catch (error) {
      if (this.wanted !== wanted) return;
      this.wanted = "";
      this.problem.hidden = false;
      this.problem.textContent = problemText(error);
    }
  }

  #draw() {
    if (!this.answers) return;
    if (this.kind === "models") this.#drawModels();
    else this.#drawRules();
  }

  #drawModels() {
    const [left, right] = this.answers;
    this.summary.replaceChildren(
      left.text === right.text ? element("p", { text: t("compare_same_text") }) : differenceLine(left.text, right.text),
    );
    this.sides.forEach(({ view, facts, text }, side) => {
      const translation = this.answers[side];
      const tokens = translation.tokens.flat();
      const mean = Math.exp(tokens.reduce((sum, token) => sum + token.log_prob, 0) / Math.max(1, tokens.length));
      text.textContent = translation.text;
      facts.textContent = t("mean_probability", { value: percent(mean, 1) });
      view.update(translation.sentence(0), this.context.store.values);
    });
  }

  #drawRules() {
    const grids = this.answers.map((answer) =>
      makeGrid(Sentence.ofAligned(answer), { unit: "words", hidePunctuation: false, hideEnd: true }),
    );
    const links = this.answers.map(({ alignment }, side) =>
      alignment.map(({ source_word: source, target_word: target, weight }) => ({
        row: target,
        column: grids[side].columns.findIndex(({ word }) => word === source),
        weight,
      })),
    );
    const key = ({ row, column }) => `${column}-${row}`;
    const sets = links.map((side) => new Set(side.map(key)));
    links.forEach((side, index) => side.forEach((link) => (link.emphasis = !sets[1 - index].has(key(link)))));
    const changed = new Set(links.flat().filter(({ emphasis }) => emphasis).map(({ row }) => row));
    const all = grids[0].rows.length;
    this.summary.replaceChildren(
      element("p", { text: changed.size ? t("compare_differ", { count: changed.size, all }) : t("compare_same") }),
    );
    this.sides.forEach(({ links: picture, facts, text }, side) => {
      text.textContent = "";
      facts.textContent = t(`rule_${this.chosen.rules[side]}_help`);
      picture.update(grids[side], links[side]);
    });
  }
}

/** The models that read the same language as the named one. */
function near(models, name) {
  const current = models.find((model) => model.name === name);
  return models.filter((model) => model.source_language === current?.source_language);
}

async function translated(sentence, model) {
  const translation = new Translation(sentence.source);
  const request = { text: sentence.source, model, segmentation: "SEGMENTATION_NONE" };
  for await (const message of translate(request)) translation.add(message);
  return translation;
}

function aligned(sentence, model, rule) {
  return align({ source: sentence.source, target: sentence.text, model, rule: WIRE_RULES[rule] });
}
