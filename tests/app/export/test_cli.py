"""`microscope export` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main.run(main.app, ["export", *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_a_copy_is_made_and_told_in_a_line(
    capsys: pytest.CaptureFixture[str], database: str, tmp_path: Path
) -> None:
    out = str(tmp_path / "copy")
    code, told, _ = run(capsys, "--out", out, "--database", database, "--layers", "logits")
    assert code == 0
    assert told.startswith(f"{out}: ")
    assert " written, 0 removed." in told
    assert (tmp_path / "copy" / "index.html").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--layers", "mixed9z"), "There is no layer 'mixed9z' here."),
        (("--format", "zip"), "--format cannot be 'zip': it is site or parquet."),
        (("--images",), "--images means nothing with --format site."),
        (("--format", "parquet", "--site", "https://x"), "--site means nothing"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    capsys: pytest.CaptureFixture[str],
    database: str,
    tmp_path: Path,
    arguments: tuple[str, ...],
    told: str,
) -> None:
    out = str(tmp_path / "copy")
    code, printed, error = run(capsys, "--out", out, "--database", database, *arguments)
    assert (code, printed) == (2, "")
    assert told in error
    assert error.count("\n") == 1


def test_a_folder_of_something_else_is_refused(
    capsys: pytest.CaptureFixture[str], database: str, tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("all of it")
    code, _, error = run(capsys, "--out", str(tmp_path), "--database", database)
    assert code == 2
    assert "is not empty" in error
