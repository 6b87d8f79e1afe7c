// Keys lead from page to page: to the neighbours that a page names in its head, and after `g` to
// the links of <template id="jumps">. What was typed so far is shown, and is forgotten soon.

import { bindings, jumps, meant } from "./bindings.js";
import { isModal, isSteered, neighbour, scrollsSideways } from "./elsewhere.js";
import { offerList, openList } from "./help.js";

const PATIENCE = 1500; // milliseconds between two keys of a sequence
const SHOWN = 12; // layers, of those that are still possible

let typed = null; // what came after `g`; null where no sequence is begun
let timer;
let isLeaving = false;
let hint;

export function followKeys() {
  hint = document.createElement("div");
  hint.className = "typed";
  hint.setAttribute("aria-live", "polite");
  document.body.append(hint);
  document.addEventListener("keydown", hear);
  document.addEventListener("pointerdown", forget);
  addEventListener("pagehide", forget);
  offerList();
}

function hear(event) {
  if (isLeaving || isMeantElsewhere(event)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (typed !== null) follow(key, event);
  else if (key === "g" && !event.repeat && jumps().length > 0) begin(event);
  else act(key, event);
}

function isMeantElsewhere(event) {
  if (event.defaultPrevented || event.isComposing || isModal()) return true;
  if (event.altKey || event.ctrlKey || event.metaKey || isSteered(event.target)) return true;
  // With shift, only what is printed on keys beside it: arrows select text.
  if (event.shiftKey && !/^[^a-z]$/i.test(event.key)) return true;
  return event.key.startsWith("Arrow") && scrollsSideways(event.target);
}

function act(key, event) {
  const bound = bindings.find((each) => each.keys.includes(key));
  const address = bound?.relation && neighbour(bound.relation);
  if (bound?.opensList) openList();
  else if (address) go(address);
  else return;
  event.preventDefault();
}

function begin(event) {
  event.preventDefault();
  typed = "";
  wait([]);
}

function follow(key, event) {
  if (key.length > 1 || key === " ") return forget();
  event.preventDefault();
  typed += key;
  const found = meant(jumps(), typed);
  if (found.length === 1) go(found[0].href);
  else if (found.length > 1) wait(found);
  else forget();
}

// A name that is the whole of another's beginning is meant when nothing follows.
function settle() {
  const found = meant(jumps(), typed).find((jump) => jump.name.toLowerCase() === typed);
  forget();
  if (found) go(found.href);
}

function wait(found) {
  clearTimeout(timer);
  timer = setTimeout(settle, PATIENCE);
  const keys = ["g", ...typed].map((each) => element("kbd", each));
  const names = found.slice(0, SHOWN).map((jump) => element("bdi", jump.name));
  hint.replaceChildren(...keys, ...(names.length > 0 ? names : ["…"]));
}

function forget() {
  clearTimeout(timer);
  typed = null;
  hint.replaceChildren();
}

function go(address) {
  forget();
  isLeaving = true; // a second press in the meantime would begin the journey anew
  setTimeout(() => (isLeaving = false), 1000);
  location.assign(address);
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
