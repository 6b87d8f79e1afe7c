"""The program's version, from what is installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("inception-microscope")
except PackageNotFoundError:  # run from a folder, not installed
    VERSION = "0"
