"""Pictures that are kept: never more than there is room for, never longer than they are true."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from app.memory import Memory
from app.store.changes import Changes
from app.store.views import Picture


class Told(Changes):
    """Stands for a database whose state a test decides."""

    def __init__(self, state: int | None = 1) -> None:
        super().__init__(create_engine("postgresql+psycopg://nobody@localhost/nothing"))
        self.state = state

    def version(self) -> int | None:
        return self.state


def picture(size: int) -> Picture:
    return Picture("image/png", bytes(size))


def filled(told: Told, room: int = 100) -> Memory:
    memory = Memory(told, room)
    memory.put({"a": picture(40), "b": picture(40)}, memory.version())
    return memory


def test_what_was_put_is_there() -> None:
    memory = filled(Told())
    assert memory.get("a") == memory.get("b") == picture(40)
    assert memory.get("c") is None


def test_what_was_not_asked_for_the_longest_makes_room() -> None:
    memory = filled(told := Told())
    memory.get("a")
    memory.put({"c": picture(40)}, told.state)
    assert [name for name in "abc" if memory.get(name)] == ["a", "c"]


def test_any_commit_makes_it_forget_everything() -> None:
    memory = filled(told := Told())
    told.state = 2
    assert memory.get("a") is None
    told.state = 1
    assert memory.get("b") is None


def test_what_was_read_before_a_commit_is_not_kept_after_it() -> None:
    memory = Memory(told := Told())
    before = memory.version()
    told.state = 2
    memory.version()
    memory.put({"a": picture(1)}, before)
    assert memory.get("a") is None


def test_a_database_that_cannot_tell_is_asked_every_time() -> None:
    memory = filled(Told(None))
    assert memory.get("a") is None


def test_a_picture_larger_than_the_room_is_not_kept() -> None:
    memory = filled(Told(), room=10)
    assert memory.get("a") is memory.get("b") is None


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60))), st.integers(0, 200))
def test_there_is_never_more_than_there_is_room_for(
    given: list[tuple[int, int]], room: int
) -> None:
    memory = Memory(told := Told(), room)
    memory.version()
    for name, size in given:
        memory.put({str(name): picture(size)}, told.state)
        kept = [memory.get(str(each)) for each in range(10)]
        assert sum(len(each.bytes) for each in kept if each) <= room
