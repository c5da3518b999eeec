"""What each page of the report says, as frozen records without any HTML.

Addresses (`href`) are relative to the page they stand on. Text here may still hold markup or
controls from a target: the templates escape everything and `harness.report.html` cleans it.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.report.values import Element


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
class Segment:
    """One stretch of a bar, in percent of its length."""

    tone: str
    start: float
    width: float


@dataclass(frozen=True)
class SubjectRow:
    """A subject in the table of the front page."""

    subject: str
    href: str
    counts: tuple[int, ...]
    """Cases by status, in the order of `harness.model.CaseStatus`."""
    total: int
    bar: tuple[Segment, ...]
    rank: int
    """Rank of the worst unexpected severity; 99 for none."""
    worst: str


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
    statuses: tuple[str, ...]
    subjects: tuple[SubjectRow, ...]
    not_compared: tuple[Note, ...]
    not_compared_more: int
    notes: tuple[Note, ...]
    notes_more: int
    no_oracle: int
    facts: tuple[tuple[str, str], ...]
    timings: tuple[tuple[str, ...], ...]
    left_out: str


@dataclass(frozen=True)
class CausesPage:
    """``causes.html``: every cause, the reviewed ones after the unexpected."""

    groups: tuple[SeverityGroup, ...]
    known: tuple[SeverityGroup, ...]


@dataclass(frozen=True)
class SidedText:
    """One text per side, each as (same start, what differs, same end)."""

    reference: tuple[str, str, str]
    candidate: tuple[str, str, str]


@dataclass(frozen=True)
class DifferenceView:
    """One difference, laid out side by side."""

    where: str
    kind: str
    values: SidedText
    note: str
    sizes: tuple[tuple[str, str, str], ...]
    """Label, figure, what it means."""
    elements: tuple[Element, ...]


@dataclass(frozen=True)
class Program:
    """The case as a program for one side."""

    target: str
    href: str
    text: str
    why_none: str = ""


@dataclass(frozen=True)
class DivergencePage:
    """All of one divergence. Also stands on its cause's page as the example."""

    id: str
    title: str
    subject: Link
    cause: Link
    address: str
    severity: str
    rank: int
    kind: str
    verdict: str
    expectation: str
    blame: str
    blame_evidence: str
    fingerprint: str
    parameters: tuple[tuple[str, str], ...]
    feed: str
    seed: int
    reference: str
    candidate: str
    differences: tuple[DifferenceView, ...]
    more: int
    programs: tuple[Program, ...]


@dataclass(frozen=True)
class CaseLink:
    """A divergence in the list of its cause."""

    address: str
    href: str
    summary: str
    subject: Link


@dataclass(frozen=True)
class CausePage:
    """One cause: what it is, where it shows, an example in full."""

    title: str
    severity: str
    rank: int
    meaning: str
    kind: str
    verdict: str
    blame: str
    fingerprint: str
    since_last_run: str
    subjects: tuple[Link, ...]
    cases: int
    example: DivergencePage
    listed: tuple[CaseLink, ...]
    more: int
    since: str = ""
    """Since when, and which side changed; empty where that is not known."""
    dated_by: str = ""
    """Address of the case that was performed by other releases."""
    releases: tuple[tuple[str, str, str], ...] = ()
    """Release, mark and meaning of the mark."""
    minimal: MinimalView | None = None


@dataclass(frozen=True)
class MinimalView:
    """The smallest case of a cause, what explains it, and the program that shows it."""

    summary: str
    address: str
    before: str
    tried: int
    finished: bool
    trigger: tuple[tuple[str, str], ...]
    attributions: tuple[tuple[str, str, str], ...]
    """Aspect, statement, address of the case that was tried."""
    standing: str
    """Whether the program was run and shows the cause, in one sentence."""
    program: str
    outputs: tuple[tuple[str, str], ...]
    """Target and what the program printed on it."""
    href: str = ""
    issue_href: str = ""


@dataclass(frozen=True)
class CaseRow:
    """A case of a subject."""

    label: str
    status: str
    tone: str
    outcomes: str
    divergences: tuple[Link, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class SubjectPage:
    """One subject: what was tried and how every case ended."""

    subject: str
    family: str
    source: Link
    oracle: str
    no_oracle: str
    aliases: tuple[str, ...]
    counts: tuple[Count, ...]
    exercised: tuple[tuple[str, tuple[str, ...]], ...]
    causes: tuple[CauseRow, ...]
    cases: tuple[CaseRow, ...]
    """Those that diverge or were not compared."""
    agreeing: tuple[CaseRow, ...]


@dataclass(frozen=True)
class EnvironmentPage:
    """Both targets' settings and packages side by side."""

    sides: tuple[TargetCard, TargetCard]
    facts: tuple[tuple[str, str, str], ...]
    settings: tuple[tuple[str, str, str], ...]
    packages: tuple[tuple[str, str, str], ...]
    identity: tuple[tuple[str, str, str], ...]
    """Target, name, the names that are the same object."""
