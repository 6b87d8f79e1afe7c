"""`labels.toml`: everything that is wrong is told at once, and what is written can be read."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli.labels_file import LONGEST, LabelFile, quoted, read, write
from app.db.views import BranchView, LabelView
from app.db.views.search import LayerPlace, ModelPlace
from app.db.writer.labels import LabelRecord
from app.errors import InputError

BRANCHES = (BranchView("1x1", 0, 8), BranchView("3x3", 8, 20), BranchView("pool", 20, 24))
LAYERS = (LayerPlace("conv2d0", 16, ()), LayerPlace("mixed3b", 24, BRANCHES))
MODELS = (ModelPlace("toy", "A toy", "toy", LAYERS), ModelPlace("two", "Another", "toy", LAYERS))

WHOLE = """
model = "toy"
source = "us"

[[label]]
units = "mixed3b:2"
label = "curves"
family = "lines"
note = "seen in photographs"

[[label]]
units = ["mixed3b_3x3:1-3", "3b:20", "conv2d0:0–15"]
label = "circles"
source = "them"

[[label]]
model = "two"
units = "mixed3b:2"
label = "dots"
"""


def entry(text: str) -> LabelFile:
    """One entry that is whole, but for what the text changes."""
    lines = {"units": '"mixed3b:2"', "label": '"x"', "model": '"toy"', "source": '"us"'}
    changed = dict(line.split(" = ", 1) for line in text.splitlines())
    body = "\n".join(f"{name} = {value}" for name, value in (lines | changed).items() if value)
    return read(f"[[label]]\n{body}\n", MODELS)


def test_a_file_is_read_with_the_defaults_at_its_top() -> None:
    found = read(WHOLE, MODELS)
    assert not found.problems
    assert found.labels["toy"] == [
        LabelRecord("mixed3b", 2, 3, "curves", "lines", "seen in photographs", "us"),
        LabelRecord("mixed3b", 9, 12, "circles", None, None, "them"),
        LabelRecord("mixed3b", 20, 21, "circles", None, None, "them"),
        LabelRecord("conv2d0", 0, 16, "circles", None, None, "them"),
    ]
    assert found.labels["two"] == [LabelRecord("mixed3b", 2, 3, "dots", None, None, "us")]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ('units = "mixed3b:24"', "there is no unit 24 in mixed3b: its last is 23."),
        ('units = "mixed3b_3x3:12"', "there is no unit 12 in mixed3b_3x3: its last is 11."),
        ('units = "mixed9z:1"', "toy has no layer 'mixed9z'; it has conv2d0, mixed3b."),
        ('units = "mixed3b_3x3_bottleneck:1"', "toy has no layer"),
        ('units = "mixed3b:9-3"', "runs backwards"),
        ('units = "mixed3b"', "'mixed3b' names no units: write mixed4c:447"),
        ('units = "mixed3b:-1"', "names no units"),
        ("units = 5", "units must be a text"),
        ("units = []", "units must be a text"),
        ('units = ["mixed3b:1", 2]', "units must be a text"),
        ("units = ", "there is no units: name it."),
        ('label = ""', "label is empty"),
        ('label = "  "', "label is empty"),
        ("label = 5", "label must be a text in quotation marks, not a number."),
        ("label = true", "not true or false."),
        ("label = 2026-03-01", "not a date or time."),
        ('label = "\\u0000"', "NUL"),
        (f'note = "{"x" * (LONGEST + 1)}"', "note is 10,001 characters long, and can be 10,000"),
        ("family = {}", "family must be a text in quotation marks, not a table."),
        ('famly = "x"', "there is no key 'famly'; did you mean family?"),
        ('zzz = "x"', "there is no key 'zzz'; known are units, label"),
        ('model = "none"', "there is no model 'none' in the database; there are toy, two."),
        ("model = ", "there is no model: name it, here or at the top of the file."),
        ("source = ", "there is no source: name it, here or at the top of the file."),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_do(change: str, told: str) -> None:
    (problem,) = entry(change).problems
    assert problem.startswith("label 1 (line 1): ")
    assert told in problem


def test_every_mistake_is_told_at_once() -> None:
    text = 'sorce = "x"\nmodel = "none"\n[[label]]\nunits = 4\n\n[[label]]\nlabel = 5\nx = 1\n'
    places = [problem.split(":")[0] for problem in read(text, MODELS).problems]
    assert places == ["at the top"] * 2 + ["label 1 (line 3)"] * 3 + ["label 2 (line 6)"] * 4


def test_what_is_wrong_at_the_top_is_told_once() -> None:
    entries = '[[label]]\nunits = "mixed3b:1"\nlabel = "x"\n' * 9
    problems = read(f'model = "none"\nsource = ""\n{entries}', MODELS).problems
    assert len(problems) == 2


def test_entries_in_one_line_are_told_by_number() -> None:
    found = read('label = [{ label = "x", units = "mixed3b:1", source = "us" }]', MODELS)
    assert found.problems == [
        "label 1: there is no model: name it, here or at the top of the file."
    ]


@pytest.mark.parametrize("text", ["label = 3", 'label = ["x"]', '[label]\nunits = "a:1"'])
def test_labels_that_are_no_entries_are_told(text: str) -> None:
    assert "begins with [[label]]" in read(text, MODELS).problems[0]


def test_what_is_no_toml_is_refused_with_the_line() -> None:
    with pytest.raises(InputError, match=r"line 2, column 9"):
        read('a = "b"\nlabel = \n', MODELS)


def test_an_empty_file_is_a_mistake_and_a_model_without_labels_is_not() -> None:
    assert "names no labels" in read("", MODELS).problems[0]
    found = read('model = "toy"', MODELS)
    assert (found.problems, found.labels) == ([], {"toy": []})


# What can be stored: neither NUL, which PostgreSQL refuses, nor halves of characters.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
stored = texts.map(str.strip).filter(bool)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_in_quotation_marks_is_read_back(text: str) -> None:
    assert tomllib.loads(f"x = {quoted(text)}")["x"] == text
    assert quoted(text).isprintable()


Row = tuple[str, str, int, int, str, str, str, str]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["toy", "two"]),
            st.sampled_from(["conv2d0", "mixed3b"]),
            st.integers(0, 7),
            st.integers(1, 8),
            stored,
            st.none() | stored,
            st.none() | stored,
            stored,
        ),
        min_size=1,
    )
)
def test_what_is_written_is_read_back(
    rows: list[Row],
) -> None:
    given_labels: dict[str, list[LabelRecord]] = {}
    views = []
    for model, layer, start, size, *said in sorted(rows, key=lambda row: row[0]):
        views.append((model, layer, LabelView(start, start + size, *said)))
        record = LabelRecord(layer, start, start + size, *said)
        given_labels.setdefault(model, []).append(record)
    found = read(write(views), MODELS)
    assert found.problems == []
    assert found.labels == given_labels
