"""The language of the search box: text in, a typed `Query` out.

Whatever is typed makes a query: what is not understood is left out, and told in a sentence.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from difflib import get_close_matches

from app.db.search.criteria import EFFECT, SEARCHED, Bound, NameMatch
from app.db.views import RARE
from app.search.query import Query, Term, Word
from app.statistics import DENSITY, IMAGE_DENSITY
from app.unit_names import PASTED, Address, pasted, spaced, typed

# Longer than any class's name or address; what is beyond is not read.
LONGEST = 500
MOST = 24

PLACES = ("model", "layer", "branch")
NAMES = ("label", "family", "class")
FIELDS = (*PLACES, *NAMES, "sort", "order")
ORDERS = {"asc": True, "desc": False}
INVERSE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
WRITTEN = str.maketrans({"≤": "<=", "≥": ">=", "−": "-", "“": '"', "”": '"'})

_PART = re.compile(
    rf"""(?P<url>{PASTED})
    | (?P<minus>-)?(?:
        (?P<key>[A-Za-z_]+)\s*(?P<operator><=|>=|<|>|=)\s*(?P<number>\S*)
      | (?P<field>[A-Za-z_]+):(?:"(?P<quoted>[^"]*)"?|(?P<value>\S*))
      | "(?P<phrase>[^"]*)"?
      | (?P<word>\S+)
    )""",
    re.VERBOSE,
)


@dataclass
class _Draft:
    """A query while it is read."""

    addresses: list[Address] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    names: list[NameMatch] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)
    sort: str = ""
    is_ascending: bool = False
    problems: list[str] = field(default_factory=list)
    is_not: bool = False
    """Whether the word before was `not`."""


def parse(text: str) -> Query:
    """What a text asks; never fails."""
    asked, problems = _readable(text)
    if whole := spaced(asked):
        return Query(asked, addresses=(whole,), problems=tuple(problems))
    draft = _Draft(problems=problems)
    for number, part in enumerate(_PART.finditer(asked.translate(WRITTEN))):
        if number == MOST:
            draft.problems.append(f"Only the first {MOST} words were read.")
            break
        _read(draft, part)
    if draft.is_not:
        draft.problems.append("“not” stands before nothing: write not dead, or -dead.")
    return _finished(asked, draft)


def _finished(text: str, draft: _Draft) -> Query:
    return Query(
        text,
        tuple(draft.addresses),
        tuple(draft.words),
        tuple(draft.terms),
        tuple(draft.names),
        tuple(draft.bounds),
        draft.sort,
        draft.is_ascending,
        tuple(dict.fromkeys(draft.problems)),
    )


def _readable(text: str) -> tuple[str, list[str]]:
    """The text without control characters, of a length that can be read."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * LONGEST]).split())
    if len(plain) <= LONGEST:
        return plain, []
    return plain[:LONGEST], [f"Only the first {LONGEST} characters were read."]


def _read(draft: _Draft, part: re.Match[str]) -> None:
    """Take one part of the text into the draft."""
    if part["word"] and part["word"].lower() == "not" and not part["minus"]:
        draft.is_not = True
        return
    is_excluded = bool(part["minus"]) != draft.is_not
    draft.is_not = False
    if part["url"]:
        _read_pasted(draft, part["url"])
    elif part["key"]:
        _read_bound(draft, part, is_excluded)
    elif part["field"]:
        _read_field(draft, part, is_excluded)
    elif part["phrase"] is not None:
        phrase = part["phrase"].strip()
        draft.words += [Word(phrase, is_excluded, is_quoted=True)] if phrase else []
    else:
        _read_word(draft, part["word"], is_excluded)


def _read_pasted(draft: _Draft, text: str) -> None:
    if address := pasted(text) or typed(text):
        draft.addresses.append(address)
    else:
        draft.problems.append(
            f"The address {_told(text)} is of no page that is known here: paste one of a unit of "
            "this site's, of OpenAI Microscope's, or of the weight explorer of Distill's Circuits."
        )


