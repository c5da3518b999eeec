"""What a report of a matrix is made of: columns, lineages, classes of equal behaviour, changes.

A *column* is one target of the matrix. A *class* holds the columns that behaved alike in one case; it is
called by a letter, in the order in which behaviours first appear along the lineages. A *change* is a cause
between a release and the one before it in a lineage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.model import Fault, Kind, Severity

NOT_RUN = "?"
"""Mark of a column that was not observed: never a class, never agreement."""
MISSING = "-"
"""Mark of a column whose target does not have the subject."""
UNSUPPORTED = "."
"""Mark of a column on whose backend the engine cannot observe the case."""
SPECIAL = (NOT_RUN, MISSING, UNSUPPORTED)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Column:
    """One target of a matrix."""

    id: str
    implementation: str
    version: str
    backend: str
    namespace: str
    lineages: tuple[str, ...] = ()
    order: tuple[int, ...] = ()
    float64: bool = True
    """Whether it is known to compute in float64 when asked to."""
    fingerprint: str = ""
    """Of the target as it was observed; empty when it was not."""
    why: str = ""
    """Why it was not observed."""
    evidence: str = ""
    fix: str = ""
    """The way out."""
    python: str = ""
    origin: str = ""
    """Module of the class that the namespace calls Dense: where its code really is."""
    same: tuple[str, ...] = ()
    """Import paths that are the very same code objects there."""
    different: tuple[str, ...] = ()
    """Import paths that are there too and hold other code."""

    @property
    def ran(self) -> bool:
        """Whether it was observed at all."""
        return bool(self.fingerprint)


@dataclass(frozen=True)
class Lineage:
    """A history: the releases of one implementation, oldest first."""

    name: str
    columns: tuple[str, ...]
    """Ids of its columns."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case over all columns."""

    hash: str
    subject: str
    address: str
    marks: str
    """One character a column: the letter of its class, or one of `SPECIAL`."""
    unsure: bool = False
    """Whether two columns that differ were put into one class for want of evidence either way."""


@dataclass(frozen=True)
class Change:
    """A cause between a release and the one before it in a lineage."""

    lineage: str
    before: str
    """Id of the last column observed before."""
    after: str
    fingerprint: str
    kind: Kind
    severity: Severity
    title: str
    subjects: tuple[str, ...]
    cases: int
    example: str
    """Address of the plainest case that shows it."""
    example_hash: str
    summary: str
    back: bool = False
    """Whether every case that shows it returns to a behaviour seen earlier in the lineage."""
    until: str = ""
    """Id of the column in which the behaviour of before returns, if it does."""
    skipped: tuple[str, ...] = ()
    """Columns between the two that were not observed: the change may be theirs."""


@dataclass(frozen=True)
class MatrixRecord:
    """A matrix as its report is made from."""

    run: str
    started: str
    ended: str
    profile: str
    seed: int
    settings: Mapping[str, object]
    columns: tuple[Column, ...]
    lineages: tuple[Lineage, ...]
    cases: tuple[CaseRow, ...]
    changes: tuple[Change, ...]
    faults: tuple[Fault, ...] = ()
    timings: tuple[tuple[str, int, int, float, float, float], ...] = ()
    """Target, cases performed, cases from the store, start-up, inside and all seconds."""
    cut_short: str = ""
    """What was reached when the time given was up; empty for a whole run."""
    dates: Mapping[str, object] = field(default_factory=dict)

    def place(self, column: str) -> int:
        """The place of a column in every row of marks."""
        return self._places[column]

    @property
    def _places(self) -> dict[str, int]:
        return {column.id: place for place, column in enumerate(self.columns)}
