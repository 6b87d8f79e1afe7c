"""How many there are of something, in words: the same for every command. Pure, and of no room.

What follows from the number (`is` or `are`) belongs to the words that are given.
"""

from __future__ import annotations


def many(number: int, one: str, several: str = "") -> str:
    """`1, "picture"` → `"1 picture"`; `2,000, "picture"` → `"2,000 pictures"`.

    Args:
        number: 0 or more; of nothing there are several, as English has it.
        one: what stands behind a 1, such as `row refers`.
        several: what stands behind any other number, such as `rows refer`; default `one` with an s.
    """
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"
