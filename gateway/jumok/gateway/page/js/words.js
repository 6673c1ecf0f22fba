// Words of a translation that is still arriving, by the rule of Source.words: runs of characters
// between white space; single characters in scripts that are written without spaces.

const UNSPACED = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Thai}|\p{Script=Lao}|\p{Script=Khmer}|\p{Script=Myanmar}/u;

/** Group the tokens of one segment into words: a list of lists of indices. */
export function groupTokens(tokens) {
  const words = [];
  let last = " ";
  tokens.forEach((token, index) => {
    const visible = token.text.trimStart();
    const first = visible ? String.fromCodePoint(visible.codePointAt(0)) : "";
    const begins =
      !words.length ||
      isEnd(token) ||
      (first && (/^\s/u.test(token.text) || /\s/u.test(last) || UNSPACED.test(first) || UNSPACED.test(last)));
    if (begins) words.push([index]);
    else words.at(-1).push(index);
    if (token.text) last = Array.from(token.text).at(-1);
  });
  return words;
}

/** Whether a token of a translation is the end of the sentence. */
export function isEnd(token) {
  return token.text === "" && token.piece === "</s>";
}

/** Whether a text has neither letters nor digits. */
export function isPunctuation(text) {
  return !/[\p{L}\p{N}\p{M}]/u.test(text.replaceAll("▁", ""));
}

/** The text that a piece adds; null if it is a byte, a control piece, or nothing but a space. */
export function pieceText(piece) {
  if (/^<.*>$/u.test(piece) || piece.replaceAll("▁", "") === "") return null;
  return piece.replaceAll("▁", " ");
}
