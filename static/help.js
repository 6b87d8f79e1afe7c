// The list of keys, as a dialog: made of the table and of the page's jumps when it is opened, so
// that it never says anything else than what the keys do.

import { bindings, jumps, keysOf } from "./bindings.js";

const SIGNS = { ArrowRight: "→", ArrowLeft: "←" };

export function offerList() {
  for (const button of document.querySelectorAll("[data-opens=keys]")) {
    button.addEventListener("click", openList);
    button.closest("[hidden]")?.removeAttribute("hidden");
  }
}

export function openList() {
  const dialog = element("dialog", { className: "keys" }, head(), ...groups());
  dialog.setAttribute("aria-labelledby", "keys-title");
  dialog.addEventListener("click", (event) => isOutside(event, dialog) && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function head() {
  const close = element("button", { type: "button" }, "Close");
  close.addEventListener("click", () => close.closest("dialog").close());
  return element("header", {}, element("h2", { id: "keys-title" }, "Keyboard"), close);
}

function groups() {
  const all = jumps();
  const [links, layers] = [all.filter((jump) => jump.key), all.filter((jump) => !jump.key)];
  return [
    ...group("On every page", bindings.map((each) => row(alternatives(each.keys), each.does))),
    ...group("Go to", links.map((jump) => row(sequence(jump.key), jump.name))),
    ...group("Go to a layer", layers.flatMap((jump) => layerRow(all, jump))),
  ];
}

function group(title, rows) {
  if (rows.length === 0) return [];
  return [element("h3", {}, title), element("dl", {}, ...rows)];
}

function row(keys, does) {
  const said = element("dd", {}, element("bdi", {}, does));
  return element("div", {}, element("dt", {}, ...keys), said);
}

function layerRow(all, jump) {
  const typed = keysOf(all, jump);
  return typed === null ? [] : [row(sequence(typed), jump.name)];
}

function alternatives(keys) {
  return keys.flatMap((key, place) => [...(place ? ["or"] : []), kbd(SIGNS[key] ?? key)]);
}

function sequence(typed) {
  return ["g", ...typed].flatMap((key, place) => [...(place === 1 ? ["then"] : []), kbd(key)]);
}

function kbd(key) {
  return element("kbd", {}, key);
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function isOutside(event, dialog) {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  const { clientX: x, clientY: y } = event;
  // A click made by a key has no place, and is on what has the focus.
  return event.target === dialog && (x < left || x > right || y < top || y > bottom);
}
