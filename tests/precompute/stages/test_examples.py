"""The stages that read images, on the toy network: what is stored of examples and of effects."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.db.engine import open_for_reading
from app.db.queries import run_status, unit_detail
from app.db.views.evidence import UnitDetail
from app.errors import InputError, MicroscopeError
from precompute.network import Inception
from precompute.pipeline import run
from precompute.prepare import prepare
from precompute.request import Request
from precompute.stages.outcome import Outcome
from precompute.stimuli import DrawnCollection
from tests.precompute.content import content


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty drawn images in the folders of their classes."""
    root, drawn = tmp_path_factory.mktemp("images"), DrawnCollection(per_class=1)
    for number in range(40):
        folder = root / drawn.item(number).slug
        folder.mkdir(exist_ok=True)
        drawn.image(number).save(folder / f"{number}.png")
    return root


@pytest.fixture
def request_(images: Path, tmp_path: Path) -> Request:
    return Request(
        "toy", dataset=str(images), dataset_name="few", database=str(tmp_path / "m.db"), top=3,
        layers=("conv2d0", "mixed5b", "logits"), units="0-5", techniques=("examples", "effects"),
    )  # fmt: skip


def done(request: Request) -> Outcome:
    return run(prepare(request))


def stored(request: Request, layer: str, index: int) -> UnitDetail:
    engine = open_for_reading(request.database)
    try:
        return unit_detail.unit(engine, request.model, layer, index)
    finally:
        engine.dispose()


def test_everything_that_is_found_can_be_read_of_a_unit(request_: Request) -> None:
    outcome = done(request_)
    assert outcome.scanned == 18 + 12  # effects are of the units of the layers with a map
    unit = stored(request_, "mixed5b", 3)
    (numbers,) = unit.statistics
    assert (numbers.images, numbers.positions) == (40, 40 * 49)
    assert sum(interval.images for interval in numbers.intervals) == 40
    assert sum(numbers.histogram.counts) == pytest.approx(
        40 * 16, abs=len(numbers.histogram.counts)
    )
    assert numbers.class_means
    assert {example.kind for example in unit.examples} >= {"top", "minimum", "interval-11"}
    assert all(example.box is not None and example.image for example in unit.examples)
    assert unit.neighbours
    assert {effect.rank > 0 for effect in unit.effects} == {True, False}


def test_the_box_of_a_cell_is_seven_pixels_in_the_first_layer(request_: Request) -> None:
    done(replace(request_, techniques=("examples",), layers=("conv2d0",)))
    for example in stored(request_, "conv2d0", 2).examples:
        assert example.box is not None
        left, upper, right, lower = example.box
        assert (left, upper) == (max(2 * example.x - 3, 0), max(2 * example.y - 3, 0))
        assert (right, lower) == (min(2 * example.x + 4, 224), min(2 * example.y + 4, 224))


def test_a_second_run_finds_nothing_to_do(request_: Request) -> None:
    first = done(request_)
    before = content(Path(request_.database))
    again = done(request_)
    assert (again.scanned, again.stored) == (0, first.scanned)
    assert content(Path(request_.database)) == before


def test_effects_of_more_units_are_added(request_: Request) -> None:
    few = replace(request_, techniques=("effects",), units="0-2")
    assert done(few).scanned == 6
    assert done(replace(few, units="0-5")).scanned == 6
    engine = open_for_reading(request_.database)
    assert len(run_status.stored_effects(engine, "toy", "few")) == 12
    engine.dispose()


def test_of_a_private_set_no_picture_enters_the_database(request_: Request) -> None:
    done(replace(request_, private=True, techniques=("examples",)))
    rows = content(Path(request_.database))
    assert rows["image"] == []
    assert {row[3] for row in rows["dataset_image"]} == {None}
    unit = stored(request_, "mixed5b", 3)
    assert unit.examples
    assert all(example.image is None and example.label for example in unit.examples)


def test_the_licence_is_stored_with_the_set(request_: Request) -> None:
    done(replace(request_, licence="ours alone", techniques=("examples",)))
    assert [row[2] for row in content(Path(request_.database))["dataset"]] == ["ours alone"]


def test_where_no_image_can_be_read_nothing_is_stored(request_: Request, tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.png").write_text("a text file")
    for technique in ("examples", "effects"):
        bad = replace(request_, dataset=str(tmp_path / "bad"), techniques=(technique,))
        with pytest.raises(MicroscopeError, match="Of 1 image in few none can be read"):
            done(bad)
    rows = content(Path(request_.database))
    assert (rows["example"], rows["statistics"], rows["effect"]) == ([], [], [])


def test_effects_on_the_classes_are_of_layers_with_a_map(request_: Request) -> None:
    with pytest.raises(InputError, match="none of them is for the layers logits"):
        prepare(replace(request_, techniques=("effects",), layers=("logits",)))


def test_the_last_layers_units_argue_as_the_classifiers_weights_say(
    toy: Inception, request_: Request
) -> None:
    done(replace(request_, techniques=("effects",), layers=("mixed5b",), units="0-60"))
    weight = toy.get_parameter("logits.weight")
    for _, unit, rank, output, value, _ in content(Path(request_.database))["effect"]:
        if rank:
            assert np.sign(value) == np.sign(rank) == np.sign(weight[output, unit].item())
