"""Settings: one class, from which every name, help text and table comes."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import Settings, help_for, read_settings, settings_table
from app.errors import InputError

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_environment_sets_what_the_command_line_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MICROSCOPE_PORT", "9000")
    monkeypatch.setenv("MICROSCOPE_HOST", "0.0.0.0")
    settings = read_settings(port=None, host="::1")
    assert (settings.port, settings.host) == (9000, "::1")


@pytest.mark.parametrize(
    ("given", "prefix"), [("lab", "/lab"), ("/lab/", "/lab"), ("/", ""), ("/a/b", "/a/b")]
)
def test_a_prefix_begins_with_a_slash_and_does_not_end_with_one(given: str, prefix: str) -> None:
    assert read_settings(root_path=given).root_path == prefix


def test_a_wrong_setting_is_named_with_its_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROSCOPE_PORT", "eighty")
    with pytest.raises(InputError) as caught:
        read_settings()
    for part in ("--port", "MICROSCOPE_PORT", "'eighty'"):
        assert part in caught.value.message


def test_every_setting_has_help() -> None:
    assert all(help_for(name).endswith(".") for name in Settings.model_fields)


def test_the_documentation_holds_the_table() -> None:
    assert settings_table() in DOCS.read_text()
