"""Addresses as people bring them: each form is read, whatever stands around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.unit_names import Address, NameOrigin, pasted, spaced, typed, underscored
from app.web.urls import Urls

MICROSCOPE = "microscope.openai.com/models/inceptionv1/mixed3b_0/379"
EXPLORER = "storage.googleapis.com/distill-circuits/inceptionv1-weight-explorer/mixed3b_379.html"
OLD_EXPLORER = "https://storage.googleapis.com/inceptionv1-weight-explorer/mixed3a_55.html"


def told(address: Address | None) -> tuple[str, int | None, str, NameOrigin] | None:
    if address is None:
        return None
    return address.name, address.unit, address.model, address.source


@pytest.mark.parametrize("scheme", ["", "http://", "https://"])
@pytest.mark.parametrize("end", ["", "/", "?models.op.technique=feature_vis&x=1", "#top"])
def test_an_address_of_microscope_is_read(scheme: str, end: str) -> None:
    found = told(pasted(f"{scheme}{MICROSCOPE}{end}"))
    assert found == ("mixed3b", 379, "inceptionv1", NameOrigin.MICROSCOPE)


@pytest.mark.parametrize(
    ("path", "name", "unit"),
    [
        ("inceptionv1/mixed5b_3x3_0/98", "mixed5b_3x3", 98),
        ("inceptionv1/mixed5b_5x5_bottleneck_0", "mixed5b_5x5_bottleneck", None),
        ("inceptionv1/mixed3b_0?models.op.feature_vis.type=channel", "mixed3b", None),
        ("inceptionv1", "", None),
    ],
)
def test_layers_and_branches_of_microscope_are_read(path: str, name: str, unit: int | None) -> None:
    found = pasted(f"https://microscope.openai.com/models/{path}")
    assert told(found) == (name, unit, "inceptionv1", NameOrigin.MICROSCOPE)


@pytest.mark.parametrize("text", [EXPLORER, f"https://{EXPLORER}?x=1"])
def test_an_address_of_the_weight_explorer_is_read(text: str) -> None:
    assert told(pasted(text)) == ("mixed3b", 379, "inceptionv1", NameOrigin.EXPLORER)
    assert told(pasted(OLD_EXPLORER)) == ("mixed3a", 55, "inceptionv1", NameOrigin.EXPLORER)


names = st.from_regex(r"[a-z][a-z0-9.-]{0,12}", fullmatch=True)
layers = st.from_regex(r"[a-z][a-z0-9]{0,12}", fullmatch=True)


@given(model=names, layer=layers, unit=st.integers(0, 10**6), prefix=st.sampled_from(["", "/lab"]))
def test_every_address_of_a_unit_here_is_read_back(
    model: str, layer: str, unit: int, prefix: str
) -> None:
    path = Urls(prefix).unit(model, layer, unit, "examples", show="heat")
    for text in (f"https://host.example{path}", f"localhost:8000{path}", path):
        assert told(pasted(text)) == (layer, unit, model, NameOrigin.HERE)
    assert told(pasted(Urls(prefix).unit_data(model, layer, unit))) == (
        layer,
        unit,
        model,
        NameOrigin.HERE,
    )


@pytest.mark.parametrize(
    ("text", "name", "unit"),
    [
        ("4c:447", "4c", 447),
        ("mixed4c/447", "mixed4c", 447),
        ("mixed4c_3x3:12", "mixed4c_3x3", 12),
        ("4c_3x3/12", "4c_3x3", 12),
        ("mixed3b_0:5", "mixed3b_0", 5),
        ("inception_4c/3x3:12", "inception_4c/3x3", 12),
        ("4c:", "4c", None),
    ],
)
def test_an_address_is_read_as_it_is_typed(text: str, name: str, unit: int | None) -> None:
    assert told(typed(text)) == (name, unit, "", NameOrigin.TYPED)


@pytest.mark.parametrize(
    ("text", "name", "unit"),
    [
        ("mixed4c_3x3_pre_relu/conv:12", "mixed4c_3x3", 12),
        ("mixed4c_3x3_pre_relu_conv:12", "mixed4c_3x3", 12),
        ("import/mixed4c_pre_relu/conv/7", "mixed4c", 7),
        ("conv2d1_pre_relu", "conv2d1", None),
    ],
)
def test_names_of_tensors_are_lucids(text: str, name: str, unit: int | None) -> None:
    assert told(typed(text)) == (name, unit, "inceptionv1", NameOrigin.TENSOR)


@pytest.mark.parametrize("text", ["tabby", "12", "a:b", "and/or", ":5", "/", "4c:-1", "4c:٤"])
def test_other_words_are_no_addresses(text: str) -> None:
    assert typed(text) is None


def test_a_layer_and_an_index_may_stand_apart_or_together() -> None:
    assert told(spaced("mixed3b 379")) == ("mixed3b", 379, "", NameOrigin.TYPED)
    assert told(underscored("mixed3b_379")) == ("mixed3b", 379, "", NameOrigin.TYPED)
    assert told(underscored("mixed3b_0")) == ("mixed3b", None, "", NameOrigin.TYPED)
    assert spaced("grey 12") is None
    assert underscored("mixed3b") is None
