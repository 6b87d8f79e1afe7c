// While precompute runs, the page asks for itself again and shows what is new.
//
// Only <main> is replaced, and only where it changed, so that the reader's place, focus and open
// details stay. Images keep their addresses for ever: those that are shown already are not loaded
// again.

export function keepFresh() {
  const seconds = Number(document.querySelector("main")?.dataset.live);
  if (seconds > 0) setTimeout(refresh, seconds * 1000);
}

async function refresh() {
  if (!document.hidden) await replace().catch(() => {});
  keepFresh();
}

async function replace() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [old, main] = [document.querySelector("main"), fresh.querySelector("main")];
  if (!main || old.isEqualNode(main)) return;
  document.title = fresh.title;
  merge(old, main);
}

// Keeps every part that is the same, from the outside inwards, so that nothing flickers.
function merge(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (!isSameKind(old, fresh) || old.childNodes.length !== fresh.childNodes.length) {
    replaceWhole(old, fresh);
    return;
  }
  copyAttributes(old, fresh);
  if (old.nodeType === Node.TEXT_NODE) old.data = fresh.data;
  const pairs = [...fresh.childNodes].map((child, place) => [old.childNodes[place], child]);
  for (const [child, newer] of pairs) merge(child, newer);
}

function isSameKind(old, fresh) {
  return old.nodeName === fresh.nodeName && old.id === fresh.id;
}

function replaceWhole(old, fresh) {
  if (old.nodeName === "MAIN" || old.nodeName === "UL") {
    copyAttributes(old, fresh);
    old.replaceChildren(...fresh.childNodes);
  } else {
    old.replaceWith(fresh);
  }
}

function copyAttributes(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) return;
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}
