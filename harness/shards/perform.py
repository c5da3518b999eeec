"""One shard performed: environments made, cases observed, evidence gathered, and what came of it kept.

What is kept beside the observations is all that judging needs on a machine without any environment: which
build of each target was observed, how the cases were performed, what we failed to observe and why.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from harness import disk, environments, judging, pipeline, recording
from harness.errors import HarnessFault
from harness.history import module_of
from harness.judging import Contestant
from harness.model import Case, Fault
from harness.observing import Observer, Progress, Wanted, key_of
from harness.plan import plan
from harness.run.launch import script_digest
from harness.shards.describe import Shard
from harness.shards.union import take_known
from harness.specs.registry import all_specs
from harness.store import Store
from harness.targets import Catalogue, Pair, Target

Prepare = Callable[[Target, float], environments.Environment]
"""Makes a target's environment unless it is ready; gives up at a moment (`time.monotonic`)."""


@dataclass(frozen=True)
class Ready:
    """A target that can be observed."""

    target: Target
    contestant: Contestant
    """As the first of a pair."""
    version: str
    """Of the implementation as it is installed."""


def cases_of(shard: Shard) -> list[Case]:
    """The planned cases of a shard, in the order of the plan; none of a shard that has errands instead."""
    if shard.errands:
        return []
    return [case for case in planned(shard.profile, shard.only, shard.seed) if shard.takes(case)]


@lru_cache(maxsize=2)
def planned(profile: str, only: tuple[str, ...], seed: int) -> tuple[Case, ...]:
    """The cases of a whole run; planning them takes seconds, and every shard is a slice of the same."""
    specs = [spec for spec in all_specs() if pipeline.may_match(spec, only)]
    return tuple(plan(specs, profile=profile, only=only, seed=seed))


def sizes(shard: Shard) -> dict[str, int]:
    """How many observations of each target a shard is about, evidence that it finds by itself left out."""
    number = len(cases_of(shard))
    out = {id: number * len(shard.repeats(id)) for id in shard.targets}
    for errand in shard.errands:
        out[errand.target] += len(errand.cases)
    return out


def made(
    target: Target,
    shard: Shard,
    catalogue: Catalogue,
    *,
    budget: float | None,
    say: Callable[[str], None],
    until: float,
) -> environments.Environment:
    """A target's environment; others that are not needed go when all together are over the budget.

    budget: gigabytes; None: as many as are needed.
    """
    lock = (shard.locks or {}).get(target.id, "")
    environment = environments.prepare(target, say=say, resolved=lock, until=until)
    if budget is not None:
        needed = [catalogue.target(id).environment for id in shard.targets]
        for gone in disk.keep_within(int(budget * disk.GIGABYTE), spare=needed):
            say(f"removed the environment of {gone.id}, {disk.gigabytes(gone.own)}: over the disk's budget")
    return environment


def perform(
    shard: Shard,
    store: Store,
    catalogue: Catalogue,
    *,
    prepare: Prepare,
    progress: Progress,
    jobs: int = 1,
    known: Path | None = None,
    until: float = math.inf,
) -> dict[str, Any]:
    """Observe a shard into a store; returns the record of it, which the store keeps too.

    known: a store of earlier runs; what it holds is taken from there instead of being performed.
    until: moment (`time.monotonic`) after which nothing new is begun; what was not reached is in the record.
    """
    started = pipeline.now()
    faults: list[Fault] = []
    observer = Observer(store, jobs=jobs, progress=progress, until=until)
    cases = cases_of(shard)
    late: list[str] = []
    ready = made_ready(
        shard,
        catalogue,
        prepare=prepare,
        cases=len(cases),
        faults=faults,
        progress=progress,
        late=late,
        until=until,
    )
    wanted = [
        Wanted(ready[id].contestant.launch, tuple(cases), repeat)
        for id in shard.targets
        if id in ready
        for repeat in shard.repeats(id)
    ]
    wanted += [
        Wanted(ready[e.target].contestant.launch, e.cases, e.repeat)
        for e in shard.errands
        if e.target in ready
    ]
    asked = list(wanted)
    observe(observer, wanted, "cases", known)
    evidence = evidence_of(shard.pairs, cases, observer, ready)
    observe(observer, evidence, "evidence", known)
    asked += evidence
    record = record_of(shard, ready, cases, faults, observer, started.isoformat(timespec="microseconds"))
    record["left"] = left(asked, store, record["faults"])
    record["late"] = late
    store.keep_shard(shard.name, record)
    return record


