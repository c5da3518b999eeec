"""What the pages of one cause, divergence or subject say; see `harness.report.page_parts`."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report.page_parts import CauseRow, Count, Link
from harness.report.values import Element


@dataclass(frozen=True)
class SidedText:
    """One text per side, each as (same start, what differs, same end)."""

    reference: tuple[str, str, str]
    candidate: tuple[str, str, str]


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Rule:
    """A line across a plot, with what it stands for."""

    at: float
    text: str


@dataclass(frozen=True)
class Series:
    """Points of one sort, as the path that draws them."""

    name: str
    mark: str
    path: str


@dataclass(frozen=True)
class Bar:
    """A bar with the figure above it."""

    x: float
    y: float
    width: float
    height: float
    text: str


@dataclass(frozen=True)
class Plot:
    """A plot as geometry, and as a sentence for who does not see it."""

    title: str
    says: str
    x_label: str
    series: tuple[Series, ...] = ()
    bars: tuple[Bar, ...] = ()
    x_ticks: tuple[Tick, ...] = ()
    y_ticks: tuple[Tick, ...] = ()
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class AlignedRow:
    """A line of each side, or `folded` lines in which nothing differs."""

    mark: str = ""
    """``changed``, ``reference`` (only there), ``candidate`` (only there), empty where both are the same."""
    left_number: int = 0
    left: str = ""
    right_number: int = 0
    right: str = ""
    folded: int = 0


@dataclass(frozen=True)
class Aligned:
    """Two values side by side, line by line."""

    step: str
    rows: tuple[AlignedRow, ...]
    more: int
    says: str


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
    plots: tuple[Plot, ...] = ()


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
    origin: str = ""
    """Of a graph: in which node, gradient or step of training the two sides part; else empty."""


@dataclass(frozen=True)
class CaseLink:
    """A divergence in the list of its cause."""

    address: str
    href: str
    summary: str
    subject: Link


@dataclass(frozen=True)
class ProgramRun:
    """A program that was run on both targets."""

    text: str
    sides: tuple[tuple[str, str], ...]
    """Target and what it printed there."""
    reproduces: bool
    standing: str


@dataclass(frozen=True)
class CausePage:
    """One cause: what it is, where it shows, an example in full. What is None was not worked out."""

    title: str
    severity: str
    rank: int
    meaning: str
    kind: str
    verdict: str
    blame: str
    blame_evidence: str
    """What the blame rests on, or why there is none."""
    fingerprint: str
    since_last_run: str
    before: Link | None
    after: Link | None
    families: tuple[tuple[str, tuple[Link, ...]], ...]
    """Subjects by family of the API."""
    subjects: int
    cases: int
    common: tuple[tuple[str, str], ...]
    """Parameters that have the same value in every case, and the value."""
    varied: tuple[str, ...]
    """Parameters that were set in some case and do not matter."""
    minimal: str | None
    trigger: tuple[tuple[str, str], ...] | None
    attributions: tuple[str, ...]
    since: str | None
    program: ProgramRun | None
    issue: str | None
    expectation: str
    aligned: Aligned | None
    example: DivergencePage
    listed: tuple[CaseLink, ...]
    more: int
    known: tuple[str, str] | None = None
    """Why it is known and where that is said, where it was reviewed."""
    releases: tuple[tuple[str, str], ...] = ()
    """Release that was asked, and how it behaves."""


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
