// Suggestions below the search box, after the combobox pattern of ARIA's authoring practices.
//
// The form works without any of this. Suggestions are asked for a moment after the last key; an
// answer that comes too late is dropped. The box stands outside <main>, which live.js replaces.

const PAUSE = 120; // milliseconds; shorter than people notice, longer than between two keys
const MOST = 8;

export function suggest() {
  const form = document.querySelector("form[data-suggest]");
  if (form) new Suggestions(form).listen();
}

class Suggestions {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[name=q]");
    this.list = make("ul", { id: "suggestions", className: "suggestions", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Suggestions");
    this.status = make("span", { className: "heard" });
    this.status.setAttribute("aria-live", "polite"); // a page has one status of its own
    form.append(this.list, this.status);
    this.current = -1;
    this.describe();
  }

  describe() {
    const states = {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
      "aria-keyshortcuts": "/",
    };
    for (const [name, value] of Object.entries(states)) this.input.setAttribute(name, value);
  }

  listen() {
    this.input.addEventListener("input", () => this.wait());
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.input.addEventListener("blur", () => this.close());
    this.form.addEventListener("submit", () => this.close());
    // Pressing the mouse must not take the focus, or the list would close before the click.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.follow(option, event);
    });
    document.addEventListener("keydown", (event) => this.focusBySlash(event));
  }

  wait() {
    this.forget();
    const text = this.input.value.trim();
    if (!text) this.close();
    else this.timer = setTimeout(() => this.ask(text).catch(() => this.close()), PAUSE);
  }

  // Drops what is still on its way.
  forget() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.request = undefined;
  }

  async ask(text) {
    const request = (this.request = new AbortController());
    const address = new URL(this.form.dataset.suggest, location.href);
    address.search = new URLSearchParams({ q: text, limit: MOST });
    try {
      const answer = await fetch(address, { signal: request.signal });
      const found = answer.ok ? await answer.json() : null;
      if (request === this.request) this.show(found);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  show(found) {
    const places = (found?.places ?? []).map(placeOption);
    const units = (found?.units ?? []).map(unitOption);
    const options = [...places, ...units].slice(0, MOST);
    this.current = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.list.replaceChildren(...options);
    options.forEach((option, place) => (option.id = `suggestion-${place}`));
    this.open(options.length > 0);
    this.status.textContent = told(options.length);
  }

  open(is) {
    this.list.hidden = !is;
    this.input.setAttribute("aria-expanded", String(is));
  }

  close() {
    this.forget();
    this.open(false);
    this.status.textContent = "";
    this.mark(-1);
  }

  mark(place) {
    this.list.children[this.current]?.setAttribute("aria-selected", "false");
    this.current = place;
    const option = this.list.children[place];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  press(event) {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") this.step(event);
    else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault(); // a second time empties the box, as browsers have it
      this.close();
    } else if (event.key === "Enter" && !this.list.hidden && this.current >= 0) {
      event.preventDefault();
      this.follow(this.list.children[this.current], event);
    }
  }

  // One down or up; from either end back to the box, where nothing is marked.
  step(event) {
    event.preventDefault();
    const count = this.list.children.length;
    if (this.list.hidden) {
      if (!count) return this.wait();
      this.open(true);
    }
    const by = event.key === "ArrowDown" ? 1 : -1;
    this.mark(((this.current + 1 + by + count + 1) % (count + 1)) - 1);
  }

  follow(option, event) {
    const path = option.dataset.path;
    this.close();
    if (event.ctrlKey || event.metaKey) window.open(path, "_blank", "noopener");
    else location.assign(path);
  }

  focusBySlash(event) {
    if (event.key !== "/" || event.defaultPrevented || event.isComposing) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target.closest?.("input, select, textarea, [contenteditable], dialog")) return;
    event.preventDefault();
    this.input.focus();
    this.input.select();
  }
}

function told(count) {
  if (!count) return "No suggestions";
  return count === 1 ? "1 suggestion" : `${count} suggestions`;
}

function placeOption(place) {
  return option(place.name, place.detail, place.page, blank());
}

function unitOption(unit) {
  const name = `${unit.layer}:${unit.unit}`;
  const called = unit.labels.map((label) => label.label).join(", ");
  const where = unit.branch ? `${unit.branch.replace("x", "×")} branch` : "";
  const detail = [unit.title ? name : called || where, unit.model_title];
  return option(
    unit.title ?? name,
    detail.filter(Boolean).join(" · "),
    unit.page,
    unit.image ? thumbnail(unit.image) : blank(),
  );
}

// Names are anybody's text: they are set as text, never as markup.
function option(name, detail, path, picture) {
  const text = make("span");
  text.append(
    make("bdi", { className: "name", textContent: name.slice(0, 200) }),
    make("span", { className: "detail", textContent: detail.slice(0, 300) }),
  );
  const item = make("li");
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.dataset.path = path;
  item.append(picture, text);
  return item;
}

function thumbnail(path) {
  return make("img", { src: path, alt: "", width: 40, height: 40 });
}

function blank() {
  return make("span", { className: "blank" });
}

function make(name, fields = {}) {
  return Object.assign(document.createElement(name), fields);
}
