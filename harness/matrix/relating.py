"""What the columns of a matrix did with one case, and how any two of them relate.

Equal digests are equal and are never unpacked. What else differs is compared once per two payloads, whichever
columns they belong to.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from harness import judging
from harness.classify.divergences import classify
from harness.compare.observations import Comparison, compare
from harness.compare.settle import Side, needs_evidence, settle
from harness.matrix.shelf import Shelf
from harness.model import Case, Difference, Divergence, Observation, Outcome
from harness.report.matrix_records import MISSING, NOT_RUN, UNSUPPORTED
from harness.run.wire import Sighting
from harness.specs.registry import spec_of
from harness.specs.scenarios import subjects_of
from harness.store import Row

"""Steps a closer look is taken at: all, so that a column's evidence serves whomever it is held against."""


class Relation(StrEnum):
    """How two observations of one case relate."""

    EQUAL = "equal"
    ROUNDING = "equal within rounding"
    DIFFERENT = "different"
    OPEN = "to be judged by evidence"
    UNDECIDED = "no evidence either way"


@dataclass(frozen=True)
class Evidence:
    """What has to be observed before two columns can be judged."""

    places: tuple[int, int]
    stepped: bool
    """Whether whole numbers or truth values differ: only jitter shows whether they sit at a step."""