def _read_word(draft: _Draft, text: str, is_excluded: bool) -> None:
    if text.lower() == "dead":
        draft.bounds.append(Bound("density", ">" if is_excluded else "=", 0.0))
    elif text.lower() == "rare" and not is_excluded:
        draft.bounds += [Bound(DENSITY.name, ">", 0.0), Bound(IMAGE_DENSITY.name, "<", RARE)]
    elif address := typed(text):
        _add_address(draft, address, is_excluded)
    else:
        draft.words.append(Word(text, is_excluded))


def _add_address(draft: _Draft, address: Address, is_excluded: bool) -> None:
    if is_excluded:
        draft.problems.append(f"A single unit, {_told(address.text)}, cannot be left out.")
    else:
        draft.addresses.append(address)


def _read_bound(draft: _Draft, part: re.Match[str], is_excluded: bool) -> None:
    """`density<0.01`, `image_density<=5%`."""
    key, sign = part["key"].lower(), part["operator"]
    value = _number(part["number"])
    if key not in SEARCHED:
        statistics = ", ".join(SEARCHED)
        draft.problems.append(
            f"There is no statistic {_told(key)}{_meant(key, SEARCHED)} There are {statistics}."
        )
    elif value is None:
        draft.problems.append(
            f"{_told(part['number'])} is no number that {key} can be compared with: write "
            f"{key}{sign}0.01, or {key}{sign}1%."
        )
    elif is_excluded and sign not in INVERSE:
        draft.problems.append(f"“not {key}=…” is not understood: write {key}< or {key}>.")
    else:
        draft.bounds.append(Bound(key, INVERSE[sign] if is_excluded else sign, value))


def _number(text: str) -> float | None:
    """A finite number, or a share in per cent."""
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        return None
    if not math.isfinite(value) or "_" in text:
        return None
    return value / 100 if text.endswith("%") else value


def _read_field(draft: _Draft, part: re.Match[str], is_excluded: bool) -> None:
    """`label:curve`, `layer:4c`, `sort:density`; else an address, such as `logits:281`."""
    name = part["field"].lower()
    value = (part["quoted"] if part["quoted"] is not None else part["value"]).strip()
    if name not in FIELDS:
        _read_unknown(draft, part, is_excluded)
    elif not value:
        draft.problems.append(f"“{name}:” names nothing: write {EXAMPLES[name]}.")
    elif name in PLACES:
        draft.terms.append(Term(name, value, is_excluded))
    elif name in NAMES:
        draft.names.append(NameMatch(name, "" if value == "*" else value, is_excluded))
    elif name == "sort":
        _read_sort(draft, value.lower())
    elif value.lower() in ORDERS:
        draft.is_ascending = ORDERS[value.lower()]
    else:
        draft.problems.append(f"There is no order {_told(value)}: write order:asc or order:desc.")


def _read_unknown(draft: _Draft, part: re.Match[str], is_excluded: bool) -> None:
    text = f"{part['field']}:{part['value'] or ''}"
    address = typed(text) if part["quoted"] is None else None
    if address and address.unit is not None:
        _add_address(draft, address, is_excluded)
        return
    known = ", ".join(f"{name}:" for name in FIELDS)
    name = part["field"].lower()
    draft.problems.append(
        f"{_told(text)} is not understood{_meant(name, FIELDS, ':')} Known are {known} and units "
        "such as 4c:447; a text with a colon is searched for in quotation marks."
    )


def _read_sort(draft: _Draft, value: str) -> None:
    options = (*SEARCHED, EFFECT)
    if value in options:
        draft.sort = value
    else:
        draft.problems.append(
            f"Units cannot be sorted by {_told(value)}{_meant(value, options)} They can by "
            f"{', '.join(options)}."
        )


EXAMPLES = {
    "model": "model: and a model's name, as its address has it",
    "layer": "layer:4c",
    "branch": "branch:3x3",
    "label": "label:curve, or label:* for any",
    "family": "family:curves, or family:* for any",
    "class": "class:tabby",
    "sort": "sort:density",
    "order": "order:asc or order:desc",
}


def _meant(text: str, known: tuple[str, ...], mark: str = "") -> str:
    """The end of a sentence: a guess at what was meant, where there is a near one."""
    near = get_close_matches(text, known, 1)
    return f"; did you mean {near[0]}{mark}?" if near else "."


def _told(text: str) -> str:
    """A text in a sentence, shortened."""
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
