"""Counts and durations in words."""

from __future__ import annotations


def many(number: int, one: str, several: str = "") -> str:
    """`1, "picture"` → `"1 picture"`; `2,000, "picture"` → `"2,000 pictures"`.

    Args:
        number: 0 or more.
        one: the words after 1, with a verb if they need one: `row refers`.
        several: the words after any other number: `rows refer`; default `one` with an s.
    """
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def duration(seconds: float) -> str:
    """`95` → `"1 min 35 s"`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
