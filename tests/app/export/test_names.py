"""File names of a copy: safe everywhere, and never the same twice."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode, urljoin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.export.site.file_names import file_of, relative
from app.web.urls import Urls

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)
# Names that are nearly the same, for a collision to be found by chance.
near = st.text("aA.~", min_size=1, max_size=3) | names
paths = st.lists(near, max_size=4)
choices = st.dictionaries(near, near, max_size=2)
kinds = st.sampled_from(["text/html", "application/json", "image/png"])
DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{name}{n}" for name in ("com", "lpt") for n in range(10)),
}


def file(path: list[str], query: dict[str, str], kind: str) -> str:
    return file_of("".join(f"/{quote(name, '')}" for name in path), urlencode(query), kind)


@given(path=paths, query=choices, kind=kinds)
@example(path=["con.json"], query={}, kind="application/json")
@example(path=["..", "."], query={}, kind="text/html")
def test_a_file_name_is_safe_on_every_disk_and_needs_no_quoting(
    path: list[str], query: dict[str, str], kind: str
) -> None:
    found = file(path, query, kind)
    assert re.fullmatch(r"[a-z0-9~_.=,/-]+", found)
    assert quote(found, "/~_.=,-") == found
    for part in found.split("/"):
        assert 0 < len(part) <= 130
        assert not part.endswith(".")
        assert part not in (".", "..")
        assert part.partition(".")[0] not in DEVICES


@given(first=st.tuples(paths, choices), second=st.tuples(paths, choices), kind=kinds)
def test_two_addresses_never_share_a_file(
    first: tuple[list[str], dict[str, str]], second: tuple[list[str], dict[str, str]], kind: str
) -> None:
    same = file(*first, "text/html") == file(*second, "text/html")
    assert same == (first == second)


@given(first=paths, second=paths)
def test_a_page_is_never_where_another_has_its_folder(first: list[str], second: list[str]) -> None:
    page, data = file(first, {}, "text/html"), file([*second, "x"], {}, "application/json")
    assert not data.startswith(f"{page}/")
    assert not page.startswith(f"{data}/")


@pytest.mark.parametrize(
    ("path", "query", "kind", "found"),
    [
        ("/", "", "text/html", "index.html"),
        ("/models/m/mixed4c", "", "text/html", "models/m/mixed4c/index.html"),
        ("/models/m/mixed4c.json", "", "application/json", "models/m/mixed4c.json"),
        ("/api/v1/models", "", "application/json", "api/v1/models.json"),
        ("/models/m/l", "technique=negative", "text/html", "models/m/l/technique=negative.html"),
        ("/models/m/l", "sort=mean&order=asc", "text/html", "models/m/l/order=asc,sort=mean.html"),
        ("/models/m/l.json", "sort=mean", "application/json", "models/m/l/sort=mean.json"),
        ("/img/ab12.webp", "", "image/webp", "img/ab12.webp"),
        ("/robots.txt", "", "text/plain", "robots.txt"),
    ],
)
def test_plain_names_stay_as_they_are(path: str, query: str, kind: str, found: str) -> None:
    assert file_of(path, query, kind) == found


@given(source=paths, target=paths)
def test_a_relative_link_leads_to_its_file_under_any_prefix(
    source: list[str], target: list[str]
) -> None:
    here, there = file(source, {}, "text/html"), file(target, {}, "text/html")
    for base in ("http://h/", "http://h/a/b/", "file:///tmp/x/"):
        assert urljoin(base + here, relative(here, there)) == base + there


def test_the_addresses_of_the_application_keep_their_shape() -> None:
    urls = Urls()
    assert file_of(urls.unit("m", "mixed4c", 447), "", "text/html") == (
        "models/m/mixed4c/447/index.html"
    )
    heat = urls.heat("m", "mixed4c", 447, "foxes", "top", 1)
    assert file_of(heat, "", "image/png") == "heat/m/mixed4c/447/foxes/top/1.png"