def made_ready(
    shard: Shard,
    catalogue: Catalogue,
    *,
    prepare: Prepare,
    cases: int,
    faults: list[Fault],
    progress: Progress,
    late: list[str],
    until: float = math.inf,
) -> dict[str, Ready]:
    """The targets of a shard that can be observed; of the others, a fault each.

    late: takes the ids of those whose environments could not be made in time: they may be made another time.
    """
    out: dict[str, Ready] = {}
    for id in shard.targets:
        target = catalogue.target(id)
        made = prepare(target, until)
        if made.state is environments.State.READY:
            try:
                launch = pipeline.launch_of(target)
            except HarnessFault as error:
                faults.append(Fault(id, "its environment is gone", str(error), cases=cases))
                continue
            version = environments.installed(target, made)
            out[id] = Ready(target, Contestant(launch, 0, target.float64 != "none"), version)
        else:
            what = made.reason or "its environment has not been made"
            late += [id] if made.state is environments.State.POSSIBLE else []
            faults.append(Fault(id, what, "", made.fix, cases))
            progress.say(f"harness fault: {id}: {what}")
    return out


def observe(observer: Observer, wanted: Sequence[Wanted], what: str, known: Path | None) -> None:
    """Have cases performed, after what an earlier run observed has been taken from its store."""
    wanted = joined(wanted)
    if known is not None:
        keys = [key_of(w.launch, case, w.repeat) for w in wanted for case in w.cases]
        take_known(observer.store, known, keys)
    observer.observe(wanted, what)


def joined(wanted: Iterable[Wanted]) -> list[Wanted]:
    """What is wanted of one target and repeat as one; a case that two pairs ask for is performed once."""
    cases: dict[tuple[str, int], dict[str, Case]] = {}
    launches = {}
    for each in wanted:
        key = (each.launch.target, each.repeat)
        launches[key] = each.launch
        cases.setdefault(key, {}).update({case.hash: case for case in each.cases})
    return [Wanted(launches[key], tuple(found.values()), key[1]) for key, found in cases.items()]


def evidence_of(
    pairs: Iterable[Pair], cases: Sequence[Case], observer: Observer, ready: Mapping[str, Ready]
) -> list[Wanted]:
    """What has to be observed before values that differ between the sides of pairs can be judged."""
    out: list[Wanted] = []
    for pair in pairs:
        if not all(side in ready for side in pair.targets):
            continue
        sides = sides_of(pair, {id: ready[id].contestant for id in pair.targets})
        _, open_cases = judging.first_look(cases, observer, *sides)
        out += judging.evidence_wanted(open_cases, *sides)
    return joined(out)


def sides_of(pair: Pair, first: Mapping[str, Contestant]) -> tuple[Contestant, Contestant]:
    """Both sides of a pair; the second of a target held against itself is its second observation."""
    reference, candidate = first[pair.reference], first[pair.candidate]
    again = 1 if pair.reference == pair.candidate else 0
    return reference, Contestant(candidate.launch, again, candidate.float64)


def left(asked: Iterable[Wanted], store: Store, faults: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many observations of each target were asked for and neither made nor counted in a fault."""
    out: dict[str, int] = {}
    for each in joined(asked):
        keys = {key_of(each.launch, case, each.repeat) for case in each.cases}
        out[each.launch.target] = out.get(each.launch.target, 0) + len(keys - store.known(keys))
    for fault in faults:
        if fault["target"] in out:
            out[fault["target"]] = max(0, out[fault["target"]] - int(fault["cases"]))
    return {id: number for id, number in out.items() if number}


def record_of(
    shard: Shard,
    ready: Mapping[str, Ready],
    cases: Sequence[Case],
    faults: Sequence[Fault],
    observer: Observer,
    started: str,
) -> dict[str, Any]:
    """What came of a shard, as plain data."""
    found = [*faults, *(f for t in observer.tallies.values() for f in t.faults)]
    every = [*cases, *(case for errand in shard.errands for case in errand.cases)]
    modules = dict.fromkeys(module_of(case) for case in every)
    return {
        "shard": shard.plain() | {"errands": []},
        "started": started,
        "ended": pipeline.now().isoformat(timespec="microseconds"),
        "cases": len(every),
        "targets": {
            id: {"fingerprint": one.contestant.launch.fingerprint, "version": one.version}
            for id, one in ready.items()
        },
        "scripts": {module: script_digest(module) for module in modules},
        "faults": [asdict(fault) for fault in dict.fromkeys(found)],
        "timings": [asdict(recording.timing(id, observer)) for id in ready],
        "peak_mb": {id: observer.tally(id).peak_mb for id in ready},
    }


def deadline(minutes: float | None) -> float:
    """The moment at which so many minutes are over."""
    return math.inf if minutes is None else time.monotonic() + minutes * 60
