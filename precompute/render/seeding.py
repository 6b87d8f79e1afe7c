"""Random numbers that depend on what is drawn, never on what was drawn before.

Each draw has its own generator, seeded by the names of what it is for, so that a unit's picture
does not depend on its neighbours in a batch or on where a run was interrupted.
"""

from __future__ import annotations

import hashlib

import torch


def generator(*names: str | int) -> torch.Generator:
    """A CPU generator for what these names stand for: always CPU, so that devices agree."""
    text = "\x00".join(str(name) for name in names)
    digest = hashlib.sha256(text.encode()).digest()
    seed = int.from_bytes(digest[:8], "little") & (2**63 - 1)
    return torch.Generator().manual_seed(seed)
