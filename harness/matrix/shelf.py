"""What the store holds of the columns of a matrix, read a whole case at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.report.matrix_records import Column
from harness.store import Row, Store


class Shelf:
    """The observations of a matrix.

    scripts: module of case scripts → digest of how its cases were performed.
    """

    def __init__(self, store: Store, columns: Sequence[Column], scripts: Mapping[str, str]) -> None:
        self.store = store
        self.columns = columns
        self.scripts = scripts
        self._places = {c.fingerprint: place for place, c in enumerate(columns) if c.fingerprint}

    def rows(self, case_hash: str, script: str) -> Mapping[int, list[Row | None]]:
        """One case (or variant) over all columns, by repeat; None where it was not observed."""
        out: dict[int, list[Row | None]] = {0: [None] * len(self.columns)}
        how = self.scripts.get(script.partition(":")[0], "")
        for row in self.store.rows(case_hash, how):
            place = self._places.get(row.fingerprint)
            if place is not None:
                out.setdefault(row.repeat, [None] * len(self.columns))[place] = row
        return out

    def body(self, payload: str) -> bytes:
        """What was observed, packed."""
        return self.store.body(payload)
