// Puts the page together.

import { Alternatives, prefixWith } from "./alternatives.js";
import { hasFilm, listModels } from "./api.js";
import { byId, element } from "./dom.js";
import { language, languageName, setLanguage, t } from "./language.js";
import { Output } from "./output.js";
import { AttentionPanel } from "./panels/attention.js";
import { ComparePanel } from "./panels/compare.js";
import { ExplainPanel } from "./panels/explain.js";
import { OwnPanel } from "./panels/own.js";
import { TreePanel } from "./panels/tree.js";
import { requestOptions, Session } from "./session.js";
import { Settings } from "./settings.js";
import { Store } from "./store.js";
import { Tabs } from "./tabs.js";
import { onThemeChange, setTheme } from "./theme.js";

const EXAMPLES = [
  { language: "ko", text: "나는 학생입니다" },
  { language: "ko", text: "비가 오면 창문을 닫아 주세요" },
  { language: "de", text: "Ich habe das Buch gestern gelesen." },
];
const TYPING_PAUSE = 350; // milliseconds

const store = new Store();
const session = new Session();
const alternatives = new Alternatives();
let models = [];
let segment = 0; // that is shown
let following = true; // whether to show the segment that is being translated
let frame = 0;
let typing = 0;

// the texts of the page must be there before the components read them
setTheme(store.get("theme"));
setLanguage(store.get("language"));

const context = {
  session,
  store,
  models: () => models,
  segment: () => segment,
  sentence: () => (session.translation?.source ? session.translation.sentence(segment) : null),
  pick,
  options: () => requestOptions(store),
};
const output = new Output(session, {
  onPick(index, tokens, anchor) {
    show(index);
    openAlternatives(index, tokens, anchor);
  },
});
const settings = new Settings(store, { onSegment: (step) => show(segment + step) });
const panels = {
  attention: new AttentionPanel(byId("panel-attention"), context),
  tree: new TreePanel(byId("panel-tree"), context),
  own: new OwnPanel(byId("panel-own"), context),
  compare: new ComparePanel(byId("panel-compare"), context),
  explain: new ExplainPanel(byId("panel-explain"), context),
};
const tabs = new Tabs(store, (name) => panels[name].update());

/** Open the alternatives to a row of the sentence that is shown. */
function pick(tokens, anchor) {
  openAlternatives(segment, tokens, anchor);
}

function openAlternatives(index, tokens, anchor) {
  const sentence = session.translation.sentence(index);
  if (session.running || !tokens.length) return;
  const label = tokens.map((each) => sentence.tokens[each].text).join("").trim();
  alternatives.open(sentence, tokens, label, anchor, (token, piece) => {
    following = true;
    segment = index;
    session.rewrite(index, prefixWith(sentence, token, piece), requestOptions(store));
  });
}

function show(index) {
  following = false;
  segment = Math.max(0, Math.min((session.translation?.segmentCount ?? 1) - 1, index));
  render();
}

function run() {
  clearTimeout(typing);
  const text = store.get("text");
  alternatives.close(false);
  following = true;
  if (text.trim()) session.run(text, requestOptions(store));
  else session.clear();
}

/** Draw at the next frame; several messages that arrive before it are drawn together. */
function render() {
  frame ||= requestAnimationFrame(draw);
}

function draw() {
  frame = 0;
  const { translation } = session;
  const count = translation?.segmentCount ?? 1;
  if (following && session.running) segment = translation.latest;
  segment = Math.min(segment, count - 1);
  settings.page(segment, count);
  output.update();
  panels[store.get("tab")].update();
  document.body.dataset.state = state();
}

/** What the page is doing, for style sheets and tests. */
function state() {
  if (session.running) return "running";
  if (session.error) return "failed";
  return session.translation?.result ? "done" : "empty";
}

function fail() {
  const { error } = session;
  const problem = byId("problem");
  problem.hidden = !error;
  if (!error) return;
  const retry = element("button", { type: "button", class: "quiet", text: t("retry") });
  retry.addEventListener("click", () => (models.length ? run() : start()));
  const words = error.status === 0 || error.status === undefined ? t("error_connection") : error.message;
  problem.replaceChildren(element("p", { text: words }), retry);
}

