"""What a reader takes along: a frame and a citation that survive any name."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from app.web.pages.unit.view_state import Cited, citation, frame

TODAY = date(2026, 3, 7)
CITED = Cited(
    "mixed4c:447", "mixed4c:447 in GoogLeNet", "GoogLeNet", "ab" * 32, "https://a.b/m/4?x=1"
)


def test_a_citation_says_what_where_and_when() -> None:
    assert citation(CITED, TODAY).splitlines()[0] == "@misc{microscope-abababab-mixed4c-447,"
    text = citation(CITED, TODAY)
    for part in (
        "title = {{mixed4c:447 in GoogLeNet}}",
        "url = {https://a.b/m/4?x=1}",
        "urldate = {2026-03-07}",
        "year = {2026}",
        f"weights with SHA-256 {'ab' * 32}; accessed 2026-03-07",
    ):
        assert part in text, part


@given(name=st.text(max_size=40))
def test_no_name_breaks_out_of_its_field(name: str) -> None:
    text = citation(Cited("l:1", f"{name} in m", name, "ab" * 32, f"https://a.b/{name}"), TODAY)
    bare = re.sub(r"\\[{}\\]", "", text.replace(r"\textbackslash{}", ""))
    depth = 0
    for letter in bare:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        assert depth >= 0
    assert depth == 0


class Frames(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@given(name=st.text(st.characters(exclude_characters="\r\x00", exclude_categories=["Cs"])))
def test_a_frame_is_one_element_whatever_the_name(name: str) -> None:
    ((tag, attributes),) = Frames(frame("https://a.b/?x=1&y=2", name)).found
    assert tag == "iframe"
    assert (attributes["src"], attributes["title"]) == ("https://a.b/?x=1&y=2", name)
