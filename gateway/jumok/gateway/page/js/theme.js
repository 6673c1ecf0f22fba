// Dark and light.

const dark = matchMedia("(prefers-color-scheme: dark)");
let chosen = "auto";
const listeners = [];

/** "light" or "dark", as it is drawn. */
export function theme() {
  return chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
}

export function setTheme(name) {
  chosen = name;
  apply();
}

export function onThemeChange(listener) {
  listeners.push(listener);
}

function apply() {
  document.documentElement.dataset.theme = theme();
  for (const listener of listeners) listener();
}

dark.addEventListener("change", apply);
