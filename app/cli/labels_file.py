"""`labels.toml`: what a maintainer calls units, as a file. docs/labels.md tells its format.

`read` checks the whole file and lists everything that is wrong with it; `write` is its inverse.
Nothing here knows of the database: which units there are comes in as the store's views.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import groupby
from typing import Any

from app.db.views import LabelView
from app.db.views.search import ModelPlace
from app.db.writer.labels import LabelRecord
from app.errors import InputError
from app.search.place_names import find_layer

# Longer than any note worth reading beside a picture.
LONGEST = 10_000
DEFAULTS = ("model", "source")
TEXTS = ("label", "family", "note", "source", "model")
REQUIRED = ("model", "units", "label", "source")
KEYS = ("units", *TEXTS)

_UNITS = re.compile(r"\s*([\w/]+):(\d{1,9})(?:\s*[-–]\s*(\d{1,9}))?\s*", re.ASCII)
_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*label[ \t]*\]\]", re.MULTILINE)


@dataclass
class LabelFile:
    """A file's labels by model, and everything that is wrong with it."""

    labels: dict[str, list[LabelRecord]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read(text: str, models: Sequence[ModelPlace]) -> LabelFile:
    """The labels of a file about these models. Raises `InputError` where it is no TOML."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"The labels cannot be read as TOML: {error}.") from None
    found = LabelFile()
    defaults = _defaults(found, content, models)
    entries = content.get("label", [])
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        found.problems.append("label: write each label as an entry that begins with [[label]].")
        return found
    if not entries and not found.labels:
        found.problems.append("The file names no labels: write entries that begin with [[label]].")
    for where, entry in zip(_places(text, len(entries)), entries, strict=True):
        inherited = defaults.keys() - entry.keys()
        whole = _Entry(where, {**defaults, **entry}, found.problems, inherited)
        _read_entry(whole, found, models)
    return found


def _defaults(
    found: LabelFile, content: Mapping[str, Any], models: Sequence[ModelPlace]
) -> dict[str, Any]:
    """What stands at the top of the file, for all its entries; it is complained of here, once."""
    top = {name: value for name, value in content.items() if name != "label"}
    entry = _Entry("at the top", top, found.problems)
    entry.refuse_unknown((*DEFAULTS, "label"))
    entry.text("source")
    if model := entry.model(models):
        found.labels[model.slug] = []  # named, and therefore replaced
    return {name: top[name] for name in DEFAULTS if name in top}


def _places(text: str, count: int) -> list[str]:
    """Where each entry is; a file may write them in a way in which lines cannot be told."""
    starts = [match.start() for match in _HEADER.finditer(text)]
    if len(starts) != count:
        return [f"label {number}" for number in range(1, count + 1)]
    lines = [text.count("\n", 0, start) + 1 for start in starts]
    return [f"label {number} (line {line})" for number, line in enumerate(lines, 1)]


@dataclass
class _Entry:
    """An entry while it is read; what is wrong with it goes to the file's problems."""

    where: str
    values: Mapping[str, Any]
    problems: list[str]
    inherited: Set[str] = frozenset()
    """Keys whose values are from the top of the file."""

    def complain(self, what: str, about: str = "") -> None:
        if about not in self.inherited:
            self.problems.append(f"{self.where}: {what}")

    def refuse_unknown(self, known: Sequence[str]) -> None:
        for name in self.values:
            if name not in known:
                near = get_close_matches(name, known, 1)
                guess = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
                self.complain(f"there is no key {name!r}; {guess}")

    def text(self, name: str) -> str:
        """A text that is stored, or nothing where it is absent or wrong."""
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.complain(f"{name} must be a text in quotation marks, not {_kind(value)}.", name)
        elif not value.strip():
            self.complain(f"{name} is empty: fill it in, or leave it out if it can be.", name)
        elif "\0" in value:
            self.complain(f"{name} contains a NUL character: remove it.", name)
        elif len(value) > LONGEST:
            size = f"{len(value):,} characters long, and can be {LONGEST:,}"
            self.complain(f"{name} is {size}: shorten it.", name)
        else:
            return value.strip()
        return ""

    def model(self, models: Sequence[ModelPlace]) -> ModelPlace | None:
        """The model that it is about, if it is stored."""
        slug = self.text("model")
        found = next((model for model in models if model.slug == slug), None)
        if slug and found is None:
            known = ", ".join(model.slug for model in models) or "none yet"
            what = f"there is no model {slug[:80]!r} in the database; there are {known}."
            self.complain(what, "model")
        return found

    def units(self) -> list[str]:
        """What names the units, a text for each range."""
        value = self.values.get("units")
        listed = value if isinstance(value, list) else [value]
        if value is not None and not (listed and all(isinstance(each, str) for each in listed)):
            self.complain('units must be a text such as "mixed4c:447", or a list of such texts.')
            return []
        return [each for each in listed if each is not None]

    def range(self, text: str, model: ModelPlace) -> tuple[str, int, int] | None:
        match = _UNITS.fullmatch(text)
        if match is None:
            self.complain(f"{text[:80]!r} names no units: write mixed4c:447 or mixed4c:400-410.")
            return None
        first, last = int(match[2]), int(match[3] or match[2])
        place = find_layer(model, match[1])
        if place is None or place.layer is None or place.inner:
            known = ", ".join(layer.name for layer in model.layers)
            self.complain(f"{model.slug} has no layer {match[1][:80]!r}; it has {known}.")
        elif last < first:
            self.complain(f"{text!r} runs backwards: write the lower index first.")
        elif last >= place.size:
            self.complain(f"there is no unit {last} in {match[1]}: its last is {place.size - 1}.")
        else:
            return place.layer.name, place.start + first, place.start + last + 1
        return None


def _kind(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "a table" if isinstance(value, dict) else "a date or time")


def _read_entry(entry: _Entry, found: LabelFile, models: Sequence[ModelPlace]) -> None:
    entry.refuse_unknown(KEYS)
    for name in REQUIRED:
        if name not in entry.values:
            at_top = ", here or at the top of the file" if name in DEFAULTS else ""
            entry.complain(f"there is no {name}: name it{at_top}.")
    texts = {name: entry.text(name) for name in TEXTS if name != "model"}
    model = entry.model(models)
    listed = entry.units()
    if model is None:
        return
    home = found.labels.setdefault(model.slug, [])
    ranges = (entry.range(text, model) for text in listed)
    for layer, start, stop in filter(None, ranges):
        optional = {name: texts[name] or None for name in ("family", "note")}
        record = LabelRecord(layer, start, stop, texts["label"], **optional, source=texts["source"])
        home.append(record)


def write(labels: Iterable[tuple[str, str, LabelView]]) -> str:
    """A file of labels, each given with its model and its layer; ranges that follow each other and
    are called the same make one entry."""
    entries = groupby(labels, key=lambda each: (each[0], _said(each[2])))
    return "\n".join(
        _entry(model, said, [units_of(layer, view) for _, layer, view in ranges])
        for (model, said), ranges in entries
    )


def _said(view: LabelView) -> tuple[tuple[str, str | None], ...]:
    """All of a label but its units."""
    return tuple((name, getattr(view, name)) for name in ("label", "family", "note", "source"))


def units_of(layer: str, view: LabelView) -> str:
    """The units of a label as a file names them: `mixed4c:447`, `mixed4c:400-410`."""
    last = view.stop - 1
    return f"{layer}:{view.start}" + (f"-{last}" if last > view.start else "")


def _entry(model: str, said: Sequence[tuple[str, str | None]], units: Sequence[str]) -> str:
    ranges = [quoted(each) for each in units]
    lines = ["[[label]]", f"model = {quoted(model)}"]
    lines.append(f"units = {ranges[0] if len(ranges) == 1 else '[' + ', '.join(ranges) + ']'}")
    lines += [f"{name} = {quoted(value)}" for name, value in said if value is not None]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A text as TOML's basic string: JSON's escapes are TOML's; what cannot be seen is escaped."""
    return "".join(
        c if c.isprintable() else _escaped(c) for c in json.dumps(text, ensure_ascii=False)
    )


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
