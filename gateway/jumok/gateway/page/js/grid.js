// Attention by words or by pieces.

import { groupTokens, isEnd, isPunctuation } from "./words.js";

const LEAST_ATTENTION = 0.3; // as in the service's warning about unattended words

/**
 * Make the matrix that is drawn for a sentence.
 *
 * A word's column is the sum of those of its pieces, its row the mean of theirs: each row of all
 * columns sums to 1. Hidden columns are left out; the rest is not scaled up.
 */
export function makeGrid(sentence, { unit, hidePunctuation, hideEnd }) {
  const columns = columnsOf(sentence, unit)
    .map((group) => keep(group, sentence.sourceTokens, hidePunctuation))
    .filter((group) => group.tokens.length && !(hideEnd && group.end));
  const rows = rowsOf(sentence, unit)
    .map((group) => keep(group, sentence.tokens, hidePunctuation))
    .filter((group) => group.tokens.length && !(hideEnd && group.end));
  const totals = coverage(sentence);
  return {
    columns: columns.map((group) => column(group, sentence, unit, totals)),
    rows: rows.map((group) => row(group, sentence, unit)),
    weights: rows.map((group) => weightsOf(group, columns, sentence)),
  };
}

function columnsOf({ sourceTokens }, unit) {
  const groups = [];
  sourceTokens.forEach((token, index) => {
    const end = token.word === null || token.word === undefined;
    const last = groups.at(-1);
    if (unit === "words" && last && !end && last.word === token.word) last.tokens.push(index);
    else groups.push({ tokens: [index], word: end ? null : token.word, end });
  });
  return groups;
}

function rowsOf({ tokens }, unit) {
  if (unit === "words") {
    return groupTokens(tokens).map((group) => ({ tokens: group, end: isEnd(tokens[group[0]]) }));
  }
  return tokens.map((token, index) => ({ tokens: [index], end: isEnd(token) }));
}

function keep(group, tokens, hidePunctuation) {
  if (!hidePunctuation || group.end) return group;
  return { ...group, tokens: group.tokens.filter((index) => !isPunctuation(tokens[index].piece)) };
}

function column(group, sentence, unit, totals) {
  const [first, last] = [group.tokens[0], group.tokens.at(-1)].map((index) => sentence.sourceTokens[index]);
  const label = unit === "words" && !group.end ? sentence.slice(first.start, last.end) : first.piece;
  const received = group.tokens.map((index) => totals[index]);
  const most = Math.max(...received);
  return {
    ...group,
    label,
    coverage: received.reduce((sum, value) => sum + value, 0),
    unattended: sentence.complete && !group.end && most < LEAST_ATTENTION && !isPunctuation(label),
  };
}

function row(group, sentence, unit) {
  const tokens = group.tokens.map((index) => sentence.tokens[index]);
  const text = tokens.map((token) => token.text).join("").trim();
  return {
    ...group,
    label: unit === "words" && !group.end ? text || tokens[0].piece : tokens[0].piece,
    probability: Math.exp(tokens.reduce((sum, token) => sum + token.log_prob, 0)),
  };
}

function weightsOf(group, columns, { tokens }) {
  const weights = new Float32Array(columns.length);
  for (const target of group.tokens) {
    const { attention } = tokens[target];
    for (let column = 0; column < columns.length; column += 1) {
      const sources = columns[column].tokens;
      for (let index = 0; index < sources.length; index += 1) {
        weights[column] += (attention[sources[index]] ?? 0) / group.tokens.length;
      }
    }
  }
  return weights;
}

/** Sum of the attention that each source token got, that of the end of the translation left out. */
function coverage({ sourceTokens, tokens }) {
  const totals = new Float32Array(sourceTokens.length);
  for (const token of tokens) {
    if (isEnd(token)) continue;
    const { attention } = token;
    for (let index = 0; index < attention.length; index += 1) totals[index] += attention[index];
  }
  return totals;
}

/** Index of the largest weight of a row; -1 for none. */
export function strongest(weights) {
  let best = -1;
  weights.forEach((weight, index) => {
    if (best < 0 || weight > weights[best]) best = index;
  });
  return best;
}
