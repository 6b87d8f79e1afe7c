// What is typed into the search box of a static copy: the part of the live site's language that an
// index of names and numbers can answer. What is not understood is told.

const FIELDS = ["model", "layer", "branch", "label", "family"];
const PART =
  /(-)?(?:([A-Za-z_]+)\s*(<=|>=|<|>|=)\s*(\S*)|(model|layer|branch|label|family|class|sort|order):(?:"([^"]*)"?|(\S*))|"([^"]*)"?|(\S+))/gi;
const SPACED = /^((?:mixed|conv|inception_?)?\d\w*|conv2d\d|logits)\s+(\d+)$/i;
const PASTED = /\/models\/([^/?#]+)\/([^/?#]+)\/(\d+)(?:\/(?:index\.html)?|\.json)?(?:[?#].*)?$/;
const PATH = /^([\w.-]+)\/(\w+)\/(\d+)$/;
const UNIT = /^(\w+(?:\/\w+)?)[:/](\d+)$/;
const LONGEST = 500;

// `statistics` are the names of those that the index has.
export function parse(text, statistics) {
  const asked = { statistics, text: text.trim().slice(0, LONGEST), addresses: [], words: [], fields: [], bounds: [], sort: "", isAscending: false, problems: [] };
  const spaced = SPACED.exec(asked.text);
  if (spaced) asked.addresses.push({ layer: spaced[1], unit: Number(spaced[2]) });
  else read(asked);
  const count = asked.words.length + asked.fields.length + asked.bounds.length;
  asked.isAddress = asked.addresses.length === 1 && count === 0;
  asked.isEmpty = asked.addresses.length + count === 0 && !asked.sort && asked.problems.length === 0;
  return asked;
}

function read(asked) {
  let isNot = false;
  const plain = asked.text.replace(/[≤≥−“”]/g, (c) => ({ "≤": "<=", "≥": ">=", "−": "-" })[c] ?? '"');
  for (const part of plain.matchAll(PART)) {
    const [, minus, key, operator, number, field, quoted, value, phrase, word] = part;
    if (word?.toLowerCase() === "not") {
      isNot = true;
      continue;
    }
    const isExcluded = Boolean(minus) !== isNot;
    isNot = false;
    if (key) readBound(asked, key.toLowerCase(), operator, number, isExcluded);
    else if (field) readField(asked, field.toLowerCase(), (quoted ?? value ?? "").trim(), isExcluded);
    else if (phrase !== undefined) addWord(asked, phrase.trim(), isExcluded);
    else readWord(asked, word, isExcluded);
  }
}

function readWord(asked, word, isExcluded) {
  const address = addressOf(word);
  if (word.toLowerCase() === "dead") asked.bounds.push({ name: "density", operator: "=", value: 0, isExcluded });
  else if (word.toLowerCase() === "rare" && !isExcluded) {
    asked.bounds.push({ name: "density", operator: ">", value: 0 }, { name: "image_density", operator: "<", value: 0.01 });
  } else if (address && !isExcluded) asked.addresses.push(address);
  else addWord(asked, word, isExcluded);
}

function addressOf(word) {
  const pasted = PASTED.exec(word) ?? PATH.exec(word);
  if (pasted) return { model: decoded(pasted[1]), layer: decoded(pasted[2]), unit: Number(pasted[3]) };
  const typed = UNIT.exec(word);
  return typed && { layer: typed[1], unit: Number(typed[2]) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function addWord(asked, text, isExcluded) {
  if (text) asked.words.push({ text: text.toLowerCase(), isExcluded });
}

function readBound(asked, name, operator, text, isExcluded) {
  const value = text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (!asked.statistics.includes(name)) asked.problems.push(`There is no statistic “${name}”. There are ${asked.statistics.join(", ")}.`);
  else if (!text || !Number.isFinite(value)) asked.problems.push(`“${text}” is no number that ${name} can be compared with.`);
  else asked.bounds.push({ name, operator, value, isExcluded });
}

function readField(asked, name, text, isExcluded) {
  if (name === "sort" && asked.statistics.includes(text.toLowerCase())) asked.sort = text.toLowerCase();
  else if (name === "order") asked.isAscending = text.toLowerCase() === "asc";
  else if (FIELDS.includes(name) && text) asked.fields.push({ name, text: text.toLowerCase(), isExcluded });
  else asked.problems.push(`“${name}:${text}” is not known to this copy.`);
}
