// The units of a static copy: its index, read once, and searched.

const SHORT = /^[a-z]+(\d[a-z])$/;

export class Index {
  constructor(address) {
    this.root = new URL("..", address);
    this.address = address;
  }

  // The models and the statistics; read when they are first asked for.
  head() {
    this.reading ??= json(this.address);
    return this.reading;
  }

  // Each with its name, its words, and whether it is a share.
  async statistics() {
    const { statistics, words, shares } = await this.head();
    return statistics.map((name) => ({ name, words: words[name], isShare: shares.includes(name) }));
  }

  // All units; read when they are first asked for.
  units() {
    this.loading ??= this.load();
    return this.loading;
  }

  async load() {
    const index = await this.head();
    const files = index.models.map((model) => json(new URL(model.file, this.root)));
    const models = await Promise.all(files);
    return index.models.flatMap((model, place) =>
      models[place].layers.flatMap((layer) => unitsOf(model, layer, index.statistics, this.root)),
    );
  }

  async search(asked) {
    const units = await this.units();
    const found = units.filter((unit) => isFound(unit, asked));
    return asked.sort ? sorted(found, asked) : found;
  }

  async random(model) {
    const units = await this.units();
    const own = units.filter((unit) => unit.image && (!model || unit.model === model));
    const chosen = own.length ? own : units;
    return chosen[Math.floor(Math.random() * chosen.length)];
  }

  async unit(model, layer, number) {
    const units = await this.units();
    return units.find((unit) => unit.model === model && unit.layer === layer && unit.index === number);
  }
}

async function json(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return answer.json();
}

function unitsOf(model, layer, names, root) {
  const units = layer.index.map((index, place) => {
    const labels = layer.labels.filter((each) => each.start <= index && index < each.stop);
    const branch = layer.branches.find((each) => each.start <= index && index < each.stop);
    const numbers = layer.statistics[place];
    const title = layer.title[place];
    const picture = layer.picture[place];
    return {
      model: model.slug,
      modelTitle: model.title,
      layer: layer.name,
      index,
      branch,
      title,
      labels,
      name: `${layer.name}:${index}`,
      page: layer.page[place] && new URL(layer.page[place], root).href,
      image: picture && { src: new URL(picture, root).href, size: layer.size[place] },
      statistics: numbers && Object.fromEntries(names.map((name, n) => [name, numbers[n]])),
      text: [title, ...labels.flatMap((each) => [each.label, each.family])].filter(Boolean).join("\n").toLowerCase(),
    };
  });
  return units.filter((unit) => unit.page);
}

function isFound(unit, asked) {
  const { addresses, words, fields, bounds, sort } = asked;
  if (addresses.length && !addresses.some((address) => isAt(unit, address))) return false;
  if (words.some((word) => unit.text.includes(word.text) === word.isExcluded)) return false;
  if (!isWhere(unit, fields)) return false;
  if (bounds.some((bound) => !isWithin(unit, bound))) return false;
  return !sort || unit.statistics !== null;
}

function isAt(unit, { model, layer, unit: number }) {
  if (model && unit.model !== model) return false;
  const part = partOf(unit, layer);
  return part !== null && unit.index === number + part;
}

// Where a layer's or a branch's numbering begins among the layer's units, as a unit of it sees it;
// null where the name means something else.
function partOf(unit, name) {
  const wanted = name.toLowerCase().replace("×", "x");
  for (const alias of aliases(unit.layer)) {
    if (wanted === alias || wanted === `${alias}_0`) return 0;
    if (!/^[_/]/.test(wanted.slice(alias.length)) || !wanted.startsWith(alias)) continue;
    const branch = wanted.slice(alias.length + 1).replace(/_0$/, "").replace(/^pool_(reduce|proj)$/, "pool");
    if (unit.branch?.name === branch) return unit.branch.start;
  }
  return null;
}

function aliases(layer) {
  const name = layer.toLowerCase();
  const short = SHORT.exec(name)?.[1];
  return short ? [name, short, `inception_${short}`, `inception${short}`] : [name];
}

// Of fields of one kind any may hold, excluded ones must not; labels and families must all.
function isWhere(unit, fields) {
  for (const kind of ["model", "layer", "branch"]) {
    const wanted = fields.filter((field) => field.name === kind && !field.isExcluded);
    if (wanted.length && !wanted.some((field) => holds(unit, field))) return false;
  }
  return fields.every((field) =>
    field.isExcluded ? !holds(unit, field) : !["label", "family"].includes(field.name) || holds(unit, field),
  );
}

function holds(unit, { name, text }) {
  if (name === "model") return [unit.model, unit.modelTitle].some((each) => each.toLowerCase().includes(text));
  if (name === "layer") return partOf(unit, text) !== null;
  if (name === "branch") return unit.branch?.name === text.replace("×", "x");
  const told = unit.labels.map((each) => each[name]).filter(Boolean);
  return told.some((each) => text === "*" || each.toLowerCase().includes(text));
}

function isWithin(unit, { name, operator, value, isExcluded }) {
  if (unit.statistics === null) return false;
  const own = unit.statistics[name];
  const is = { "<": own < value, "<=": own <= value, ">": own > value, ">=": own >= value, "=": own === value };
  return is[operator] !== Boolean(isExcluded);
}

function sorted(units, { sort, isAscending }) {
  const sign = isAscending ? 1 : -1;
  return [...units].sort((a, b) => sign * (a.statistics[sort] - b.statistics[sort]));
}
