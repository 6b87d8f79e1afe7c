// Arrow keys lead to the neighbours that a page names in its head.

const relations = { ArrowLeft: "prev", ArrowRight: "next" };

export function followKeys() {
  document.addEventListener("keydown", (event) => {
    const relation = relations[event.key];
    if (!relation || isMeantElsewhere(event)) return;
    const link = document.head.querySelector(`link[rel="${relation}"]`);
    if (link) location.assign(link.href);
  });
}

function isMeantElsewhere(event) {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) {
    return true;
  }
  return event.target.closest?.("input, select, textarea, [contenteditable], .strip") != null;
}
