"""Addresses: whatever a name is, its address leads back to it."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.urls import Urls, extension_of, without_port

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(model=names, layer=names, unit=st.integers(0, 10**9))
def test_an_address_leads_back_to_its_names(model: str, layer: str, unit: int) -> None:
    address = urlsplit(f"http://host{Urls('/lab').unit(model, layer, unit)}")
    assert not address.query
    assert not address.fragment
    parts = address.path.split("/")
    assert parts[:3] == ["", "lab", "models"]
    assert [unquote(part) for part in parts[3:]] == [model, layer, str(unit)]


@given(model=names)
def test_an_address_needs_no_escaping_in_html(model: str) -> None:
    assert not set(Urls().api_model(model)) & set("<>\"'& ")


def test_every_address_begins_with_the_prefix() -> None:
    urls = Urls("/lab", "d1")
    assert urls.home() == "/lab/"
    assert urls.static("page.css") == "/lab/static/d1/page.css"
    assert urls.image("ab", "image/webp") == "/lab/img/ab.webp"
    assert urls.api_unit("m", "l", 3) == "/lab/api/v1/models/m/layers/l/units/3"
    assert urls.branch("m", "l", "3x3") == "/lab/models/m/l#branch-3x3"


@given(model=names, layer=names, dataset=names, kind=names, rank=st.integers(0, 10**9))
def test_the_address_of_a_heat_map_leads_back_to_its_names(
    model: str, layer: str, dataset: str, kind: str, rank: int
) -> None:
    address = urlsplit(f"http://host{Urls().heat(model, layer, 3, dataset, kind, rank)}")
    assert not address.query
    parts = [unquote(part) for part in address.path.split("/")]
    assert parts == ["", "heat", model, layer, "3", dataset, kind, f"{rank}.png"]


def test_choices_stand_in_the_address_only_where_they_were_made() -> None:
    urls = Urls("/lab")
    assert urls.unit("m", "l", 3) == "/lab/models/m/l/3"
    assert urls.unit("m", "l", 3, "a b", show="heat", counts="log") == (
        "/lab/models/m/l/3?show=heat&counts=log#a%20b"
    )
    assert urls.unit("m", "l", 3, counts="log") == "/lab/models/m/l/3?counts=log"
    assert urls.layer("m", "l", sort="mean") == "/lab/models/m/l?sort=mean"
    found = urls.layer("m", "l", "u", sort="a&b", order="asc", branch="")
    assert found == "/lab/models/m/l?sort=a%26b&order=asc#u"


def test_units_are_compared_by_their_addresses() -> None:
    assert Urls("/lab").compare([]) == "/lab/compare"
    found = Urls().compare([("m", "l", 3), ("a&b", "c/d", 4)])
    assert found == "/compare?u=m/l/3&u=a%2526b/c%252Fd/4"


@given(model=names, layer=names, unit=st.integers(0, 10**9))
def test_the_data_of_a_page_is_at_its_address(model: str, layer: str, unit: int) -> None:
    urls = Urls("/lab")
    assert urls.models_data() == f"{urls.models()}.json"
    assert urls.model_data(model) == f"{urls.model(model)}.json"
    assert urls.layer_data(model, layer) == f"{urls.layer(model, layer)}.json"
    assert urls.unit_data(model, layer, unit) == f"{urls.unit(model, layer, unit)}.json"


def test_absolute_addresses_begin_with_the_origin() -> None:
    assert (
        Urls("/lab").at("https://host").unit("m", "l", 3, "p") == "https://host/lab/models/m/l/3#p"
    )


def test_without_a_prefix_addresses_begin_at_the_root() -> None:
    assert Urls().home() == "/"
    assert Urls().models() == "/models"


@pytest.mark.parametrize(
    ("slug", "ours"),
    [("mixed3b_0", "mixed3b"), ("mixed3b", None), ("mixed3b_1", None), ("_0", None)],
)
def test_microscopes_slugs_lose_their_port(slug: str, ours: str | None) -> None:
    assert without_port(slug) == ours


def test_the_extension_follows_the_media_type() -> None:
    assert [extension_of(f"image/{kind}") for kind in ("webp", "jpeg", "x-none")] == [
        "webp",
        "jpg",
        "bin",
    ]
