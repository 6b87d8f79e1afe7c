"""What is said of a parameter that cannot be read: which, what it got, and what to give instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Longer input is cut: it is repeated so that it can be found, not read.
SHOWN = 60

ADVICE = {
    "int_parsing": "give a whole number",
    "int_parsing_size": "give a whole number that is not so large",
    "greater_than_equal": "give a whole number that is at least {ge:,}",
    "less_than_equal": "give a whole number that is at most {le:,}",
    "literal_error": "give one of {expected}",
    "string_pattern_mismatch": "give it as an answer of this API does",
}


def refusal(error: Mapping[str, Any]) -> str:
    """The sentence about one of pydantic's errors, such as `limit: give a whole number …`."""
    name = error["loc"][-1]
    advice = ADVICE.get(error["type"])
    if advice is None:
        return f"{name}: {error['msg']}."
    return f"{name}: {advice.format(**error.get('ctx', {}))}, not {_shown(error['input'])}."


def _shown(value: Any) -> str:
    text = str(value)
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")
