"""Inception Microscope: the database, the web side and the `microscope` command; no PyTorch."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("inception-microscope")
except PackageNotFoundError:  # run from a folder, not installed
    __version__ = "0"
