"""Every change of a history between two releases, by asking as few of the releases in between as will do.

Logic alone: how a release is asked is the caller's. Where the two neighbours of a stretch behave alike, what
lies between is taken to behave so too; where they differ, the middle of the stretch is asked, until nothing
lies between two that differ. A third behaviour met on the way makes two changes of one; both are narrowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from harness.report.dates import UNHEARD, Mark

Ask = Callable[[str], Mark]


@dataclass(frozen=True)
class Change:
    """Two releases that follow one another, as far as could be asked, and behave differently."""

    before: str
    before_mark: Mark
    after: str
    after_mark: Mark
    left: tuple[str, ...] = ()
    """Releases between the two of which none could be asked."""


@dataclass
class Narrowing:
    """What is known of the releases from one to another, oldest first."""

    releases: Sequence[str]
    known: dict[str, Mark]
    """The first and the last of them at least."""
    asked: dict[str, Mark] = field(default_factory=dict)

    def narrow(self, ask: Ask, enough: Callable[[], bool] = lambda: False) -> None:
        """Ask releases until no change can be narrowed any more, the newest change first.

        enough: whether nothing more is to be asked, such as when the time is up.
        """
        while not enough():
            open_to = next((gap for gap in reversed(self._gaps()) if gap), None)
            if open_to is None:
                return
            version = open_to[len(open_to) // 2]
            self.known[version] = self.asked[version] = ask(version)

    def changes(self) -> tuple[Change, ...]:
        """Every change as it is known by now, the newest first."""
        heard = self._heard()
        found = [
            Change(before, self.known[before], after, self.known[after], self._between(before, after))
            for before, after in pairwise(heard)
            if self.known[before] is not self.known[after]
        ]
        return tuple(reversed(found))

    def _heard(self) -> list[str]:
        """The releases of which it is known how they behave."""
        return [v for v in self.releases if self.known.get(v, Mark.NOT_RUN) not in UNHEARD]

    def _between(self, before: str, after: str) -> tuple[str, ...]:
        return tuple(self.releases[self.releases.index(before) + 1 : self.releases.index(after)])

    def _gaps(self) -> list[list[str]]:
        """What was not asked yet between each two neighbours that differ."""
        return [[v for v in change.left if v not in self.known] for change in reversed(self.changes())]


def along(ids: Sequence[str], marks: Mapping[str, Mark]) -> list[tuple[str, str]]:
    """The neighbours of a lineage that behave differently, newest first; those not heard are passed over."""
    heard = [id for id in ids if marks.get(id, Mark.NOT_RUN) not in UNHEARD]
    return [(a, b) for a, b in pairwise(heard) if marks[a] is not marks[b]][::-1]
