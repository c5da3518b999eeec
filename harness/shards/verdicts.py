"""A pair judged from stores that shards left; no environment is needed, no target is started."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness import examples, pipeline, recording
from harness.classify.expectations import Expectation
from harness.errors import WrongUse
from harness.history import Party, Past
from harness.model import Case, Fault
from harness.observing import Archive
from harness.plan import none_matches, plan
from harness.report.records import RunRecord, Timing
from harness.shards.describe import Plan, Shard
from harness.specs.registry import all_specs
from harness.store import Store
from harness.targets import Catalogue, Pair

Records = Mapping[str, Mapping[str, Any]]
"""Shard name → what came of it, as `harness.shards.perform` keeps it."""


def judge_pair(
    pair: Pair, planned: Plan, store: Store, catalogue: Catalogue, baseline: Sequence[Expectation]
) -> RunRecord:
    """The record of one pair of a plan, from the union of its shards' stores; the store keeps the run."""
    cases = planned_cases(planned)
    concerned = [shard for shard in planned.shards if set(shard.targets) & set(pair.targets)]
    records = records_of(concerned, store, since=planned.made)
    faults = [*absent(concerned, records, pair.targets), *kept_faults(records.values(), pair.targets)]
    parties = [
        party(id, place, pair, records.values(), catalogue, faults) for place, id in enumerate(sides(pair))
    ]
    scripts: dict[str, str] = {}
    for left in records.values():
        for module, digest in left["scripts"].items():
            if scripts.setdefault(module, digest) != digest:
                faults.append(other_scripts(module))
    past = past_of_shards(pair, planned, records, parties, scripts, faults)
    store.keep_cases(cases)
    reference, candidate = past.reference.contestant(), past.candidate.contestant()
    if reference is None or candidate is None:
        judged = pipeline.not_run(cases)
    else:
        failed: list[Fault] = []
        archive = Archive(store, past.key)
        judged = pipeline.judge_all(
            cases, archive, reference, candidate, pair.name, gather=lambda wanted: None, faults=failed
        )
        past = replace(past, faults=(*past.faults, *failed))
    record = recording.record(past, cases, judged, store=store, baseline=baseline)
    causes = {"causes": [c.fingerprint for c in record.causes]}
    shown = {examples.KEPT: examples.kept(examples.of_causes(record.causes))}
    store.keep_run(past.run, past.plain() | causes | shown, [c.hash for c in cases])
    return record


def planned_cases(planned: Plan) -> list[Case]:
    """Every case of the plan. Raises `WrongUse` when there is none."""
    specs = [spec for spec in all_specs() if pipeline.may_match(spec, planned.only)]
    cases = plan(specs, profile=planned.profile, only=planned.only, seed=planned.seed)
    if not cases:
        raise WrongUse(none_matches(planned.only, specs, planned.seed))
    return cases


def sides(pair: Pair) -> tuple[str, str]:
    """The ids of both sides."""
    return pair.reference, pair.candidate


def is_of(record: Mapping[str, Any], shard: Shard) -> bool:
    """Whether a record speaks of this very shard, not of one of that name in another plan."""
    asked = shard.plain() | {"errands": []}
    return all(record["shard"].get(key) == _as_json(value) for key, value in asked.items())


def records_of(shards: Iterable[Shard], store: Store, *, since: str = "") -> dict[str, Mapping[str, Any]]:
    """What came of these very shards; what an earlier run left of one of the name is none of it."""
    kept = store.shards()
    return {
        shard.name: record
        for shard in shards
        if (record := kept.get(shard.name)) and is_of(record, shard) and record["ended"] >= since
    }


def _as_json(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_as_json(v) for v in value]
    return {k: _as_json(v) for k, v in value.items()} if isinstance(value, dict) else value


def absent(shards: Iterable[Shard], records: Records, ids: Collection[str]) -> list[Fault]:
    """A fault of each of these targets for each shard that left nothing."""
    return [
        Fault(
            id,
            f"shard {shard.name} left no store",
            fix=f"See the log of shard {shard.name}; perform it again and merge again.",
        )
        for shard in shards
        if shard.name not in records
        for id in ids
        if id in shard.targets
    ]


