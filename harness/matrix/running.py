"""A matrix from what was asked for to its record; and the record again, from the store alone."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from harness import disk, pipeline
from harness.errors import StoreFault, WrongUse
from harness.history import module_of
from harness.matrix import columns as columns_
from harness.matrix.crew import Alone, Crew
from harness.matrix.performing import Clock, Observed
from harness.matrix.room import Room
from harness.matrix.rounds import Rounds
from harness.matrix.survey import Survey, in_order, observed
from harness.model import Case, Fault
from harness.observing import Observer, Progress
from harness.plan import none_matches, plan
from harness.report.matrix_records import Column, MatrixRecord
from harness.report.records import Timing
from harness.run.launch import script_digest
from harness.specs.registry import all_specs
from harness.store import Store
from harness.targets import Target

KIND = "matrix"
"""What tells a run of a matrix from that of a pair in the store."""


@dataclass(frozen=True)
class MatrixRequest:
    """What a person asked a matrix to hold."""

    targets: tuple[Target, ...]
    profile: str = "quick"
    only: tuple[str, ...] = ()
    seed: int = 0
    jobs: int = 2
    use_cache: bool = True
    make: bool = True
    """Whether environments that are missing are made."""
    minutes: float | None = None
    disk: int | None = None
    """Bytes that environments may take."""
    shards: Mapping[str, Any] = field(default_factory=dict)
    """How it is spread where it is performed in shards, for the record."""


def cases_of(request: MatrixRequest) -> list[Case]:
    """The cases of a matrix. Raises `WrongUse` when there are none."""
    specs = [s for s in all_specs() if pipeline.may_match(s, request.only)]
    cases = plan(specs, profile=request.profile, only=request.only, seed=request.seed)
    if not cases:
        raise WrongUse(none_matches(request.only, specs, request.seed))
    return cases


def run(request: MatrixRequest, store: Store, progress: Progress) -> MatrixRecord:
    """Observe on this machine, gather evidence where only that can tell columns apart, classify."""
    observer = Observer(store, jobs=request.jobs, progress=progress, use_cache=request.use_cache)
    clock = Clock(request.minutes)
    room = Room(progress, make=request.make, budget=request.disk, until=clock.until)
    crew = Alone(observer, clock, room)
    if request.disk is not None:  # a worker that waits needs its environment
        return run_with(crew, request)
    with disk.using(request.targets), observer.keeping_workers(many=True):
        return run_with(crew, request)


def run_with(crew: Crew, request: MatrixRequest) -> MatrixRecord:
    """Have a crew observe, gather evidence where only that can tell columns apart, classify."""
    started = pipeline.now()
    cases = cases_of(request)
    crew.store.keep_cases(cases)
    seen = crew.observe(request.targets, cases)
    scripts = scripts_of(cases)
    survey = surveyed(cases, seen, scripts, crew)
    cut = reached(survey, cases, seen.columns, request.minutes) if crew.clock.up else ""
    settings = {"only": list(request.only), "jobs": request.jobs, "minutes": request.minutes}
    past = {
        **named(started, request.profile, request.seed),
        "ended": pipeline.now().isoformat(timespec="seconds"),
        "settings": settings | dict(request.shards),
        "columns": columns_.plain(seen.columns),
        "scripts": scripts,
        "faults": [asdict(f) for f in dict.fromkeys([*seen.faults, *crew.faults()])],
        "timings": timings([crew.timing(column.id) for column in seen.columns]),
        "cut_short": cut,
    }
    return kept(past, seen.columns, cases, survey, crew.store)


def named(started: datetime.datetime, profile: str, seed: int) -> dict[str, Any]:
    """What the store keeps of every matrix: its name, when it began, what it was of."""
    return {
        "kind": KIND,
        "run": f"{started:%Y%m%dT%H%M%S}{started.microsecond // 1000:03d}-matrix-{os.getpid()}",
        "started": started.isoformat(timespec="seconds"),
        "profile": profile,
        "seed": seed,
    }


def kept(
    past: Mapping[str, Any], columns: Sequence[Column], cases: Sequence[Case], survey: Survey, store: Store
) -> MatrixRecord:
    """The record of a matrix that was classified; the store keeps the run."""
    store.keep_run(past["run"], past, [case.hash for case in cases])
    return record_of(past, columns, cases, survey)


def scripts_of(cases: Sequence[Case]) -> dict[str, str]:
    """Module of case scripts → digest of how its cases are performed now."""
    return {m: script_digest(m, ()) for m in dict.fromkeys(module_of(case) for case in cases)}


def surveyed(cases: Sequence[Case], seen: Observed, scripts: Mapping[str, str], crew: Crew) -> Survey:
    """Classify all cases, with evidence gathered for those that only evidence decides."""
    rounds = Rounds(cases, seen.columns, scripts, crew.store, processes=crew.jobs, at_once=crew.at_once)
    while (wanted := rounds.lacking()) and not crew.clock.up:
        crew.progress.say(f"evidence for {rounds.open} cases in which only floating-point values differ")
        crew.gather(wanted, seen)
    return rounds.settled()


def rebuild(content: Mapping[str, Any], store: Store) -> MatrixRecord:
    """The record of a matrix of the past, classified again; starts no target."""
    try:
        columns = columns_.from_plain(content["columns"])
        cases = store.cases_of(content["run"])
        survey = Rounds(cases, columns, content["scripts"], store).settled()
        return record_of(content, columns, cases, survey)
    except (KeyError, TypeError) as error:
        raise StoreFault(
            f"Expected what the store keeps of a matrix to be complete. Received one without {error}: "
            "another version of the harness kept it. Perform it again; what was observed is reused."
        ) from error


def record_of(
    past: Mapping[str, Any], columns: Sequence[Column], cases: Sequence[Case], survey: Survey
) -> MatrixRecord:
    """The record of a matrix that was classified."""
    return MatrixRecord(
        run=past["run"],
        started=past["started"],
        ended=past["ended"],
        profile=past["profile"],
        seed=past["seed"],
        settings=past["settings"],
        columns=tuple(columns),
        lineages=columns_.lineages_of(columns),
        cases=in_order(survey, cases),
        changes=survey.gathering.changes(),
        faults=tuple(Fault(**fault) for fault in past["faults"]),
        timings=tuple(tuple(row) for row in past["timings"]),
        cut_short=past["cut_short"],
    )


def timings(found: Iterable[Timing]) -> list[list[Any]]:
    """What observing each column cost: performed, from the store, start-up, inside and all seconds."""
    return [
        [t.target, t.cases, t.cached, round(t.start, 2), round(t.inside, 2), round(t.total, 2)] for t in found
    ]


def reached(survey: Survey, cases: Sequence[Case], columns: Sequence[Column], minutes: float | None) -> str:
    """How far a matrix came whose time was up. minutes: how much there was; None: each shard had its own."""
    given = "The time given was" if minutes is None else f"The {minutes:g} minutes given were"
    counts = observed(survey.rows.values())
    whole = sum(n >= len(cases) for n in counts.values())
    some = sum(0 < n < len(cases) for n in counts.values())
    unsure = sum(row.unsure for row in survey.rows.values())
    lacking = f" {unsure} cases are unsure for want of evidence." if unsure else ""
    return (
        f"{given} up: {whole} of {len(columns)} targets were observed wholly, {some} in part.{lacking} What "
        "was observed is in the store; the same command continues."
    )
