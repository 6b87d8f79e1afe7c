"""The language of the search box: whatever is typed makes a query, and nothing goes unsaid."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.db.search.criteria import SEARCHED, Bound, NameMatch
from app.search.parser import LONGEST, parse
from app.search.query import Term, Word
from app.unit_names import NameOrigin

# Texts made of what the language is made of, besides any text at all.
PARTS = ("density", "<", ">=", "=", ":", "4c", "447", '"', "-", "not", "label", "*", "/", " ", "%")
ODD = ("https://", "microscope.openai.com/models/", "sort", "layer", "1e999", "_0", "\x00", "−")
pieces = st.sampled_from([*PARTS, *ODD])


@given(st.one_of(st.text(), st.lists(pieces).map("".join)))
@example("density<")
@example('label:"')
@example("-")
@example("not not dead")
def test_no_text_is_refused(text: str) -> None:
    query = parse(text)
    assert len(query.text) <= LONGEST
    assert query.text.isprintable()


@given(st.text(st.characters(categories=["L"]), min_size=1, max_size=20))
def test_a_plain_word_is_searched_for_as_it_is(word: str) -> None:
    # Letters with meanings of their own aside: they are what they say.
    if word.lower() in ("not", "dead", "rare"):
        return
    assert parse(word).words == (Word(word),)


@pytest.mark.parametrize("statistic", SEARCHED)
@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "="])
def test_a_statistic_is_compared_with_a_number(statistic: str, sign: str) -> None:
    for text in (f"{statistic}{sign}0.5", f"{statistic} {sign} 0.5", f"{statistic}{sign}50%"):
        assert parse(text).bounds == (Bound(statistic, sign, 0.5),)
        assert not parse(text).problems


def test_signs_as_they_are_printed_are_understood() -> None:
    assert parse("minimum≤−3").bounds == (Bound("minimum", "<=", -3.0),)


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("dead", Bound("density", "=", 0.0)),
        ("-dead", Bound("density", ">", 0.0)),
        ("not dead", Bound("density", ">", 0.0)),
        ("not -dead", Bound("density", "=", 0.0)),
        ("-density<0.1", Bound("density", ">=", 0.1)),
        ("not maximum>=5", Bound("maximum", "<", 5.0)),
    ],
)
def test_what_is_negated_is_the_contrary(text: str, bound: Bound) -> None:
    assert parse(text).bounds == (bound,)


def test_fields_say_where_to_look() -> None:
    query = parse('layer:4c -branch:3x3 label:"two words" family:* -class:fox sort:mean order:asc')
    assert query.terms == (Term("layer", "4c"), Term("branch", "3x3", True))
    assert query.names == (
        NameMatch("label", "two words"),
        NameMatch("family", ""),
        NameMatch("class", "fox", True),
    )
    assert (query.sort, query.is_ascending) == ("mean", True)
    assert not query.problems


def test_quotation_marks_keep_a_word_a_word() -> None:
    query = parse('"4c:447" “dead” "not"')
    assert query.words == (
        Word("4c:447", is_quoted=True),
        Word("dead", is_quoted=True),
        Word("not", is_quoted=True),
    )
    assert not query.addresses
    assert not query.bounds


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("densty<1", "“densty”; did you mean density?"),
        ("density<few", "“few” is no number"),
        ("density<", "“” is no number"),
        ("density<nan", "“nan” is no number"),
        ("density<1e999", "“1e999” is no number"),
        ("colour:red", "“colour:red” is not understood"),
        ("lable:red", "did you mean label:?"),
        ("sort:size", "cannot be sorted by “size”"),
        ("order:up", "no order “up”"),
        ("label:", "“label:” names nothing"),
        ("-4c:447", "cannot be left out"),
        ("-density=0.5", "“not density=…” is not understood"),
        ("tabby not", "“not” stands before nothing"),
        ("https://example.org/page", "of no page that is known"),
        ("x " * 30, "Only the first 24 words"),
        ("x" * 600, "Only the first 500 characters"),
    ],
)
def test_what_is_not_understood_is_named_in_a_sentence(text: str, told: str) -> None:
    (problem,) = parse(text).problems
    assert told in problem
    assert problem.endswith((".", "?"))


def test_a_part_that_is_not_understood_leaves_the_others_alone() -> None:
    query = parse("tabby densty<1 maximum>5")
    assert query.words == (Word("tabby"),)
    assert query.bounds == (Bound("maximum", ">", 5.0),)
    assert len(query.problems) == 1


def test_an_address_among_words_is_an_address() -> None:
    query = parse("4c:447 label:curve logits:281")
    assert [(each.name, each.unit) for each in query.addresses] == [("4c", 447), ("logits", 281)]
    assert query.names == (NameMatch("label", "curve"),)


def test_a_layer_and_an_index_with_a_space_are_an_address() -> None:
    (address,) = parse("mixed3b 379").addresses
    assert (address.name, address.unit, address.source) == ("mixed3b", 379, NameOrigin.TYPED)
