"""The offline half: renders feature visualizations, finds dataset examples, fills the database."""

import os

# How long an OpenMP thread spins before it sleeps; it must be set before PyTorch is imported.
# GNU's default (300,000) assumes that a core is never taken away in the middle: on two cores that
# are shared with anything else (the demo's own server, a virtual machine's neighbour), a step of
# the renderer took 200 to 315 ms a picture with it, and 10.5 ms with this (docs/performance.md).
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
