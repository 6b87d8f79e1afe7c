// Search and the random unit in a static copy, from the index that the search form names.
//
// A classic script, and so is the index: browsers load neither modules nor data from the disk.
// Names come from data sets and people: they are set as text, never as HTML.
"use strict";

(() => {
  const AT_ONCE = 120;
  const ADDRESS = /^(?:.*\/models\/)?(?:([^/\s]+)\/)?([^/\s:]+)[:/](\d+)(?:\/index\.html|\.json)?\/?$/;
  const NEEDS_SERVER = /^-|[<>=≤≥]|^(?:not|dead|rare)$|^(?:class|sort|order):/i;

  const form = document.querySelector("form.search[data-index]");
  const place = document.querySelector("[data-offline]");
  const root = new URL("..", new URL(form.dataset.index, document.baseURI));
  let reading;

  // The index; read when it is first needed.
  function load() {
    reading ??= new Promise((resolve, reject) => {
      const script = element("script", { src: form.dataset.index, onerror: reject });
      script.onload = () => resolve(globalThis.microscopeIndex);
      document.head.append(script);
    });
    return reading;
  }

  // The rows of the units that a query means, and whether it is the address of one. Terms are
  // intersected; of several addresses each is meant.
  function search(index, text) {
    const terms = termsOf(index, text);
    const addressed = terms.map((term) => unitsAt(index, term));
    const sets = terms.filter((_, place) => !addressed[place]).map((term) => unitsWith(index, term));
    const found = addressed.filter(Boolean);
    if (found.length) sets.push(new Set(found.flatMap((set) => [...set])));
    const [first, ...rest] = sets;
    const rows = first ? [...first].filter((row) => rest.every((set) => set.has(row))) : [];
    const problem = terms.find((term, place) => !addressed[place] && NEEDS_SERVER.test(term));
    return { rows: rows.sort((a, b) => a - b), isAddress: found.length === 1 && terms.length === 1, problem };
  }

  function termsOf(index, text) {
    const terms = text.trim().toLowerCase().replace(/["“”]/g, " ").split(/\s+/).filter(Boolean);
    const isSpaced = terms.length === 2 && /^\d+$/.test(terms[1]) && layerOf(terms[0]) in index.words;
    return isSpaced ? [terms.join(":")] : terms;
  }

  // The units at an address such as `4c:447`; undefined where the term is none.
  function unitsAt(index, term) {
    const [, model, layer, number] = ADDRESS.exec(term) ?? [];
    if (!number) return undefined;
    const ranges = index.words[layerOf(layer)] ?? [];
    const rows = ranges.filter(([start, stop]) => start + Number(number) < stop).map(([start]) => start + Number(number));
    const own = model && rowsOf(index.words[`model:${model}`]);
    return new Set(rows.filter((row) => !own || own.has(row)));
  }

  // The key of a layer, or of a branch of one, whatever it is called.
  function layerOf(name) {
    const plain = name.replace("×", "x").replace(/_0$/, "").replace(/^inception_?/, "");
    return `layer:${plain.replace(/_pool_(?:reduce|proj)$/, "_pool")}`;
  }

  // A term with a field is a key; another is any part of a word.
  function unitsWith(index, term) {
    if (term.startsWith("layer:")) return rowsOf(index.words[layerOf(term.slice(6))]);
    if (term.includes(":")) return rowsOf(index.words[term.replace("×", "x")]);
    const parts = term.match(/[\p{L}\p{N}_]+/gu) ?? [term];
    const sets = parts.map((part) => rowsOf(keysWith(index, part).flatMap((key) => index.words[key])));
    return sets.reduce((some, others) => new Set([...some].filter((row) => others.has(row))));
  }

  function keysWith(index, part) {
    return Object.keys(index.words).filter((key) => key.includes(part) && !key.includes(":"));
  }

  function rowsOf(ranges = []) {
    return new Set(ranges.flatMap(([start, stop]) => Array.from({ length: stop - start }, (_, n) => start + n)));
  }

  async function show() {
    const query = new URLSearchParams(location.search);
    const index = await load();
    if (place.dataset.offline === "random") return go(random(index, query.get("model")));
    const text = query.get("q") ?? "";
    if (!text.trim()) return;
    form.querySelector("input").value = text;
    document.title = `${text.slice(0, 80)} · ${document.title}`;
    const { rows, isAddress, problem } = search(index, text);
    if (problem) return place.replaceChildren(told(`“${problem}” needs the server. This copy knows addresses, classes and labels.`));
    const units = rows.map((row) => index.units[row]);
    if (isAddress && units.length === 1) return go(units[0]);
    const list = element("ul", { className: "found" });
    place.replaceChildren(told(counted(units.length), "count"), list);
    more(list, units);
  }

  function random(index, model) {
    const rows = model ? rowsOf(index.words[`model:${model.toLowerCase()}`]) : [];
    const own = [...rows].map((row) => index.units[row]);
    const units = own.length ? own : index.units;
    const pictured = units.filter(([, , , , picture]) => picture);
    const chosen = pictured.length ? pictured : units;
    return chosen[Math.floor(Math.random() * chosen.length)];
  }

  function go([, , , page]) {
    location.replace(new URL(page, root));
  }

  // Further units are shown on request; the first of them gets the focus.
  function more(list, units, start = 0) {
    const items = units.slice(start, start + AT_ONCE).map(tile);
    list.append(...items);
    if (start) items[0].querySelector("a").focus();
    const rest = units.length - start - AT_ONCE;
    if (rest <= 0) return;
    const button = element("button", { type: "button", textContent: `Show more of ${rest.toLocaleString("en")}` });
    button.addEventListener("click", () => {
      button.remove();
      more(list, units, start + AT_ONCE);
    });
    list.after(button);
  }

  function tile([name, title, labels, page, picture]) {
    const link = element("a", { href: new URL(page, root) });
    const image = { src: new URL(picture, root), alt: "", loading: "lazy" };
    link.append(picture ? element("img", image) : element("span", { className: "blank", textContent: "no picture" }));
    link.append(element("bdi", { textContent: title || name }));
    const rest = [title && name, labels].filter(Boolean).join(", ");
    if (rest) link.append(element("bdi", { className: "more", textContent: rest }));
    const item = element("li", {});
    item.append(link);
    return item;
  }

  // Suggestions come from the browser's own list, so that the keyboard works as everywhere.
  function suggest(input) {
    const list = element("datalist", { id: "offline-suggestions" });
    input.after(list);
    input.setAttribute("list", list.id);
    input.addEventListener("input", async () => {
      const text = input.value;
      const index = await load().catch(() => null);
      if (!index || text !== input.value) return;
      const units = search(index, text).rows.slice(0, 8).map((row) => index.units[row]);
      list.replaceChildren(...units.map(([name, title]) => new Option(title, name)));
    });
  }

  function told(text, className = "note") {
    return element("p", { className, textContent: text });
  }

  function counted(count) {
    if (!count) return "No unit of this copy is meant.";
    return count === 1 ? "1 unit" : `${count.toLocaleString("en")} units`;
  }

  function element(tag, properties) {
    return Object.assign(document.createElement(tag), properties);
  }

  suggest(form.querySelector("input"));
  if (place) show().catch(() => place.replaceChildren(told("The search index of this copy could not be read.")));
})();
