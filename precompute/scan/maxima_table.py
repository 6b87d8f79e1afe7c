"""Each image's largest activation of each unit, on disk until a scan ends.

What cannot be known before the last image (the ten intervals, the top 1 %, correlations) is worked
out from this table. It takes 14 KB an image in bfloat16, twice that in float32.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from precompute.scan.checkpoint import removed_on_failure

# Units whose columns are read together: of a million images they take 256 MB.
COLUMNS = 64


class Maxima:
    """A table `[images, units of all layers]` in a file, which outlives a killed scan.

    Args:
        file: made if it is not there.
        images: of the data set, readable or not.
        layers: how many units of each layer are wanted, in order.
        dtype: of the pass, so that nothing is lost: bfloat16 or float32.
    """

    def __init__(
        self, file: Path, images: int, layers: Mapping[str, int], dtype: torch.dtype
    ) -> None:
        stops = np.cumsum(list(layers.values())).tolist()
        self.columns = {
            name: slice(stop - count, stop)
            for (name, count), stop in zip(layers.items(), stops, strict=True)
        }
        self.dtype = dtype
        # NumPy has no bfloat16: its bits are kept as 16-bit numbers.
        kind = np.dtype(np.int16 if dtype == torch.bfloat16 else np.float32)
        size = images * stops[-1] * kind.itemsize
        self.is_new = not file.exists() or file.stat().st_size != size
        """Whether nothing was put yet: a pass that was begun is then begun again."""
        if self.is_new:
            _reserve(file, size)
        self._table = np.memmap(file, kind, "r+", shape=(images, stops[-1]))

    def put(self, layer: str, images: Tensor, values: Tensor) -> None:
        """A batch's largest activations `[n, units]` of these images."""
        rounded = values.to(self.dtype)
        bits = rounded.view(torch.int16) if self.dtype == torch.bfloat16 else rounded
        self._table[images.numpy(), self.columns[layer]] = bits.numpy()

    def flush(self) -> None:
        """Sees to it that what was put is in the file."""
        self._table.flush()

    def rows(self, images: slice) -> Tensor:
        """`[n, units of all layers]`, float32."""
        return self._read(self._table[images])

    def of_units(self, layer: str) -> Iterator[tuple[slice, Tensor]]:
        """A layer's units, some at a time: their rows in the layer, and `[images, n]` float32."""
        columns = self.columns[layer]
        for start in range(columns.start, columns.stop, COLUMNS):
            stop = min(start + COLUMNS, columns.stop)
            rows = slice(start - columns.start, stop - columns.start)
            yield rows, self._read(self._table[:, start:stop])

    def _read(self, part: npt.NDArray[Any]) -> Tensor:
        values = torch.from_numpy(np.ascontiguousarray(part))
        return values.view(torch.bfloat16).float() if self.dtype == torch.bfloat16 else values


def _reserve(file: Path, size: int) -> None:
    """A file of this size whose room is there: a mapped one that finds none kills the process.

    Raises:
        OSError: there is no room.
    """
    with removed_on_failure(file), file.open("wb") as table:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(table.fileno(), 0, size)
        else:
            table.truncate(size)
