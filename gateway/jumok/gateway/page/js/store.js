// What the user chose: kept in the browser, and in the fragment of a permalink.

const KEY = "jumok";

const DEFAULTS = {
  text: "",
  model: "",
  search: "greedy", // or "beam" or "sampling"
  width: 5,
  unit: "words", // or "pieces"
  numbers: false,
  threshold: 0, // percent
  hidePunctuation: false,
  hideEnd: false,
  tab: "attention",
  theme: "auto", // or "light" or "dark"
  language: "", // of the interface; "" for that of the browser
};

const CHOICES = {
  search: ["greedy", "beam", "sampling"],
  unit: ["words", "pieces"],
  theme: ["auto", "light", "dark"],
  language: ["", "en", "ko"],
  tab: ["attention", "tree", "own", "compare", "explain"],
};

const LINKED = ["text", "model", "search", "width", "unit", "numbers", "threshold", "hidePunctuation", "hideEnd", "tab"];

/** The choices, with listeners for changes. */
export class Store {
  constructor() {
    this.values = { ...DEFAULTS, ...valid(stored()), ...valid(linked(location.hash)) };
    this.listeners = [];
  }

  get(name) {
    return this.values[name];
  }

  set(changes) {
    const changed = Object.keys(changes).filter((name) => this.values[name] !== changes[name]);
    if (!changed.length) return;
    Object.assign(this.values, changes);
    try {
      localStorage.setItem(KEY, JSON.stringify(this.values));
    } catch {
      // storage can be switched off; choices then last until the page is closed
    }
    for (const listener of this.listeners) listener(changed);
  }

  /** Call `listener` with the names of what has changed. */
  onChange(listener) {
    this.listeners.push(listener);
  }

  /** Take over the choices of a permalink that the user opened in this page. */
  follow(hash) {
    this.set(valid(linked(hash)));
  }

  /** An address that opens the page with the present text and options. */
  permalink() {
    const parameters = new URLSearchParams();
    for (const name of LINKED) {
      if (this.values[name] !== DEFAULTS[name]) parameters.set(name, this.values[name]);
    }
    return `${location.origin}${location.pathname}#${parameters}`;
  }
}

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") ?? {};
  } catch {
    return {};
  }
}

function linked(hash) {
  const given = Object.fromEntries(new URLSearchParams(hash.slice(1)));
  return Object.fromEntries(Object.entries(given).filter(([name]) => LINKED.includes(name)));
}

/** Of values that may be of any kind, those that are possible. */
function valid(values) {
  const result = {};
  for (const [name, value] of Object.entries(values)) {
    const kind = typeof DEFAULTS[name];
    if (kind === "string" && (!CHOICES[name] || CHOICES[name].includes(value))) result[name] = String(value);
    if (kind === "boolean") result[name] = value === true || value === "true";
    if (kind === "number" && Number.isFinite(Number(value))) result[name] = Number(value);
  }
  if (result.width !== undefined) result.width = Math.min(16, Math.max(1, Math.round(result.width)));
  if (result.threshold !== undefined) result.threshold = Math.min(100, Math.max(0, result.threshold));
  return result;
}
