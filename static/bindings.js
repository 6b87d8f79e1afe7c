// What each key does: the one table that is followed (keys.js) and shown (help.js).
//
// After `g` come the keys of the links in <template id="jumps">: one character for a link that
// names it; for a layer, characters of its name in their order, until one layer alone has them all.

export const bindings = [
  { keys: ["ArrowRight", "j"], does: "The next unit or layer", relation: "next" },
  { keys: ["ArrowLeft", "k"], does: "The unit or layer before", relation: "prev" },
  { keys: ["/"], does: "Search" }, // search.js listens for it
  { keys: ["?"], does: "This list", opensList: true },
];

// Names are as long as somebody likes; keys are looked for at their end, which tells layers apart.
const NAME_END = 40;

export function jumps() {
  const links = document.getElementById("jumps")?.content.querySelectorAll("a") ?? [];
  return [...links].map((link) => ({
    name: link.textContent.trim(),
    href: link.href,
    key: link.dataset.key ?? null,
  }));
}

// The jumps that may be meant by what was typed after `g`; one alone is meant, and gone to.
export function meant(all, typed) {
  const named = all.filter((jump) => jump.key !== null && typed.startsWith(jump.key));
  if (named.length > 0) return named;
  return all.filter((jump) => jump.key === null && hasInOrder(jump.name.toLowerCase(), typed));
}

// The fewest neighbouring characters of a layer's name that no other layer has, for the list;
// null where another's name holds all of this one's.
export function keysOf(all, jump) {
  if (jump.key !== null) return jump.key;
  const name = jump.name.toLowerCase().slice(-NAME_END);
  for (let length = 1; length <= name.length; length++) {
    for (let start = name.length - length; start >= 0; start--) {
      const typed = name.slice(start, start + length);
      if (!/\s/.test(typed) && meant(all, typed).every((each) => each === jump)) return typed;
    }
  }
  return null;
}

function hasInOrder(name, typed) {
  let place = -1;
  return [...typed].every((character) => (place = name.indexOf(character, place + 1)) >= 0);
}
