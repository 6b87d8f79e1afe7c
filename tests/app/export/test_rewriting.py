"""How pages and data become files: every address a way from file to file, nothing dead, no lie."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.export.site.link_targets import Links, LinkSource
from app.export.site.markup import parse
from app.export.site.rewriting import Rewriting
from app.export.site.sentinel import FoundAddress, Sentinel

S = Sentinel("copy-0123")
P, ORIGIN = S.prefix, S.origin
FILES = {
    "/": "index.html",
    "/models/m/l": "models/m/l/index.html",
    "/models/m/l?sort=mean": "models/m/l/sort=mean.html",
    "/models/m/l.json": "models/m/l.json",
    "/models/m/l/3": "models/m/l/3/index.html",
    "/img/ab.webp": "img/ab.webp",
    "/img/cd.webp": "img/cd.webp",
}
ALIASES = {"/models/m/l_0": "/models/m/l"}
SCRIPTED = {"/search": "search/index.html"}
HERE = LinkSource("models/m/l/index.html", "/models/m/l")


def rewritten(text: str, kind: str = "text/html", site: str = "", source: LinkSource = HERE) -> str:
    links = Links(FILES, ALIASES, SCRIPTED, site)
    return Rewriting(S, links, lambda root, source: None).rewritten(text, kind, source)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f'<a href="{P}/">x</a>', '<a href="../../../index.html">x</a>'),
        (f'<a href="{P}/models/m/l/3#e">x</a>', '<a href="3/index.html#e">x</a>'),
        (f'<a href="{P}/models/m/l?sort=mean#units">', '<a href="sort=mean.html#units">'),
        (f'<a href="{P}/models/m/l_0">', '<a href="index.html">'),
        (
            f'<a href="{P}/search?q=a%3Ab&amp;x=y">',
            '<a href="../../../search/index.html?q=a%3Ab&amp;x=y">',
        ),
        (f'<img src="{P}/img/ab.webp" alt="">', '<img src="../../../img/ab.webp" alt="">'),
        (
            f'<svg viewBox="0 0 1 1"><image href="{P}/img/ab.webp" width="1"/></svg>',
            '<svg viewBox="0 0 1 1"><image href="../../../img/ab.webp" width="1"/></svg>',
        ),
        (
            f'<img srcset="{P}/img/ab.webp 1x, {P}/img/cd.webp 2x" alt="">',
            '<img srcset="../../../img/ab.webp 1x, ../../../img/cd.webp 2x" alt="">',
        ),
        (f'<i data-page="{P}/models/m/l/3">', '<i data-page="3/index.html">'),
        (
            f'<i data-all=\'["{P}/models/m/l/3","{P}/gone"]\'>',
            '<i data-all="[&quot;3/index.html&quot;,&quot;&quot;]">',
        ),
        (f'<form action="{P}/search"></form>', '<form action="../../../search/index.html"></form>'),
        (f"<p>See {P}/models/m/l/3.</p>", "<p>See models/m/l/3/index.html.</p>"),
    ],
)
def test_an_address_becomes_the_way_to_its_file(before: str, after: str) -> None:
    assert rewritten(before) == after


def test_a_state_that_is_not_there_is_linked_in_its_first_on_another_page() -> None:
    assert (
        rewritten(f'<a href="{P}/models/m/l/3?show=heat">x</a>') == '<a href="3/index.html">x</a>'
    )


def test_a_choice_that_is_not_there_disappears_and_one_that_is_left_alone_with_it() -> None:
    page = f"{P}/models/m/l"
    kept = f'<a href="{page}" aria-current="true">A</a><a href="{page}?sort=mean">B</a>'
    gone = f'<li><a href="{page}?sort=skew">C</a></li>'
    assert rewritten(f"<nav>{kept}{gone}</nav>") == (
        '<nav><a href="index.html" aria-current="true">A</a><a href="sort=mean.html">B</a></nav>'
    )
    assert rewritten(f'<p>x<nav>{gone}<a href="{page}">A</a></nav></p>') == "<p>x</p>"


def test_one_list_of_choices_disappears_beside_another_that_stays() -> None:
    page = f"{P}/models/m/l"
    one = f'<li><a href="{page}" aria-current="true">A</a></li><li><a href="{page}?x=1">B</a></li>'
    two = f'<a href="{page}">C</a><a href="{page}?sort=mean">D</a>'
    nav = f"<nav><details><summary>X</summary><ul>{one}</ul></details><p>{two}</p></nav>"
    assert rewritten(nav) == (
        '<nav><p><a href="index.html">C</a><a href="sort=mean.html">D</a></p></nav>'
    )


def test_a_list_outside_a_nav_keeps_its_last_link() -> None:
    text = f'<ul><li><a href="{P}/models/m/l/3">x</a></li></ul>'
    assert "3/index.html" in rewritten(text)


def test_a_nav_that_had_one_link_keeps_it() -> None:
    assert "3/index.html" in rewritten(f'<nav><a href="{P}/models/m/l/3">x</a></nav>')


def test_another_link_that_leads_nowhere_stays_as_a_word_that_says_so() -> None:
    found = rewritten(
        f'<a href="{P}/models/m/other" rel="next"><img src="{P}/img/ab.webp" alt=""></a>'
    )
    assert found == (
        '<a role="link" aria-disabled="true" data-absent title="Not in this copy">'
        '<img src="../../../img/ab.webp" alt=""></a>'
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f'<link rel="next" href="{P}/models/m/other">', ""),
        (f'<form action="{P}/models/m/l"><select></select></form>', ""),
        ("<form><input></form>", ""),
        ('<form method="dialog"></form>', '<form method="dialog"></form>'),
        (f'<i data-suggest="{P}/search.json">', "<i>"),
        (
            f'<img src="{P}/img/no.webp" alt="a fox">',
            '<span class="veiled">not in this copy</span>',
        ),
        (f'<img src="{P}/img/no.webp" alt="">', ""),
        (f'<link rel="canonical" href="{ORIGIN}{P}/models/m/l">', ""),
        (f'<meta property="og:url" content="{ORIGIN}{P}/models/m/l">', ""),
    ],
)
def test_what_cannot_work_is_left_out(before: str, after: str) -> None:
    assert rewritten(before) == after


def test_absolute_addresses_are_of_the_site_where_it_is_known() -> None:
    page = f'<meta content="{ORIGIN}{P}/models/m/l"><pre>url = {{{ORIGIN}{P}/models/m/l/3}}</pre>'
    site = "https://example.org/copy"
    assert rewritten(page, site=site) == (
        f'<meta content="{site}/models/m/l/index.html">'
        f"<pre>url = {{{site}/models/m/l/3/index.html}}</pre>"
    )
    assert rewritten(page) == "<pre>url = {models/m/l/3/index.html}</pre>"


def test_a_text_tells_the_page_above_what_is_not_there() -> None:
    text = f"{ORIGIN}{P}/models/m/l/77?embed=1 {ORIGIN}{P}/models/m/l/3?embed=1"
    found = rewritten(text, "text/plain")
    assert found == "models/m/l/index.html models/m/l/3/index.html"


def test_data_has_null_for_what_is_not_there() -> None:
    data = {"page": f"{P}/models/m/l/3", "heat": f"{P}/heat/1.png", "text": f"at {P}/models/m/l"}
    found = rewritten(json.dumps(data), "application/json", source=LinkSource("models/m/l.json"))
    assert json.loads(found) == {
        "page": "l/3/index.html",
        "heat": None,
        "text": "at l/index.html",
    }


def test_data_inside_a_page_is_rewritten_as_data() -> None:
    page = f'<script type="application/json">{{"a": "{P}/img/ab.webp", "b": "{P}/x"}}</script>'
    assert '{"a": "../../../img/ab.webp", "b": null}' in rewritten(page)


@given(st.text(), st.sampled_from(["text/html", "application/json", "text/plain", "text/css"]))
def test_a_text_without_addresses_stays_as_it_is_outside_pages(text: str, kind: str) -> None:
    if kind != "text/html":
        assert rewritten(text, kind) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_people_write_is_no_address_and_no_markup(label: str) -> None:
    other = Sentinel()
    escaped = label.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    page = f'<p title="{escaped.replace(chr(34), "&quot;")}">{escaped}</p>'
    links = Links({}, {}, {}, "")
    found = Rewriting(other, links, lambda root, source: None).page(page, HERE)
    assert found == page


def test_addresses_are_told_from_what_only_looks_like_them() -> None:
    text = f"/models/m {P}-more/x {P}/a.b?c=d&e=f#g, ({P}/q)"
    assert list(S.find(text)) == [FoundAddress("/a.b", "c=d&e=f", "g"), FoundAddress("/q")]


def test_the_order_of_choices_does_not_matter() -> None:
    assert FoundAddress("/x", "b=2&a=1").key == FoundAddress("/x", "a=1&b=2").key


HTML = '<!doctype html>\n<html lang="en"><body class=x><!-- y -->&nbsp;&#39; a &lt; b<br>'
HTML += "<svg><g/></svg>"


def test_a_page_that_is_not_changed_is_written_as_it_was() -> None:
    assert parse(f"{HTML}</body></html>").text() == f"{HTML}</body></html>"
