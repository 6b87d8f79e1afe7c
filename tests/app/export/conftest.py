"""Copies that several tests read; none changes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.db.engine import open_for_writing
from app.db.records import BranchRecord, LayerRecord, ModelRecord, VisualizationRecord
from app.db.writer.writer import Writer
from tests.app.export.copies import copy, files_of

# Names that file systems, servers or browsers take for something else.
HOSTILE: tuple[str, ...] = ("con", "..", ".", "<b>&\"'", "Mixed3b", "mixed3b")
HOSTILE += ("index.html", "a b", "stäbchen", "%41", "x" * 80, "aux.txt", "sort=mean", "~", "search")


@pytest.fixture(scope="session")
def copied(database: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the whole small database."""
    out = tmp_path_factory.mktemp("copied") / "copy"
    copy(database, out)
    return out


@pytest.fixture(scope="session")
def copied_files(copied: Path) -> dict[str, bytes]:
    return files_of(copied)


@pytest.fixture(scope="session")
def hostile_database(
    tmp_path_factory: pytest.TempPathFactory,
    make_model: Callable[..., ModelRecord],
    make_visualization: Callable[..., VisualizationRecord],
) -> str:
    """Two models whose names differ in case alone, with layers of hostile names."""
    path = str(tmp_path_factory.mktemp("hostile") / "hostile.db")
    engine = open_for_writing(path)
    writer = Writer(engine)
    layers = tuple(
        LayerRecord(name, 2, 28, 8, 139, (BranchRecord("1x1", 0, 1), BranchRecord("3x3", 1, 2)))
        for name in HOSTILE
    )
    for number, slug in enumerate(("toy", "TOY")):
        writer.put_model(make_model(slug, weights=f"{number}a" * 32, layers=layers))
        writer.put_visualizations(slug, [make_visualization(name, 0, number) for name in HOSTILE])
    engine.dispose()
    return path