class Behaviour:
    """One case over all columns.

    gathered: places whose evidence has been observed as far as it can be; None: that of all of them. Where
    evidence decides and is not gathered, the relation stays open and is listed in `wanted`.
    """

    def __init__(self, case: Case, shelf: Shelf, gathered: Collection[int] | None = None) -> None:
        self.case = case
        self.shelf = shelf
        self.gathered = gathered
        self.rows = shelf.rows(case.hash, case.script)
        self.wanted: list[Evidence] = []
        self.unsure = False
        self._known: dict[tuple[str, str], Relation] = {}
        self._observations: dict[str, Observation] = {}
        self._evidence: dict[str, list[Row | None]] = {}

    @cached_property
    def payloads(self) -> tuple[str, ...]:
        """Digests of what was observed; empty for a column that was not."""
        return tuple("" if row is None else row.payload for row in self.rows)

    @cached_property
    def firsts(self) -> tuple[int, ...]:
        """Per column, the first one that observed the very same: one's evidence is the other's."""
        seen: dict[str, int] = {}
        return tuple(seen.setdefault(payload, place) for place, payload in enumerate(self.payloads))

    @cached_property
    def specials(self) -> tuple[str, ...]:
        """The mark of each column that has no behaviour to compare; empty for one that has."""
        return tuple(map(self._special, self.rows))

    def _special(self, row: Row | None) -> str:
        if row is None:
            return NOT_RUN
        if row.outcome in (Outcome.MISSING, Outcome.UNSUPPORTED) and not self.observation(row).steps:
            return MISSING if row.outcome is Outcome.MISSING else UNSUPPORTED
        return ""

    def observation(self, row: Row) -> Observation:
        """An observation, unpacked once."""
        found = self._observations.get(row.payload)
        if found is None:
            body = self.shelf.body(row.payload)
            packed = Sighting(
                row.case_hash, "", row.outcome, body, row.stopped, row.evidence, "", row.seconds
            )
            found = replace(packed.unpack(), payload=row.payload)
            self._observations[row.payload] = found
        return found

    def at(self, place: int) -> Observation:
        """What the column at a place observed."""
        row = self.rows[place]
        assert row is not None, "a column without a behaviour is not compared"
        return self.observation(row)

    def differs(self, one: int, two: int) -> bool:
        """Whether two columns are told apart; where evidence is lacking they are not, which is remembered."""
        found = self.relation(one, two)
        self.unsure |= found is Relation.UNDECIDED
        if found is Relation.OPEN:
            places = self.firsts[one], self.firsts[two]
            self.wanted.append(Evidence(places, self._stepped(one, two)))
        return found is Relation.DIFFERENT

    def relation(self, one: int, two: int) -> Relation:
        """How two columns relate."""
        key = (self.payloads[one], self.payloads[two])
        if key[0] == key[1]:
            return Relation.EQUAL
        if key not in self._known:
            self._known[key] = self._relate(one, two)
        return self._known[key]

    def _relate(self, one: int, two: int) -> Relation:
        comparison = self.compared(one, two)
        if not comparison.differences:
            return Relation.EQUAL
        if len(needs_evidence(comparison.differences)) < len(comparison.differences):
            return Relation.DIFFERENT
        places = {self.firsts[one], self.firsts[two]}
        if self.gathered is not None and not places <= set(self.gathered):
            return Relation.OPEN
        settled = settle(comparison, self._side(one), self._side(two), oracle={}, terms=self._terms(one, two))
        if settled.differences:
            return Relation.DIFFERENT
        unsure = settled.undecided or settled.unsteady
        return Relation.UNDECIDED if unsure else Relation.ROUNDING

    def standing(self, one: int, two: int) -> tuple[Difference, ...]:
        """The differences between two columns that stand; those that evidence has to decide are asked for."""
        if self.payloads[one] == self.payloads[two]:
            return ()
        comparison = self.compared(one, two)
        if not needs_evidence(comparison.differences):
            return comparison.differences
        places = self.firsts[one], self.firsts[two]
        if self.gathered is not None and not set(places) <= set(self.gathered):
            self.wanted.append(Evidence(places, self._stepped(one, two)))
            return comparison.differences
        settled = settle(comparison, self._side(one), self._side(two), oracle={}, terms=self._terms(one, two))
        return settled.differences

    def compared(self, one: int, two: int) -> Comparison:
        """Every difference between two columns, rounding included."""
        return compare(self.at(one), self.at(two))

    def _stepped(self, one: int, two: int) -> bool:
        return any(map(judging.is_stepped, needs_evidence(self.compared(one, two).differences)))

    def _terms(self, one: int, two: int) -> int:
        found = judging.Found(self.case, self.at(one), self.at(two), self.compared(one, two))
        return judging.truth(found, None)[1]

    def _side(self, place: int) -> Side:
        place = self.firsts[place]
        column = self.shelf.columns[place]
        first, *moved = judging.evidence_cases(self.case, judging.DETERMINED)
        again = self._evidence_of(judging.again(self.case, judging.DETERMINED), 1, place)
        reruns = [(self._evidence_of(j, 0, place), self._evidence_of(j, 1, place)) for j in moved]
        return Side(
            self.at(place),
            self._evidence_of(first, 0, place) if column.float64 else None,
            tuple(one for one, _ in reruns if one is not None),
            () if again is None else (again,),
            judging.spared_steps(self.case, judging.DETERMINED),
            judging.twice(reruns),
        )

    def _evidence_of(self, variant: Case, repeat: int, place: int) -> Observation | None:
        key = f"{variant.variant}/{repeat}"
        if key not in self._evidence:
            self._evidence[key] = self.shelf.rows(variant.hash, variant.script, repeat)
        row = self._evidence[key][place]
        return None if row is None else self.observation(row)

    def divergences(self, one: int, two: int, pair: str, *, oracle: bool = False) -> tuple[Divergence, ...]:
        """The divergences between two columns, the first one as the reference. oracle: ask it for blame."""
        comparison = self.compared(one, two)
        if not comparison.differences:
            return ()
        spec = spec_of(self.case.subject, self.case.script) if oracle else None
        found = judging.Found(self.case, self.at(one), self.at(two), comparison)
        doubtful = bool(needs_evidence(comparison.differences))
        truth, terms, _ = judging.truth(found, spec) if doubtful else ({}, 1, ())
        sides = (self._side(one), self._side(two)) if doubtful else (Side(self.at(one)), Side(self.at(two)))
        settled = settle(comparison, *sides, oracle=truth, terms=terms)
        return tuple(
            replace(d, subjects=subjects_of(self.case))
            for d in classify(self.case, settled.differences, pair=pair, judgements=settled.judgements)
        )
