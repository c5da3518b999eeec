"""What several pages of the report are made of, as frozen records without any HTML.

Addresses (`href`) are relative to the page they stand on. Text here may still hold markup or
controls from a target: the templates escape everything and `harness.report.html` cleans it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """A text with an address; without one it is plain text."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class TargetCard:
    """One side of the pair in a few lines."""

    role: str
    id: str
    title: str
    detail: str
    ran: bool
    reason: str = ""
    fix: str = ""


@dataclass(frozen=True)
class Count:
    """A figure with its label; `share` is in percent and 100 only when it is exactly so."""

    label: str
    value: int
    share: str
    tone: str
    meaning: str


@dataclass(frozen=True)
class CauseRow:
    """A cause in a list."""

    title: str
    href: str
    kind: str
    subjects: str
    cases: int
    blame: str
    verdict: str
    since_last_run: bool
    tokens: str
    """What the filters look at."""
    family: str
    """Families of its subjects, between spaces."""
    since: str = ""
    """In which release the two sides came to differ, where that is known."""


@dataclass(frozen=True)
class SeverityGroup:
    """Causes of one severity; `more` of them are only on the page of all causes."""

    name: str
    rank: int
    meaning: str
    causes: int
    cases: int
    rows: tuple[CauseRow, ...]
    more: int = 0


@dataclass(frozen=True)
class Choice:
    """One value of a filter."""

    value: str
    """As it stands in the page's address."""
    text: str
    code: str = ""
    """What a row's tokens hold for it."""


@dataclass(frozen=True)
class Filter:
    """One question a table can be narrowed by."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    place: int = -1
    """Which character of a token it is about; -1 where it is not about tokens."""


@dataclass(frozen=True)
class Note:
    """Something said of several cases or symbols."""

    what: str
    why: str
    count: int


@dataclass(frozen=True)
class FaultRow:
    """A harness fault."""

    target: str
    what: str
    evidence: str
    fix: str
    cases: int


@dataclass(frozen=True)
class Figure:
    """How much of something is covered, in words."""

    value: str
    label: str
    meaning: str = ""
