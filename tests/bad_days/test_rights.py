"""Precompute as a user with few rights: what it may not read it names, and where it may not write
it says so before it works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from precompute.stimuli import DrawnCollection
from tests import lower

SMALL = ("--layers", "conv2d0", "--units", "0-1", "--top", "2")
CHANNEL = ("precompute", "--model", "toy", "--techniques", "channel", *SMALL, "--steps", "2")


@pytest.fixture
def folder() -> Iterator[Path]:
    with lower.own_folder() as folder:
        yield folder


def drawn(folder: Path, count: int) -> list[Path]:
    """Images of each class in folders, which everybody may read."""
    found = []
    for item in DrawnCollection(per_class=count):
        path = folder / item.path
        path.parent.mkdir(parents=True, exist_ok=True)
        DrawnCollection(per_class=count).image(item.label).save(path)
        lower.give(path)
        found.append(path)
    return found


def test_images_that_may_not_be_read_are_skipped_and_named(folder: Path) -> None:
    closed = drawn(folder / "images", 2)[3]
    closed.chmod(0o000)
    words = ("precompute", "--model", "toy", "--techniques", "examples", *SMALL)
    code, told = lower.run(folder, *words, "--dataset", folder / "images")
    assert code == 0, told
    assert closed.name in told
    assert "ermission" in told
    assert "Traceback" not in told


def test_a_folder_of_images_that_may_not_be_read_is_named(folder: Path) -> None:
    drawn(folder / "images", 1)
    (folder / "images").chmod(0o000)
    words = ("precompute", "--model", "toy", "--techniques", "examples", *SMALL)
    code, told = lower.run(folder, *words, "--dataset", folder / "images")
    (folder / "images").chmod(0o755)
    assert code in (1, 2)
    assert told.splitlines()[-1].startswith("Error: ")
    assert "images" in told.splitlines()[-1]
    assert "Traceback" not in told
    assert "unforeseen" not in told


def test_a_folder_that_may_not_be_written_is_named_before_any_work(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir()
    lower.give(closed)
    closed.chmod(0o555)
    code, told = lower.run(folder, *CHANNEL, "--database", closed / "microscope.db")
    closed.chmod(0o755)
    assert code == 1
    assert str(closed / "microscope.db") in told
    assert "cannot be written" in told
    assert not list(closed.iterdir())
