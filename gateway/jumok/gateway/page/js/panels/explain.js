// The panel that shows how one token was chosen: the numbers of each stage of attention.

import { explain } from "../api.js";
import { element } from "../dom.js";
import { number, percent, probability, t } from "../language.js";
import { rove, settleTabStop } from "../roving.js";
import { onThemeChange } from "../theme.js";
import { vectorStrip } from "../vector_strip.js";
import { problemText } from "./problem.js";

export class ExplainPanel {
  constructor(host, context) {
    this.context = context;
    this.token = 0;
    this.intro = element("p", { class: "intro" });
    this.empty = element("p", { class: "empty" });
    this.words = element("div", { class: "explain-tokens", role: "group" });
    this.stages = element("div", { class: "stages", "aria-live": "polite" });
    host.append(this.intro, this.empty, this.words, this.stages);
    rove(this.words, "button");
    this.words.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      this.token = Number(button.dataset.index);
      this.update();
    });
    onThemeChange(() => this.#draw());
    this.wanted = "";
  }

  update() {
    const sentence = this.context.sentence();
    this.intro.textContent = t("explain_intro");
    this.empty.textContent = t("nothing_yet");
    this.empty.hidden = Boolean(sentence);
    this.words.hidden = this.stages.hidden = !sentence;
    if (!sentence || this.context.session.running) return;
    const { source: text, text: target } = sentence;
    const { model } = this.context.options();
    const subject = JSON.stringify([text, target, model]);
    if (subject !== this.subject) this.token = 0;
    this.subject = subject;
    const wanted = JSON.stringify([subject, this.token]);
    if (wanted === this.wanted) this.#draw();
    else this.#ask(wanted, { text, target, model, token_index: this.token });
  }

  async #ask(wanted, request) {
    this.wanted = wanted;
    try {
      const explained = await explain(request);
      if (this.wanted !== wanted) return;
      this.explained = explained;
      this.problem = explained ? "" : t("explain_missing");
    } catch (error) {
      if (this.wanted !== wanted) return;
      this.explained = null;
      this.problem = problemText(error);
    }
    this.#draw();
  }

  #draw() {
    if (!this.explained) {
      this.words.replaceChildren();
      this.stages.replaceChildren(...(this.problem ? [element("p", { class: "empty", text: this.problem })] : []));
      return;
    }
    this.#drawTokens();
    const { query, positions, context, decoder_output: output, attentional, lexical } = this.explained;
    const stages = [
      vectorStage("stage_query", "stage_query_help", query),
      this.#attention(positions),
      vectorStage("stage_context", "stage_context_help", context),
      vectorStage("stage_output", "stage_output_help", output),
      vectorStage("stage_attentional", "stage_attentional_help", attentional),
    ];
    if (lexical?.length) stages.push(vectorStage("stage_lexical", "stage_lexical_help", lexical));
    stages.push(this.#candidates());
    this.stages.replaceChildren(...stages);
  }

  #drawTokens() {
    const { tokens, token_index: chosen } = this.explained;
    const focused = this.words.contains(document.activeElement);
    this.words.setAttribute("aria-label", t("explain_token"));
    this.words.replaceChildren(
      ...tokens.map(({ piece }, index) =>
        element("button", {
          type: "button",
          "data-index": index,
          "aria-pressed": String(index === chosen),
          text: piece === "</s>" ? t("end") : piece,
        }),
      ),
    );
    settleTabStop(this.words, "button");
    if (focused) this.words.children[chosen]?.focus();
  }

  #attention(positions) {
    const { source, score_function: rule } = this.explained;
    const scores = positions.map(({ score }) => score);
    const [least, most] = [Math.min(...scores), Math.max(...scores)];
    const head = ["stage_source", "stage_key", "stage_score", "stage_weight"];
    const rows = positions.map(({ key, score, attention }, index) =>
      element(
        "tr",
        {},
        element("th", { scope: "row", dir: "auto", text: source.tokens[index].word === null ? t("end") : source.tokens[index].piece }),
        element("td", { class: "stage-key" }, vectorStrip(key, t("stage_key"))),
        element("td", {}, number(score, 2), bar((score - least) / (most - least || 1))),
        element("td", {}, percent(attention), bar(attention)),
      ),
    );
    const table = element(
      "table",
      {},
      element("thead", {}, element("tr", {}, ...head.map((key) => element("th", { scope: "col", text: t(key) })))),
      element("tbody", {}, ...rows),
    );
    const scroller = element("div", { class: "table-scroller", tabindex: "0", role: "group", "aria-label": t("stage_attention") }, table);
    return stage("stage_attention", t("stage_attention_help", { rule }), scroller);
  }

  #candidates() {
    const { candidates, tokens, token_index: chosen } = this.explained;
    const items = candidates.map(({ id, piece, log_prob: logProb }) =>
      element(
        "li",
        { class: id === tokens[chosen].id ? "yours" : null },
        element("bdi", { text: piece === "</s>" ? t("end_of_sentence") : piece }),
        element("span", { class: "faint", text: probability(Math.exp(logProb)) }),
      ),
    );
    return stage("stage_candidates", t("stage_candidates_help"), element("ol", { class: "candidates" }, ...items));
  }
}

function vectorStage(title, help, vector) {
  return stage(title, t(help), vectorStrip(vector, t(title)));
}

function stage(title, help, content) {
  return element(
    "section",
    { class: "stage" },
    element("h3", { text: t(title) }),
    element("p", { class: "faint", text: help }),
    content,
  );
}

function bar(share) {
  const filled = element("span", { class: "share" });
  filled.style.width = `${Math.max(0, share) * 100}%`;
  return element("span", { class: "share-track", "aria-hidden": "true" }, filled);
}
