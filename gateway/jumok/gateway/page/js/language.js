// The language of the interface.

import en from "./strings/en.js";
import ko from "./strings/ko.js";

const LANGUAGES = { en, ko };
let current = "en";

/** Set the language, "" for the browser's, and put its words into the page. */
export function setLanguage(chosen) {
  const wanted = chosen || navigator.language.slice(0, 2);
  current = wanted in LANGUAGES ? wanted : "en";
  document.documentElement.lang = current;
  document.title = t("title");
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", t(node.dataset.label));
  }
  for (const node of document.querySelectorAll("[data-placeholder]")) {
    node.placeholder = t(node.dataset.placeholder);
  }
}

export function language() {
  return current;
}

/** The words for `key`, with {name} replaced by `values.name`. */
export function t(key, values = {}) {
  const words = LANGUAGES[current][key];
  if (words === undefined) throw new Error(`no words for ${key} in ${current}`);
  return words.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

/** Whether there are words for `key`. */
export function known(key) {
  return key in LANGUAGES[current];
}

export function percent(value, digits = 0) {
  return value.toLocaleString(current, {
    style: "percent",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A probability: with a digit after the point where it is small. */
export function probability(value) {
  if (value > 0 && value < 0.001) return `< ${percent(0.001, 1)}`;
  return percent(value, value < 0.1 ? 1 : 0);
}

export function number(value, digits = 2) {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString(current, options).replace("-", "−");
}

/** The name of a language by its BCP 47 tag. */
export function languageName(tag) {
  try {
    return new Intl.DisplayNames([current], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
