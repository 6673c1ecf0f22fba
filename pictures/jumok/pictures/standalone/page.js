// Draws the saved heat map, a table, from the data in the page. There are no modules in a file that
// is opened from a disk, so this is one script.
//
// The data: {language, shown, caption: {source, target, model, fingerprint}, views: [{unit, rows,
// columns, weights}]}. `unit` is "words" or "tokens", `weights` has a row for each label in `rows`
// and a column for each in `columns`; `shown` is the index of the view to begin with; `language` is
// the language of the interface, "" for the browser's.

(() => {
  "use strict";

  const WORDS = {
    en: {
      heading: "Attention of a translation",
      source: "Source",
      target: "Translation",
      model: "Model",
      words: "Words",
      tokens: "Tokens",
      unit: "Unit",
      numbers: "Numbers",
      dark: "Dark",
      light: "Light",
      end: "end of the sentence",
      hint: "Point at a cell or a word, or use the arrow keys in the map.",
      cell: (target, source, weight) => `“${target}” gives ${weight} of its attention to “${source}”`,
      row: (target) => `the attention of “${target}” to the source`,
      column: (source) => `how much each word attends to “${source}”`,
      table: "Attention in percent: one row for each word of the translation, one column for each word of the source",
    },
    ko: {
      heading: "번역의 주목",
      source: "원문",
      target: "번역",
      model: "모델",
      words: "단어",
      tokens: "토큰",
      unit: "단위",
      numbers: "숫자",
      dark: "어둡게",
      light: "밝게",
      end: "문장 끝",
      hint: "칸이나 단어를 가리키거나, 표에서 화살표 키를 쓰세요.",
      cell: (target, source, weight) => `“${target}” → “${source}”: 주목 ${weight}`,
      row: (target) => `“${target}”: 원문의 각 단어에 대한 주목`,
      column: (source) => `“${source}”: 번역의 각 단어가 주는 주목`,
      table: "주목(퍼센트): 행은 번역의 단어, 열은 원문의 단어",
    },
  };
  const END = "</s>";
  const STRONG = 0.58; // weight from which the ramp needs the other ink
  const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

  const data = JSON.parse(document.getElementById("data").textContent);
  const wanted = data.language || navigator.language.slice(0, 2);
  const language = wanted in WORDS ? wanted : "en";
  const words = WORDS[language];
  const main = document.getElementById("main");
  document.documentElement.lang = language;

  // all text goes through `textContent`: markup in a translation stays text
  function make(tag, properties, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name === "text") node.textContent = value;
      else if (value !== null) node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  }

  const percent = (weight) => weight.toLocaleString(language, { style: "percent" });
  const spoken = (label) => (label === END ? words.end : label);

  function caption({ source, target, model, fingerprint }) {
    return make(
      "dl",
      {},
      make("dt", { text: words.source }),
      make("dd", { text: source, dir: "auto" }),
      make("dt", { text: words.target }),
      make("dd", { text: target, dir: "auto", class: "target" }),
      make("dt", { text: words.model }),
      make("dd", { text: `${model} ` }, make("span", { text: fingerprint, class: "fingerprint" })),
    );
  }

  const reading = make("p", { class: "reading", text: words.hint, "aria-hidden": "true" });
  const frame = make("div", { class: "frame" });
  const place = { row: 0, column: 0 }; // of the cell that the keyboard reaches
  let view;
  let heads;
  let sides;
  let cells;

  function head(label, scope, properties) {
    const end = label === END ? " end" : "";
    const node = make("th", { scope, text: label, title: label, dir: "auto", class: end.trim() || null, ...properties });
    if (end) node.setAttribute("aria-label", words.end);
    return node;
  }

  function tint(node, weight) {
    node.style.setProperty("--weight", weight);
    node.classList.toggle("strong", weight > STRONG);
  }

  function draw(shown) {
    view = shown;
    Object.assign(place, { row: 0, column: 0 });
    heads = view.columns.map((label, column) => head(label, "col", { "data-column": column }));
    sides = view.rows.map((label, row) => head(label, "row", { "data-row": row }));
    cells = view.weights.map((weights, row) =>
      weights.map((weight, column) => {
        const node = make("td", { "data-row": row, "data-column": column, tabindex: row || column ? -1 : 0 });
        node.append(make("span", { text: percent(weight) }));
        tint(node, weight);
        return node;
      }),
    );
    const body = cells.map((row, index) => make("tr", {}, sides[index], ...row));
    const table = make(
      "table",
      { "aria-label": words.table, dir: direction(view.columns) },
      make("thead", {}, make("tr", {}, make("td", { class: "corner" }), ...heads)),
      make("tbody", {}, ...body),
    );
    const scale = make("div", { class: "scale", "aria-hidden": "true", dir: "ltr" });
    scale.append(make("span", { text: percent(0) }), make("i", {}), make("span", { text: percent(1) }));
    frame.replaceChildren(table, scale);
    fit();
  }

  /** The direction in which most labels are read, and so the columns. */
  function direction(labels) {
    return labels.filter((label) => RIGHT_TO_LEFT.test(label)).length * 2 >= labels.length ? "rtl" : "ltr";
  }

  function fit() {
    frame.classList.remove("turned");
    frame.classList.toggle("turned", frame.scrollWidth > frame.clientWidth + 1);
  }

  /** Show which words belong to a cell, or to a row or a column alone; -1 for none. */
  function highlight(row, column) {
    sides.forEach((node, index) => node.classList.toggle("on", index === row));
    heads.forEach((node, index) => node.classList.toggle("on", index === column));
    const alone = (row < 0) !== (column < 0);
    mark(heads, alone && row >= 0 ? view.weights[row] : null);
    mark(sides, alone && column >= 0 ? view.weights.map((weights) => weights[column]) : null);
    cells.forEach((line, y) => line.forEach((node, x) => node.classList.toggle("on", y === row && x === column)));
    reading.textContent = told(row, column);
  }

  function mark(nodes, weights) {
    nodes.forEach((node, index) => {
      node.classList.toggle("tinted", weights !== null);
      tint(node, weights === null ? 0 : weights[index]);
    });
  }

  function told(row, column) {
    const [target, source] = [spoken(view.rows[row]), spoken(view.columns[column])];
    if (row >= 0 && column >= 0) return words.cell(target, source, percent(view.weights[row][column]));
    if (row >= 0) return words.row(target);
    return column >= 0 ? words.column(source) : words.hint;
  }

  const number = (text) => (text === undefined ? -1 : Number(text));
  frame.addEventListener("pointerover", ({ target }) => {
    const node = target.closest("[data-row], [data-column]");
    highlight(number(node?.dataset.row), number(node?.dataset.column));
  });
  frame.addEventListener("pointerleave", () => highlight(-1, -1));
  frame.addEventListener("focusin", ({ target }) => {
    if (target.dataset.row === undefined) return;
    cells[place.row][place.column].tabIndex = -1;
    Object.assign(place, { row: Number(target.dataset.row), column: Number(target.dataset.column) });
    target.tabIndex = 0;
    highlight(place.row, place.column);
  });
  frame.addEventListener("focusout", () => highlight(-1, -1));
  frame.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const forward = frame.querySelector("table").dir === "rtl" ? -1 : 1;
    const last = view.columns.length - 1;
    const moved = {
      ArrowUp: [place.row - 1, place.column],
      ArrowDown: [place.row + 1, place.column],
      ArrowLeft: [place.row, place.column - forward],
      ArrowRight: [place.row, place.column + forward],
      Home: [place.row, 0],
      End: [place.row, last],
    }[event.key];
    if (!moved) return;
    event.preventDefault();
    const row = Math.max(0, Math.min(view.rows.length - 1, moved[0]));
    cells[row][Math.max(0, Math.min(last, moved[1]))].focus();
  });
  window.addEventListener("resize", fit);

  function controls() {
    const views = make("div", { class: "views", role: "group", "aria-label": words.unit });
    const buttons = data.views.map((each, index) => {
      const button = make("button", { type: "button", text: words[each.unit], "aria-pressed": index === data.shown });
      button.addEventListener("click", () => {
        for (const other of buttons) other.setAttribute("aria-pressed", other === button);
        draw(each);
      });
      return button;
    });
    if (buttons.length > 1) views.append(...buttons);
    const numbers = make("button", { type: "button", text: words.numbers, "aria-pressed": "false" });
    numbers.addEventListener("click", () => {
      numbers.setAttribute("aria-pressed", frame.classList.toggle("numbers"));
    });
    const isDark = () => {
      const { theme } = document.documentElement.dataset;
      return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    };
    const theme = make("button", { type: "button", text: isDark() ? words.light : words.dark });
    theme.addEventListener("click", () => {
      document.documentElement.dataset.theme = isDark() ? "light" : "dark";
      theme.textContent = isDark() ? words.light : words.dark;
    });
    return make("div", { class: "controls" }, views, numbers, theme);
  }

  main.replaceChildren(make("h1", { text: words.heading }), caption(data.caption), controls(), reading, frame);
  draw(data.views[data.shown]);
})();
