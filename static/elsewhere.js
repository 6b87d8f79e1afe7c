// Whether a key or a touch is meant for what it happens on, and not for the page.

const TYPED_INTO = "input, select, textarea, [contenteditable]:not([contenteditable=false])";
// What takes keys and touches itself by its role, or says so with `data-steers`.
const STEERED =
  "dialog, audio, video, [data-steers], [role=listbox], [role=option], [role=grid], " +
  "[role=tablist], [role=slider], [role=menu], [role=radiogroup], [role=tree], [role=application]";

export function isSteered(element) {
  return element?.closest?.(`${TYPED_INTO}, ${STEERED}`) != null;
}

export function isModal() {
  return document.querySelector("dialog:modal, dialog[open]") !== null;
}

// Whether something around the element, the page itself aside, scrolls sideways.
export function scrollsSideways(element) {
  for (let each = element; each && each !== document.body; each = each.parentElement) {
    const isWider = each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0;
    if (isWider && /auto|scroll/.test(getComputedStyle(each).overflowX)) return true;
  }
  return false;
}

export function neighbour(relation) {
  return document.head.querySelector(`link[rel="${relation}"]`)?.href;
}
