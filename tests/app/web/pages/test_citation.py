"""BibTeX that TeX can read, whatever a model is called."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from app.web.pages.about.citation import bibtex, escaped


@given(st.text())
def test_braces_of_an_entry_are_balanced(title: str) -> None:
    entry = re.sub(r"\\[{}\\]", "", bibtex("key", title, "https://host/models/m", 2026, title))
    depth = 0
    for letter in entry:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        assert depth >= 0
    assert depth == 0


def test_what_is_special_to_tex_is_escaped() -> None:
    assert escaped("100 % & #1_{a}\n$b") == r"100 \% \& \#1\_\{a\} \$b"
    assert escaped("\\~^") == r"\textbackslash{}\textasciitilde{}\textasciicircum{}"


def test_an_entry_names_address_and_year() -> None:
    entry = bibtex("Inception Microscope: ä", "A title", "https://host/lab/models/m", 2026, "note")
    assert entry.startswith("@misc{inception-microscope,\n")
    assert r"howpublished = {\url{https://host/lab/models/m}}," in entry
    assert "year = {2026}," in entry
