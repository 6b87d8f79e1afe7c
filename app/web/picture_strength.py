"""How a rendered picture compares with the strongest dataset example: one number for each.

Pure functions over the store's views, for the pages and for the JSON API alike.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.db.views import VisualizationView
from app.db.views.evidence import ExampleView
from app.techniques import technique


def ratio_to_examples(picture: VisualizationView, examples: Sequence[ExampleView]) -> float | None:
    """How many times the picture's maximum is the strongest example's, both before the ReLU.

    For a negative picture, how many times its minimum is the lowest example's. None where there
    are no such examples, or where none of them excites (suppresses) the unit.
    """
    if technique(picture.technique).is_minimized:
        return _ratio(picture.minimum, lowest_example(examples))
    return _ratio(picture.maximum, strongest_example(examples))


def strongest_example(examples: Sequence[ExampleView]) -> float | None:
    """The largest activation among the top examples, if any excites the unit at all."""
    largest = max((each.activation for each in examples if each.kind == "top"), default=0.0)
    return largest if largest > 0 else None


def lowest_example(examples: Sequence[ExampleView]) -> float | None:
    """The smallest activation among the minimum examples, if any suppresses the unit at all."""
    smallest = min((each.activation for each in examples if each.kind == "minimum"), default=0.0)
    return smallest if smallest < 0 else None


def _ratio(value: float | None, example: float | None) -> float | None:
    return None if value is None or example is None else value / example
