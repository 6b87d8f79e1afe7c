"""What is asked for: parsed, or refused before work starts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.db.run_request import command_line
from app.errors import InputError
from precompute.network import Inception
from precompute.request import Request, choose, parse_units, split
from precompute.validation import check


@pytest.mark.parametrize(
    ("text", "units"),
    [("7", (7,)), ("0-3,40", (0, 1, 2, 3, 40)), (" 2 - 3 , 2", (2, 3)), ("5,1", (1, 5))],
)
def test_units_are_numbers_and_ranges(text: str, units: tuple[int, ...]) -> None:
    assert parse_units(text) == units


@given(st.sets(st.integers(0, 999), min_size=1))
def test_units_written_out_are_read_back(units: set[int]) -> None:
    assert parse_units(",".join(map(str, units))) == tuple(sorted(units))


@pytest.mark.parametrize("text", ["", "a", "3-1", "1,,2", "-4", "1-", "0-3;5", "9999999999"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--units"):
        parse_units(text)


def test_layers_come_in_the_networks_order(toy: Inception) -> None:
    request = Request("toy", layers=("mixed4c", "conv2d0"), units="0-1")
    assert list(choose(toy, request).items()) == [("conv2d0", (0, 1)), ("mixed4c", (0, 1))]


def test_nothing_named_is_everything_logits_included(toy: Inception) -> None:
    chosen = choose(toy, Request("toy"))
    assert {layer.name: layer.channels for layer in toy.layers} == {
        name: len(units) for name, units in chosen.items()
    }


def test_an_unknown_layer_is_refused_and_the_known_ones_are_named(toy: Inception) -> None:
    with pytest.raises(InputError, match=r"mixed9z.*mixed4c"):
        choose(toy, Request("toy", layers=("mixed9z",)))


def test_an_unknown_unit_is_refused_with_its_layers_range(toy: Inception) -> None:
    with pytest.raises(InputError, match=r"conv2d0 has no unit 99.*0 to 15"):
        choose(toy, Request("toy", units="0,99"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"techniques": ("channel", "magic")}, "magic"),
        ({"techniques": ()}, "--techniques"),
        ({"techniques": ("channel",), "seeds": 0}, "--seeds"),
        ({"dataset": "drawn", "top": 0}, "--top"),
        ({}, "--dataset"),
    ],
)
def test_what_is_wrong_whatever_the_network_is_refused(
    fields: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        check(Request("toy", **fields))  # type: ignore[arg-type]


def test_the_command_that_is_recorded_can_be_typed_again_and_hides_the_database() -> None:
    request = Request(
        "toy", dataset="my photos", database="postgresql://u:secret@host/db",
        layers=("mixed4c", "logits"), force=True,
    )  # fmt: skip
    assert command_line(request.as_json()) == (
        "microscope precompute --model toy --dataset 'my photos' --layers mixed4c,logits --force"
    )


def test_lists_are_split_at_commas() -> None:
    assert split("--layers", " a, b,,a ") == ("a", "b")
    assert split("--layers", None) == ()


@pytest.mark.parametrize("text", ["", ",", " , "])
def test_an_option_that_is_given_but_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--layers is given, but names nothing"):
        split("--layers", text)
