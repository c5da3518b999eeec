"""The stage of a matrix that starts targets: every case once per target, a few targets at a time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness import environments, judging
from harness.errors import HarnessFault
from harness.matrix.columns import column_of, not_run
from harness.matrix.room import Room
from harness.matrix.survey import Lacking
from harness.model import Case, Fault
from harness.observing import Observer, Wanted
from harness.pipeline import launch_of
from harness.report.matrix_records import Column
from harness.run.launch import Launch
from harness.store import Store
from harness.targets import Target

LATE = "the time given was up before its turn"
"""Why a target was not run that could not even be begun with."""
NOT_STARTED = "the time given was up before it was started"


@dataclass
class Clock:
    """The time a person gives; what is under way when it is up is finished, nothing more is begun."""

    minutes: float | None = None
    now: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._begun = self.now()

    @property
    def until(self) -> float:
        """The moment (`time.monotonic`) when it is up."""
        return math.inf if self.minutes is None else self._begun + self.minutes * 60

    @property
    def up(self) -> bool:
        """Whether the time is up."""
        return self.now() >= self.until

    @property
    def spent(self) -> float:
        """Seconds since it was made."""
        return self.now() - self._begun


@dataclass
class Observed:
    """The columns of a matrix after observing, and what went wrong."""

    columns: list[Column]
    launches: dict[str, Launch] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    targets: tuple[Target, ...] = ()
    """Of the columns, in their order."""


def observe_targets(
    targets: Sequence[Target],
    cases: Sequence[Case],
    observer: Observer,
    *,
    clock: Clock | None = None,
    room: Room | None = None,
) -> Observed:
    """Have every case performed once by every target; whatever is observed is in the store.

    A target that cannot be had, or whose worker never says hello, becomes a column that was not run, with the
    reason and the way out. room: makes environments that are missing, all of them unless it says otherwise.
    """
    clock = clock or Clock()
    room = room or Room(observer.progress, until=clock.until)
    out = Observed([column_of(t) for t in targets], targets=tuple(targets))
    asked = tuple(cases)
    for group in room.turns(list(enumerate(targets)), lambda item: item[1], observer.jobs):
        wanted = []
        with room.holding([target for _, target in group]):
            for place, target in group:
                if clock.up:
                    out.columns[place] = replace(out.columns[place], why=LATE)
                    continue
                launch = ready(target, out, place, room, cases=len(asked))
                if launch is not None:
                    out.launches[target.id] = launch
                    wanted.append(Wanted(launch, asked))
            observer.observe(wanted, "cases", until=clock.until)
            introduced(out, [place for place, target in group if target.id in out.launches], observer)
    return out


def ready(target: Target, out: Observed, place: int, room: Room, *, cases: int) -> Launch | None:
    """How to start a target whose environment is there or has just been made; None when it cannot be had.

    An environment that could not be made in time is no fault, and said of the column.
    """
    try:
        state = room.ready(target)
        if room.make and state.state is environments.State.POSSIBLE:
            out.columns[place] = replace(out.columns[place], why=state.reason, fix=state.fix)
            return None
        launch = launch_of(target)
        assert launch.fingerprint
        out.columns[place] = replace(out.columns[place], version=environments.installed(target, state))
    except HarnessFault as error:
        seen = environments.look(target)
        what = seen.reason or "its environment has not been made"
        evidence = "" if seen.reason else str(error)
        fault = Fault(target.id, what, evidence, seen.fix or f"python -m harness prepare {target.id}", cases)
        out.faults.append(fault)
        out.columns[place] = not_run(out.columns[place], fault)
        return None
    return launch


def introduced(out: Observed, places: Iterable[int], observer: Observer) -> None:
    """Fill in what targets said of themselves; those that never did become columns that were not run."""
    for place in places:
        column = out.columns[place]
        fingerprint = out.launches[column.id].fingerprint
        hello = observer.store.hello(fingerprint)
        if hello is not None:
            out.columns[place] = with_hello(column, fingerprint, hello)
            continue
        faults = observer.tally(column.id).faults
        out.columns[place] = never_heard_of(column, faults)
        del out.launches[column.id]


def never_heard_of(column: Column, faults: Sequence[Fault]) -> Column:
    """A column whose target was there and never said hello; faults: why, where it is not for want of time."""
    fault = faults[0] if faults else Fault(column.id, NOT_STARTED)
    return not_run(column, replace(fault, fix=fault.fix or f"harness prepare {column.id}"))


def with_hello(column: Column, fingerprint: str, hello: Mapping[str, Any]) -> Column:
    """A column with what its target said of itself."""
    identity = hello.get("identity", {})
    return replace(
        column,
        fingerprint=fingerprint,
        why="",
        python=str(hello.get("python", "")),
        origin=str(hello.get("origin", {}).get("module", "")),
        same=tuple(identity.get("same", ())),
        different=tuple(identity.get("different", ())),
    )


def observe_evidence(
    lacking: Iterable[Lacking], out: Observed, observer: Observer, clock: Clock, room: Room | None = None
) -> None:
    """Have the evidence performed that is lacking to tell columns apart.

    room: makes environments again that were removed since the columns were observed.
    """
    room = room or Room(observer.progress, until=clock.until)
    asked = [each for each in lacking if out.columns[each.place].id in out.launches]
    for group in room.turns(asked, lambda each: out.targets[each.place], observer.jobs):
        wanted = []
        with room.holding([out.targets[each.place] for each in group]):
            for each in group:
                if not clock.up and is_there(out.targets[each.place], out, room):
                    launch = out.launches[out.columns[each.place].id]
                    wanted += [
                        Wanted(launch, cases, times) for times, cases in by_repeat(each, launch.engine)
                    ]
            observer.observe(wanted, "evidence", until=clock.until)


def is_there(target: Target, out: Observed, room: Room) -> bool:
    """Whether a target that was observed still can be, its environment made again where it was removed."""
    state = room.ready(target)
    if state.state is environments.State.IMPOSSIBLE:
        what = f"its environment is gone and could not be made again: {state.reason}"
        out.faults.append(Fault(target.id, what, fix=state.fix))
    return state.state is environments.State.READY


def by_repeat(lacking: Lacking, engine: str) -> list[tuple[int, tuple[Case, ...]]]:
    """The evidence lacking in a column: which repeat of which cases; some engines repeat more often."""
    plain = tuple(case for case in lacking.again if case.variant is None)
    more = range(2, judging.repeats_of(engine) + 1)
    return [(0, lacking.variants), (1, lacking.again), *((times, plain) for times in more)]


def known_columns(targets: Sequence[Target], store: Store) -> Observed:
    """The columns as they could be observed now, without starting or making anything."""
    out = Observed([column_of(t) for t in targets], targets=tuple(targets))
    for place, target in enumerate(targets):
        try:
            launch = launch_of(target)
        except HarnessFault as error:
            seen = environments.look(target)
            fault = Fault(target.id, seen.reason or "its environment has not been made", str(error), seen.fix)
            out.columns[place] = not_run(out.columns[place], fault)
            continue
        hello = store.hello(launch.fingerprint)
        if hello is not None:
            out.columns[place] = with_hello(out.columns[place], launch.fingerprint, hello)
            out.launches[target.id] = launch
        else:
            out.columns[place] = replace(out.columns[place], why="it has not been observed")
    return out
