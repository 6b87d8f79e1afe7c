"""The settings of the web side: one class, from which everything that names a setting is made.

The names in the environment, the help of the command line and the table in the documentation all
come from these fields.
"""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import InputError

PREFIX = "MICROSCOPE_"


def _as_prefix(path: str) -> str:
    """A path prefix as it is put before an address: `/lab/microscope`, or nothing."""
    bare = path.strip("/")
    return f"/{bare}" if bare else ""


def _as_origin(address: str) -> str:
    """A scheme and a host, without a slash at the end."""
    if address and not re.fullmatch(r"https?://[^/?#\s]+/?", address):
        raise ValueError("it must be a scheme and a host, such as https://microscope.example.org")
    return address.rstrip("/")


def _as_networks(text: str) -> str:
    """Addresses and networks with commas between, each as it is compared."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        try:
            ip_network(name)
        except ValueError:
            raise ValueError(
                f"{name} is no address and no network, such as 127.0.0.1 or 10.0.0.0/8"
            ) from None
    return ",".join(names)


class Settings(BaseSettings):
    """Where the database and the cache are, and at which address they are served."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True
    )

    database: str = Field(
        "microscope.db",
        description="The database: a file path, or an SQLAlchemy URL of SQLite or PostgreSQL.",
    )
    host: str = Field(
        "127.0.0.1",
        description="The address to listen on; 0.0.0.0 makes the pages public on the network.",
    )
    port: int = Field(8000, ge=0, le=65535, description="The port; 0 takes any that is free.")
    root_path: Annotated[str, AfterValidator(_as_prefix)] = Field(
        "", description="The prefix under which a proxy publishes the pages, such as /microscope."
    )
    site: Annotated[str, AfterValidator(_as_origin)] = Field(
        "",
        description="The public origin of the pages, such as https://microscope.example.org, for "
        "citations and previews; by default the one that each request names.",
    )
    trusted_proxies: Annotated[str, AfterValidator(_as_networks)] = Field(
        "",
        description="The addresses or networks of proxies, separated by commas, such as "
        "10.0.0.0/8: X-Forwarded-For and X-Forwarded-Proto are trusted from them alone.",
    )
    workers: int = Field(
        1,
        ge=1,
        le=64,
        description="How many processes serve the pages; more than one uses more cores.",
    )
    connections: int = Field(
        512,
        ge=1,
        le=100_000,
        description="How many connections a worker serves at once; a request on any other gets a "
        "503.",
    )
    query_seconds: float = Field(
        10.0,
        ge=0,
        description="How long one reading of the database may take; then the answer is a 503. "
        "0 sets no limit.",
    )
    log: Literal["text", "json"] = Field(
        "text", description="What a line of the server's log is: text for people, or JSON."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info",
        description="What the server's log holds: info has a line for each page and each answer of "
        "the API; debug one for each picture, file and probe as well.",
    )
    metrics: bool = Field(
        True,
        description="Whether /metrics tells Prometheus what was counted; whoever reaches the "
        "server's port can read it.",
    )
    home: Annotated[Path, AfterValidator(Path.expanduser)] = Field(
        Path("~/.cache/microscope"),
        validate_default=True,
        description="The cache: weights in weights/, folders of images in images/.",
    )


def read_settings(**given: str | int | bool | Path | None) -> Settings:
    """Settings from the environment, and over it those that were given on the command line.

    Raises `InputError` that names the setting.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        option = f"--{name.replace('_', '-')} or {PREFIX}{name.upper()}"
        raise InputError(
            f"The setting {name} ({option}) cannot be {first['input']!r}: {first['msg']}."
        ) from None


def help_for(name: str) -> str:
    """The help of one setting."""
    return Settings.model_fields[name].description or ""


def settings_table() -> str:
    """The settings as a table in Markdown, for docs/settings.md."""
    lines = ["| environment | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = f"`{field.default}`" if str(field.default) else "none"
        lines.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def as_environment(settings: Settings) -> dict[str, str]:
    """The settings as variables, for worker processes, which read them again."""
    return {f"{PREFIX}{name.upper()}": str(value) for name, value in settings}
