// Puts the film together.

import { byId } from "../js/dom.js";
import { Store } from "../js/store.js";
import { onThemeChange, setTheme } from "../js/theme.js";
import { Curve } from "./curves.js";
import { SentenceMap } from "./maps.js";
import { Player } from "./player.js";
import { follow } from "./run.js";
import { figure, language, setLanguage, t, whole } from "./words.js";

const CURVES = ["loss", "bleu", "rate"];
const THEMES = ["auto", "light", "dark"];

const store = new Store(); // theme and language are those of the page for translating
let run = null;
let problem = "loading";
let maps = [];
const curves = CURVES.map((name) => new Curve(name, goToStep));
const player = new Player({ draw, onChange: control });
byId("curves").append(...curves.map(({ host }) => host));

setTheme(store.get("theme"));
setLanguage(store.get("language"));

function receive(answer) {
  if (answer.problem) problem = run && answer.problem === "none" ? "lost" : answer.problem;
  else problem = "";
  if (answer.run) {
    const fresh = run === null;
    run = answer.run;
    tell(); // the sizes of what is hidden are not known
    arrange();
    player.setCount(run.frames.length);
    // a run is first seen as it is now
    if (fresh) player.jump(run.frames.length - 1);
  }
  tell();
}

/** Make the maps and curves of the run. */
function arrange() {
  const count = run.frames[0]?.sentences.length ?? 0;
  if (count !== maps.length) {
    for (const { host } of maps) host.remove();
    maps = Array.from({ length: count }, () => new SentenceMap());
    byId("maps").append(...maps.map(({ host }) => host));
  }
  for (const map of maps) map.update();
  byId("name").textContent = run.name;
  byId("maps").parentElement.hidden = !count;
  const steps = [...CURVES.flatMap((name) => run.curves[name]).map(([step]) => step), ...run.frames.map(({ step }) => step)];
  const range = [Math.min(...steps), Math.max(...steps)];
  curves.forEach((curve, index) => curve.set(run.curves[CURVES[index]], range));
  if (!run.frames.length) for (const curve of curves) curve.draw(range[1]);
}

function draw(from, to, share) {
  const { frames } = run;
  const eased = share * share * (3 - 2 * share);
  const step = frames[from].step + (frames[to].step - frames[from].step) * eased;
  maps.forEach((map, index) => {
    map.draw(frames.map(({ sentences }) => sentences[index]), from, to, share, frames[to].step);
  });
  for (const curve of curves) curve.draw(step);
}

/** Show where the film is, and what the button does. */
function control() {
  byId("play").textContent = t(player.playing ? "pause" : "play");
  byId("play").disabled = player.count < 2;
  const place = byId("place");
  place.max = Math.max(0, player.count - 1);
  place.value = player.index;
  const frame = run?.frames[player.index];
  if (!frame) return;
  const bleu = run.curves.bleu.find(([step]) => step === frame.step);
  const words = { step: whole(frame.step), bleu: bleu ? figure(bleu[1]) : "" };
  byId("now").textContent = t(bleu ? "now" : "now_step", words);
  place.setAttribute("aria-valuetext", byId("now").textContent);
  for (const curve of curves) curve.tell(frame.step);
}

function tell() {
  const words = problem || (run.frames.length ? "" : run.curves.bleu.length ? "old" : "waiting");
  byId("told").textContent = words && t(words);
  byId("player").hidden = !run?.frames.length;
  byId("film").hidden = !run;
}

function goToStep(step) {
  if (!run.frames.length) return;
  const distances = run.frames.map((frame) => Math.abs(frame.step - step));
  player.pause();
  player.go(distances.indexOf(Math.min(...distances)));
}

function update() {
  byId("language").textContent = t("language_toggle");
  byId("language").setAttribute("aria-label", t("language_toggle_label"));
  byId("language").lang = language() === "ko" ? "en" : "ko";
  byId("theme").textContent = t(`theme_${store.get("theme")}`);
  byId("place").setAttribute("aria-label", t("place"));
  if (run) arrange();
  player.redraw();
  control();
  if (run || problem) tell();
}

byId("play").addEventListener("click", () => player.toggle());
byId("place").addEventListener("input", (event) => {
  player.pause();
  player.go(Number(event.target.value));
});
byId("speed").addEventListener("change", (event) => {
  player.speed = Number(event.target.value);
});
byId("language").addEventListener("click", () => store.set({ language: language() === "ko" ? "en" : "ko" }));
byId("theme").addEventListener("click", () => {
  store.set({ theme: THEMES[(THEMES.indexOf(store.get("theme")) + 1) % THEMES.length] });
});
store.onChange((changed) => {
  if (changed.includes("theme")) setTheme(store.get("theme"));
  if (changed.includes("language")) setLanguage(store.get("language"));
  update();
});
onThemeChange(() => player.redraw());

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("select, a")) return;
  if (event.key === " ") {
    if (event.target.closest("button")) return; // which the key presses
    player.toggle();
  } else {
    const wanted = { ArrowLeft: player.index - 1, ArrowRight: player.index + 1, Home: 0, End: player.count - 1 }[event.key];
    if (wanted === undefined) return;
    player.pause();
    player.go(wanted);
  }
  event.preventDefault();
});
new ResizeObserver(() => {
  if (!run) return;
  for (const curve of curves) curve.build();
  if (run.frames.length) player.redraw();
  else arrange();
}).observe(document.querySelector("main"));

update();
follow(receive);
