"""The stage of a matrix that starts targets: every case once per target, a few targets at a time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from harness import environments, judging
from harness.errors import HarnessFault
from harness.matrix.columns import column_of, not_run
from harness.matrix.survey import Lacking
from harness.model import Case, Fault
from harness.observing import Observer, Progress, Wanted
from harness.pipeline import launch_of
from harness.report.matrix_records import Column
from harness.run.launch import Launch
from harness.store import Store
from harness.targets import Target

Item = TypeVar("Item")
AT_ONCE = 3
"""Targets handed over at a time, per worker process: enough that none idles, few enough that memory stays
bounded by them and not by how many targets there are."""


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


def observe_targets(
    targets: Sequence[Target],
    cases: Sequence[Case],
    observer: Observer,
    *,
    make: bool = True,
    clock: Clock | None = None,
    prepare: Callable[..., environments.Environment] = environments.prepare,
) -> Observed:
    """Have every case performed once by every target; whatever is observed is in the store.

    A target that cannot be had, or whose worker never says hello, becomes a column that was not run, with the
    reason and the way out. make: make environments that are missing; else such a target is not run.
    """
    clock = clock or Clock()
    out = Observed([column_of(t) for t in targets])
    asked = tuple(cases)
    for group in chunks(list(enumerate(targets)), max(1, observer.jobs) * AT_ONCE):
        wanted = []
        for place, target in group:
            if clock.up:
                out.columns[place] = replace(out.columns[place], why="the time given was up before its turn")
                continue
            launch = ready(
                target, observer.progress, out, place, make=make, prepare=prepare, until=clock.until
            )
            if launch is not None:
                out.launches[target.id] = launch
                wanted.append(Wanted(launch, asked))
        observer.observe(wanted, "cases", until=clock.until)
        introduced(out, [place for place, target in group if target.id in out.launches], observer)
    return out


def ready(
    target: Target,
    progress: Progress,
    out: Observed,
    place: int,
    *,
    make: bool,
    prepare: Callable[..., environments.Environment],
    until: float = math.inf,
) -> Launch | None:
    """How to start a target whose environment is there or has just been made; None when it cannot be had.

    until: moment (`time.monotonic`) at which making it is given up; that is no fault, and said of the column.
    """
    try:
        state = environments.look(target)
        if make and state.state is environments.State.POSSIBLE:
            state = prepare(target, say=lambda line: progress.say(f"{target.id}: {line}"), until=until)
            if state.state is environments.State.POSSIBLE:
                out.columns[place] = replace(out.columns[place], why=state.reason, fix=state.fix)
                return None
        launch = launch_of(target)
        assert launch.fingerprint
    except HarnessFault as error:
        seen = environments.look(target)
        what = seen.reason or "its environment has not been made"
        fault = Fault(target.id, what, str(error), seen.fix or f"python -m harness prepare {target.id}")
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
        fault = faults[0] if faults else Fault(column.id, "the time given was up before it was started")
        out.columns[place] = not_run(column, replace(fault, fix=fault.fix or f"harness prepare {column.id}"))
        del out.launches[column.id]


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


def observe_evidence(lacking: Iterable[Lacking], out: Observed, observer: Observer, clock: Clock) -> None:
    """Have the evidence performed that is lacking to tell columns apart."""
    asked = list(lacking)
    for group in chunks(asked, max(1, observer.jobs) * AT_ONCE):
        wanted = []
        for each in group:
            launch = out.launches.get(out.columns[each.place].id)
            if launch is not None and not clock.up:
                wanted += [Wanted(launch, each.variants), Wanted(launch, each.again, repeat=1)]
                plain = tuple(case for case in each.again if case.variant is None)
                more = range(2, judging.repeats_of(launch) + 1)
                wanted += [Wanted(launch, plain, repeat=times) for times in more]
        observer.observe(wanted, "evidence", until=clock.until)


def chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Items in groups of at most `size`."""
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]


def known_columns(targets: Sequence[Target], store: Store) -> Observed:
    """The columns as they could be observed now, without starting or making anything."""
    out = Observed([column_of(t) for t in targets])
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
