// Pointing at a unit's tile, or coming to it with the keyboard, shows its strongest examples beside
// it. Nothing takes the focus; Escape closes; touch screens, which cannot point, are left alone.
//
// Events are followed on the document: while precompute runs, tiles are replaced.

const WAIT = 280; // a pointer that only passes asks for nothing
const GRACE = 160; // time to cross from the tile to what shows beside it
const GAP = 8;
const known = new Map();
let tile = null;
let timer = 0;

const box = document.createElement("div");
box.className = "glance";
box.id = "glance";
box.setAttribute("role", "tooltip");
box.popover = "manual";
document.body.append(box);

if (matchMedia("(hover: hover)").matches) {
  document.addEventListener("pointerover", (event) => point(event.target, WAIT));
  document.addEventListener("pointerout", leave);
}
document.addEventListener("focusin", (event) => {
  if (event.target.matches?.(":focus-visible")) point(event.target, WAIT);
});
document.addEventListener("focusout", leave);
document.addEventListener("scroll", close, { passive: true, capture: true });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && (close() || closeMenus(null))) event.preventDefault();
});
document.addEventListener("click", (event) => closeMenus(event.target));

function point(target, wait) {
  if (box.contains(target)) {
    clearTimeout(timer);
    return;
  }
  // A copy without a server has no such answers.
  const found = "copy" in document.documentElement.dataset ? null : target.closest?.(".units a");
  if (!found || found === tile) {
    if (found) clearTimeout(timer);
    return;
  }
  close();
  tile = found;
  timer = setTimeout(() => open(found), wait);
}

function leave(event) {
  if (!tile) return;
  clearTimeout(timer);
  const next = event.relatedTarget;
  if (next && (tile.contains(next) || box.contains(next))) return;
  timer = setTimeout(close, GRACE);
}

async function open(link) {
  const found = await glance(link).catch(() => null);
  if (!found || tile !== link || !link.isConnected) return;
  box.replaceChildren(...contents(found));
  box.showPopover?.();
  place(link);
  link.setAttribute("aria-describedby", box.id);
}

// Whether anything was open.
function close() {
  clearTimeout(timer);
  tile?.removeAttribute("aria-describedby");
  tile = null;
  const wasOpen = box.matches(":popover-open");
  if (wasOpen) box.hidePopover();
  return wasOpen;
}

async function glance(link) {
  const address = `${link.pathname}/glance.json`;
  if (!known.has(address)) {
    const answer = await fetch(address);
    if (!answer.ok) return null;
    known.set(address, await answer.json());
  }
  return known.get(address);
}

function contents(found) {
  const parts = [element("strong", "", found.name)];
  if (found.called) parts.push(element("span", "called", found.called));
  if (found.views.length) parts.push(pictures(found.views));
  if (found.said) parts.push(element("p", "", found.said));
  if (found.numbers.length) parts.push(numbers(found.numbers));
  return parts;
}

function pictures(views) {
  const list = element("span", "views");
  list.append(...views.map(picture));
  return list;
}

function picture(view) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const image = document.createElementNS(space, "image");
  svg.setAttribute("viewBox", view.box);
  svg.setAttribute("aria-hidden", "true");
  for (const [name, value] of [["href", view.image], ["width", view.width], ["height", view.height]]) {
    image.setAttribute(name, value);
  }
  svg.append(image);
  return svg;
}

function numbers(pairs) {
  const list = element("dl", "numbers-in");
  for (const [name, value] of pairs) {
    const pair = document.createElement("div");
    pair.append(element("dt", "", name), element("dd", "", value));
    list.append(pair);
  }
  return list;
}

function element(kind, name, text = "") {
  const made = document.createElement(kind);
  if (name) made.className = name;
  made.textContent = text;
  made.dir = "auto";
  return made;
}

// To the right of the tile where there is room, else to its left, else below or above: never on it.
function place(link) {
  const at = link.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const fits = { right: at.right + GAP + width <= innerWidth, left: at.left - GAP - width >= 0 };
  if (fits.right || fits.left) {
    const top = Math.min(Math.max(at.top, GAP), innerHeight - height - GAP);
    move(fits.right ? at.right + GAP : at.left - GAP - width, Math.max(top, GAP));
  } else {
    const below = at.bottom + GAP + height <= innerHeight;
    const left = Math.min(Math.max(at.left, GAP), innerWidth - width - GAP);
    move(Math.max(left, 0), below ? at.bottom + GAP : at.top - GAP - height);
  }
}

function move(left, top) {
  box.style.left = `${left}px`;
  box.style.top = `${top}px`;
}

// Menus close when something else is clicked; whether any was open.
function closeMenus(target) {
  const open = [...document.querySelectorAll(".menu[open]")].filter((menu) => !menu.contains(target));
  const hadFocus = open.find((menu) => menu.contains(document.activeElement));
  for (const menu of open) menu.open = false;
  if (!target) hadFocus?.querySelector("summary").focus();
  return open.length > 0;
}
