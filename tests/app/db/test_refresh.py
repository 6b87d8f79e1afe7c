"""`microscope refresh`: makes what lists show, once, and says what it made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.main import app, run
from app.db.derived.sprites import outdated_sheets
from app.db.engine import open_for_reading


def test_refresh_makes_what_is_missing_and_then_nothing(
    tmp_path: Path, fill: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "old.db")
    fill(path)
    assert run(app, ["refresh", "--database", path]) == 0
    assert "toy: up to date." not in capsys.readouterr().out
    engine = open_for_reading(path)
    assert outdated_sheets(engine, "toy") == ()
    engine.dispose()
    assert run(app, ["refresh", "--database", path]) == 0
    assert "toy: up to date." in capsys.readouterr().out
