// Search, a random unit and a comparison in a static copy, which has no server that could do it.
//
// The exporter puts this module into every page, and names the index on the search form; pages of
// a server know nothing of either.

import { Index } from "./offline_index.js";
import { parse } from "./offline_query.js";
import { answer, compared, told } from "./offline_views.js";

const form = document.querySelector("form.search[data-index]");
const place = document.querySelector("[data-offline]");

if (form) begin(new Index(new URL(form.dataset.index, document.baseURI)));

function begin(index) {
  const query = new URLSearchParams(location.search);
  if (place) show(index, query).catch(() => fail());
  suggest(index, form.querySelector("input"));
}

async function show(index, query) {
  const kind = place.dataset.offline;
  if (kind === "random") return go((await index.random(query.get("model") ?? "")).page);
  if (kind === "compare") return place.replaceChildren(await compared(index, query.getAll("u")));
  const text = query.get("q") ?? "";
  form.querySelector("input").value = text;
  document.title = text ? `${text.slice(0, 80)} · ${document.title}` : document.title;
  if (!text.trim()) return;
  const statistics = await index.statistics();
  const asked = parse(text, statistics.map((each) => each.name));
  if (asked.isEmpty) return;
  const found = await index.search(asked);
  if (asked.isAddress && found.length === 1) return go(found[0].page);
  const shown = asked.sort || asked.bounds[0]?.name;
  place.replaceChildren(answer(asked, found, statistics.find((each) => each.name === shown)));
}

function go(page) {
  location.replace(page);
}

function fail() {
  place.replaceChildren(
    told("The index of this copy could not be read. Browsers read it from a web server only, not from the disk."),
  );
}

async function suggested(index, text) {
  if (!text.trim()) return [];
  const statistics = await index.statistics();
  const asked = parse(text, statistics.map((each) => each.name));
  return asked.isEmpty ? [] : index.search(asked);
}

// Suggestions come from the browser's own list, so that the keyboard works as everywhere.
function suggest(index, input) {
  const list = document.createElement("datalist");
  list.id = "offline-suggestions";
  input.after(list);
  input.setAttribute("list", list.id);
  let latest = 0;
  input.addEventListener("input", async () => {
    const mine = ++latest;
    const found = await suggested(index, input.value).catch(() => []);
    if (mine !== latest) return;
    list.replaceChildren(...found.slice(0, 8).map((unit) => new Option(unit.title ?? "", unit.name)));
  });
}
