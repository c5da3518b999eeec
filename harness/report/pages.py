"""What the pages about a whole run say; see `harness.report.page_parts`."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report.page_parts import (
    CauseRow,
    Count,
    FaultRow,
    Figure,
    Filter,
    Link,
    Note,
    SeverityGroup,
    TargetCard,
)
from harness.report.pages_api import Picture


@dataclass(frozen=True)
class FrontPage:
    """``index.html``."""

    run: str
    pair: str
    sides: tuple[TargetCard, TargetCard]
    tone: str
    headline: str
    sentence: str
    same_code: tuple[str, ...]
    faults: tuple[FaultRow, ...]
    counts: tuple[Count, ...]
    groups: tuple[SeverityGroup, ...]
    known: int
    gone: int | None
    stale: tuple[Note, ...]
    picture: Picture
    coverage: tuple[Figure, ...]
    before: str
    appeared: tuple[CauseRow, ...]
    """Unexpected causes that the run before did not have, the worst of them."""
    subjects: int
    not_compared: tuple[Note, ...]
    not_compared_more: int
    notes: tuple[Note, ...]
    notes_more: int
    no_oracle: int
    facts: tuple[tuple[str, str], ...]
    timings: tuple[tuple[str, ...], ...]
    left_out: str


@dataclass(frozen=True)
class ChangedCause:
    """A cause that appeared, went or changed, and how."""

    cause: Link
    severity: str
    rank: int
    said: str


@dataclass(frozen=True)
class ChangedSubject:
    """A subject that stands otherwise than in the run before."""

    subject: Link
    then_letter: str
    then_tone: str
    then: str
    now_letter: str
    now_tone: str
    now: str


@dataclass(frozen=True)
class ChangesPage:
    """``changes.html``: this run held against an earlier one; `before` is empty where there is none."""

    run: str
    before: str
    started: str
    appeared: tuple[ChangedCause, ...] = ()
    gone: tuple[ChangedCause, ...] = ()
    changed: tuple[ChangedCause, ...] = ()
    subjects: tuple[ChangedSubject, ...] = ()
    same: int = 0


@dataclass(frozen=True)
class Word:
    """A word of the glossary and what it means."""

    word: str
    meaning: str


@dataclass(frozen=True)
class ReadingPage:
    """``reading.html``: how to read the report, with the words."""

    severities: tuple[tuple[str, str, str, str], ...]
    """Letter, tone, name, meaning."""
    statuses: tuple[tuple[str, str], ...]
    words: tuple[Word, ...]


@dataclass(frozen=True)
class CausesPage:
    """``causes.html``: every cause, the reviewed ones after the unexpected."""

    filters: tuple[Filter, ...]
    total: int
    groups: tuple[SeverityGroup, ...]
    known: tuple[SeverityGroup, ...]


@dataclass(frozen=True)
class EnvironmentPage:
    """Both targets' settings and packages side by side."""

    sides: tuple[TargetCard, TargetCard]
    facts: tuple[tuple[str, str, str], ...]
    settings: tuple[tuple[str, str, str], ...]
    packages: tuple[tuple[str, str, str], ...]
    identity: tuple[tuple[str, str, str], ...]
    """Target, name, the names that are the same object."""
