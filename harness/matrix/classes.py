"""One case over many targets → classes of equal behaviour, and what happens along a lineage.

Nothing is compared here: a relation between two columns is asked for where it matters.

Why classes are defined along the lineage
    Being equal up to rounding is not transitive: A may not be told apart from B nor B from C, and still A be
    told apart from C. So a class is not "all that are equal". A column stays in the class of the one before
    it in its lineage unless it is told apart from that one. Told apart, it joins the newest class from whose
    *representative*, its first member, it is not told apart; else it founds a class. Every flip along a
    lineage is therefore a difference between two consecutive releases that stood up to judging, and a slow
    drift of last bits is none. Two members of one class need not be equal bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.report.matrix_records import LETTERS, NOT_RUN, SPECIAL

Differs = Callable[[int, int], bool]
"""Whether two columns are told apart."""


def partition(
    walks: Sequence[Sequence[int]], specials: Sequence[str], payloads: Sequence[str], differs: Differs
) -> str:
    """One mark a column: the letter of its class, or its special mark.

    walks: per lineage, places of its columns, oldest first; a column may be on several. specials: a mark of
    `SPECIAL` or empty, per column. payloads: digests of what was observed; equal ones need no asking.
    """
    marks = list(specials)
    representatives: list[int] = []
    by_payload: dict[str, str] = {}
    for walk in walks:
        before = None
        for place in walk:
            if specials[place]:
                continue
            if not marks[place]:
                marks[place] = _class_of(place, before, marks, payloads, representatives, by_payload, differs)
                by_payload.setdefault(payloads[place], marks[place])
            before = place
    return "".join(mark or NOT_RUN for mark in marks)


def _class_of(
    place: int,
    before: int | None,
    marks: Sequence[str],
    payloads: Sequence[str],
    representatives: list[int],
    by_payload: dict[str, str],
    differs: Differs,
) -> str:
    if before is not None and (payloads[place] == payloads[before] or not differs(before, place)):
        return marks[before]
    if payloads[place] in by_payload:
        return by_payload[payloads[place]]
    for number in range(len(representatives) - 1, -1, -1):
        if representatives[number] != before and not differs(representatives[number], place):
            return letter(number)
    representatives.append(place)
    return letter(len(representatives) - 1)


def letter(number: int) -> str:
    """The name of a class by its number; beyond those there are, the last one stands for all further."""
    return LETTERS[min(number, len(LETTERS) - 1)]


@dataclass(frozen=True)
class Stretch:
    """Consecutive columns of a lineage in one class; columns that were not observed do not end it."""

    mark: str
    first: str
    last: str


def stretches(marks: Sequence[str], ids: Sequence[str], *, skip: Sequence[str] = SPECIAL) -> list[Stretch]:
    """The history of one case along one lineage. marks, ids: of the lineage's columns, oldest first."""
    out: list[Stretch] = []
    for mark, id in zip(marks, ids, strict=True):
        if mark in skip:
            continue
        if out and out[-1].mark == mark:
            out[-1] = Stretch(mark, out[-1].first, id)
        else:
            out.append(Stretch(mark, id, id))
    return out


def flips(history: Sequence[Stretch]) -> int:
    """How often the behaviour changed."""
    return max(0, len(history) - 1)


def flips_back(history: Sequence[Stretch]) -> int:
    """How many of the changes returned to a behaviour seen before."""
    seen: set[str] = set()
    back = 0
    for stretch in history:
        back += stretch.mark in seen
        seen.add(stretch.mark)
    return back


def loners(marks: str) -> list[int]:
    """Places of columns that stand alone: the only member of their class, while others agree."""
    places: dict[str, list[int]] = {}
    for place, mark in enumerate(marks):
        if mark not in SPECIAL:
            places.setdefault(mark, []).append(place)
    if max(map(len, places.values()), default=0) < 2:
        return []
    return sorted(members[0] for members in places.values() if len(members) == 1)
