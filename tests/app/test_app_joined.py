"""What is written comes whole and in order, in as few pieces as may be."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from app.joined import MOST, Joined


class Line(asyncio.Transport):
    """A transport that notes what is done with it."""

    def __init__(self) -> None:
        super().__init__({"peername": ("client", 1)})
        self.done: list[Any] = []
        self.waits = 0

    def write(self, data: Any) -> None:
        self.done.append(data)

    def write_eof(self) -> None:
        self.done.append("end")

    def close(self) -> None:
        self.done.append("closed")

    def is_closing(self) -> bool:
        return "closed" in self.done

    def get_write_buffer_size(self) -> int:
        return self.waits


class Loop:
    """Goes round when it is told to."""

    def __init__(self) -> None:
        self.soon: list[Any] = []

    def call_soon(self, callback: Any) -> None:
        self.soon.append(callback)

    def go_round(self) -> None:
        callbacks, self.soon = self.soon, []
        for callback in callbacks:
            callback()


def made() -> tuple[Line, Loop, Joined]:
    line, loop = Line(), Loop()
    return line, loop, Joined(line, cast(asyncio.AbstractEventLoop, loop))


def test_head_and_body_are_sent_together() -> None:
    line, loop, joined = made()
    joined.write(b"head")
    joined.write(b"body")
    assert line.done == []
    loop.go_round()
    assert line.done == [b"headbody"]


def test_what_is_done_next_comes_behind_what_was_written() -> None:
    line, loop, joined = made()
    joined.write(b"last words")
    joined.write_eof()
    joined.write(b"!")
    joined.close()
    loop.go_round()
    assert line.done == [b"last words", "end", b"!", "closed"]
    assert joined.is_closing()


def test_what_is_kept_counts_as_not_taken() -> None:
    line, loop, joined = made()
    line.waits = 3
    joined.write(b"12345")
    assert joined.get_write_buffer_size() == 8
    loop.go_round()
    assert joined.get_write_buffer_size() == 3
    assert joined.get_extra_info("peername") == ("client", 1)


@given(st.lists(st.one_of(st.integers(0, 2 * MOST), st.none()), max_size=12))
def test_all_arrives_in_order_and_no_more_than_so_much_is_kept(sizes: list[int | None]) -> None:
    """A number stands for a writing of so many bytes, nothing for a round of the loop."""
    line, loop, joined = made()
    for number, size in enumerate(sizes):
        if size is None:
            loop.go_round()
            assert joined.get_write_buffer_size() == 0
        else:
            joined.write(bytes([number]) * size)
        assert joined.get_write_buffer_size() <= MOST
    loop.go_round()
    expected = b"".join(bytes([n]) * size for n, size in enumerate(sizes) if size)
    assert b"".join(line.done) == expected
