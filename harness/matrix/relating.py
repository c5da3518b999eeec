"""What the columns of a matrix did with one case, and how any two of them relate.

Equal digests are equal and are never unpacked. What else differs is compared once per two payloads, whichever
columns they belong to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import cached_property, reduce
from operator import or_

from harness import judging
from harness.classify.divergences import classify
from harness.compare.observations import Comparison, compare, differences
from harness.compare.observations import Known as Parts
from harness.compare.settle import JUDGED, Settled, Side, needs_evidence, settle
from harness.matrix.evidence import NOTHING, Asked, Evidence, stages
from harness.matrix.shelf import Rows, Shelf
from harness.model import Case, Difference, Divergence, Kind, Observation, Outcome
from harness.report.matrix_records import MISSING, NOT_RUN, UNSUPPORTED
from harness.run.wire import Known, steps_of
from harness.specs.scenarios import subjects_of
from harness.store import Row

WEIGHED = JUDGED | {Kind.PRECISION}
"""Kinds of differences that evidence had a say in, once it is weighed."""


class Relation(StrEnum):
    """How two observations of one case relate."""

    EQUAL = "equal"
    ROUNDING = "equal within rounding"
    DIFFERENT = "different"
    OPEN = "to be judged by evidence"
    UNDECIDED = "no evidence either way"


class Behaviour:
    """One case over all columns.

    gathered: by place, the evidence that has been observed as far as it can be; None: all of it. Where
    evidence decides and is not gathered, the relation stays open and is listed in `wanted`.
    """

    def __init__(self, case: Case, shelf: Shelf, gathered: Mapping[int, Asked] | None = None) -> None:
        self.case = case
        self.shelf = shelf
        self.gathered = gathered
        self._repeats: dict[str, Rows] = {case.hash: shelf.rows([case])[0]}
        self.rows = self._repeats[case.hash][0]
        self.wanted: list[Evidence] = []
        self.unsure = False
        self._relations: dict[tuple[str, str], Relation] = {}
        self._compared: dict[tuple[str, str], Comparison] = {}
        self._steps: Known = {}
        self._parts: Parts = {}
        self._observations: dict[str, Observation] = {}
        self._bodies: dict[str, bytes] = {}
        self._settled: dict[tuple[str, str], Settled] = {}
        self._excused: dict[tuple[str, str, int], Settled | None] = {}
        self._evident: dict[tuple[str, str], Settled] = {}
        self._sides: dict[int, Side] = {}
        self._most: dict[tuple[int, int], int] = {}

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
            found = self._observations[row.payload] = Observation(
                row.case_hash,
                "",
                row.outcome,
                steps_of(self._body(row.payload), self._steps),
                row.stopped,
                row.evidence,
                row.seconds,
                payload=row.payload,
            )
        return found

    def _body(self, payload: str) -> bytes:
        """What was observed, packed; all there is to unpack of the case so far is fetched at once."""
        if payload not in self._bodies:
            rows = (row for repeats in self._repeats.values() for found in repeats.values() for row in found)
            left = {row.payload for row in rows if row is not None} - self._observations.keys()
            self._bodies |= self.shelf.bodies(sorted(left))
        return self._bodies.pop(payload)

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
            self._ask(one, two)
        return found is Relation.DIFFERENT

    def relation(self, one: int, two: int) -> Relation:
        """How two columns relate."""
        key = (self.payloads[one], self.payloads[two])
        if key[0] == key[1]:
            return Relation.EQUAL
        if key not in self._relations:
            self._relations[key] = self._relate(one, two)
        return self._relations[key]

    def _relate(self, one: int, two: int) -> Relation:
        if self._stands_out(one, two):
            return Relation.DIFFERENT
        comparison = self.compared(one, two)
        if not comparison.differences:
            return Relation.EQUAL
        if len(needs_evidence(comparison.differences)) < len(comparison.differences):
            return Relation.DIFFERENT
        if self._lacking(one, two) is not None:
            return Relation.OPEN
        settled = self.settled(one, two)
        if settled.differences:
            return Relation.DIFFERENT
        unsure = settled.undecided or settled.unsteady
        return Relation.UNDECIDED if unsure else Relation.ROUNDING

    def _stands_out(self, one: int, two: int) -> bool:
        """Whether something differs that evidence never explains; what else does is not looked at then."""
        found: Iterable[Difference]
        if (self.payloads[one], self.payloads[two]) in self._compared:
            found = self.compared(one, two).differences
        else:
            found = differences(self.at(one), self.at(two), self._parts)
        return any(difference.kind not in JUDGED for difference in found)

    def standing(self, one: int, two: int) -> tuple[Difference, ...]:
        """The differences between two columns that stand; those that evidence has to decide are asked for."""
        if self.payloads[one] == self.payloads[two]:
            return ()
        if self._ask(one, two):
            return self.compared(one, two).differences
        return self.settled(one, two).differences

    def _ask(self, one: int, two: int) -> bool:
        """Ask for the evidence that is lacking between two columns; whether any is."""
        lacking = self._lacking(one, two)
        self.wanted += [] if lacking is None else [lacking]
        return lacking is not None

    def _lacking(self, one: int, two: int) -> Evidence | None:
        """The evidence that could change what two columns are to each other and can still be had."""
        if self.gathered is None or not needs_evidence(self.compared(one, two).differences):
            return None
        places = self.firsts[one], self.firsts[two]
        here, there = (self.gathered.get(place, NOTHING) for place in places)
        left = [stage & ~(here & there) for stage in self._stages(one, two)]
        for number, lacking in enumerate(left):
            if lacking:
                return Evidence(places, lacking, reduce(or_, left[number + 1 :], NOTHING))
            if number < len(left) - 1 and self._excused_by(one, two, number) is not None:
                return None
        return None

    def _stages(self, one: int, two: int) -> list[Asked]:
        """What may be asked for because of two columns, one after the other; the last confirms."""
        stepped = any(map(judging.is_stepped, needs_evidence(self.compared(one, two).differences)))
        float64 = [self.shelf.columns[self.firsts[place]].float64 for place in (one, two)]
        return stages(float64, stepped=stepped)

    def settled(self, one: int, two: int) -> Settled:
        """What the evidence there is makes of the differences between two columns; no oracle is asked."""
        key = (self.payloads[one], self.payloads[two])
        if key not in self._settled:
            found = self.compared(one, two)
            if needs_evidence(found.differences):
                self._settled[key] = self._excuse(one, two) or self._confirmed(one, two)
            else:
                self._settled[key] = settle(found, Side(self.at(one)), Side(self.at(two)), oracle={}, terms=1)
        return self._settled[key]

    def _excuse(self, one: int, two: int) -> Settled | None:
        """What the first stage that excuses all there is makes of two columns; None where none does."""
        numbers = range(len(self._stages(one, two)) - 1)
        found = (self._excused_by(one, two, number) for number in numbers)
        return next((settled for settled in found if settled is not None), None)

    def _excused_by(self, one: int, two: int, stage: int) -> Settled | None:
        """What the evidence up to a stage makes of two columns where all it has to judge is rounding.

        Only what is asked for because of these two is looked at, so it is the same whatever else is known.
        """
        key = (self.payloads[one], self.payloads[two], stage)
        if key not in self._excused:
            found = self.compared(one, two)
            moved = any(Asked.JITTER in each for each in self._stages(one, two)[: stage + 1])
            sides = self._excusing(one, moved=moved), self._excusing(two, moved=moved)
            settled = settle(found, *sides, oracle={}, terms=self._terms(one, two))
            whole = len(settled.rounding) == len(needs_evidence(found.differences))
            self._excused[key] = settled if whole and not settled.unsteady else None
        return self._excused[key]

    def _confirmed(self, one: int, two: int) -> Settled:
        """What all the evidence there is makes of two columns; a difference seen but once is undecided."""
        settled = self._weighed(one, two)
        if all(self._side(place).repeats for place in (one, two)):
            return settled
        return unconfirmed(settled)

    def _weighed(self, one: int, two: int) -> Settled:
        """What all the evidence there is makes of two columns."""
        key = (self.payloads[one], self.payloads[two])
        if key not in self._evident:
            sides = self._side(one), self._side(two)
            self._evident[key] = settle(
                self.compared(one, two), *sides, oracle={}, terms=self._terms(one, two)
            )
        return self._evident[key]

    def ask_of_change(self, one: int, two: int) -> None:
        """Ask for what is lacking to tell what changed between two columns that are in two classes.

        Where something else tells them apart as well, numbers that nothing is known of are left undecided;
        what would be told of them is confirmed first.
        """
        if self.payloads[one] == self.payloads[two]:
            return
        told = self.relation(one, two) is Relation.DIFFERENT
        if not told or any(map(is_judged(self._weighed(one, two)), self._weighed(one, two).differences)):
            self._ask(one, two)

    def compared(self, one: int, two: int) -> Comparison:
        """Every difference between two columns, rounding included."""
        key = (self.payloads[one], self.payloads[two])
        if key not in self._compared:
            found = compare(self.at(one), self.at(two), self._parts)
            self._compared[key] = judging.judgeable(self.case, self.at(one), self.at(two), found)
        return self._compared[key]

    def _terms(self, one: int, two: int) -> int:
        """The largest number of terms of any sum; looked for once where the weights are the same."""
        sides = self.at(one), self.at(two)
        key = id(sides[0].step(judging.WEIGHTS)), id(sides[1].step(judging.WEIGHTS))
        if key not in self._most:
            self._most[key] = judging.terms_of(self.case, *sides)
        return self._most[key]

    def _side(self, place: int) -> Side:
        """A column with all the evidence there is of it."""
        place = self.firsts[place]
        if place not in self._sides:
            self._sides[place] = self._with_all(place)
        return self._sides[place]

    def _with_all(self, place: int) -> Side:
        (shadow, *moved), once_more = self._variants
        repeats = (self._evidence_of(once_more, t, place) for t in range(1, judging.MOST_REPEATS + 1))
        return self._with(place, shadow, moved, tuple(o for o in repeats if o is not None))

    def _excusing(self, place: int, *, moved: bool) -> Side:
        """A column with the evidence of the first stage; inputs that moved but once may show a race."""
        (shadow, first, *_), _ = self._variants
        place = self.firsts[place]
        twice = all(self._evidence_of(first, times, place) is not None for times in (0, 1))
        return self._with(place, shadow, [first] if moved and twice else [])

    def _with(
        self, place: int, shadow: Case, jitters: Sequence[Case], repeats: tuple[Observation, ...] = ()
    ) -> Side:
        """A column with some of its evidence."""
        reruns = [(self._evidence_of(j, 0, place), self._evidence_of(j, 1, place)) for j in jitters]
        return Side(
            self.at(place),
            self._evidence_of(shadow, 0, place) if self.shelf.columns[place].float64 else None,
            tuple(one for one, _ in reruns if one is not None),
            repeats,
            judging.spared_steps(self.case, judging.DETERMINED),
            judging.twice(reruns),
        )

    @cached_property
    def _variants(self) -> tuple[list[Case], Case]:
        """The case as its shadow and jitters have it, and as it is performed once more; with their rows."""
        moved = judging.evidence_cases(self.case, judging.DETERMINED)
        once_more = judging.again(self.case, judging.DETERMINED)
        left = [case for case in (*moved, once_more) if case.hash not in self._repeats]
        self._repeats |= {c.hash: rows for c, rows in zip(left, self.shelf.rows(left), strict=True)}
        return moved, once_more

    def _evidence_of(self, variant: Case, repeat: int, place: int) -> Observation | None:
        rows = self._repeats[variant.hash].get(repeat)
        row = None if rows is None else rows[place]
        return None if row is None else self.observation(row)

    def divergences(self, one: int, two: int, pair: str) -> tuple[Divergence, ...]:
        """The divergences between two columns, the first one as the reference."""
        if not self.compared(one, two).differences:
            return ()
        settled = self.settled(one, two)
        return tuple(
            replace(d, subjects=subjects_of(self.case))
            for d in classify(self.case, settled.differences, pair=pair, judgements=settled.judgements)
        )


def is_judged(settled: Settled) -> Callable[[Difference], bool]:
    """Tells of the differences that stand which of them evidence had a say in."""
    return lambda difference: difference.kind in WEIGHED and difference.where in settled.judgements


def unconfirmed(settled: Settled) -> Settled:
    """What was settled without the case being repeated: nothing that evidence judges is believed."""
    judged = is_judged(settled)
    return replace(
        settled,
        differences=tuple(d for d in settled.differences if not judged(d)),
        undecided=(*settled.undecided, *filter(judged, settled.differences)),
    )
