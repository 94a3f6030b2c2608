"""Several features of the same photos side by side, left on disk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatsit.model.graph.features import Table


@dataclass(frozen=True)
class Columns:
    """Tables of the same photos, column beside column."""

    tables: tuple[Table, ...]

    def __len__(self) -> int:
        return len(self.tables[0])

    @property
    def widths(self) -> tuple[int, ...]:
        """How many columns each feature has."""
        return tuple(table.columns for table in self.tables)

    def take(self, index: NDArray[np.int64] | slice) -> NDArray[np.float32]:
        """(k, columns) float32 of some photos, a copy."""
        return np.concatenate([table.take(index) for table in self.tables], axis=1)
