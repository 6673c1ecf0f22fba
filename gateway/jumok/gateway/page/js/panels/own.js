// The panel for a translation of the user's own.

import { align, translate } from "../api.js";
import { element } from "../dom.js";
import { number, probability, t } from "../language.js";
import { SentenceView } from "../sentence_view.js";
import { Sentence, Translation } from "../translation.js";
import { pieceText } from "../words.js";
import { problemText } from "./problem.js";

export class OwnPanel {
  constructor(host, context) {
    this.context = context;
    this.intro = element("p", { class: "intro" });
    this.label = element("label", { class: "own-label", for: "own" });
    this.field = element("textarea", { class: "field", id: "own", rows: "2", dir: "auto", spellcheck: "false" });
    this.check = element("button", { type: "button", class: "primary" });
    this.use = element("button", { type: "button", class: "quiet" });
    this.note = element("p", { class: "faint" });
    this.problem = element("p", { class: "problem", role: "alert", hidden: true });
    this.facts = element("p", { class: "facts" });
    this.instead = element("div", { class: "instead", "aria-live": "polite" });
    this.place = element("div", { hidden: true });
    host.append(
      this.intro,
      element("div", { class: "own-form" }, this.label, this.field, element("div", { class: "own-actions" }, this.check, this.use)),
      this.note,
      this.problem,
      this.facts,
      this.instead,
      this.place,
    );
    this.view = new SentenceView(this.place, { onPick: (row) => this.#ask(row), values: true });
    this.check.addEventListener("click", () => this.#check());
    this.use.addEventListener("click", () => {
      this.field.value = context.sentence()?.text ?? "";
      this.field.focus();
    });
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#check();
    });
  }

  update() {
    const { session, segment } = this.context;
    this.intro.textContent = t("own_intro");
    this.label.textContent = t("own_label");
    this.field.placeholder = t("own_placeholder");
    this.check.textContent = t("own_check");
    this.use.textContent = t("own_use");
    this.use.disabled = !this.context.sentence();
    const several = (session.translation?.segmentCount ?? 1) > 1;
    this.note.textContent = several ? t("own_one_sentence", { number: segment() + 1 }) : "";
    this.#draw();
  }

  async #check() {
    const source = this.context.sentence()?.source;
    const target = this.field.value.trim();
    if (!source || !target) return;
    this.problem.hidden = true;
    const { model } = this.context.options();
    try {
      this.aligned = await align({ source, target, model });
      this.asked = { source, model };
      this.instead.replaceChildren();
      this.#draw();
    } catch (error) {
      this.problem.hidden = false;
      this.problem.textContent = problemText(error);
    }
  }

  #draw() {
    this.place.hidden = !this.aligned;
    if (!this.aligned) return;
    this.facts.replaceChildren(
      element("strong", { text: t("own_perplexity", { value: number(this.aligned.perplexity, 2) }) }),
      element("span", { class: "faint", text: ` ${t("own_perplexity_help")} ${t("own_click")}` }),
    );
    this.sentence = Sentence.ofAligned(this.aligned);
    this.view.update(this.sentence, this.context.store.values);
  }

  /** Ask what the model would have written in the place of a word. */
  async #ask(row) {
    const { tokens, label, end } = this.view.grid.rows[row];
    if (end) return;
    const own = this.sentence.tokens[tokens[0]];
    const prefix = this.sentence.tokens.slice(0, tokens[0]).map((token) => token.text).join("");
    const { source: text, model } = this.asked;
    const decoding = { target_prefix: prefix, alternatives: 5 };
    try {
      const translation = new Translation(text);
      const request = { text, model, segmentation: "SEGMENTATION_NONE", attention: "ATTENTION_NONE", decoding };
      for await (const message of translate(request)) translation.add(message);
      this.#tell(label, own, prefix, translation);
    } catch (error) {
      this.instead.replaceChildren(element("p", { class: "problem", text: problemText(error) }));
    }
  }

  #tell(label, own, prefix, translation) {
    const tokens = translation.tokens.flat();
    let length = 0;
    const at = tokens.findIndex((token) => (length += token.text.length) > prefix.length);
    // the model would have ended the sentence
    const candidates = at < 0 ? [{ piece: "</s>", log_prob: null }] : [tokens[at], ...tokens[at].alternatives];
    if (at >= 0 && !candidates.some(({ id }) => id === own.id)) candidates.push(own);
    const items = candidates.map(({ id, piece, log_prob: logProb }) => {
      const name = piece === "</s>" ? t("end_of_sentence") : (pieceText(piece) ?? piece).trim();
      const item = element(
        "li",
        { class: id === own.id ? "yours" : null },
        element("bdi", { text: name }),
        element("span", { class: "faint", text: logProb === null ? "" : probability(Math.exp(logProb)) }),
      );
      if (id === own.id) item.append(element("span", { class: "tag", text: t("own_yours") }));
      return item;
    });
    const rest = at < 0 ? "" : tokens.slice(at + 1).map((token) => token.text).join("");
    this.instead.replaceChildren(
      element("h3", { text: t("own_instead", { word: label }) }),
      element("ol", { class: "candidates" }, ...items),
      ...(rest.trim() ? [element("p", { class: "faint", text: t("own_continuation", { text: rest.trim() }) })] : []),
    );
  }
}
