// How one map becomes another: rows of words that both have move, the others fade.

/**
 * The rows of a passage between two maps of the same source.
 *
 * @param share 0 for the first map, 1 for the second
 * @returns {height, rows}: `height` is a number of rows, each row {label, place, opacity, weights},
 * where `place` counts rows from the top
 */
export function passage(first, second, share) {
  const eased = share * share * (3 - 2 * share);
  const mix = (from, to) => from + (to - from) * eased;
  const partners = common(first.target, second.target);
  const kept = new Set(partners.values());
  const rows = first.target.map((label, place) => {
    const partner = partners.get(place);
    if (partner === undefined) return { label, place, opacity: 1 - eased, weights: first.weights[place] };
    const weights = first.weights[place].map((weight, column) => mix(weight, second.weights[partner][column]));
    return { label, place: mix(place, partner), opacity: 1, weights };
  });
  second.target.forEach((label, place) => {
    if (!kept.has(place)) rows.push({ label, place, opacity: eased, weights: second.weights[place] });
  });
  return { height: mix(first.target.length, second.target.length), rows };
}

/** The longest common subsequence of two lists of words, as a map of places in both. */
function common(first, second) {
  const width = second.length + 1;
  const lengths = new Uint16Array((first.length + 1) * width);
  for (let i = first.length - 1; i >= 0; i -= 1) {
    for (let j = second.length - 1; j >= 0; j -= 1) {
      const skip = Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
      lengths[i * width + j] = first[i] === second[j] ? lengths[(i + 1) * width + j + 1] + 1 : skip;
    }
  }
  const found = new Map();
  for (let i = 0, j = 0; i < first.length && j < second.length; ) {
    if (first[i] === second[j]) {
      found.set(i, j);
      i += 1;
      j += 1;
    } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i += 1;
    else j += 1;
  }
  return found;
}
