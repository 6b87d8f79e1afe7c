"""`microscope labels`: a file is stored whole or not at all, and comes out as it went in."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from app.cli import main
from app.db.engine import open_for_writing
from app.db.writer.writer import Writer
from tests.app.conftest import made_up_model

GOOD = """
model = "toy"
source = "us"
[[label]]
units = ["mixed3b:2-4", "mixed3b:7"]
label = "curves"
family = "lines"
[[label]]
units = "conv2d0:3"
label = "[bold]<script>\\u001b[31m\\u202e🚗"
"""


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = str(tmp_path / "toy.db")
    engine = open_for_writing(path)
    Writer(engine).put_model(made_up_model())
    engine.dispose()
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main.run(main.app, ["labels", *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def save(folder: Path, text: str) -> str:
    path = folder / "labels.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_labels_are_imported_again_and_again(
    capsys: pytest.CaptureFixture[str], database: str, tmp_path: Path
) -> None:
    file = save(tmp_path, GOOD)
    assert run(capsys, "import", file, "--database", database) == (
        0,
        "toy: 3 labels stored, in place of 0.\n",
        "",
    )
    first = run(capsys, "export", "--database", database)
    assert run(capsys, "import", file, "--database", database)[1].endswith("in place of 3.\n")
    assert run(capsys, "export", "--database", database) == first


def test_an_export_can_be_imported(
    capsys: pytest.CaptureFixture[str], database: str, tmp_path: Path
) -> None:
    run(capsys, "import", save(tmp_path, GOOD), "--database", database)
    exported = run(capsys, "export", "toy", "--database", database)[1]
    assert 'units = ["mixed3b:2-4", "mixed3b:7"]' in exported
    assert run(capsys, "import", save(tmp_path, exported), "--database", database)[0] == 0
    assert run(capsys, "export", "--database", database)[1] == exported


def test_a_dry_run_stores_nothing(
    capsys: pytest.CaptureFixture[str], database: str, tmp_path: Path
) -> None:
    Path(database).chmod(stat.S_IRUSR)
    file = save(tmp_path, GOOD)
    code, out, _ = run(capsys, "import", file, "--dry-run", "--database", database)
    assert (code, out) == (0, "toy: 3 labels, all well. Nothing was stored.\n")
    assert run(capsys, "list", "--database", database) == (0, "", "")


def test_mistakes_are_listed_line_by_line_and_nothing_is_stored(
    capsys: pytest.CaptureFixture[str], database: str, tmp_path: Path
) -> None:
    run(capsys, "import", save(tmp_path, GOOD), "--database", database)
    file = save(tmp_path, GOOD + '[[label]]\nunits = "mixed3b:99"\n')
    code, out, err = run(capsys, "import", file, "--database", database)
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "label 3 (line 11): there is no label: name it.",
        "label 3 (line 11): there is no unit 99 in mixed3b: its last is 23.",
        f"Error: {file} has 2 problems; nothing was stored. docs/labels.md tells the format.",
    ]
    assert len(run(capsys, "list", "--database", database)[1].splitlines()) == 3


def test_a_list_prints_labels_as_they_are_without_control_codes(
    capsys: pytest.CaptureFixture[str], database: str, tmp_path: Path
) -> None:
    run(capsys, "import", save(tmp_path, GOOD), "--database", database)
    assert run(capsys, "list", "toy", "--database", database)[1].splitlines() == [
        "toy  mixed3b:2-4  curves (lines)",
        "toy  mixed3b:7  curves (lines)",
        "toy  conv2d0:3  [bold]<script>\\x1b[31m\\u202e🚗",
    ]


def test_a_database_that_is_not_there_is_not_made(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "none.db"
    code, _, err = run(capsys, "import", save(tmp_path, GOOD), "--database", str(path))
    assert (code, path.exists()) == (2, False)
    assert err.startswith("Error: There is no database")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"a = ", "cannot be read as TOML"),
        (None, "No such file"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    capsys: pytest.CaptureFixture[str],
    database: str,
    tmp_path: Path,
    content: bytes | None,
    told: str,
) -> None:
    file = tmp_path / "labels.toml"
    if content is not None:
        file.write_bytes(content)
    code, _, err = run(capsys, "import", str(file), "--database", database)
    assert code == 2
    assert told in err
    assert err.count("\n") == 1


def test_an_unknown_model_is_refused(capsys: pytest.CaptureFixture[str], database: str) -> None:
    code, _, err = run(capsys, "export", "none", "--database", database)
    assert code == 2
    assert "no model 'none'" in err
