// A translation as it arrives, and its segments.

/** One segment: its source, and the tokens of its translation. */
export class Sentence {
  constructor({ characters, start, end, sourceTokens, sourceWords, tokens, complete }) {
    this.characters = characters; // of the whole text, which spans refer to
    this.start = start;
    this.end = end;
    this.sourceTokens = sourceTokens;
    this.sourceWords = sourceWords;
    this.tokens = tokens;
    this.complete = complete;
  }

  get source() {
    return this.slice(this.start, this.end).trim(); // copied text at its ends has no tokens
  }

  get text() {
    return this.tokens.map((token) => token.text).join("").trim();
  }

  slice(start, end) {
    return this.characters.slice(start, end).join("");
  }

  /** A response of /v1/align. */
  static ofAligned(aligned) {
    const characters = Array.from(aligned.source_text);
    return new Sentence({
      characters,
      start: 0,
      end: characters.length,
      sourceTokens: aligned.source.tokens,
      sourceWords: aligned.source.words,
      tokens: aligned.tokens,
      complete: true,
    });
  }
}

/** The events of one translation so far. */
export class Translation {
  constructor(text) {
    this.sourceText = text;
    this.characters = Array.from(text);
    this.source = null;
    this.tokens = []; // of each segment
    this.provisional = [];
    this.result = null;
  }

  /** Add an event of the stream. */
  add({ event, data }) {
    if (event === "source") this.source = data;
    if (event === "tokens") {
      for (const token of data.tokens) (this.tokens[token.segment] ??= []).push(token);
      this.provisional = data.provisional ?? [];
    }
    if (event === "result") {
      this.result = data;
      this.provisional = [];
    }
  }

  get text() {
    return this.tokens.flat().map((token) => token.text).join("");
  }

  get segmentCount() {
    return Math.max(1, this.source?.segments?.length ?? 1);
  }

  /** Index of the segment that is being translated. */
  get latest() {
    return Math.max(0, this.tokens.length - 1);
  }

  get best() {
    return this.result?.hypotheses[0] ?? null;
  }

  sentence(index) {
    const { source } = this;
    const segment = source.segments?.[index];
    return new Sentence({
      characters: this.characters,
      start: segment?.start ?? 0,
      end: segment?.end ?? this.characters.length,
      sourceTokens: segment
        ? source.tokens.slice(segment.first_token, segment.first_token + segment.token_count)
        : source.tokens,
      sourceWords: source.words,
      tokens: this.tokens[index] ?? [],
      complete: this.result !== null || index < this.latest,
    });
  }

  /** A copy in which one segment is translated anew; `add` takes the events of that segment. */
  rewriting(index) {
    return new Rewritten(this, index);
  }
}

/** A translation of which one segment is translated again, with a prefix that was chosen. */
class Rewritten extends Translation {
  constructor(original, index) {
    super(original.sourceText);
    this.source = original.source;
    this.tokens = original.tokens.slice();
    this.tokens[index] = [];
    this.original = original;
    this.index = index;
    this.layout = /^\s*/u.exec(original.tokens[index]?.[0]?.text ?? "")[0];
  }

  get latest() {
    return this.index;
  }

  add({ event, data }) {
    if (event === "tokens") {
      for (const token of data.tokens) this.tokens[this.index].push(this.#placed(token));
      this.provisional = (data.provisional ?? []).map((token) => this.#placed(token));
    }
    if (event === "result") {
      this.provisional = [];
      this.result = this.segmentCount === 1 ? data : this.#merged(data);
    }
  }

  #placed(token) {
    const first = this.tokens[this.index].length === 0;
    const text = first ? this.layout + token.text.trimStart() : token.text;
    return { ...token, text, segment: this.index };
  }

  #merged(result) {
    const others = this.original.best?.warnings.filter(({ segment }) => segment !== this.index) ?? [];
    const own = result.hypotheses[0].warnings.map((warning) => ({ ...warning, segment: this.index }));
    const warnings = [...others, ...own].sort((a, b) => a.segment - b.segment);
    const confidence = (this.original.best?.segment_confidence ?? []).slice();
    if (confidence.length) confidence[this.index] = result.hypotheses[0].segment_confidence?.[0] ?? confidence[this.index];
    // scores of the whole text are not known without those of the other segments
    const { finish_reason } = result;
    return { ...result, hypotheses: [{ text: this.text, warnings, finish_reason, segment_confidence: confidence }] };
  }
}
