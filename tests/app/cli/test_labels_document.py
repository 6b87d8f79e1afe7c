"""docs/labels.md: its example is a file that can be imported, and it names every key."""

from __future__ import annotations

import re
from pathlib import Path

from app.cli.labels_file import KEYS, read
from app.db.views import BranchView
from app.db.views.search import LayerPlace, ModelPlace

DOCUMENT = (Path(__file__).parents[3] / "docs" / "labels.md").read_text(encoding="utf-8")
LAYERS = (
    LayerPlace("mixed3b", 480, ()),
    LayerPlace("mixed4c", 512, (BranchView("1x1", 0, 128), BranchView("3x3", 128, 512))),
    LayerPlace("mixed4d", 528, ()),
)


def test_the_example_can_be_imported() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
    found = read(example, [ModelPlace("googlenet-bvlc", "BVLC", "googlenet-bvlc", LAYERS)])
    assert found.problems == []
    assert [(each.layer, each.start, each.stop) for each in found.labels["googlenet-bvlc"]] == [
        ("mixed4c", 447, 448),
        ("mixed3b", 10, 15),
        ("mixed4c", 140, 144),
        ("mixed4d", 60, 61),
    ]


def test_every_key_is_told() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", DOCUMENT, re.MULTILINE)) == set(KEYS)
