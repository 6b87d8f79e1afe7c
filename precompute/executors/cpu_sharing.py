"""How a process shares its cores with others; to be said before PyTorch is imported."""

from __future__ import annotations

import os


def share_cores() -> None:
    """Lets threads that wait sleep soon, for a process that is not alone on its cores.

    GNU's OpenMP lets them spin 300,000 times, which is a fifth faster alone, and spends a core on
    waiting for a thread whose core was taken by something else, such as the demo's own server
    (docs/performance.md). A value that is set already stays.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
