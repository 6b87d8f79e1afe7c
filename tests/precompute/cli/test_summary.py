"""The summary at the end of a run."""

from __future__ import annotations

from precompute.cli.summary import printable, sentences
from precompute.request import Request
from precompute.stages.outcome import Outcome


def test_the_end_names_what_was_skipped_and_what_to_do_next() -> None:
    skipped = tuple(f"{n}.jpg: not an image that can be read" for n in range(23))
    outcome = Outcome(8, 16, skipped, 4, 2)
    told = list(sentences(outcome, Request("toy", database="my.db")))
    assert told[0].startswith(
        "Rendered 8 pictures; found examples or effects of 16 units; 4 were stored"
    )
    assert "2 stored pictures were made by another recipe" in told[1]
    assert "23 images could not be read" in told[2]
    assert told[-2].strip().startswith("… and 3 more")
    assert told[-1] == "See them with: microscope serve --database my.db"


def test_the_end_of_a_run_that_found_one_of_each_is_said_as_of_one() -> None:
    told = list(sentences(Outcome(1, 1, ("a.jpg: too small",), 1, 1), Request("toy")))
    assert told[0] == (
        "Rendered 1 picture; found examples or effects of 1 unit; 1 was stored already."
    )
    assert told[1].startswith("1 stored picture was made by another recipe")
    assert told[2] == "1 image could not be read and was skipped:"


def test_a_password_is_not_printed() -> None:
    request = Request("toy", database="postgresql://u:secret@host/db")
    assert "secret" not in " ".join(sentences(Outcome(), request))


def test_a_files_name_cannot_command_the_terminal() -> None:
    assert printable("a\x1b[31m\nb.jpg: ä") == r"a\x1b[31m\nb.jpg: ä"