function drawControls() {
  byId("language").textContent = t("language_toggle");
  byId("language").setAttribute("aria-label", t("language_toggle_label"));
  byId("language").lang = language() === "ko" ? "en" : "ko";
  byId("theme").textContent = t(`theme_${store.get("theme")}`);
  byId("search").value = store.get("search");
  byId("width").value = store.get("width");
  byId("width-label").hidden = store.get("search") !== "beam";
  const model = models.find(({ name }) => name === store.get("model"));
  byId("model").replaceChildren(
    ...models.map(({ name, source_language: source, target_language: target }) =>
      element("option", {
        value: name,
        text: t("model_option", { source: languageName(source), target: languageName(target), name }),
      }),
    ),
  );
  byId("model").value = store.get("model");
  byId("model-facts").textContent = model
    ? `${model.name} · ${model.fingerprint.slice(0, 12)} · ${model.precision} · ${model.execution_provider}`
    : "";
  byId("count").textContent = model
    ? t("characters", { count: Array.from(store.get("text")).length, most: model.max_text_characters })
    : "";
  settings.update();
}

function drawExamples() {
  const known = EXAMPLES.filter((example) => modelFor(example.language));
  byId("examples").replaceChildren(
    ...known.map(({ language: tag, text }) => {
      const button = element("button", { type: "button", class: "chip", lang: tag, text });
      button.addEventListener("click", () => {
        byId("text").value = text;
        store.set({ text, model: modelFor(tag).name });
        run();
      });
      return button;
    }),
  );
}

/** The chosen model if it reads a language, else the first that does. */
function modelFor(tag) {
  const reads = models.filter(({ source_language: source }) => source.split("-")[0] === tag);
  return reads.find(({ name }) => name === store.get("model")) ?? reads[0];
}

function listen() {
  session.addEventListener("start", () => {
    document.body.dataset.state = state();
    fail();
    render();
  });
  session.addEventListener("progress", render);
  session.addEventListener("finish", () => {
    if (following && session.prefix === null) segment = 0; // people read from the beginning
    render();
  });
  session.addEventListener("fail", () => {
    fail();
    render();
  });
  byId("text").addEventListener("input", (event) => {
    store.set({ text: event.target.value });
    clearTimeout(typing);
    // a syllable that an input method is still composing is not a word yet
    if (!event.isComposing) typing = setTimeout(run, TYPING_PAUSE);
  });
  byId("text").addEventListener("compositionend", () => {
    clearTimeout(typing);
    typing = setTimeout(run, TYPING_PAUSE);
  });
  byId("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
  });
  byId("translate").addEventListener("click", run);
  byId("model").addEventListener("change", (event) => {
    store.set({ model: event.target.value });
    run();
  });
  byId("search").addEventListener("change", (event) => {
    store.set({ search: event.target.value });
    run();
  });
  byId("width").addEventListener("change", (event) => {
    const width = Math.round(Number(event.target.value));
    store.set({ width: Math.min(16, Math.max(1, width || 5)) });
    run();
  });
  byId("language").addEventListener("click", () => store.set({ language: language() === "ko" ? "en" : "ko" }));
  byId("theme").addEventListener("click", () => {
    const order = ["auto", "light", "dark"];
    store.set({ theme: order[(order.indexOf(store.get("theme")) + 1) % order.length] });
  });
  store.onChange((changed) => {
    if (changed.includes("theme")) setTheme(store.get("theme"));
    if (changed.includes("language")) setLanguage(store.get("language"));
    if (changed.includes("tab")) tabs.update();
    drawControls();
    if (!changed.every((name) => ["text", "theme"].includes(name))) render();
  });
  onThemeChange(render);
  addEventListener("hashchange", () => {
    store.follow(location.hash);
    byId("text").value = store.get("text");
    run();
  });
}

async function start() {
  try {
    models = await listModels();
  } catch (error) {
    session.error = error;
    fail();
    return;
  }
  session.error = null;
  fail();
  if (!models.some(({ name }) => name === store.get("model"))) store.set({ model: models[0].name });
  drawControls();
  drawExamples();
  if (store.get("text").trim()) run();
}

listen();
byId("text").value = store.get("text");
drawControls();
tabs.update();
render();
start();
byId("film").hidden = !(await hasFilm());
