// The words of the film, in both languages of the interface.

const WORDS = {
  en: {
    title: "jumok: the film of a training run",
    tagline: "The film of a training run:",
    skip: "Skip to the steps",
    language_toggle: "한국어",
    language_toggle_label: "한국어로 보기",
    theme_auto: "Theme: system",
    theme_light: "Theme: light",
    theme_dark: "Theme: dark",
    play: "▶ Play",
    pause: "❚❚ Pause",
    place: "Step",
    speed: "Speed",
    now: "Step {step}, BLEU {bleu}",
    now_step: "Step {step}",
    maps: "Attention of development sentences",
    map: "Step {step}: {pairs}",
    pair: "{target} ← {source} {weight}",
    source: "Source",
    reference: "Reference",
    target: "Translation",
    curves: "Learning curves",
    loss: "Loss (nats per token)",
    bleu: "BLEU, development set",
    rate: "Learning rate",
    curve: "{name}: {from} at step {first}, {to} at step {last}; {value} at step {step}",
    keys: "Space plays and pauses, ← and → go back and forward one step, Home and End to the first and the last. Click a curve to go to its step.",
    loading: "Reading the run…",
    none: "There is no run to show. Start `jumok web --run RUN`, where RUN is the folder that `jumok train` writes to.",
    waiting: "The first evaluation is not done yet; it will appear here by itself.",
    old: "This run has no attention.jsonl, because an earlier version trained it; only its curves are shown.",
    lost: "The server does not answer; trying again.",
  },
  ko: {
    title: "jumok: 학습 과정 영상",
    tagline: "학습 과정 영상:",
    skip: "단계로 건너뛰기",
    language_toggle: "English",
    language_toggle_label: "Show in English",
    theme_auto: "테마: 시스템",
    theme_light: "테마: 밝게",
    theme_dark: "테마: 어둡게",
    play: "▶ 재생",
    pause: "❚❚ 멈춤",
    place: "단계",
    speed: "속도",
    now: "{step}단계, BLEU {bleu}",
    now_step: "{step}단계",
    maps: "개발 데이터 문장의 주목",
    map: "{step}단계: {pairs}",
    pair: "{target} ← {source} {weight}",
    source: "원문",
    reference: "정답 번역",
    target: "번역",
    curves: "학습 곡선",
    loss: "손실 (토큰당 나트)",
    bleu: "개발 데이터의 BLEU",
    rate: "학습률",
    curve: "{name}: {first}단계에서 {from}, {last}단계에서 {to}; {step}단계에서 {value}",
    keys: "스페이스 키로 재생하고 멈춥니다. ←와 →는 한 단계씩, Home과 End는 처음과 끝으로 갑니다. 곡선을 누르면 그 단계로 갑니다.",
    loading: "학습 기록을 읽는 중…",
    none: "보여 줄 학습 기록이 없습니다. `jumok web --run RUN`으로 시작하세요. RUN은 `jumok train`이 결과를 저장하는 폴더입니다.",
    waiting: "아직 첫 평가가 끝나지 않았습니다. 끝나면 여기에 나타납니다.",
    old: "이전 버전으로 학습해 attention.jsonl이 없으므로 곡선만 보여 줍니다.",
    lost: "서버가 응답하지 않습니다. 다시 시도합니다.",
  },
};

let current = "en";

/** Set the language, "" for the browser's, and put its words into the page. */
export function setLanguage(chosen) {
  const wanted = chosen || navigator.language.slice(0, 2);
  current = wanted in WORDS ? wanted : "en";
  document.documentElement.lang = current;
  document.title = t("title");
  for (const node of document.querySelectorAll("[data-film]")) node.textContent = t(node.dataset.film);
}

export function language() {
  return current;
}

/** The words for `key`, with {name} replaced by `values.name`. */
export function t(key, values = {}) {
  return WORDS[current][key].replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

/** A number with as many significant digits as are read at a glance. */
export function figure(value, digits = 3) {
  if (value !== 0 && Math.abs(value) < 0.001) return value.toExponential(digits - 2);
  return value.toLocaleString(current, { maximumSignificantDigits: Math.abs(value) >= 100 ? 6 : digits });
}

export function whole(value) {
  return Math.round(value).toLocaleString(current);
}
