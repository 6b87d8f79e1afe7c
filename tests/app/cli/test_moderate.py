"""`microscope hide`, `unhide` and `prune` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.cli import main
from app.db.engine import open_for_writing
from app.db.maintenance import hidden_images
from app.db.records import ImageRecord
from app.db.statements import add_images
from app.db.transactions import writing
from tests.app.conftest import draw_picture, made_up_model
from tests.app.curated import fill_small, picture_of

FIRST = picture_of(draw_picture, "mixed3b", 1).sha256
SECOND = picture_of(draw_picture, "mixed3b", 2).sha256


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = str(tmp_path / "toy.db")
    engine = open_for_writing(path)
    fill_small(engine, made_up_model, draw_picture)
    engine.dispose()
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], database: str) -> Run:
    return Run(capsys, database)


class Run:
    """Runs a command on the database; its exit code and what it printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str], database: str) -> None:
        self.capsys = capsys
        self.database = database

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        code = main.run(main.app, [*arguments, "--database", self.database])
        printed = self.capsys.readouterr()
        return code, printed.out, printed.err


@pytest.mark.parametrize(
    "named",
    [
        FIRST,
        FIRST.upper(),
        FIRST[:8],
        f"https://example.org/lab/img/{FIRST}.png",
        f"/img/{FIRST}.webp?x=1",
    ],
)
def test_a_picture_is_hidden_by_whatever_names_it(run: Run, named: str) -> None:
    assert run("hide", named, "--reason", "a face") == (0, f"Hidden: {FIRST}\n", "")
    code, out, _ = run("hide", "--list")
    assert code == 0
    assert out.startswith(FIRST)
    assert out.endswith("a face\n")
    assert run("unhide", named) == (0, f"Shown again: {FIRST}\n", "")
    assert run("hide", "--list")[1] == "Nothing is hidden.\n"


def test_several_pictures_are_hidden_at_once_or_none(run: Run) -> None:
    assert run("hide", FIRST, SECOND, FIRST)[1] == f"Hidden: {FIRST}\nHidden: {SECOND}\n"
    assert run("unhide", FIRST, "0" * 64)[0] == 2
    assert len(run("hide", "--list")[1].splitlines()) == 2


def test_a_picture_that_is_not_stored_is_hidden_by_its_whole_hash(run: Run) -> None:
    assert run("hide", "0" * 64)[0] == 0
    assert "(not stored)" in run("hide", "--list")[1]
    assert run("unhide", "0" * 8)[0] == 0


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("0" * 12, "No stored picture's SHA-256 begins with 000000000000"),
        (FIRST[:7], "at least the first 8"),
        ("not a hash", "is no picture"),
        ("f" * 65, "is no picture"),
        ("", "is no picture"),
    ],
)
def test_what_names_no_picture_is_refused(run: Run, named: str, told: str) -> None:
    code, out, err = run("hide", named)
    assert (code, out) == (2, "")
    assert told in err


def test_the_beginning_of_several_hashes_is_refused_with_them(run: Run, database: str) -> None:
    engine = open_for_writing(database)
    hidden_images.hide(engine, {"01234567" + digit * 56: "" for digit in "ab"})
    engine.dispose()
    code, _, err = run("hide", "01234567")
    assert code == 2
    assert "Several pictures begin with 01234567" in err


def test_hiding_nothing_is_refused(run: Run) -> None:
    assert run("hide")[0] == 2
    assert run("unhide")[0] == 2
    code, _, err = run("unhide", FIRST)
    assert code == 2
    assert "is not hidden" in err


def test_a_reason_is_printed_without_control_codes(run: Run) -> None:
    run("hide", FIRST, "--reason", "[red]\x1b[31m\u202e")
    assert run("hide", "--list")[1].endswith("[red]\\x1b[31m\\u202e\n")


def test_what_is_derived_is_made_anew_after_each_change(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def refresh_all(engine: Engine) -> dict[str, int]:
        seen.append(len(hidden_images.listed(engine)))
        return {}

    monkeypatch.setattr("app.db.derived.refresh.refresh_all", refresh_all)
    run("hide", FIRST)
    run("unhide", FIRST)
    assert seen == [1, 0]


def test_pruning_tells_what_goes_before_it_goes(run: Run, database: str) -> None:
    engine = open_for_writing(database)
    with writing(engine) as connection:
        add_images(connection, [ImageRecord.of(bytes(1500), "image/png", 1, 1)])
    engine.dispose()
    told = "1 picture (1,500 bytes), 0 recipes, 0 images of data sets and 0 sheets"
    assert run("prune", "--dry-run")[1] == f"Nothing refers to {told}. Nothing was removed.\n"
    assert run("prune")[1] == f"Removed {told}.\n"
    code, out, _ = run("prune", "--vacuum")
    assert code == 0
    assert out.startswith("Removed 0 pictures")
    assert "free space was given back" in out


@pytest.mark.parametrize("command", [("hide", FIRST), ("unhide", FIRST), ("prune",)])
def test_a_database_that_is_not_there_is_not_made(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    path = tmp_path / "none.db"
    assert main.run(main.app, [*command, "--database", str(path)]) == 2
    assert "There is no database" in capsys.readouterr().err
    assert not path.exists()
