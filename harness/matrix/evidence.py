"""What is asked of columns before they are told apart, in two stages.

First what may *excuse* a difference: the case in float64 where a column computes in it, and where one of the
two does not, or whole numbers differ, the case moved by one unit in the last place, asked twice, so that what
a race does is not taken for rounding. What that calls rounding stays rounding: a band is the largest of all
reruns, and a further rerun can only widen it.

Then, only of two columns that this does not excuse, what has to be *believed*: the case once more (on some
engines oftener) and a second jitter. Only with both are two columns told apart.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def excuses(*, moved: bool) -> Asked:
    """What may excuse a difference; moved: whether it takes inputs that move."""
    return Asked.SHADOW | Asked.JITTER if moved else Asked.SHADOW


def confirms(*, moved: bool) -> Asked:
    """What a difference that nothing excuses is believed by."""
    return Asked.REPEATS | Asked.JITTERS if moved else Asked.REPEATS


@dataclass(frozen=True)
class Evidence:
    """What has to be observed before two columns can be judged."""

    places: tuple[int, int]
    now: Asked
    later: Asked = NOTHING
    """What has to be as well, unless the first excuses the difference."""


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
