"""What is asked of columns before they are told apart, stage by stage.

First what may *excuse* a difference: the case in float64 where a column computes in it. Where that does not,
and one of the two does not compute in float64 or whole numbers differ, the case moved by one unit in the last
place, asked twice, so that what a race does is not taken for rounding. What one of these calls rounding stays
rounding: a band is the largest of all reruns, and a further rerun can only widen it; and a result that is as
near to the float64 result as rounding leaves it is so whatever a rerun does.

Then, only of two columns that nothing excuses, what has to be *believed*: the case once more (on some engines
oftener) and a second jitter. Only with all of it are two columns told apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Flag, auto


class Asked(Flag):
    """Kinds of evidence, each of one case in one column."""

    SHADOW = auto()
    """The case in float64."""
    JITTER = auto()
    """The case moved by one unit in the last place, twice alike."""
    REPEATS = auto()
    """The case once more, as often as its engine needs it."""
    JITTERS = auto()
    """The case moved otherwise, twice alike."""


NOTHING = Asked(0)


def stages(float64: Sequence[bool], *, stepped: bool) -> list[Asked]:
    """What may be asked for because of two columns, one after the other; the last one confirms.

    float64: whether each computes in it. stepped: whether whole numbers differ, which may sit at a step.
    """
    moved = stepped or not all(float64)
    found = [Asked.SHADOW] if any(float64) else []
    if moved:
        return [*found, Asked.JITTER, Asked.REPEATS | Asked.JITTERS]
    return [*found, Asked.REPEATS]


@dataclass(frozen=True)
class Evidence:
    """What has to be observed before two columns can be judged."""

    places: tuple[int, int]
    now: Asked
    later: Asked = NOTHING
    """What has to be as well, unless what is asked before it excuses the difference."""


@dataclass
class Gathered:
    """The evidence observed so far, as far as it can be: per case and place of a column."""

    places: dict[str, dict[int, Asked]] = field(default_factory=dict)

    def of(self, case_hash: str) -> Mapping[int, Asked]:
        """By place, of one case."""
        return self.places.get(case_hash, {})

    def add(self, case_hash: str, place: int, asked: Asked) -> None:
        """Counts as observed from now on."""
        found = self.places.setdefault(case_hash, {})
        found[place] = found.get(place, NOTHING) | asked
