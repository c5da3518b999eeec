"""The stage that has cases performed: what the store lacks is performed, and everything ends in the store."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from harness.model import Case, Fault, Observation
from harness.run import memory
from harness.run.launch import Launch, script_digest
from harness.run.performing import Assignment, Ended, Event, Started, perform_all
from harness.run.wire import Sighting
from harness.run.workers import Workers
from harness.store import Key, Store

WAITING = 2
"""How many workers may wait per job: one of each side of a pair."""

MANY = 500
"""How many may wait where only memory bounds them."""


class Progress(Protocol):
    """What a person waiting is shown."""

    def begin(self, target: str, what: str, total: int, known: int) -> None:
        """So many cases of a target are to be observed, so many of them are in the store already."""

    def advance(self, target: str) -> None:
        """One more case of a target has been observed."""

    def say(self, line: str) -> None:
        """Something worth a line."""


@dataclass
class Tally:
    """What observing one target cost."""

    performed: int = 0
    cached: int = 0
    seconds: float = 0.0
    inside: float = 0.0
    start: float = 0.0
    starts: int = 0
    peak_mb: float = 0.0
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Wanted:
    """Cases to be observed on one target."""

    launch: Launch
    cases: tuple[Case, ...]
    repeat: int = 0


def key_of(launch: Launch, case: Case, repeat: int) -> Key:
    """What identifies this observation in the store."""
    return Key(case.hash, launch.fingerprint, script_digest(case.script, launch.extra_scripts), repeat)


class Archive:
    """What targets did with cases, read from the store.

    key: what identifies an observation: as it would be made now, or as it was made for a run of the past.
    """

    def __init__(self, store: Store, key: Callable[[Launch, Case, int], Key] = key_of) -> None:
        self.store = store
        self.key = key

    def sighting(self, launch: Launch, case: Case, repeat: int = 0) -> Sighting | None:
        """What a target did with a case, still packed; None when it was not observed."""
        return self.store.get(self.key(launch, case, repeat), launch.target)

    def observation(self, launch: Launch, case: Case, repeat: int = 0) -> Observation | None:
        """What a target did with a case; None when it was not observed."""
        found = self.sighting(launch, case, repeat)
        return None if found is None else found.unpack()


class Observer(Archive):
    """Observes cases on targets, through the store.

    until: moment (`time.monotonic`) after which no further batch of cases is begun.
    """

    def __init__(
        self,
        store: Store,
        *,
        jobs: int,
        progress: Progress,
        use_cache: bool = True,
        until: float = math.inf,
    ) -> None:
        super().__init__(store)
        self.jobs = jobs
        self.progress = progress
        self.use_cache = use_cache
        self.until = until
        self.tallies: dict[str, Tally] = {}
        self._fresh: set[Key] = set()
        self._workers: Workers | None = None

    @contextmanager
    def keeping_workers(self, *, many: bool = False) -> Iterator[None]:
        """Within it workers wait from one `observe` to the next, a few of them.

        many: as many as leave half of the memory that is available now.
        """
        try:
            with Workers(MANY, memory.half()) if many else Workers(WAITING * self.jobs) as self._workers:
                yield
        finally:
            self._workers = None

    def observe(self, wanted: Sequence[Wanted], what: str, *, until: float = math.inf) -> None:
        """Have everything performed that the store does not hold. Ends when it is stored, or after `stop`."""
        assignments = [a for a in (self._assignment(w, what) for w in wanted) if a.cases]
        if not assignments:
            return
        cases = {c.hash: c for a in assignments for c in a.cases}
        launches = {a.launch.target: a.launch for a in assignments}

        def key(sighting: Sighting) -> Key:
            return key_of(launches[sighting.target], cases[sighting.case_hash], sighting.repeat)

        def take(event: Event) -> None:
            self._take(event, key)

        until = min(self.until, until)
        perform_all(
            assignments,
            jobs=self.jobs,
            on_event=take,
            until=until,
            workers=self._workers,
            together=self.store.together,
        )

    def _assignment(self, wanted: Wanted, what: str) -> Assignment:
        keys = {key_of(wanted.launch, c, wanted.repeat): c for c in wanted.cases}
        known = self.store.known(keys) if self.use_cache else self._fresh & keys.keys()
        tally = self.tally(wanted.launch.target)
        tally.cached += len(known)
        cases = tuple(c for k, c in keys.items() if k not in known)
        self.store.keep_cases(cases)
        if wanted.cases:
            self.progress.begin(wanted.launch.target, what, len(keys), len(known))
        return Assignment(wanted.launch, cases, wanted.repeat)

    def tally(self, target: str) -> Tally:
        """The tally of a target."""
        return self.tallies.setdefault(target, Tally())

    def _take(self, event: Event, key: Callable[[Sighting], Key]) -> None:
        if isinstance(event, Started):
            tally = self.tally(event.launch.target)
            tally.starts += 1
            tally.start += event.seconds
            tally.peak_mb = max(tally.peak_mb, float(event.hello["peak_mb"]))
            self.store.keep_target(event.launch.fingerprint, event.launch.target, event.hello)
        elif isinstance(event, Ended):
            tally = self.tally(event.target)
            tally.peak_mb = max(tally.peak_mb, event.peak_mb)
        elif isinstance(event, Fault):
            self.tally(event.target).faults.append(event)
            self.progress.say(f"harness fault: {event.target}: {event.what}")
        else:
            self._keep(event, key(event))

    def _keep(self, sighting: Sighting, key: Key) -> None:
        self.store.add(key, sighting, replace=not self.use_cache)
        self._fresh.add(key)
        tally = self.tally(sighting.target)
        tally.performed += 1
        tally.seconds += sighting.seconds
        tally.inside += sighting.inside_seconds
        self.progress.advance(sighting.target)
