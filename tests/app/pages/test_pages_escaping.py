"""What templates write out is escaped as Jinja itself escapes it."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import Environment
from markupsafe import Markup, escape

from app.pages.escaping import Pages, escaped


class Marked:
    """Something that says itself how it stands in HTML."""

    def __html__(self) -> str:
        return "<i>"

    def __str__(self) -> str:
        return "<plain>"

    def __repr__(self) -> str:
        return "Marked()"


class Loud(str):
    """A string of a kind of its own."""


HOSTILE: tuple[Any, ...] = (
    "",
    "mixed4c",
    "<script>alert(1)</script>",
    "a \"b\" & 'c'",
    "&amp;",
    "é < 日本",
    7,
    -1.5,
    True,
    None,
    ["<b>"],
    Markup("<b>&amp;</b>"),
    Marked(),
    Loud("<b>"),
)

EVERYWHERE = """{% macro told(x) %}<b title="{{ x }}">{{ x }}</b>{% endmacro %}
{% set kept %}{{ value }}{% endset %}{{ value }}|{{ told(value) }}|{{ kept }}|{{ value ~ "<" }}
{{ value|string|upper }}|{{ value|safe }}|{% autoescape false %}{{ value }}{% endautoescape %}
{% for each in [value] %}{{ each }}{{ loop.index }}{% endfor %}{% if kept %}{{ "<" }}{% endif %}"""


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_a_value_is_escaped_as_markupsafe_does(value: Any) -> None:
    assert escaped(value) == str(escape(value))


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_a_template_says_the_same_as_in_jinjas_own_environment(value: Any) -> None:
    pages, oracle = (make(autoescape=True) for make in (Pages, Environment))
    said = pages.from_string(EVERYWHERE).render(value=value)
    assert said == oracle.from_string(EVERYWHERE).render(value=value)
    assert "environment.escaped(" in pages.compile(EVERYWHERE, raw=True)
