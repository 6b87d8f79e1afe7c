"""The bookkeeping of lost workers: what is tried again, alone or in parts, and what is given up."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from precompute.executors.ray_scheduler import Book, Piece
from tests.precompute.executors.tasks import Numbers, Squares

Work = Piece[Numbers, Numbers]


def book(*items: Numbers, in_order: bool = True) -> Book[Numbers, Numbers]:
    made: Book[Numbers, Numbers] = Book(Squares(in_order=in_order), items)
    made.draw(len(items))
    return made


def take(from_: Book[Numbers, Numbers], is_free: bool = True) -> Work:
    piece = from_.next(is_free)
    assert piece is not None
    return piece


def finish(of: Book[Numbers, Numbers], pieces: Iterable[Work]) -> None:
    for piece in pieces:
        of.finish(piece, of.task(None, piece.item))  # type: ignore[arg-type]


def test_no_more_items_are_drawn_than_may_be_open() -> None:
    drawn: list[int] = []

    def items() -> Iterable[Numbers]:
        for number in range(100):
            drawn.append(number)
            yield (number,)

    many: Book[Numbers, Numbers] = Book(Squares(), items())
    many.draw(3)
    pieces = [take(many) for _ in range(3)]
    assert len(drawn) == 3
    many.draw(3)
    finish(many, pieces)
    many.draw(3)
    assert len(drawn) == 3  # finished, but nobody has taken it yet
    assert len(list(many.ready())) == 3
    many.draw(3)
    assert len(drawn) == 6


@pytest.mark.parametrize(("in_order", "handed_on"), [(True, []), (False, [(3,)])])
def test_results_are_handed_on_in_order_where_that_is_wanted(
    in_order: bool, handed_on: list[Numbers]
) -> None:
    two = book((2,), (3,), in_order=in_order)
    _, second = take(two), take(two)
    finish(two, [second])
    assert [done.item for done in two.ready()] == handed_on


def test_an_item_that_fails_is_tried_in_its_parts_and_only_the_bad_part_is_missing() -> None:
    one = book((1, 2, 3))
    one.fail(take(one), "broken")
    parts = [take(one) for _ in range(3)]
    assert [part.item for part in parts] == [(1,), (2,), (3,)]
    one.fail(parts[1], "still broken")
    finish(one, [parts[2], parts[0]])
    (done,) = one.ready()
    assert done.results == (((1,), (1,)), ((3,), (9,)))
    assert [(f.item, f.name, f.reason) for f in done.failures] == [
        ((2,), "number 2", "still broken")
    ]
    one.draw(1)
    assert one.is_done


def test_whose_worker_died_is_tried_again_alone_before_anything_else() -> None:
    three = book((1,), (2,), (3,))
    first, second = take(three), take(three)
    three.die(second, False, "died")
    three.die(first, False, "died")
    assert three.next(is_free=False) is None
    assert take(three) is first
    assert take(three) is second
    assert three.next(is_free=False) is not None
    assert (first.deaths, second.deaths) == (0, 0)


def test_an_innocent_neighbour_is_never_given_up_however_often_its_worker_dies() -> None:
    two = book((1,), (2,))
    guilty, innocent = take(two), take(two)
    for _ in range(20):
        two.die(innocent, False, "died")
        assert take(two) is innocent
    two.die(guilty, True, "died")
    assert not list(two.ready())
    finish(two, [innocent])
    assert innocent.deaths == 0


def test_what_kills_its_worker_alone_each_time_is_given_up_and_named() -> None:
    one = book((1, 2))
    whole = take(one)
    one.die(whole, True, "died")
    one.die(take(one), True, "died")
    good, bad = take(one), take(one)
    assert (good.item, bad.item) == ((1,), (2,))
    assert bad.is_suspect  # so it is tried where nothing else is lost with it
    finish(one, [good])
    one.die(bad, True, "died")
    one.die(take(one), True, "died twice")
    (done,) = one.ready()
    assert done.results == (((1,), (1,)),)
    assert [f.reason for f in done.failures] == ["died twice"]


def test_what_could_not_be_done_there_is_done_elsewhere_without_blame() -> None:
    one = book((5,))
    piece = take(one)
    one.again(piece)
    assert take(one, is_free=False) is piece
    assert (piece.is_suspect, piece.deaths) == (False, 0)
