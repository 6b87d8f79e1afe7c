// A swipe to the left or to the right leads to the neighbours that a page names in its head.
//
// Only what is clearly meant: one finger, quickly, far and level; not on what scrolls sideways or
// is steered itself, not from the edge (where the system's own gesture begins), not while the page
// is enlarged or text is chosen. Nothing is held up: all listeners are passive.

import { isModal, isSteered, neighbour, scrollsSideways } from "./elsewhere.js";

const FAR = 60; // px across
const LEVEL = 2; // times as far across as up or down
const QUICK = 800; // milliseconds
const EDGE = 24; // px

let began = null;

export function followSwipes() {
  const passive = { passive: true };
  document.addEventListener("touchstart", begin, passive);
  document.addEventListener("touchend", end, passive);
  document.addEventListener("touchcancel", () => (began = null), passive);
}

function begin(event) {
  began = event.touches.length === 1 && isFree(event) ? place(event) : null;
}

function end(event) {
  const [from, to] = [began, place(event)];
  began = null;
  if (!from || event.touches.length > 0 || event.defaultPrevented || isChosen()) return;
  const [across, along] = [to.x - from.x, to.y - from.y];
  if (Math.abs(across) <= FAR || Math.abs(across) < LEVEL * Math.abs(along)) return;
  if (to.time - from.time > QUICK) return;
  const address = neighbour(across < 0 ? "next" : "prev");
  if (address) location.assign(address);
}

function isFree(event) {
  const { clientX: x } = event.touches[0];
  if (x < EDGE || x > document.documentElement.clientWidth - EDGE) return false;
  if (isModal() || (visualViewport?.scale ?? 1) > 1.01 || isChosen()) return false;
  return !isSteered(event.target) && !scrollsSideways(event.target);
}

function isChosen() {
  return getSelection()?.isCollapsed === false;
}

function place(event) {
  const { clientX: x, clientY: y } = event.changedTouches[0];
  return { x, y, time: event.timeStamp };
}
