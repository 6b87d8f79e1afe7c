"""The choice of a tour: held to brute force over made-up units."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.db.tour.choose import FOREMOST, STOPS, Stop, tour
from app.db.tour.rules import KINDS, Link, TourFacts, UnitFacts

LAYERS = {"conv2d0": 7, "mixed3a": 59, "mixed4c": 299, "mixed5b": 715, "logits": None}


def units(lot: Random, count: int, pictured: float = 1.0) -> tuple[UnitFacts, ...]:
    """Units of five layers with numbers of every size."""
    return tuple(
        UnitFacts(
            number,
            layer,
            ordinal,
            index,
            f"class {index}" if layer == "logits" else None,
            LAYERS[layer],
            lot.random() < pictured,
            maximum=lot.uniform(1, 500),
            minimum=-lot.uniform(1, 900),
            skew=lot.uniform(-6, 6),
            density=lot.choice((0.0, lot.random())),
            image_density=lot.random(),
            top_images=100,
            label="tabby",
            share=lot.random(),
            picture_maximum=lot.uniform(1, 3000),
        )
        for ordinal, layer in enumerate(LAYERS)
        for index, number in enumerate(range(ordinal * count, (ordinal + 1) * count))
    )


def facts(seed: int, count: int = 40, pictured: float = 1.0) -> TourFacts:
    lot = Random(seed)
    found = units(lot, count, pictured)
    hidden = [unit.id for unit in found if unit.layer != "logits"]

    def links(low: float, high: float, name: str | None) -> tuple[Link, ...]:
        return tuple(Link(lot.choice(hidden), lot.uniform(low, high), name) for _ in range(30))

    return TourFacts(
        found,
        supports=links(1, 9, "tabby"),
        opposes=links(-9, -1, "tabby"),
        twins=links(0.7, 1, "mixed3a:3"),
        lonely=links(0.1, 0.6, None),
    )


@given(seed=st.integers(0, 10**6), pictured=st.sampled_from([0.0, 0.1, 1.0]))
def test_a_tour_never_repeats_itself_and_follows_the_network(seed: int, pictured: float) -> None:
    known = facts(seed, pictured=pictured)
    stops = tour(known)
    assert 0 < len(stops) <= STOPS
    assert max(Counter(stop.kind for stop in stops).values()) == 1
    assert max(Counter(stop.unit for stop in stops).values()) == 1
    by_id = {unit.id: unit for unit in known.units}
    places = [(by_id[stop.unit].ordinal, by_id[stop.unit].index) for stop in stops]
    assert places == sorted(places)
    assert tour(known) == stops


@given(seed=st.integers(0, 10**6))
def test_units_that_have_a_picture_are_preferred(seed: int) -> None:
    known = facts(seed, pictured=0.5)
    pictured = {unit.id for unit in known.units if unit.has_picture}
    for stop in tour(known):
        if stop.unit not in pictured:
            rivals = [found[0] for found in KINDS[stop.kind](known)[:FOREMOST]]
            taken = {each.unit for each in tour(known)}
            assert not [unit for unit in rivals if unit in pictured and unit not in taken]


def chosen(known: TourFacts, kind: str) -> Stop:
    return next(stop for stop in tour(known) if stop.kind == kind)


def only(**values: float | str | int | None) -> TourFacts:
    """A dull network in which one unit stands out; it alone can be chosen for what it is."""
    dull = [
        UnitFacts(number, layer, 0, number, None, None, True, 10.0, -5.0, 0.0, 0.3, 0.9, 100)
        for number, layer in enumerate(["mixed4c"] * 30)
    ]
    dull[17] = replace(dull[17], **values)  # type: ignore[arg-type]
    return TourFacts(tuple(dull))


@pytest.mark.parametrize(
    ("kind", "values", "value"),
    [
        ("busy", {"density": 0.8}, 0.8),
        ("sparse", {"density": 0.01}, 0.01),
        ("selective", {"image_density": 0.02}, 0.02),
        ("dark", {"minimum": -40.0}, 4.0),
        ("peaked", {"skew": 5.0}, 5.0),
        ("leaning", {"skew": -5.0}, -5.0),
        ("class", {"label": "tabby", "share": 0.6}, 0.6),
        ("beyond", {"picture_maximum": 70.0}, 7.0),
        ("dead", {"density": 0.0, "image_density": 0.0}, None),
    ],
)
def test_the_unit_that_stands_out_is_found(
    kind: str, values: dict[str, float], value: float | None
) -> None:
    assert chosen(only(**values), kind) == Stop(
        kind, 17, value, chosen(only(**values), kind).detail
    )


def test_strength_is_relative_to_the_layer() -> None:
    known = only(maximum=300.0)
    assert chosen(known, "strong").value == pytest.approx(300 / ((29 * 10 + 300) / 30))


def test_a_dull_network_has_no_tour() -> None:
    assert tour(only()) == ()
    assert tour(TourFacts(())) == ()


def test_a_share_of_very_few_images_says_nothing() -> None:
    assert not KINDS["class"](only(label="tabby", share=1.0, top_images=2))
    assert KINDS["class"](only(label="tabby", share=1.0, top_images=3))


def test_classes_and_dead_units_stand_for_nothing_else() -> None:
    known = facts(3)
    barred = {unit.id for unit in known.units if unit.layer == "logits" or not unit.density}
    for kind in ("busy", "sparse", "selective", "strong", "dark", "peaked", "beyond", "class"):
        assert not {found[0] for found in KINDS[kind](known)} & barred, kind


def test_unscanned_units_still_show_the_smallest_detail() -> None:
    plain = tuple(
        UnitFacts(number, name, number, 0, None, field, True)
        for number, (name, field) in enumerate(LAYERS.items())
    )
    assert tour(TourFacts(plain)) == (Stop("detail", 0, 7.0),)
