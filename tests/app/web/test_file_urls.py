"""Addresses in a static copy: safe file names, and links that lead to files of the copy."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.web.file_urls import FileAddress, FileUrls, SiteFiles, relative

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)
# Names that are nearly the same, for a collision to be found by chance.
near = st.text("aA.~", min_size=1, max_size=3) | names
paths = st.lists(near, max_size=4)
choices = st.dictionaries(near, near, max_size=2)
Kind = Callable[[list[str], dict[str, str]], str]
DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{name}{n}" for name in ("com", "lpt") for n in range(10)),
}


def page(path: list[str], query: dict[str, str]) -> str:
    return FileAddress(tuple(path), urlencode(query), is_page=True).file


def data(path: list[str], query: dict[str, str]) -> str:
    return FileAddress((*path, "x.json"), urlencode(query)).file


kinds = st.sampled_from([page, data])


@given(path=paths, query=choices, kind=kinds)
@example(path=["con"], query={}, kind=data)
@example(path=["..", "."], query={}, kind=page)
def test_a_file_name_is_safe_on_every_disk_and_needs_no_quoting(
    path: list[str], query: dict[str, str], kind: Kind
) -> None:
    found = kind(path, query)
    assert re.fullmatch(r"[a-z0-9~_.=,/-]+", found)
    assert quote(found, "/~_.=,-") == found
    for part in found.split("/"):
        assert 0 < len(part) <= 130
        assert not part.endswith(".")
        assert part not in (".", "..")
        assert part.partition(".")[0] not in DEVICES


@given(first=st.tuples(paths, choices), second=st.tuples(paths, choices), kind=kinds)
def test_two_addresses_never_share_a_file(
    first: tuple[list[str], dict[str, str]], second: tuple[list[str], dict[str, str]], kind: Kind
) -> None:
    assert (kind(*first) == kind(*second)) == (first == second)


@given(first=paths, second=paths)
def test_a_page_is_never_where_another_has_its_folder(first: list[str], second: list[str]) -> None:
    one, other = page(first, {}), data(second, {})
    assert not other.startswith(f"{one}/")
    assert not one.startswith(f"{other}/")


@pytest.mark.parametrize(
    ("address", "found"),
    [
        (FileAddress((), is_page=True), "index.html"),
        (FileAddress(("models", "m", "mixed4c"), is_page=True), "models/m/mixed4c/index.html"),
        (FileAddress(("models", "m", "mixed4c.json")), "models/m/mixed4c.json"),
        (FileAddress(("api", "v1", "models")), "api/v1/models.json"),
        (
            FileAddress(("models", "m", "l"), "technique=negative", is_page=True),
            "models/m/l/technique=negative.html",
        ),
        (
            FileAddress(("models", "m", "l"), "sort=mean&order=asc", is_page=True),
            "models/m/l/order=asc,sort=mean.html",
        ),
        (
            FileAddress(("models", "m", "l", "3", "histogram.svg"), "counts=log"),
            "models/m/l/3/histogram/counts=log.svg",
        ),
        (FileAddress(("img", "ab12.webp")), "img/ab12.webp"),
        (FileAddress(("robots.txt",)), "robots.txt"),
    ],
)
def test_plain_names_stay_as_they_are(address: FileAddress, found: str) -> None:
    assert address.file == found


@given(source=paths, target=paths)
def test_a_relative_link_leads_to_its_file_under_any_prefix(
    source: list[str], target: list[str]
) -> None:
    here, there = page(source, {}), page(target, {})
    for base in ("http://h/", "http://h/a/b/", "file:///tmp/x/"):
        assert urljoin(base + here, relative(here, there)) == base + there


def urls(names: tuple[str, ...] = ("models", "m", "l"), site: str = "", **scope: bool) -> FileUrls:
    """The addresses on a page of a copy of two layers of a model."""
    files = SiteFiles({"m": {"l": 4, "other": 2}}, scope.get("has_all_views", False))
    return FileUrls(files=files, source=FileAddress(names, is_page=True), site=site)


def test_links_lead_from_file_to_file() -> None:
    found = urls()
    assert found.home() == "../../../index.html"
    assert found.unit("m", "l", 3, "examples") == "3/index.html#examples"
    assert found.layer("m", "l", "units", sort="mean") == "sort=mean.html#units"
    assert found.units("m", "other", [0, 1]) == ["../other/0/index.html", "../other/1/index.html"]
    assert found.image("ab", "image/webp") == "../../../img/ab.webp"
    assert found.heat("m", "l", 3, "foxes", "top", 1) == "../../../heat/m/l/3/foxes/top/1.png"
    assert found.unit_data("m", "l", 3) == "3.json"
    assert found.histogram("m", "l", 3, counts="log") == "3/histogram/counts=log.svg"
    assert found.search("a:b") == "../../../search/index.html?q=a%3Ab"


def test_what_the_copy_does_not_have_has_no_address() -> None:
    found = urls()
    assert found.model("other") == ""
    assert found.layer("m", "gone", "units") == ""
    assert found.unit("m", "l", 4) == ""
    assert found.unit_data("m", "gone", 0) == ""
    assert found.api_unit("m", "l", 3) == ""
    assert found.search_data("q") == ""
    assert found.files.take() == []


def test_a_state_that_is_not_there_is_linked_in_its_first_on_other_pages_alone() -> None:
    found = urls()
    assert found.unit("m", "l", 3, show="heat") == "3/index.html"
    assert found.layer("m", "other", sort="mean", dead="hide") == "../other/index.html"
    assert found.layer("m", "l", sort="mean", dead="hide") == ""
    assert found.layer("m", "l", sort="mean", order="asc") == "order=asc,sort=mean.html"
    assert urls(has_all_views=True).unit("m", "l", 3, show="heat") == "3/show=heat.html"


def test_addresses_for_people_are_absolute_where_the_site_is_known() -> None:
    site = "https://example.org/copy"
    known, unknown = urls(site=site).at(""), urls().at("")
    assert known.unit("m", "l", 3) == f"{site}/models/m/l/3/index.html"
    assert unknown.unit("m", "l", 3) == "models/m/l/3/index.html"
    assert known.unit("m", "l", 3, embed="1", panels="picture") == known.unit("m", "l", 3)
    assert known.unit("m", "l", 77) == f"{site}/models/m/l/index.html"
    assert known.layer("gone", "l") == f"{site}/models/index.html"


def test_what_is_addressed_is_collected_once() -> None:
    found = urls()
    for _ in range(2):
        found.unit("m", "l", 3)
        found.image("ab", "image/webp")
    names = [name for name, _ in found.files.take()]
    assert names == ["models/m/l/3/index.html", "img/ab.webp"]
    assert found.files.take() == []


def test_nothing_is_added_to_a_complete_copy() -> None:
    found = urls()
    picture = found.image("ab", "image/webp")
    found.files.is_complete = True
    assert found.image("ab", "image/webp") == picture
    assert found.image("cd", "image/webp") == ""


@given(names=st.lists(names, min_size=1, max_size=3), state=near)
def test_every_link_leads_below_the_top_folder(names: list[str], state: str) -> None:
    """Also where the application links to names that nobody would choose."""
    layers = dict.fromkeys(names, 2)
    files = SiteFiles({"m": layers}, has_all_views=True)
    found = FileUrls(files=files, source=FileAddress(("models", "m", names[0], "1"), is_page=True))
    links = [found.unit("m", name, 1, show=state) for name in names]
    links += [found.unit_data("m", name, 1) for name in names]
    base = "http://h/a/b/"
    for link in links:
        target = urljoin(base + found.source.file, link)
        assert urlsplit(target).path.removeprefix("/a/b/") in files.files
