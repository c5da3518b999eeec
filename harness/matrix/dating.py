"""Since when two targets differ by a cause, and which of the two changed.

A cause of a pair has an example. That one case is performed by every release of both sides' lineages, and
each release is asked, at the place of the cause only: does it behave like the reference, like the candidate,
or otherwise? Walking back from each side, the first release that behaves otherwise ends the stretch. If the
releases before behaved like the other side, this side is the one that changed. Releases are asked one by one,
not bisected: a history that goes to and fro is told as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.matrix.relating import Behaviour
from harness.model import Difference, Divergence, Kind, StepStatus
from harness.report.dates import UNHEARD, Dated, Mark, Span
from harness.report.matrix_records import Lineage

ENDS = frozenset({Kind.OUTCOME, Kind.ERROR})
"""Kinds that are about how a step ended, not about what it gave."""


def place_of(divergence: Divergence) -> tuple[Difference, ...]:
    """Where a divergence shows first: its differences in its first step."""
    first = divergence.differences[0]
    return tuple(d for d in divergence.differences if d.step == first.step)


def touches(difference: Difference, places: Iterable[Difference], kind: Kind) -> bool:
    """Whether a difference is at one of the places, above or below it, and of the sort of `kind`."""
    if kind in ENDS and difference.kind not in ENDS:
        return False
    if (kind is Kind.WARNINGS) != (difference.kind is Kind.WARNINGS):
        return False
    return any(
        difference.step == p.step and (_above(difference.path, p.path) or _above(p.path, difference.path))
        for p in places
    )


def _above(one: str, two: str) -> bool:
    """Whether a path is the other or leads to it."""
    return not one or one == two or (two.startswith(one) and two[len(one)] in ".[")


class Dating:
    """One cause of a pair over the columns of its lineages.

    behaviour: the example case. reference, candidate: places of the two sides among its columns.
    """

    def __init__(self, behaviour: Behaviour, reference: int, candidate: int, fingerprint: str) -> None:
        self.behaviour = behaviour
        self.sides = reference, candidate
        self.divergence = self._shown(fingerprint)

    def _shown(self, fingerprint: str) -> Divergence | None:
        if any(self.behaviour.rows[place] is None for place in self.sides):
            return None
        self.behaviour.standing(
            *self.sides
        )  # asks for the evidence that is lacking between the two themselves
        found = self.behaviour.divergences(*self.sides, "")
        return next((d for d in found if fingerprint in (d.cause, d.fingerprint)), None)

    def marks(self) -> tuple[Mark, ...]:
        """How each column behaves at the place of the cause. Only where the pair still shows it."""
        assert self.divergence is not None
        return tuple(self._mark(place) for place in range(len(self.behaviour.rows)))

    def _mark(self, place: int) -> Mark:
        special = self.behaviour.specials[place]
        if place == self.sides[0]:
            return Mark.REFERENCE
        if place == self.sides[1]:
            return Mark.CANDIDATE
        if special:
            return self._like_a_side(special)
        alike = [self._alike(place, side) for side in self.sides]
        if not self._reaches(place):
            return Mark.UNREACHED
        if alike[0] == alike[1]:
            return Mark.UNREACHED if alike[0] else Mark.OTHER
        return Mark.REFERENCE if alike[0] else Mark.CANDIDATE

    def _like_a_side(self, special: str) -> Mark:
        """The mark of a column without a behaviour: where one side lacks the same, it is like that side."""
        like = [self.behaviour.specials[side] == special for side in self.sides]
        if like[0] == like[1]:
            return Mark(special)
        return Mark.REFERENCE if like[0] else Mark.CANDIDATE

    def _alike(self, place: int, side: int) -> bool:
        """Whether a column is not told apart from a side at the place of the cause."""
        divergence = self.divergence
        assert divergence is not None
        if self.behaviour.specials[side]:
            return False
        where = place_of(divergence)
        kind = divergence.differences[0].kind
        return not any(
            touches(d, where, kind) or d.step == "case" for d in self.behaviour.standing(place, side)
        )

    def _reaches(self, place: int) -> bool:
        """Whether a column comes as far as the step in which the cause shows."""
        assert self.divergence is not None
        name = self.divergence.differences[0].step
        observation = self.behaviour.at(place)
        step = observation.step(name)
        if step is not None:
            return step.status is not StepStatus.UNSUPPORTED
        return not observation.stopped


def dated(
    fingerprint: str,
    address: str,
    marks: Mapping[str, Mark],
    reference: str,
    candidate: str,
    lineages: Sequence[Lineage],
) -> Dated:
    """The date of a cause. marks: by id of the column. lineages: of all columns."""
    first = span(marks, reference, Mark.REFERENCE, lineages)
    second = span(marks, candidate, Mark.CANDIDATE, lineages)
    return Dated(fingerprint, address, first, second, tuple(marks.items()), who_changed(first, second))


def span(marks: Mapping[str, Mark], side: str, own: Mark, lineages: Sequence[Lineage]) -> Span:
    """The stretch of releases up to a side that behave as it does."""
    line = next((line for line in lineages if side in line.columns), Lineage("", (side,)))
    ids = line.columns[: line.columns.index(side) + 1]
    since = side
    skipped: list[str] = []
    for id in reversed(ids[:-1]):
        mark = marks.get(id, Mark.NOT_RUN)
        if mark is own:
            since, skipped = id, []
        elif mark in UNHEARD:
            skipped.append(id)
        else:
            returns = any(marks.get(earlier) is own for earlier in ids[: ids.index(id)])
            return Span(line.name, side, since, id, mark, tuple(reversed(skipped)), returns)
    return Span(line.name, side, since, skipped=tuple(reversed(skipped)))


def who_changed(reference: Span, candidate: Span) -> str:
    """Which side left the behaviour of the other: ``reference``, ``candidate``, ``both`` or neither."""
    left = reference.before_mark is Mark.CANDIDATE, candidate.before_mark is Mark.REFERENCE
    if all(left):
        return "both"
    if any(left):
        return "reference" if left[0] else "candidate"
    return ""
