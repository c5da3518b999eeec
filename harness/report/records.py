"""What a report is made from: one record per run, complete in itself.

A `RunRecord` can be put together after a run or from the store alone; nothing in `harness.report`
asks for more. Only divergences carry arrays, so the record stays small however many cases there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from harness.minimise.records import Minimal
from harness.model import Cause, Divergence, Fault, Judged, Plain, TargetInfo, Verdict
from harness.report.dates import Dated

Side = Literal["reference", "candidate"]
SIDES: tuple[Side, Side] = ("reference", "candidate")

UNEXPECTED = (Verdict.NEW, Verdict.CHANGED)
"""Verdicts that make a run end with exit code 1."""


@dataclass(frozen=True)
class NotRun:
    """Stands for a target that could not be had: never a pass, never left out."""

    id: str
    fault: Fault


Target = TargetInfo | NotRun


@dataclass(frozen=True)
class SubjectFacts:
    """What is known of a subject besides how its cases ended."""

    subject: str
    family: str
    source: str = ""
    """Where the promise is written; an https address becomes a link."""
    oracle: str = ""
    """Name of the oracle function, empty where there is none."""
    no_oracle: str = ""
    """The reason why there is none."""
    exercised: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Parameter → the values tried, each as short text."""
    aliases: Sequence[str] = ()
    """Further names of the very same class or function, checked by identity."""


@dataclass(frozen=True)
class SameCode:
    """Two names, one on each side, that are one code object: comparing them proves nothing."""

    reference: str
    candidate: str


@dataclass(frozen=True)
class Timing:
    """Where one target's time went, in seconds."""

    target: str
    cases: int
    start: float
    """From starting the interpreter to the first case."""
    inside: float
    """Inside the implementation's own calls."""
    total: float
    """Wall time times processes, start-up included."""
    cached: int = 0
    """Cases taken from the store instead of being run."""


@dataclass(frozen=True)
class Stale:
    """An expectation that matched nothing in this run although its cases were run."""

    expectation: str
    why: str
    link: str = ""


@dataclass(frozen=True)
class NotCompared:
    """Something this run says nothing about, and the reason."""

    what: str
    why: str
    count: int = 1


@dataclass(frozen=True)
class Told:
    """What is kept of a cause, so that a later run can be held against this one."""

    title: str
    severity: str
    verdict: str
    cases: int
    subjects: int
    extent: float
    """Largest relative difference; 0 where nothing was measured."""


@dataclass(frozen=True)
class Before:
    """An earlier run of the same pair, as far as a comparison needs it."""

    run: str
    started: str
    causes: Mapping[str, Told]
    """By fingerprint."""
    letters: Mapping[str, str]
    """Subject → the letter of how it stood (`harness.report.agreement`)."""


@dataclass(frozen=True)
class Surface:
    """How much of the API of a pair is under specs, counted in symbols."""

    either: int
    """Symbols that the reference, the candidate or both have."""
    shared: int
    """Of these, symbols that both have; the further figures are about them."""
    specs: int
    aliases: int
    signatures: int
    out_of_scope: int
    oracles: int


@dataclass(frozen=True)
class RunRecord:
    """One pair, one run."""

    run: str
    """Id of the run: the name of its folder under ``reports/``."""
    started: str
    """UTC, ISO 8601."""
    ended: str
    pair: str
    reference: Target
    candidate: Target
    profile: str
    seed: int
    settings: Mapping[str, Plain] = field(default_factory=dict)
    """What was asked for on the command line."""
    judged: Sequence[Judged] = ()
    causes: Sequence[Cause] = ()
    faults: Sequence[Fault] = ()
    stale: Sequence[Stale] = ()
    subjects: Sequence[SubjectFacts] = ()
    same_code: Sequence[SameCode] = ()
    not_compared: Sequence[NotCompared] = ()
    """What the plan left out: symbols without a spec, a family that was not asked for."""
    timings: Sequence[Timing] = ()
    minimal: Mapping[str, Minimal] = field(default_factory=dict)
    """`harness.report.layout.cause_key` of a cause → its smallest case, where one was looked for."""
    reasons: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Fingerprint of a cause that was reviewed → why it is known, and where that is said (may be empty)."""
    previous: frozenset[str] | None = None
    """Fingerprints of the causes of the run before, where there was one."""
    since: Mapping[str, Dated] = field(default_factory=dict)
    """What is known of since when a cause shows, by its fingerprint."""
    before: Before | None = None
    """The run that this one is held against."""
    surface: Surface | None = None
    """None where the ledger of symbols does not know both targets."""
    steps: Mapping[str, tuple[Plain, Plain]] = field(default_factory=dict)
    """Id of a cause's example (`example_of`) → the whole value both sides gave in the step it is about."""

    def target(self, side: Side) -> Target:
        """The target on one side."""
        return self.reference if side == "reference" else self.candidate

    def divergences(self) -> Iterator[Divergence]:
        """Every divergence once: those of the causes, worst cause first, then any without a cause."""
        seen: set[str] = set()
        for cause in worst_first(self.causes):
            for divergence in cause.divergences:
                if divergence.id not in seen:
                    seen.add(divergence.id)
                    yield divergence
        for judged in self.judged:
            for divergence in judged.divergences:
                if divergence.id not in seen:
                    seen.add(divergence.id)
                    yield divergence


def worst_first(causes: Sequence[Cause]) -> list[Cause]:
    """Causes by severity, then by how many subjects and cases they touch, then by fingerprint."""
    return sorted(
        causes, key=lambda c: (c.severity.rank, -len(c.subjects), -len(c.divergences), c.fingerprint)
    )


def unexpected(causes: Sequence[Cause]) -> list[Cause]:
    """Causes nobody has reviewed, worst first."""
    return [c for c in worst_first(causes) if c.verdict in UNEXPECTED]
