"""How a subject stands in one letter and one tone: the worst of what its cases showed.

A capital stands for something unexpected, the same letter small for something a reviewed expectation covers.
The letter says all that the colour says, so that nobody needs the colour.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.model import CaseStatus, Divergence, Kind, Severity
from harness.report.records import UNEXPECTED, RunRecord

LETTER: Mapping[Severity, str] = {
    Severity.NUMBERS: "N",
    Severity.STRUCTURE: "S",
    Severity.CRASH: "C",
    Severity.RAISES: "R",
    Severity.MISSING: "M",
    Severity.CONFIG: "F",
    Severity.EVENTS: "E",
    Severity.NAMES: "W",
}


@dataclass(frozen=True)
class Agreement:
    """One class of agreement."""

    letter: str
    name: str
    tone: str
    """Class of the style sheet."""
    order: int
    """0 is the worst."""


UNREVIEWED = tuple(Agreement(LETTER[s], str(s), f"k{s.rank}", s.rank) for s in Severity)
REVIEWED = tuple(
    Agreement(LETTER[s].lower(), f"expected: {s}", f"k{s.rank} known", len(Severity) + s.rank)
    for s in Severity
)
INCONCLUSIVE = Agreement("?", "nothing could be compared", "kq", 16)
NOT_RUN = Agreement("–", "not observed on both sides", "kx", 17)
ROUNDING = Agreement("≈", "agrees within rounding", "kr", 18)
AGREES = Agreement("=", "agrees", "ka", 19)
AGREEMENTS: tuple[Agreement, ...] = (*UNREVIEWED, *REVIEWED, INCONCLUSIVE, NOT_RUN, ROUNDING, AGREES)
"""Every class, worst first."""

KINDS: tuple[tuple[str, tuple[Kind, ...]], ...] = (
    ("Numbers", (Kind.VALUE, Kind.PRECISION, Kind.SPECIAL, Kind.DISTRIBUTION)),
    ("Form", (Kind.STRUCTURE, Kind.DTYPE, Kind.SHAPE)),
    ("Outcome", (Kind.OUTCOME, Kind.ERROR)),
    ("Signature", (Kind.SIGNATURE,)),
    ("Config", (Kind.CONFIG, Kind.FILE)),
    ("Names", (Kind.NAMES,)),
    ("Warnings", (Kind.WARNINGS,)),
    ("Events", (Kind.EVENTS,)),
)
"""Columns of the API matrix: what is observed, in groups."""


def agreement_of(statuses: Iterable[CaseStatus], divergences: Iterable[Divergence]) -> Agreement:
    """The class of a subject from how its cases ended and what they showed."""
    diverged = [of_divergence(d) for d in divergences]
    if diverged:
        return min(diverged, key=lambda a: a.order)
    seen = set(statuses)
    if CaseStatus.ROUNDING in seen:
        return ROUNDING
    if CaseStatus.AGREE in seen:
        return AGREES
    return INCONCLUSIVE if CaseStatus.INCONCLUSIVE in seen else NOT_RUN


def of_divergence(divergence: Divergence) -> Agreement:
    """The class one divergence alone would put its subject in."""
    table = UNREVIEWED if divergence.verdict in UNEXPECTED else REVIEWED
    return table[divergence.severity.rank]


def api_family(subject: str) -> str:
    """The part of the API a subject belongs to: the module, or the class whose method it is."""
    return _ODD.sub("-", subject.split(".", 1)[0][:60]) if "." in subject else TOP_LEVEL


_ODD = re.compile(r"[^A-Za-z0-9_]+")
TOP_LEVEL = "top-level"
"""Family of the names that stand right below the namespace."""


@dataclass(frozen=True)
class Stand:
    """A subject with what its cases showed."""

    subject: str
    family: str
    agreement: Agreement
    statuses: tuple[CaseStatus, ...]
    divergences: tuple[Divergence, ...]


def stands(run: RunRecord, subjects: Sequence[str]) -> tuple[Stand, ...]:
    """Every subject that has a page, by family and name; the family with the most subjects first."""
    statuses: dict[str, list[CaseStatus]] = defaultdict(list)
    for judged in run.judged:
        statuses[judged.case.subject].append(judged.status)
    found: dict[str, list[Divergence]] = defaultdict(list)
    for divergence in run.divergences():
        found[divergence.subject].append(divergence)
    made = [
        Stand(
            subject=subject,
            family=api_family(subject),
            agreement=agreement_of(statuses[subject], found[subject]),
            statuses=tuple(statuses[subject]),
            divergences=tuple(found[subject]),
        )
        for subject in subjects
    ]
    return gathered(made)


def letters(run: RunRecord) -> dict[str, str]:
    """Every subject that had a case → its letter."""
    return {
        s.subject: s.agreement.letter
        for s in stands(run, list(dict.fromkeys(j.case.subject for j in run.judged)))
    }


FEW = 4
"""A family of fewer subjects than this is shown with the other small ones."""
OTHERS = "others"


def gathered(made: Sequence[Stand]) -> tuple[Stand, ...]:
    """Stands by family, the largest first, small families in one."""
    sizes: dict[str, int] = defaultdict(int)
    for one in made:
        sizes[one.family] += 1
    small = {family for family, size in sizes.items() if size < FEW}
    if len(small) > 1:
        made = [
            Stand(s.subject, OTHERS, s.agreement, s.statuses, s.divergences) if s.family in small else s
            for s in made
        ]
        sizes[OTHERS] = sum(sizes.pop(family) for family in small)
    last = (OTHERS, TOP_LEVEL)
    return tuple(
        sorted(
            made,
            key=lambda s: (
                s.family in last,
                -sizes[s.family],
                s.family,
                s.agreement.order,
                s.subject.lower(),
                s.subject,
            ),
        )
    )
