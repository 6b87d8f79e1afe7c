"""Searching the store, on both engines: against the same questions answered slowly in Python."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from app.db.casefold import fold
from app.db.engine import open_for_reading, open_for_writing
from app.db.maintenance import hidden_images
from app.db.queries import catalog
from app.db.search import find_units
from app.db.search.criteria import CLOSENESS, EFFECT, SEARCHED, Bound, Criteria, NameMatch, Scope
from app.db.views import UnitView
from app.db.views.search import UnitPlace
from app.db.writer.labels import LabelRecord, replace_labels

ENGINES = ("sqlite", "postgresql")
LABELS = [
    LabelRecord("mixed3b", 2, 3, "Curve 100%", "Curves", None, "us"),
    LabelRecord("mixed3b", 4, 8, "curve_detector", None, "a note", "us"),
    LabelRecord("conv2d0", 3, 4, "Fuchs im Äther", "foxes", None, "us"),
    LabelRecord("conv2d0", 3, 4, "second name", None, None, "us"),
    LabelRecord("logits", 2, 3, "a tabby too", None, None, "us"),
]


@pytest.fixture(scope="module", params=ENGINES)
def engine(
    request: pytest.FixtureRequest, new_store: Callable[[str], str], fill: Callable[..., None]
) -> Iterator[Engine]:
    """A filled database with labels, for reading."""
    url = new_store(request.param)
    fill(url)
    writer = open_for_writing(url)
    replace_labels(writer, {"toy": LABELS})
    picture = catalog.units(writer, "toy", "conv2d0")[3].image
    assert picture is not None
    hidden_images.hide(writer, {picture.sha256: ""})
    writer.dispose()
    reader = open_for_reading(url)
    yield reader
    reader.dispose()


def all_units(engine: Engine) -> list[tuple[str, UnitView]]:
    return [
        (layer.name, unit)
        for layer in catalog.layers(engine, "toy")
        for unit in catalog.units(engine, "toy", layer.name)
    ]


def found(engine: Engine, criteria: Criteria) -> list[tuple[str, int]]:
    """Everything that fits, page by page, seven at a time."""
    units: list[tuple[str, int]] = []
    after = None
    while True:
        page = find_units.units(engine, criteria, 7, after)
        units += [(each.place.layer, each.place.unit) for each in page.units]
        if not page.has_more:
            return units
        after = page.units[-1].place


def named(engine: Engine, kind: str, text: str, *excluded: NameMatch) -> list[tuple[str, int]]:
    return found(engine, Criteria(names=(NameMatch(kind, text), *excluded)))


def test_places_are_all_layers_with_their_branches(engine: Engine) -> None:
    (place,) = find_units.places(engine)
    assert (place.slug, place.title, place.variant) == ("toy", "A toy network", "toy")
    assert [(layer.name, layer.channels) for layer in place.layers] == [
        (layer.name, layer.channels) for layer in catalog.layers(engine, "toy")
    ]
    assert [branch.name for branch in place.layers[1].branches] == ["1x1", "3x3", "pool"]


def test_without_conditions_all_units_come_in_the_order_of_the_network(engine: Engine) -> None:
    expected = [(layer, unit.index) for layer, unit in all_units(engine)]
    assert found(engine, Criteria()) == expected


@pytest.mark.parametrize("statistic", SEARCHED)
@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "="])
def test_statistics_are_compared_as_numbers_are(engine: Engine, statistic: str, sign: str) -> None:
    compare = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
    compare["="] = operator.eq
    measured = [(layer, unit) for layer, unit in all_units(engine) if unit.statistics]
    some = getattr(measured[9][1].statistics, statistic)
    expected = [
        (layer, unit.index)
        for layer, unit in measured
        if compare[sign](getattr(unit.statistics, statistic), some)
    ]
    assert expected
    assert found(engine, Criteria(bounds=(Bound(statistic, sign, some),))) == expected


@pytest.mark.parametrize("is_ascending", [True, False])
def test_units_are_sorted_by_a_statistic_and_equals_by_place(
    engine: Engine, is_ascending: bool
) -> None:
    # The skews of the layers are the same, so that pages end among equals.
    measured = [(layer, unit) for layer, unit in all_units(engine) if unit.statistics]
    sign = 1 if is_ascending else -1

    def skew(each: tuple[str, UnitView]) -> float:
        assert each[1].statistics is not None
        return sign * each[1].statistics.skew

    expected = [(layer, unit.index) for layer, unit in sorted(measured, key=skew)]
    assert found(engine, Criteria(sort="skew", is_ascending=is_ascending)) == expected


def test_a_number_that_was_asked_for_is_answered(engine: Engine) -> None:
    criteria = Criteria(bounds=(Bound("density", "=", 0.0),), sort="maximum")
    (unit,) = find_units.units(engine, criteria, 10).units
    assert (unit.place.layer, unit.place.unit) == ("mixed3b", 11)
    assert unit.numbers == {"density": 0.0, "maximum": 51.0}
    assert find_units.units(engine, criteria, 10).datasets == ("Foxes & friends",)


def test_places_limit_the_units(engine: Engine) -> None:
    scopes = (Scope("toy", "mixed3b", 8, 20), Scope("toy", "logits", 0, 4))
    expected = [("mixed3b", each) for each in range(8, 20)] + [
        ("logits", each) for each in range(4)
    ]
    assert found(engine, Criteria(scopes=scopes)) == expected
    assert found(engine, Criteria(scopes=())) == []
    assert found(engine, Criteria(scopes=(Scope("none", "mixed3b", 0, 24),))) == []


@pytest.mark.parametrize("text", ["tabby", "TABBY", "tább", "abb"])
def test_a_class_is_found_by_its_name(engine: Engine, text: str) -> None:
    assert set(named(engine, "name", text)) == {("logits", 0), ("logits", 2)}


@pytest.mark.parametrize("text", ["stabchen", "STÄBCHEN", "stäb"])
def test_names_are_compared_without_case_and_marks(engine: Engine, text: str) -> None:
    assert named(engine, "name", text) == [("logits", 3)]
    assert named(engine, "label", "ather") == [("conv2d0", 3)]


@pytest.mark.parametrize("text", ["%", "_", "100%", "\\", "a%y", "t_bby", "<b>&\"'", "'"])
def test_wildcards_and_quotes_are_plain_characters(engine: Engine, text: str) -> None:
    called = [(layer, unit.index, unit.title or "") for layer, unit in all_units(engine)]
    labelled = [
        (record.layer, index, f"{record.label} {record.family or ''}")
        for record in LABELS
        for index in range(record.start, record.stop)
    ]
    wanted = fold(text) or ""
    expected = {
        (layer, unit) for layer, unit, name in called + labelled if wanted in (fold(name) or "")
    }
    assert set(named(engine, "name", text)) == expected


def test_labels_and_families_are_found_for_every_unit_of_their_range(engine: Engine) -> None:
    assert named(engine, "label", "CURVE") == [("mixed3b", each) for each in (2, 4, 5, 6, 7)]
    assert named(engine, "family", "curve") == [("mixed3b", 2)]
    assert named(engine, "family", "") == [("conv2d0", 3), ("mixed3b", 2)]
    assert len(named(engine, "label", "")) == 7
    assert named(engine, "label", "curve", NameMatch("family", "", True)) == [
        ("mixed3b", each) for each in (4, 5, 6, 7)
    ]


def test_all_words_must_be_found(engine: Engine) -> None:
    both = Criteria(names=(NameMatch("name", "fuchs"), NameMatch("name", "foxes")))
    assert found(engine, both) == [("conv2d0", 3)]
    neither = Criteria(names=(NameMatch("name", "fuchs"), NameMatch("name", "tabby")))
    assert found(engine, neither) == []


def test_the_closest_name_comes_first(engine: Engine) -> None:
    criteria = Criteria(names=(NameMatch("name", "tabby"),), sort=CLOSENESS)
    assert found(engine, criteria) == [("logits", 0), ("logits", 2)]
    labelled = Criteria(names=(NameMatch("name", "a tabby too"),), sort=CLOSENESS)
    assert found(engine, labelled) == [("logits", 2)]


def test_units_that_argue_for_a_class_are_found_with_their_effect(engine: Engine) -> None:
    criteria = Criteria(names=(NameMatch("class", "fox"),), sort=EFFECT)
    (unit,) = find_units.units(engine, criteria, 10).units
    assert (unit.place.layer, unit.place.unit) == ("mixed3b", 2)
    assert unit.numbers == {"effect": 3.5}
    against = Criteria(names=(NameMatch("class", "stäbchen"),), sort=EFFECT)
    assert found(engine, against) == [], "its effect on it is negative"


def test_a_unit_is_answered_with_its_labels_and_whether_its_picture_is_hidden(
    engine: Engine,
) -> None:
    unit, other = find_units.at(
        engine, [UnitPlace("toy", "conv2d0", 3), UnitPlace("toy", "mixed3b", 4)]
    )
    assert [label.label for label in unit.labels] == ["Fuchs im Äther", "second name"]
    assert [label.note for label in other.labels] == ["a note"]
    assert unit.image is not None
    assert unit.image.is_hidden
    assert other.image is not None
    assert not other.image.is_hidden


def test_units_that_are_not_stored_are_left_out(engine: Engine) -> None:
    strange = [("toy", "none", 3), ("none", "mixed3b", 3), ("toy", "mixed3b", 24)]
    strange += [("toy", "mixed3b", 2**40)]
    assert find_units.at(engine, [UnitPlace(*place) for place in strange]) == ()


def test_a_page_behind_a_unit_that_is_not_in_the_order_is_the_first(engine: Engine) -> None:
    for sort in ("", "skew"):
        criteria = Criteria(scopes=(Scope("toy", "mixed3b", 0, 24),), sort=sort)
        first = find_units.units(engine, criteria, 2)
        for after in (UnitPlace("toy", "none", 3), UnitPlace("toy", "mixed3b", 24)):
            assert find_units.units(engine, criteria, 2, after) == first
        unmeasured = UnitPlace("toy", "mixed3b", 23)
        assert find_units.units(engine, criteria, 2, unmeasured).units == (
            first.units if sort else ()
        )


def test_a_text_in_too_many_classes_is_told_rather_than_searched(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.db.search import sql as wanted

    monkeypatch.setattr(wanted, "CLASSES", 1)
    criteria = Criteria(names=(NameMatch("class", "b"),), sort=EFFECT)
    page = find_units.units(engine, criteria, 10)
    assert (page.units, page.crowded) == ((), ("b",))
