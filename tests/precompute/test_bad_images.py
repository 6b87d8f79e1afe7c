"""A folder of everything that can be wrong with an image: the run goes on, the pages stay whole."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from app.config import Settings
from app.main import create_app
from precompute.pipeline import run
from precompute.prepare import prepare
from precompute.request import Request
from precompute.stimuli import DrawnCollection

HOSTILE = ("a\"b'c.png", "line\nbreak.png", "<script>alert(1)</script>.png")


def huge(path: Path) -> None:
    """A PNG that says it is 30,000 px wide and high."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Nine images that can be read, five files that cannot, and a loop of links."""
    root, drawn = tmp_path / "set", DrawnCollection(1)
    home = root / "<b>class"
    home.mkdir(parents=True)
    picture = drawn.image(3).convert("RGB")
    picture.save(home / "plain.png")
    picture.convert("CMYK").save(home / "cmyk.jpg")
    Image.fromarray(np.full((40, 50), 40_000, np.uint16)).save(home / "deep.png")
    picture.save(home / "moving.gif", save_all=True, append_images=[drawn.image(5).convert("RGB")])
    Image.new("RGB", (1, 1), "red").save(home / "dot.png")
    for number, name in enumerate(HOSTILE):
        drawn.image(number * 7).save(home / "x.png")
        (home / "x.png").rename(home / name.replace("/", "|"))
    drawn.image(20).save(home / "x.png")
    (home / "x.png").rename(os.fsdecode(os.fsencode(home) + b"/not-utf8-\xff.png"))
    whole = (home / "plain.png").read_bytes()
    (home / "cut.png").write_bytes(whole[: len(whole) // 3])
    (home / "noise.jpg").write_bytes(os.urandom(4_000))
    (home / "text.jpg").write_text("a text file")
    huge(home / "huge.png")
    (home / "gone.png").symlink_to(home / "nowhere.png")
    (home / "loop").symlink_to(root)
    return root


BAD = {"cut.png", "noise.jpg", "text.jpg", "huge.png", "gone.png"}


def test_each_bad_image_is_named_and_all_others_are_seen_and_shown(
    folder: Path, tmp_path: Path
) -> None:
    request = Request(
        "toy", dataset=str(folder), dataset_name="zoo", database=str(tmp_path / "m.db"), top=12,
        layers=("mixed4c", "logits"), units="0-2", techniques=("examples", "effects"),
    )  # fmt: skip
    outcome = run(prepare(request))
    named = [line.rsplit(": ", 1)[0].rpartition("/")[2] for line in outcome.skipped]
    assert set(named) == BAD
    with TestClient(create_app(Settings(database=request.database))) as client:
        unit = client.get("/api/v1/models/toy/layers/mixed4c/units/1").json()
        page = client.get("/models/toy/mixed4c/1", headers={"accept": "text/html"})
        layer = client.get("/models/toy/mixed4c?sort=maximum", headers={"accept": "text/html"})
        pictures = [client.get(each["image"]).status_code for each in unit["examples"][:9]]
    top = [each for each in unit["examples"] if each["kind"] == "top"]
    assert len(top) == 9
    assert {each["label"] for each in top} == {"<b>class"}
    assert (page.status_code, layer.status_code, set(pictures)) == (200, 200, {200})
    assert "<script>alert" not in page.text
    assert "<b>class" not in page.text
