"""Every technique in one run: what is stored of each, and what a rerun and a stop leave."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from app.db.engine import open_for_reading
from app.db.queries.unit_detail import layer_pictures, unit
from app.errors import InputError
from precompute.pipeline import run
from precompute.prepare import prepare
from precompute.render import render_task
from precompute.render.render import render
from precompute.request import Request
from precompute.stages.outcome import Outcome
from precompute.stages.registry import stages, technique_names
from precompute.stimuli import DrawnCollection
from tests.precompute.content import content

RENDERED = tuple(name for name in technique_names() if not stages()[name].needs_dataset)


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    DrawnCollection(per_class=1).image(7).save(tmp_path / "start.png")
    return Request(
        "toy", database=str(tmp_path / "m.db"), layers=("conv2d0", "mixed3a", "logits"),
        units="0-2", steps=2, size=64, techniques=RENDERED, photograph=tmp_path / "start.png",
    )  # fmt: skip


def done(request: Request) -> Outcome:
    return run(prepare(request))


def test_one_run_stores_every_technique_for_what_it_suits(request_: Request) -> None:
    assert done(request_).rendered == 6 + 3 + 6 + 9 + 24 + 2 + 2
    rows = content(Path(request_.database))["visualization"]
    assert Counter(row[2] for row in rows) == {
        "channel": 6, "logit": 3, "neuron": 6, "negative": 9, "diversity": 24,
        "deepdream": 2, "deepdream-photograph": 2,
    }  # fmt: skip
    assert {row[4] for row in rows if row[2] == "diversity"} == {0, 1, 2, 3}
    assert {row[1] for row in rows if row[2].startswith("deepdream")} == {-1}


def test_what_is_stored_can_be_read_with_its_place_and_its_numbers(request_: Request) -> None:
    done(request_)
    engine = open_for_reading(request_.database)
    pictures = {v.technique: v for v in unit(engine, "toy", "conv2d0", 1).visualizations}
    dreams = layer_pictures(engine, "toy", "conv2d0")
    engine.dispose()
    assert (pictures["neuron"].image.width, pictures["neuron"].image.height) == (7, 7)
    for view in (*pictures.values(), *dreams):
        assert view.minimum is not None
        assert view.minimum <= view.maximum
    assert [dream.technique for dream in dreams] == ["deepdream", "deepdream-photograph"]
    start = dreams[1].recipe.body["start"]
    assert (start["kind"], start["name"]) == ("photograph", "start.png")


def test_a_second_run_finds_nothing_to_do(request_: Request) -> None:
    done(request_)
    before = content(Path(request_.database))
    assert (done(request_).rendered, done(request_).other_recipe) == (0, 0)
    assert content(Path(request_.database)) == before


def test_a_run_that_was_stopped_anywhere_ends_with_the_same_bytes(
    request_: Request, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done(request_)
    undisturbed = content(Path(request_.database))
    again = replace(request_, database=str(tmp_path / "stopped.db"))
    for batches in (1, 3, 2, 4):
        _stop_after(batches, again, monkeypatch)
    done(again)
    assert content(Path(again.database)) == undisturbed


def test_other_neighbours_change_no_byte(request_: Request, tmp_path: Path) -> None:
    done(request_)
    alone = replace(request_, database=str(tmp_path / "alone.db"), units="2")
    done(alone)
    together = content(Path(request_.database))["visualization"]
    apart = content(Path(alone.database))["visualization"]
    assert {row for row in together if row[1] in {2, -1}} == set(apart)


def test_forced_pictures_replace_all_members(request_: Request) -> None:
    request = replace(request_, techniques=("diversity",), photograph=None)
    done(request)
    assert done(replace(request, steps=3, force=True)).rendered == 24
    stored = content(Path(request.database))
    assert len(stored["visualization"]) == 24
    assert len(stored["image"]) == 24 + len(stored["sheet"])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"layers": ("logits",), "techniques": ("neuron",), "photograph": None}, "neuron"),
        ({"techniques": ("channel",)}, "add deepdream to --techniques"),
        ({"photograph": Path("nothing.png")}, "nothing.png"),
        ({"dtype": "float8"}, "auto, bfloat16, float32"),
        ({"steps": 0}, "--steps 0"),
        ({"size": 100}, "multiple of 16"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_stored(
    request_: Request, change: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        done(replace(request_, **change))  # type: ignore[arg-type]
    assert not Path(request_.database).exists()


def test_a_photograph_that_is_no_image_is_refused(request_: Request, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no picture")
    with pytest.raises(InputError, match=r"text\.jpg.*cannot be read"):
        done(replace(request_, photograph=tmp_path / "text.jpg"))


def test_any_shape_of_photograph_becomes_the_canvas(request_: Request, tmp_path: Path) -> None:
    Image.new("L", (300, 90), 80).save(tmp_path / "long.png")
    request = replace(request_, photograph=tmp_path / "long.png", techniques=("deepdream",))
    assert done(request).rendered == 4


def _stop_after(batches: int, request: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []

    def interrupted(*args: object, **more: object) -> object:
        calls.append(args)
        if len(calls) > batches:
            raise KeyboardInterrupt
        return render(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(render_task, "render", interrupted)
    with pytest.raises(KeyboardInterrupt):
        done(request)
    monkeypatch.undo()
