// One tab stop for a group of buttons; arrow keys move within it.

/** Make the buttons in `host`, present and future, one tab stop. */
export function rove(host, selector) {
  const items = () => [...host.querySelectorAll(selector)];
  host.addEventListener("focusin", (event) => {
    const item = event.target.closest(selector);
    if (item) items().forEach((other) => (other.tabIndex = other === item ? 0 : -1));
  });
  host.addEventListener("keydown", (event) => {
    const all = items();
    const at = all.indexOf(event.target.closest(selector));
    if (at < 0) return;
    const rightToLeft = getComputedStyle(host).direction === "rtl" ? -1 : 1;
    const moves = { ArrowRight: rightToLeft, ArrowLeft: -rightToLeft, ArrowDown: 1, ArrowUp: -1 };
    let next = at + (moves[event.key] ?? 0);
    if (event.key === "Home") next = 0;
    if (event.key === "End") next = all.length - 1;
    if (next === at || !all[next]) return;
    event.preventDefault();
    all[next].focus();
  });
}

/** Give the group a tab stop after its items have changed. */
export function settleTabStop(host, selector) {
  const items = [...host.querySelectorAll(selector)];
  const stop = items.find((item) => item.tabIndex === 0) ?? items[0];
  for (const item of items) {
    const index = item === stop ? 0 : -1;
    if (item.tabIndex !== index) item.tabIndex = index;
  }
}
