"""Options of the command line that stand for settings; shared by the modules with commands."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.config import PREFIX, Settings, help_for


def setting(name: str, *flags: str) -> Any:
    """The option of a setting, with its help and its name in the environment.

    The environment itself is read by `read_settings`, so the option's own default is nothing.
    """
    default = Settings.model_fields[name].default
    # Square brackets would be read as markup.
    text = f"{help_for(name)} ({PREFIX}{name.upper()}, default {default or 'none'})"
    return typer.Option(*(flags or (f"--{name.replace('_', '-')}",)), help=text)


def option(name: str, text: str, *flags: str) -> Any:
    """An option of one command, with its name in the environment."""
    return typer.Option(*flags, envvar=f"{PREFIX}{name.upper()}", help=text)


Database = Annotated[str | None, setting("database")]
Host = Annotated[str | None, setting("host")]
Port = Annotated[int | None, setting("port")]
RootPath = Annotated[str | None, setting("root_path")]


Log = Annotated[str | None, setting("log")]
LogLevel = Annotated[str | None, setting("log_level")]
Workers = Annotated[int | None, setting("workers")]
Metrics = Annotated[bool | None, setting("metrics", "--metrics/--no-metrics")]


def plain(text: str, longest: int = 200) -> str:
    """Anybody's text for a terminal: on one line, without its control codes, not too long."""
    short = text if len(text) <= longest else f"{text[:longest]}…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in short)
