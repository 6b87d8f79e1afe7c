"""The Dockerfile, taken apart: its stages, and the instructions of each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
FROM = re.compile(r"(?P<base>\S+)(?:\s+AS\s+(?P<name>\S+))?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its word in capitals, and what follows in one line."""

    word: str
    text: str

    @property
    def words(self) -> list[str]:
        """What follows as separate words; the JSON form is read as that."""
        if self.text.startswith("["):
            return [str(word) for word in json.loads(self.text)]
        return self.text.split()

    @property
    def operands(self) -> list[str]:
        """The words that are no options."""
        return [word for word in self.words if not word.startswith("--")]

    def option(self, name: str) -> str | None:
        """The value of `--name=value`, if it is given."""
        begin = f"--{name}="
        return next((w.removeprefix(begin) for w in self.words if w.startswith(begin)), None)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: the image or stage that it begins with, and its instructions."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, *words: str) -> list[Instruction]:
        """Its instructions of these kinds, in order."""
        return [each for each in self.instructions if each.word in words]


def logical_lines(text: str) -> Iterator[str]:
    """Lines without comments, with those that go on put together."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if line.strip():
            yield line.strip()


def stages(path: Path = ROOT / "Dockerfile") -> dict[str, Stage]:
    """The stages by their names; what comes before the first is left out."""
    found: list[Stage] = []
    for line in logical_lines(path.read_text(encoding="utf-8")):
        word, _, text = line.partition(" ")
        if match := FROM.match(text) if word.upper() == "FROM" else None:
            found.append(Stage(match["base"], match["name"] or ""))
        elif found:
            found[-1].instructions.append(Instruction(word.upper(), text.strip()))
    return {stage.name: stage for stage in found}


def lineage(name: str) -> list[Stage]:
    """A stage and those that it begins with, the first of them first."""
    known = stages()
    stage = known[name]
    return [*(lineage(stage.base) if stage.base in known else []), stage]


def environment(name: str) -> dict[str, str]:
    """What ENV sets in the image of a stage; values have no spaces here."""
    lines = [each for stage in lineage(name) for each in stage.all("ENV")]
    pairs = [word.partition("=") for line in lines for word in line.words]
    return {key: value.strip('"') for key, _, value in pairs}


def last(name: str, word: str) -> Instruction:
    """The instruction that decides, such as the last USER."""
    return [each for stage in lineage(name) for each in stage.all(word)][-1]
