"""The pipeline on the toy network: what a run stores, leaves alone, refuses and survives."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from app.db.engine import open_for_reading
from app.db.queries.run_status import runs
from app.errors import DatasetConflict, MicroscopeError, ModelConflict
from precompute import pipeline
from precompute.pipeline import run
from precompute.prepare import prepare
from precompute.render import render_task
from precompute.render.render import render
from precompute.request import Request
from precompute.scan import scan
from precompute.stages.outcome import Outcome
from precompute.stimuli import DrawnCollection
from tests.precompute.content import content, intact


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten drawn images in two folders, one file that is none, and one cut short."""
    root = tmp_path_factory.mktemp("photos")
    drawn = DrawnCollection(per_class=1)
    for number in range(10):
        folder = root / ("even" if number % 2 == 0 else "odd")
        folder.mkdir(exist_ok=True)
        drawn.image(number * 4).save(folder / f"{number}.png")
    (root / "even" / "broken.jpg").write_text("no picture")
    (root / "odd" / "cut.png").write_bytes((root / "odd" / "1.png").read_bytes()[:200])
    return root


@pytest.fixture
def request_(images: Path, tmp_path: Path) -> Request:
    return Request(
        "toy", dataset=str(images), dataset_name="photos", database=str(tmp_path / "m.db"),
        layers=("conv2d0", "mixed4c", "logits"), units="0-9", steps=2, size=32, top=3,
    )  # fmt: skip


def done(request: Request) -> Outcome:
    return run(prepare(request))


def test_a_run_stores_pictures_and_examples_of_every_unit_asked_for(request_: Request) -> None:
    outcome = done(request_)
    assert (outcome.rendered, outcome.scanned, outcome.stored) == (30, 30, 0)
    assert [name.split(":")[0] for name in outcome.skipped] == ["even/broken.jpg", "odd/cut.png"]
    stored = content(Path(request_.database))
    assert len(stored["visualization"]) == len(stored["scan"]) == 30
    assert len(stored["statistics"]) == 30
    for kind in ("top", "minimum"):
        listed = [row for row in stored["example"] if row[3] == kind]
        assert len(listed) == 30 * 3
        assert {row[4] for row in listed} == {1, 2, 3}
    assert len(stored["unit"]) == 5808 // 4 + 52
    shown = [row[3] for row in stored["dataset_image"]]
    assert None not in shown
    assert not list(intact(Path(request_.database)))


def test_every_picture_has_the_hash_of_its_bytes_and_is_stored_once(request_: Request) -> None:
    done(request_)
    stored = content(Path(request_.database))
    hashes = [row[0] for row in stored["image"]]
    assert len(hashes) == len(set(hashes))
    assert all(hashlib.sha256(row[4]).hexdigest() == row[0] for row in stored["image"])
    used = {row[5] for row in stored["visualization"]} | {r[3] for r in stored["dataset_image"]}
    assert used | {row[3] for row in stored["sheet"]} == set(hashes)


def test_a_finished_run_has_sheets_of_all_that_lists_can_show(request_: Request) -> None:
    done(request_)
    sheets = content(Path(request_.database))["sheet"]
    shown = {"conv2d0": "channel", "mixed4c": "channel", "logits": "logit"}
    assert [row[:3] for row in sheets] == sorted(
        (layer, what, 0) for layer, first in shown.items() for what in (first, "example")
    )
    assert {row[4] for row in sheets} == {"1" * 10 + "0" * 54}


def test_sheets_that_a_killed_run_did_not_make_are_made_by_the_next(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "outdated_sheets", _must_not_run)
        with pytest.raises(AssertionError):
            done(request_)
    assert not content(Path(request_.database))["sheet"]
    done(request_)
    assert len(content(Path(request_.database))["sheet"]) == 6


