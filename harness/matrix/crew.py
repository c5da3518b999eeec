"""Who observes the columns of a matrix: this process alone, or (`harness.shards.columns`) shards anywhere.

Whoever does, what was observed is in the store at the end, and the columns, the faults and what the store
holds are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from harness.matrix import performing
from harness.matrix.performing import Clock, Observed
from harness.matrix.room import Room
from harness.matrix.survey import Lacking
from harness.model import Case, Fault
from harness.observing import Observer, Progress
from harness.recording import timing
from harness.report.records import Timing
from harness.store import Store
from harness.targets import Target


class Crew(Protocol):
    """Observes columns into a store."""

    @property
    def store(self) -> Store:
        """Holds what was observed."""

    @property
    def progress(self) -> Progress:
        """Is told how far it is."""

    @property
    def clock(self) -> Clock:
        """The time there is."""

    @property
    def jobs(self) -> int:
        """Processes that look at what was observed, at the most."""

    @property
    def at_once(self) -> bool:
        """Whether all stages of evidence are asked for at once, because another round is dear."""

    def observe(self, targets: Sequence[Target], cases: Sequence[Case]) -> Observed:
        """Have every case performed once by every target."""

    def gather(self, lacking: Iterable[Lacking], seen: Observed) -> None:
        """Have the evidence observed that is lacking in columns."""

    def faults(self) -> list[Fault]:
        """What we failed to observe, besides the faults of the columns."""

    def timing(self, target: str) -> Timing:
        """Where the time of a target went."""


class Alone:
    """Observes in worker processes of this machine, a few targets at a time."""

    def __init__(self, observer: Observer, clock: Clock, room: Room) -> None:
        self.observer = observer
        self.clock = clock
        self.room = room

    @property
    def store(self) -> Store:
        """Holds what was observed."""
        return self.observer.store

    @property
    def progress(self) -> Progress:
        """Is told how far it is."""
        return self.observer.progress

    @property
    def jobs(self) -> int:
        """Worker processes at a time."""
        return self.observer.jobs

    @property
    def at_once(self) -> bool:
        """Within a budget of disk a round makes environments again that were removed."""
        return self.room.budget is not None

    def observe(self, targets: Sequence[Target], cases: Sequence[Case]) -> Observed:
        """Have every case performed once by every target."""
        return performing.observe_targets(targets, cases, self.observer, clock=self.clock, room=self.room)

    def gather(self, lacking: Iterable[Lacking], seen: Observed) -> None:
        """Have the evidence observed that is lacking in columns."""
        performing.observe_evidence(lacking, seen, self.observer, self.clock, self.room)

    def faults(self) -> list[Fault]:
        """What workers failed at."""
        return [fault for tally in self.observer.tallies.values() for fault in tally.faults]

    def timing(self, target: str) -> Timing:
        """Where the time of a target went."""
        return timing(target, self.observer)
