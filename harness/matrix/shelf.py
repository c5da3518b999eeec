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

    def rows(self, case_hash: str, script: str, repeat: int = 0) -> list[Row | None]:
        """One case (or variant) over all columns; None where it was not observed."""
        out: list[Row | None] = [None] * len(self.columns)
        how = self.scripts.get(script.partition(":")[0], "")
        for row in self.store.rows(case_hash):
            place = self._places.get(row.fingerprint)
            if place is not None and row.repeat == repeat and row.script == how:
                out[place] = row
        return out

    def body(self, payload: str) -> bytes:
        """What was observed, packed."""
        return self.store.body(payload)
