"""Prints what pyproject.toml asks for, one requirement a line: its own and an extra's.

The images install it before our own code, which changes far more often. Run where pyproject.toml
lies, with the name of an extra.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path


def requirements(text: str, extra: str) -> list[str]:
    """Those of every installation, then those of an extra; `KeyError` where there is none."""
    project = tomllib.loads(text)["project"]
    return [*project["dependencies"], *project["optional-dependencies"][extra]]


if __name__ == "__main__":
    wanted = requirements(Path("pyproject.toml").read_text(encoding="utf-8"), sys.argv[1])
    sys.stdout.write("\n".join(wanted) + "\n")
