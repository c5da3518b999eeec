"""The stages in order: specs → plan → observe → compare → judge → classify → report."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from pathlib import Path

from harness import environments, judging, recording
from harness.classify.expectations import Expectation
from harness.errors import HarnessFault
from harness.judging import Contestant
from harness.model import Case, CaseStatus, Fault, Judged
from harness.observing import Observer, Progress, Wanted
from harness.plan import plan
from harness.report.records import RunRecord
from harness.request import Request
from harness.run.launch import Launch
from harness.specs.registry import all_specs, spec_of
from harness.store import Store
from harness.targets import Target


def launch_of(target: Target, extra_scripts: tuple[Path, ...] = ()) -> Launch:
    """How to start a target. Raises `HarnessFault` when its environment is not ready."""
    return Launch(
        target=target.id,
        interpreter=environments.python_of(target),
        namespace=target.namespace,
        engine=target.engine,
        backend=target.backend,
        environment=dict(target.env),
        pythonpath=target.pythonpath,
        prelude=target.prelude,
        extra_scripts=extra_scripts,
    )


def run(request: Request, store: Store, progress: Progress, baseline: Sequence[Expectation]) -> RunRecord:
    """One comparison from specs to the record of the run; everything observed is in the store by then."""
    started = now()
    cases = plan((*all_specs(), *request.extra_specs), profile=request.profile, only=request.only, seed=request.seed)
    observer = Observer(store, jobs=request.jobs, progress=progress, use_cache=request.use_cache)
    faults: list[Fault] = []
    sides = [contestant(t, request, place, faults) for place, t in enumerate((request.reference, request.candidate))]
    reference, candidate = sides
    if reference is None or candidate is None:
        note = "a target of the pair could not be had"
        judged = [Judged(c, CaseStatus.NOT_RUN, None, None, notes=(note,)) for c in cases]
    else:
        store.keep_cases(cases)
        ordered = tuple(shuffled(cases, request.shuffle))
        observer.observe([Wanted(s.launch, ordered, s.repeat) for s in (reference, candidate)], "cases")
        judged = judge_all(cases, observer, reference, candidate, request.pair.name)
    return recording.record(
        request, started, now(), cases, judged, observer=observer, sides=sides, faults=faults, baseline=baseline
    )


def judge_all(
    cases: Sequence[Case],
    observer: Observer,
    reference: Contestant,
    candidate: Contestant,
    pair: str,
) -> list[Judged]:
    """Compare everything; have evidence performed where it is needed; settle. In the order of the cases."""
    settled, open_cases = judging.first_look(cases, observer, reference, candidate)
    observer.observe(judging.evidence_wanted(open_cases, reference, candidate), "evidence")
    for found in open_cases:
        spec = spec_of(found.case.subject, found.case.script)
        settled.append(judging.judge(found, spec, observer, reference, candidate, pair))
    place = {case.hash: i for i, case in enumerate(cases)}
    return sorted(settled, key=lambda j: place[j.case.hash])


def contestant(target: Target, request: Request, place: int, faults: list[Fault]) -> Contestant | None:
    """One side, ready to be observed; None and a fault when its environment is not there."""
    try:
        launch = launch_of(target, request.extra_scripts)
    except HarnessFault as error:
        environment = environments.look(target)
        faults.append(Fault(target.id, environment.reason or "not run", str(error), environment.fix))
        return None
    same = request.reference.id == request.candidate.id
    return Contestant(launch, 1 if same and place == 1 else 0, target.float64 != "none")


def shuffled(cases: Sequence[Case], number: int | None) -> list[Case]:
    """The cases in an order drawn from `number`; hashes decide, so it is the same everywhere."""
    if number is None:
        return list(cases)
    return sorted(cases, key=lambda c: hashlib.blake2b(f"{number}{c.hash}".encode()).digest())


def now() -> str:
    """This moment, UTC, ISO 8601 to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
