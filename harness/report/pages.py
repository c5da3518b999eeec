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
class Segment:
    """One stretch of a bar, in percent of its length."""

    tone: str
    start: float
    width: float


@dataclass(frozen=True)
class Tile:
    """A subject on the map."""

    letter: str
    tone: str
    says: str
    href: str
    x: float
    y: float


@dataclass(frozen=True)
class Block:
    """A family on the map."""

    name: str
    label: str
    href: str
    x: float
    y: float
    tile: tuple[float, float]
    """Width and height of each of its tiles."""
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Legend:
    """A class of agreement and how many subjects are in it."""

    letter: str
    tone: str
    name: str
    subjects: int
    href: str


@dataclass(frozen=True)
class FamilyRow:
    """A family of the API in words and a bar."""

    name: str
    href: str
    subjects: str
    bar: tuple[Segment, ...]
    said: str


@dataclass(frozen=True)
class Picture:
    """The API as a map, and the same in words."""

    width: int
    height: int
    blocks: tuple[Block, ...]
    legend: tuple[Legend, ...]
    families: tuple[FamilyRow, ...]


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
class Cell:
    """What one kind of observation showed of a subject; without a letter nothing was found."""

    letter: str = ""
    tone: str = ""
    says: str = ""
    href: str = ""
    count: int = 0


@dataclass(frozen=True)
class ApiRow:
    """A subject in the matrix of the API."""

    subject: str
    href: str
    letter: str
    tone: str
    says: str
    cases: int
    compared: bool
    cells: tuple[Cell, ...]
    """One per column of the page."""
    tokens: str
    """What the filters look at: `harness.report.filters.token` of each of its divergences."""


@dataclass(frozen=True)
class ApiFamily:
    """A section of the matrix."""

    name: str
    rows: tuple[ApiRow, ...]


@dataclass(frozen=True)
class ApiPage:
    """``api.html``: subjects × what was observed of them."""

    columns: tuple[tuple[str, str], ...]
    """Heading, and the kinds it stands for."""
    filters: tuple[Filter, ...]
    legend: tuple[Legend, ...]
    families: tuple[ApiFamily, ...]
    subjects: int


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


@dataclass(frozen=True)
class EnvironmentPage:
    """Both targets' settings and packages side by side."""

    sides: tuple[TargetCard, TargetCard]
    facts: tuple[tuple[str, str, str], ...]
    settings: tuple[tuple[str, str, str], ...]
    packages: tuple[tuple[str, str, str], ...]
    identity: tuple[tuple[str, str, str], ...]
    """Target, name, the names that are the same object."""
