"""What the tests of rendering share: one thread each."""

from __future__ import annotations

from tests.precompute.threads import one_thread as one_thread
