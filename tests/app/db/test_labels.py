"""Labels in the store, on both engines: what is imported is what is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from app.db.queries import lookup
from app.db.records import ModelRecord
from app.db.writer.labels import LabelRecord, replace_labels
from app.db.writer.writer import Writer
from app.errors import NotFound

FIRST = LabelRecord("mixed3b", 2, 5, "curves", "lines", "a note", "us")
SECOND = LabelRecord("mixed3b", 4, 5, "circles", None, None, "them")


@pytest.fixture
def models(engine: Engine, make_model: Callable[..., ModelRecord]) -> Engine:
    writer = Writer(engine)
    writer.put_model(make_model())
    writer.put_model(make_model("other", "cd" * 32))
    return engine


def told(engine: Engine, model: str = "toy") -> list[tuple[str, str]]:
    return [(layer, view.label) for layer, view in lookup.model_labels(engine, model)]


def test_labels_are_read_as_they_were_stored(models: Engine) -> None:
    assert replace_labels(models, {"toy": [FIRST, SECOND]}) == {"toy": 0}
    assert told(models) == [("mixed3b", "curves"), ("mixed3b", "circles")]
    first, second = lookup.unit_labels(models, "toy", "mixed3b", 4)
    assert (first.start, first.stop, first.family, first.note) == (2, 5, "lines", "a note")
    assert (second.family, second.note, second.source) == (None, None, "them")
    assert not lookup.unit_labels(models, "toy", "mixed3b", 5)


def test_an_import_replaces_the_labels_of_the_models_that_it_names(models: Engine) -> None:
    replace_labels(models, {"toy": [FIRST], "other": [SECOND]})
    assert replace_labels(models, {"toy": [SECOND]}) == {"toy": 1}
    assert told(models) == [("mixed3b", "circles")]
    assert told(models, "other") == [("mixed3b", "circles")]
    assert replace_labels(models, {"toy": []}) == {"toy": 1}
    assert told(models) == []


def test_an_import_that_fails_changes_nothing(models: Engine) -> None:
    replace_labels(models, {"toy": [FIRST]})
    strange = LabelRecord("none", 0, 1, "x", None, None, "us")
    for bad in ({"toy": [SECOND, strange]}, {"toy": [], "nobody": [SECOND]}):
        with pytest.raises(NotFound):
            replace_labels(models, bad)
        assert told(models) == [("mixed3b", "curves")]
