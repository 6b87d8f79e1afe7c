"""What the commands of precompute share: their options, and the check for PyTorch."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import typer

from app.config import PREFIX
from app.errors import MicroscopeError


class MissingExtraError(MicroscopeError):
    """PyTorch is not installed: this is an installation of the web side alone."""

    exit_code = 2


def option(name: str, text: str, **more: Any) -> Any:
    """An option `--name` that `MICROSCOPE_NAME` sets too."""
    variable = PREFIX + name.replace("-", "_").upper()
    return typer.Option(f"--{name}", envvar=variable, help=text, **more)


def require_torch() -> None:
    """Stops where the extra that renders and scans is not installed.

    Raises:
        MissingExtraError: it is not.
    """
    if find_spec("torch") is None:
        raise MissingExtraError(
            "This needs PyTorch, which is not installed: "
            "pip install 'inception-microscope[precompute]'."
        )
