// The hypotheses of a beam search as a prefix tree, and where its nodes are drawn.

/**
 * Make the tree. A node: {token, children, leaves, hypothesis}. `leaves` are the most probable
 * tokens that no hypothesis took, `hypothesis` {rank, score, logProb} if one ends here.
 *
 * @param hypotheses lists of tokens with their scores, best first
 * @param leafCount the most leaves at each step
 */
export function prefixTree(hypotheses, leafCount) {
  const root = node(null);
  hypotheses.forEach(({ tokens, score, logProb }, rank) => {
    let at = root;
    for (const token of tokens) {
      let next = at.children.find((child) => child.token.id === token.id);
      if (!next) {
        next = node(token);
        at.children.push(next);
      }
      at = next;
    }
    at.hypothesis ??= { rank, score, logProb };
  });
  addLeaves(root, leafCount);
  return root;
}

function node(token) {
  return { token, children: [], leaves: [], hypothesis: null };
}

function addLeaves(at, count) {
  const taken = new Set(at.children.map(({ token }) => token.id));
  const candidates = new Map();
  for (const { token } of at.children) {
    for (const other of token.alternatives ?? []) {
      if (!taken.has(other.id)) candidates.set(other.id, other);
    }
  }
  const best = [...candidates.values()].sort((a, b) => b.log_prob - a.log_prob).slice(0, count);
  at.leaves = best.map((token) => node(token));
  for (const child of at.children) addLeaves(child, count);
}

/**
 * Place the nodes: sets `depth` and `y` of each, and returns {depth, height}. A parent is level with
 * its best child; subtrees are as close below each other as their outlines allow.
 */
export function layOut(root, { branch, leaf }) {
  place(root, 0, 0, branch, leaf);
  let [depth, top, bottom] = [0, 0, 0];
  visit(root, (each) => {
    depth = Math.max(depth, each.depth + (each.hypothesis ? 1 : 0));
    top = Math.min(top, each.y);
    bottom = Math.max(bottom, each.y);
  });
  return { depth, height: bottom - top };
}

/** Place a subtree with its root at `y`; return the lowest place at each depth from the root on. */
function place(at, depth, y, branch, leaf) {
  at.depth = depth;
  at.y = y;
  const outline = [y];
  if (at.hypothesis) outline[1] = y; // its score stands beside it
  const [first, ...others] = at.children;
  const below = first ? [...at.leaves, ...others] : at.leaves;
  if (first) merge(outline, place(first, depth + 1, y, branch, leaf), 1);
  for (const child of below) {
    const isLeaf = at.leaves.includes(child);
    const gap = isLeaf ? leaf : branch;
    const extent = place(child, depth + 1, 0, branch, leaf);
    // a branch must clear what is above it along its whole length
    let offset = y + (first || child !== below[0] ? gap : 0);
    extent.forEach((_, level) => {
      const above = outline[level + 1];
      if (above !== undefined) offset = Math.max(offset, above + gap);
    });
    shift(child, offset);
    merge(outline, extent.map((low) => low + offset), 1);
  }
  return outline;
}

function merge(outline, other, from) {
  other.forEach((low, level) => {
    const at = level + from;
    outline[at] = Math.max(outline[at] ?? -Infinity, low);
  });
}

function shift(at, offset) {
  visit(at, (each) => {
    each.y += offset;
  });
}

/** Call `action(node, parent)` for each node, parents first. */
export function visit(at, action, parent = null) {
  action(at, parent);
  for (const child of [...at.children, ...at.leaves]) visit(child, action, at);
}