def test_running_again_does_nothing_and_changes_nothing(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(request_)
    before = content(Path(request_.database))
    monkeypatch.setattr(render_task, "render", _must_not_run)
    monkeypatch.setattr(scan, "scan", _must_not_run)
    outcome = done(request_)
    assert (outcome.rendered, outcome.scanned, outcome.stored) == (0, 0, 60)
    assert content(Path(request_.database)) == before


def test_more_is_added_to_what_is_there(request_: Request, tmp_path: Path) -> None:
    done(replace(request_, units="0-4,7"))
    outcome = done(request_)
    assert (outcome.rendered, outcome.scanned) == (12, 12)
    at_once = replace(request_, database=str(tmp_path / "at-once.db"))
    done(at_once)
    stored, wanted = content(Path(request_.database)), content(Path(at_once.database))
    # Similar units are looked for among those that are scanned together, and how many units are
    # summed side by side decides the last digit of a sum.
    for database in (stored, wanted):
        assert database.pop("neighbour")
    sums, others = (
        np.array([row[5:8] for row in database.pop("statistics")]) for database in (stored, wanted)
    )
    np.testing.assert_allclose(sums, others, rtol=1e-4, atol=1e-6)
    assert stored == wanted


def test_more_examples_replace_fewer_and_fewer_replace_none(request_: Request) -> None:
    done(replace(request_, techniques=("examples",), top=2))
    assert done(replace(request_, techniques=("examples",), top=1)).scanned == 0
    assert done(replace(request_, techniques=("examples",), top=5)).scanned == 30
    stored = content(Path(request_.database))["example"]
    assert sum(row[3] == "top" for row in stored) == 30 * 5


def test_another_recipe_is_left_alone_and_counted_until_forced(request_: Request) -> None:
    request = replace(request_, techniques=("channel",), layers=("conv2d0",))
    done(request)
    before = content(Path(request.database))
    other = replace(request, steps=3)
    outcome = done(other)
    assert (outcome.rendered, outcome.other_recipe) == (0, 10)
    assert content(Path(request.database)) == before
    assert done(replace(other, force=True)).rendered == 10
    after = content(Path(request.database))
    assert len(after["visualization"]) == 10
    assert after["visualization"] != before["visualization"]
    assert len(after["image"]) == 10 + len(after["sheet"]) == 11


def test_each_seed_is_a_picture_of_its_own(request_: Request) -> None:
    request = replace(request_, techniques=("channel",), layers=("conv2d0",), units="3", seeds=3)
    done(request)
    rows = content(Path(request.database))["visualization"]
    assert [row[3] for row in rows] == [0, 1, 2]
    assert len({row[5] for row in rows}) == 3


def test_the_same_name_with_other_weights_is_refused_and_nothing_is_lost(
    request_: Request, tmp_path: Path
) -> None:
    done(replace(request_, layers=("conv2d0",)))
    before = content(Path(request_.database))
    weights = load_file(prepare_toy_path())
    weights["conv2d0.bias"] += 1
    save_file(weights, tmp_path / "tuned.safetensors")
    tuned = replace(request_, weights=tmp_path / "tuned.safetensors", layers=("conv2d0",))
    with pytest.raises(ModelConflict, match="--name"):
        done(tuned)
    assert content(Path(request_.database)) == before
    done(replace(tuned, name="tuned"))
    assert [row[0] for row in content(Path(request_.database))["model"]] == ["toy", "tuned"]


def test_a_fine_tuned_network_has_the_files_classes_with_the_names_given(
    request_: Request, tmp_path: Path
) -> None:
    weights = load_file(prepare_toy_path())
    weights["logits.weight"], weights["logits.bias"] = torch.zeros(3, 256), torch.zeros(3)
    save_file(weights, tmp_path / "three.safetensors")
    (tmp_path / "names.txt").write_text("cat\ndog\nbird\n")
    request = replace(
        request_, weights=tmp_path / "three.safetensors", classes=tmp_path / "names.txt",
        layers=("logits",), units=None, name="three",
    )  # fmt: skip
    done(request)
    units = content(Path(request.database))["unit"]
    assert [row for row in units if row[0] == "logits"] == [
        ("logits", 0, "cat"), ("logits", 1, "dog"), ("logits", 2, "bird"),
    ]  # fmt: skip


def test_names_that_were_given_stay_when_a_later_run_gives_none(
    request_: Request, tmp_path: Path
) -> None:
    (tmp_path / "names.txt").write_text("\n".join(f"class {n}" for n in range(52)))
    named = replace(request_, layers=("logits",), classes=tmp_path / "names.txt")
    done(named)
    done(replace(named, classes=None, units="0-20"))
    units = content(Path(request_.database))["unit"]
    assert ("logits", 7, "class 7") in units


def test_a_name_of_ones_own_is_in_the_title(request_: Request) -> None:
    assert prepare(request_).model.title == "Toy InceptionV1 (drawn images)"
    own = prepare(replace(request_, name="birds")).model
    assert (own.slug, own.title) == ("birds", "birds · Toy InceptionV1 (drawn images)")


def test_a_finished_stage_has_reached_its_total(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps of a third or a seventh add up to a whole only nearly."""
    monkeypatch.setattr(pipeline, "outdated_sheets", lambda *_: ())  # no stage comes after
    done(replace(request_, techniques=("channel",), layers=("conv2d0",), units="0-2", steps=7))
    engine = open_for_reading(request_.database)
    (record,) = runs(engine)
    engine.dispose()
    assert (record.stage, record.done, record.total) == ("channel", 3, 3)


def test_other_images_under_the_same_name_are_refused(request_: Request, tmp_path: Path) -> None:
    done(replace(request_, layers=("conv2d0",)))
    (tmp_path / "others").mkdir()
    Image.new("RGB", (40, 40)).save(tmp_path / "others" / "a.png")
    with pytest.raises(DatasetConflict, match="--dataset-name"):
        done(replace(request_, dataset=str(tmp_path / "others")))


def test_a_folder_in_which_no_image_can_be_read_stops_with_a_sentence(
    request_: Request, tmp_path: Path
) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.jpg").write_text("not a picture")
    request = replace(request_, dataset=str(tmp_path / "bad"), techniques=("examples",))
    with pytest.raises(MicroscopeError, match=r"Of 1 image in .*none.*a\.jpg"):
        done(request)
    engine = open_for_reading(request.database)
    assert runs(engine)[0].state == "failed"
    engine.dispose()


def test_the_run_is_recorded_from_its_beginning_to_its_end(request_: Request) -> None:
    done(request_)
    engine = open_for_reading(request_.database)
    (record,) = runs(engine)
    engine.dispose()
    assert (record.state, record.model, len(record.skipped)) == ("finished", "toy", 2)
    assert "--layers conv2d0,mixed4c,logits" in record.command


def test_an_interrupted_run_says_so_and_keeps_its_finished_batches(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []

    def interrupted(*args: object, **more: object) -> object:
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return render(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(render_task, "render", interrupted)
    with pytest.raises(KeyboardInterrupt):
        done(replace(request_, techniques=("channel",)))
    stored = content(Path(request_.database))["visualization"]
    assert len(stored) == 10  # conv2d0's ten units, a batch of eight and one of two
    engine = open_for_reading(request_.database)
    assert runs(engine)[0].state == "interrupted"
    engine.dispose()


def prepare_toy_path() -> Path:
    from precompute.network.published_weights import TOY_WEIGHTS

    return TOY_WEIGHTS


def _must_not_run(*_: object, **__: object) -> None:
    raise AssertionError("there was nothing to do")
