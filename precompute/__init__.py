"""The offline half: renders feature visualizations, finds dataset examples, fills the database."""

import os

# How long an OpenMP thread spins before it sleeps; it must be set before PyTorch is imported.
# GNU's default (300,000) spends a core in waiting for a thread whose core was taken by something
# else, such as the demo's own server. With this, a step beside a busy program takes twice as long
# as alone, which is its fair share, instead of three to four times (docs/performance.md).
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
