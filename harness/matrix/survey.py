"""All cases over all columns → rows of classes and changes; and the evidence that is lacking for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness import judging
from harness.matrix.changes import Gathering
from harness.matrix.classes import partition
from harness.matrix.relating import Behaviour, Evidence
from harness.matrix.shelf import Shelf
from harness.model import Case
from harness.report.matrix_records import NOT_RUN, CaseRow, Lineage

ROUNDS = 3
"""How often evidence is gathered: telling columns apart can make others each other's representatives."""


@dataclass
class Gathered:
    """The evidence observed so far: per case, the places of columns it was observed in."""

    places: dict[str, set[int]] = field(default_factory=dict)

    def of(self, case_hash: str) -> set[int]:
        """Places of one case."""
        return self.places.get(case_hash, set())


Unsettled = tuple[Case, tuple[Evidence, ...]]
"""A case that evidence has to decide, and what of it is lacking."""


@dataclass(frozen=True)
class Lacking:
    """Evidence to be observed in one column."""

    place: int
    variants: tuple[Case, ...]
    again: tuple[Case, ...]
    """Cases to be performed a second time."""


class Survey:
    """The classes and changes of a matrix, case by case."""

    def __init__(self, shelf: Shelf, lineages: Sequence[Lineage]) -> None:
        self.shelf = shelf
        self.lineages = lineages
        self.gathering = Gathering(lineages, [c.id for c in shelf.columns])
        self.rows: dict[str, CaseRow] = {}

    def look(self, cases: Iterable[Case], gathered: Gathered | None) -> list[Unsettled]:
        """Classify cases; those that evidence has to decide are returned instead, unclassified.

        gathered: None when there is no more evidence to be had; then every case is classified.
        """
        still_open: list[Unsettled] = []
        for case in cases:
            places = None if gathered is None else gathered.of(case.hash)
            behaviour = Behaviour(case, self.shelf, places)
            marks = partition(
                tuple(self.gathering.walks.values()),
                behaviour.specials,
                behaviour.payloads,
                behaviour.differs,
            )
            if behaviour.wanted:
                still_open.append((case, tuple(behaviour.wanted)))
                continue
            if set(marks) != {NOT_RUN}:
                self.gathering.add(behaviour, marks)
            self.rows[case.hash] = CaseRow(case.hash, case.subject, case.address, marks, behaviour.unsure)
        return still_open

    def take_in(self, rows: Mapping[str, CaseRow], gathering: Gathering) -> None:
        """What looking at further cases found, those that come after all seen so far."""
        self.rows.update(rows)
        self.gathering.take_in(gathering)


def lacking(still_open: Sequence[Unsettled], shelf: Shelf, gathered: Gathered) -> Iterator[Lacking]:
    """What has to be observed for open cases, by column; `gathered` counts it as observed from now on."""
    wanted: dict[int, dict[str, tuple[Case, bool]]] = {}
    for case, evidences in still_open:
        for evidence in evidences:
            jitter = evidence.stepped or not all(shelf.columns[p].float64 for p in evidence.places)
            for place in evidence.places:
                before = wanted.setdefault(place, {}).get(case.hash)
                wanted[place][case.hash] = (case, jitter or (before is not None and before[1]))
            gathered.places.setdefault(case.hash, set()).update(evidence.places)
    for place, found in sorted(wanted.items()):
        column = shelf.columns[place]
        variants = [
            variant
            for case, jitter in found.values()
            for variant in judging.evidence_cases(case, judging.DETERMINED)
            if (column.float64 if variant.variant == judging.SHADOW else jitter)
        ]
        again = [judging.again(case, judging.DETERMINED) for case, _ in found.values()]
        again += [variant for variant in variants if variant.variant != judging.SHADOW]
        yield Lacking(place, tuple(variants), tuple(again))


def in_order(survey: Survey, cases: Sequence[Case]) -> tuple[CaseRow, ...]:
    """The rows of all cases that were classified, in the order of the plan."""
    return tuple(survey.rows[case.hash] for case in cases if case.hash in survey.rows)


def observed(rows: Iterable[CaseRow]) -> Mapping[int, int]:
    """How many cases each column observed, by place."""
    out: dict[int, int] = {}
    for row in rows:
        for place, mark in enumerate(row.marks):
            out[place] = out.get(place, 0) + (mark != NOT_RUN)
    return out
