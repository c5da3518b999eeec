"""What the store holds of the columns of a matrix, read a whole case at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.model import Case
from harness.report.matrix_records import Column
from harness.store import Row, Store

Rows = dict[int, list[Row | None]]
"""One case by repeat: a row a column; None where it was not observed."""


class Shelf:
    """The observations of a matrix.

    scripts: module of case scripts → digest of how its cases were performed.
    """

    def __init__(self, store: Store, columns: Sequence[Column], scripts: Mapping[str, str]) -> None:
        self.store = store
        self.columns = columns
        self.scripts = scripts
        self._places = {c.fingerprint: place for place, c in enumerate(columns) if c.fingerprint}

    def rows(self, cases: Sequence[Case]) -> list[Rows]:
        """Each of some cases (or variants) of one script over all columns."""
        out: dict[str, Rows] = {case.hash: {0: [None] * len(self.columns)} for case in cases}
        how = self.scripts.get(cases[0].script.partition(":")[0], "")
        for row in self.store.rows(list(out), how):
            place = self._places.get(row.fingerprint)
            if place is not None:
                found = out[row.case_hash]
                if row.repeat not in found:
                    found[row.repeat] = [None] * len(self.columns)
                found[row.repeat][place] = row
        return [out[case.hash] for case in cases]

    def bodies(self, payloads: Sequence[str]) -> Mapping[str, bytes]:
        """What was observed, packed, by payload."""
        return self.store.bodies(payloads)