def kept_faults(records: Iterable[Mapping[str, Any]], ids: Collection[str]) -> list[Fault]:
    """What the shards failed to observe of these targets; the same said by several shards is one."""
    out: dict[tuple[str, str, str, str], int] = {}
    for record in records:
        for found in record["faults"]:
            if found["target"] in ids:
                key = (found["target"], found["what"], found["evidence"], found["fix"])
                out[key] = out.get(key, 0) + int(found["cases"])
    return [Fault(*key, cases=cases) for key, cases in out.items()]


def party(
    id: str,
    place: int,
    pair: Pair,
    records: Iterable[Mapping[str, Any]],
    catalogue: Catalogue,
    faults: list[Fault],
) -> Party:
    """One side as the shards observed it. Two builds of one target are never mixed: the first counts."""
    target = catalogue.target(id)
    first = build_of(id, records, faults) or {"fingerprint": "", "version": target.version}
    return Party(
        id=id,
        implementation=target.implementation,
        version=first["version"],
        backend=target.backend,
        namespace=target.namespace,
        float64=target.float64 != "none",
        repeat=1 if place == 1 and pair.reference == pair.candidate else 0,
        fingerprint=first["fingerprint"],
    )


def build_of(id: str, records: Iterable[Mapping[str, Any]], faults: list[Fault]) -> Mapping[str, Any] | None:
    """The build of a target that the shards observed: the first where there are several, which is a fault."""
    builds = {r["targets"][id]["fingerprint"]: r["targets"][id] for r in records if id in r["targets"]}
    if len(builds) > 1:
        what = f"the shards observed {len(builds)} different builds of it"
        fix = "Perform the shards again with one plan; only the first build is judged."
        faults.append(Fault(id, what, ", ".join(builds), fix))
    return next(iter(builds.values()), None)


def other_scripts(module: str) -> Fault:
    """Shards that perform cases in two ways."""
    return Fault(
        "shards",
        f"cases of {module} were performed by two versions of the harness",
        fix="Perform all shards with one version of the harness.",
    )


def past_of_shards(
    pair: Pair,
    planned: Plan,
    records: Records,
    parties: Sequence[Party],
    scripts: Mapping[str, str],
    faults: Sequence[Fault],
) -> Past:
    """What a run in shards was, in the words of a run in one piece."""
    now = pipeline.now()
    started = min((r["started"] for r in records.values()), default=now.isoformat())[:19] + "+00:00"
    ended = max((r["ended"] for r in records.values()), default=now.isoformat())[:19] + "+00:00"
    settings = {"only": list(planned.only), "shards": len(records)}
    moment = f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}"
    return Past(
        run=f"{moment}-{pair.name}-{os.getpid()}",
        started=started,
        ended=ended,
        pair=pair.name,
        profile=planned.profile,
        seed=planned.seed,
        settings=settings,
        reference=parties[0],
        candidate=parties[1],
        scripts=scripts,
        faults=tuple(dict.fromkeys(faults)),
        timings=timings(records.values(), pair),
    )


def timings(records: Iterable[Mapping[str, Any]], pair: Pair) -> tuple[Timing, ...]:
    """Where the time of each side went, over all shards."""
    return tuple(summed(records, pair.targets).values())


def summed(records: Iterable[Mapping[str, Any]], ids: Collection[str]) -> dict[str, Timing]:
    """Where the time of these targets went, over all shards, of those that any shard speaks of."""
    out: dict[str, Timing] = {}
    for record in records:
        for each in (Timing(**found) for found in record["timings"]):
            if each.target in ids:
                out[each.target] = _added(out.get(each.target, Timing(each.target, 0, 0.0, 0.0, 0.0)), each)
    return out


def _added(one: Timing, two: Timing) -> Timing:
    numbers = {
        f.name: getattr(one, f.name) + getattr(two, f.name)
        for f in dataclasses.fields(Timing)
        if f.name != "target"
    }
    return Timing(one.target, **numbers)
