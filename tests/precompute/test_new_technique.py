"""A new technique is a row of `app.techniques` and its objective: in a copy of the sources."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.precompute.test_borders import ROOT as PRECOMPUTE

ROOT = PRECOMPUTE.parent
ROW = """
        Technique(
            "twice", "twice", "Doubled mean", "twice the mean of the unit's map", "Shows it twice.",
            "An image was changed.", of_logits=True, members=2,
        ),
"""
OBJECTIVE = """
    RenderTechnique(
        techniques.TECHNIQUES["twice"], "twice the mean of the unit's map",
        lambda layer, units: 2.0 * Channel(layer, units), Channel,
    ),
"""
SCRIPT = """
import json
from fastapi.testclient import TestClient
from app.config import Settings
from app.main import create_app
from precompute.cli.estimate import estimate
from precompute.pipeline import run
from precompute.prepare import prepare
from precompute.request import Request
from precompute.stages.registry import technique_names

request = Request("toy", database="m.db", layers=("conv2d0", "logits"), units="0-1", steps=1,
                  size=32, techniques=("twice",))
told = [line for line in estimate(prepare(request)).sentences() if "twice" in line]
outcomes = [run(prepare(request)) for _ in range(2)]
with TestClient(create_app(Settings(database="m.db"))) as client:
    page = client.get("/models/toy/conv2d0/1", headers={"accept": "text/html"}).text
print(json.dumps({
    "names": technique_names(), "told": told, "page": page,
    "done": [(outcome.rendered, outcome.stored) for outcome in outcomes],
}))
"""


def insert(path: Path, mark: str, text: str) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.count(mark) == 1
    path.write_text(source.replace(mark, text + mark), encoding="utf-8")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources with a made-up technique."""
    for package in ("app", "precompute"):
        shutil.copytree(ROOT / package, tmp_path / package,
                        ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
    for folder in ("templates", "static"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    insert(tmp_path / "app/techniques.py", "        DEEPDREAM,\n", ROW.lstrip("\n"))
    known = "        RenderTechnique(techniques.CHANNEL, "
    insert(tmp_path / "precompute/render/technique.py", known, OBJECTIVE.lstrip("\n"))
    return tmp_path


def test_a_row_and_an_objective_are_requested_rendered_resumed_and_shown(copy: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, cwd=copy, check=False,
        env={"PYTHONPATH": str(copy), "PATH": "", "HOME": str(copy)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["names"][:6] == ["channel", "logit", "neuron", "negative", "diversity", "twice"]
    (line,) = said["told"]
    assert line.startswith("  twice: 8 pictures to render (0 stored), about ")
    assert said["done"] == [[8, 0], [0, 4]]
    assert "Doubled mean" in said["page"]
