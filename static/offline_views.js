// What a static copy shows of its index: a list of units, and units side by side.
//
// Names come from data sets and people: they are put in as text, never as HTML.

const AT_ONCE = 120;

export function told(text, className = "note") {
  return element("p", { className, textContent: text });
}

// `statistic` is what the units were asked for by, if anything.
export function answer(asked, units, statistic) {
  const whole = element("div", {});
  whole.append(...asked.problems.map((problem) => told(problem, "problems")));
  whole.append(told(counted(units.length), "count"));
  const list = element("ul", { className: "found" });
  whole.append(list);
  more(whole, list, units, statistic, 0);
  return whole;
}

// Further units are shown when they are asked for; the first of them gets the focus.
function more(whole, list, units, statistic, start) {
  const items = units.slice(start, start + AT_ONCE).map((unit) => tile(unit, statistic));
  list.append(...items);
  if (start) items[0]?.querySelector("a").focus();
  const rest = units.length - start - AT_ONCE;
  if (rest <= 0) return;
  const button = element("button", { type: "button", textContent: `Show more of ${rest.toLocaleString("en")}` });
  button.addEventListener("click", () => {
    button.remove();
    more(whole, list, units, statistic, start + AT_ONCE);
  });
  whole.append(button);
}

export async function compared(index, addresses) {
  if (!addresses.length) return told("No units are named. Their pages and the search lead here.");
  const named = addresses.slice(0, 8).map((each) => each.split("/").map(decodeURIComponent));
  const found = await Promise.all(named.map(([model, layer, unit]) => index.unit(model, layer, Number(unit))));
  const units = found.filter(Boolean);
  if (!units.length) return told("None of these units is in this copy.");
  const whole = element("div", {});
  if (units.length < addresses.length) whole.append(told("Some of these units are not in this copy."));
  const scroll = element("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: "Comparison" });
  scroll.append(table(units, await index.statistics()));
  whole.append(scroll);
  return whole;
}

function table(units, statistics) {
  const side = element("table", { className: "side" });
  const head = side.createTHead().insertRow();
  head.append(element("td", {}), ...units.map((unit) => cell("th", linked(unit), { scope: "col" })));
  const body = side.createTBody();
  for (const statistic of statistics) {
    const row = body.insertRow();
    row.append(element("th", { scope: "row", textContent: statistic.words }));
    row.append(...units.map((unit) => element("td", { textContent: number(unit, statistic) })));
  }
  return side;
}

function cell(tag, child, properties) {
  const made = element(tag, properties);
  made.append(child);
  return made;
}

function tile(unit, statistic) {
  const item = cell("li", linked(unit), {});
  if (statistic) item.append(element("span", { className: "more", textContent: `${statistic.words} ${number(unit, statistic)}` }));
  return item;
}

function linked(unit) {
  const link = element("a", { href: unit.page });
  link.append(picture(unit), element("bdi", { textContent: unit.title ?? unit.name }));
  const more = [unit.title && unit.name, ...unit.labels.map((each) => each.label)].filter(Boolean);
  if (more.length) link.append(element("bdi", { className: "more", textContent: more.join(", ") }));
  return link;
}

function picture(unit) {
  if (!unit.image) return element("span", { className: "blank", textContent: "no picture" });
  const [width, height] = unit.image.size;
  return element("img", { src: unit.image.src, alt: "", width, height, loading: "lazy" });
}

function number(unit, statistic) {
  const value = unit.statistics?.[statistic.name];
  if (value === undefined) return "–";
  if (statistic.isShare) return `${Number((100 * value).toPrecision(3))} %`;
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

function counted(count) {
  if (!count) return "No unit of this copy is meant.";
  return count === 1 ? "1 unit" : `${count.toLocaleString("en")} units`;
}

function element(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}
