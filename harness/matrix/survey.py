"""All cases over all columns → rows of classes and changes; and the evidence that is lacking for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness import judging
from harness.matrix.changes import Gathering
from harness.matrix.classes import partition
from harness.matrix.evidence import NOTHING, Asked, Evidence, Gathered
from harness.matrix.relating import Behaviour
from harness.matrix.shelf import Shelf
from harness.model import Case
from harness.report.matrix_records import NOT_RUN, CaseRow, Lineage

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
            if gathered is not None and not behaviour.wanted:
                self.gathering.ask(behaviour, marks)
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


def lacking(
    still_open: Sequence[Unsettled], shelf: Shelf, gathered: Gathered, *, at_once: bool = False
) -> list[Lacking]:
    """What has to be observed for open cases, by column; `gathered` counts it as observed from now on.

    at_once: all stages of evidence, whatever the first would say.
    """
    wanted: dict[int, dict[str, tuple[Case, Asked]]] = {}
    for case, evidences in still_open:
        asked: dict[int, Asked] = {}
        for evidence in evidences:
            what = evidence.now | evidence.later if at_once else evidence.now
            for place in evidence.places:
                asked[place] = asked.get(place, NOTHING) | what
        for place, what in asked.items():
            if left := what & ~gathered.of(case.hash).get(place, NOTHING):
                wanted.setdefault(place, {})[case.hash] = case, left
                gathered.add(case.hash, place, left)
    return [
        _lacking_in(place, found.values(), float64=shelf.columns[place].float64)
        for place, found in sorted(wanted.items())
    ]


def _lacking_in(place: int, found: Iterable[tuple[Case, Asked]], *, float64: bool) -> Lacking:
    """The cases that are evidence, and which of them are performed twice."""
    variants: list[Case] = []
    plain: list[Case] = []
    for case, asked in found:
        shadow, *jitters = judging.evidence_cases(case, judging.DETERMINED)
        variants += [shadow] if float64 and Asked.SHADOW in asked else []
        variants += jitters[:1] if Asked.JITTER in asked else []
        variants += jitters[1:] if Asked.JITTERS in asked else []
        plain += [judging.again(case, judging.DETERMINED)] if Asked.REPEATS in asked else []
    moved = [variant for variant in variants if variant.variant != judging.SHADOW]
    return Lacking(place, tuple(variants), (*plain, *moved))


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
