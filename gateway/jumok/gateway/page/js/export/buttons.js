// The buttons that save what the attention panel shows.

import { Problem } from "../api.js";
import { download, element } from "../dom.js";
import { makeGrid } from "../grid.js";
import { language, t } from "../language.js";
import { copyText } from "../output.js";
import { problemText } from "../panels/problem.js";
import { captionOf, figure } from "./figure.js";
import { pngOf } from "./png.js";
import { standalonePage } from "./standalone.js";
import { svgOf } from "./svg.js";

/** Make the buttons: {host, update}. */
export function saveButtons(context) {
  const label = element("span", { class: "faint" });
  const kinds = { png: savePng, svg: saveSvg, json: saveJson, html: saveHtml };
  const buttons = Object.entries(kinds).map(([kind, save]) => {
    const button = element("button", { type: "button", "data-kind": kind });
    button.addEventListener("click", () => report(save));
    return button;
  });
  const link = element("button", { type: "button", class: "quiet", "data-kind": "permalink" });
  const told = element("span", { class: "faint", role: "status" });
  async function report(save) {
    told.textContent = "";
    try {
      await save(context);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      told.textContent = problemText(error);
    }
  }
  link.addEventListener("click", async () => {
    const address = context.store.permalink();
    history.replaceState(null, "", address);
    // the address bar has it in any case
    told.textContent = (await copyText(address)) ? t("copied") : "";
  });
  const host = element("div", { class: "save", role: "group" }, label, ...buttons, link, told);
  return {
    host,
    update() {
      label.textContent = t("export");
      host.setAttribute("aria-label", t("export"));
      for (const button of buttons) {
        button.textContent = t(`export_${button.dataset.kind}`);
        button.disabled = !context.session.translation?.result;
      }
      link.textContent = t("permalink");
    },
  };
}

function drawn(context, options) {
  const { translation } = context.session;
  const sentence = context.sentence();
  const model = context.models().find(({ name }) => name === translation.result.model);
  const grid = makeGrid(sentence, options);
  return { grid, sentence, picture: figure(grid, captionOf(sentence, translation.result, model), options) };
}

async function savePng(context) {
  const { picture } = drawn(context, context.store.values);
  download("attention.png", await pngOf(picture), "image/png");
}

function saveSvg(context) {
  const { picture, sentence } = drawn(context, context.store.values);
  download("attention.svg", svgOf(picture, sentence.text), "image/svg+xml");
}

function saveJson(context) {
  const { translation } = context.session;
  const { model, model_fingerprint: fingerprint } = translation.result;
  const content = {
    text: translation.sourceText,
    translation: translation.text,
    model,
    model_fingerprint: fingerprint,
    source: translation.source,
    tokens: translation.tokens.flat(),
    result: translation.result,
  };
  download("attention.json", `${JSON.stringify(content, null, 2)}\n`, "application/json");
}

async function saveHtml(context) {
  const { model, model_fingerprint: fingerprint } = context.session.translation.result;
  const { values } = context.store;
  const sentence = context.sentence();
  const data = {
    language: language(),
    shown: values.unit === "pieces" ? 1 : 0,
    caption: { source: sentence.source, target: sentence.text, model, fingerprint },
    views: [
      { unit: "words", ...labelledWeights(makeGrid(sentence, { ...values, unit: "words" })) },
      { unit: "tokens", ...labelledWeights(makeGrid(sentence, { ...values, unit: "pieces" })) },
    ],
  };
  download("attention.html", await standalonePage(data), "text/html");
}

function labelledWeights({ rows, columns, weights }) {
  return {
    rows: rows.map(({ label }) => label),
    columns: columns.map(({ label }) => label),
    weights: weights.map((row) => Array.from(row, (weight) => Number(weight.toFixed(4)))),
  };
}
