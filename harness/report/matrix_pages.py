"""What each page of a matrix's report says, as frozen records without any HTML."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report.page_parts import FaultRow, Link


@dataclass(frozen=True)
class Head:
    """The head of a column in a grid."""

    text: str
    href: str = ""
    title: str = ""


@dataclass(frozen=True)
class GridRow:
    """One line of a grid; `marks` has one character a column."""

    name: Link
    marks: str
    note: str = ""


@dataclass(frozen=True)
class Grid:
    """A table of classes: what behaves alike has one letter."""

    caption: str
    first: str
    heads: tuple[Head, ...]
    rows: tuple[GridRow, ...]
    more: int = 0
    """Lines left out; the data has them all."""
    last: str = ""
    """Head of the last column; empty where there is none."""


@dataclass(frozen=True)
class ReleaseRow:
    """A release in a list: what it changed against the one before it."""

    name: Link
    appeared: int
    went: int
    subjects: int
    worst: str
    rank: int
    note: str = ""


@dataclass(frozen=True)
class LineageRows:
    """A lineage and its releases."""

    name: str
    grids: tuple[Link, ...]
    releases: tuple[ReleaseRow, ...]


@dataclass(frozen=True)
class ColumnRow:
    """A target of the matrix."""

    id: str
    detail: str
    ran: bool
    cases: int
    alone: int
    reason: str = ""
    fix: str = ""


@dataclass(frozen=True)
class MatrixFront:
    """``index.html``."""

    headline: str
    sentence: str
    cut_short: str
    faults: tuple[FaultRow, ...]
    lineages: tuple[LineageRows, ...]
    codes: Grid
    columns: tuple[ColumnRow, ...]
    facts: tuple[tuple[str, str], ...]
    timings: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ChangeRow:
    """A change in a list."""

    title: str
    severity: str
    rank: int
    kind: str
    subjects: tuple[Link, ...]
    subjects_more: int
    cases: int
    example: str
    between: str
    until: str
    skipped: str


@dataclass(frozen=True)
class LineagePage:
    """The subjects of one family along one lineage."""

    lineage: str
    family: str
    grid: Grid
    others: tuple[Link, ...]


@dataclass(frozen=True)
class ReleasePage:
    """What one release changed."""

    title: str
    sentence: str
    before: str
    after: str
    appeared: tuple[ChangeRow, ...]
    went: tuple[ChangeRow, ...]
    more: int


@dataclass(frozen=True)
class HistoryPage:
    """The history of one subject."""

    subject: str
    sentence: str
    grids: tuple[Grid, ...]
    changes: tuple[ChangeRow, ...]
    more: int
    loners: str
