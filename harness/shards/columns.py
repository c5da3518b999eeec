"""The columns of a matrix observed in shards: every case once per target, then the evidence that is lacking.

Who is told apart from whom is known when all columns are there. So evidence is a second set of shards, with
errands told from the union of the first: on one machine or a cluster at once, elsewhere whenever they are
asked for. What comes of it is what one process alone would have observed, observation by observation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness import pipeline, processes
from harness.matrix import columns as columns_
from harness.matrix import performing
from harness.matrix.performing import Clock, Observed
from harness.matrix.survey import Lacking
from harness.model import Case, Fault
from harness.observing import Progress
from harness.report.matrix_records import Column
from harness.report.records import Timing
from harness.run.launch import script_digest
from harness.shards.describe import Errand, Plan, Shard
from harness.shards.perform import sizes
from harness.shards.planning import Group, groups_of_targets, name_of, plan_shards, shares
from harness.shards.runners import Runner, run_shards
from harness.shards.union import as_faults
from harness.shards.verdicts import Records, absent, build_of, is_of, kept_faults, other_scripts, summed
from harness.store import Store
from harness.targets import Catalogue, Target

LATE = processes.TimeUp().reason
"""What a shard says of an environment that could not be made in time: that is no failure of anyone."""


@dataclass
class InShards:
    """A crew (`harness.matrix.crew`) whose work is done by a runner."""

    runner: Runner
    store: Store
    progress: Progress
    clock: Clock
    plan: Plan
    """The shards of the columns."""
    catalogue: Catalogue
    jobs: int = 1
    unresolved: tuple[Fault, ...] = ()
    """What could not even be planned."""
    _faults: list[Fault] = field(default_factory=list)
    _records: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _rounds: int = 0

    def observe(self, targets: Sequence[Target], cases: Sequence[Case]) -> Observed:
        """Have every case performed once by every target."""
        self._perform(self.plan.shards)
        return columns_of(targets, self.plan.shards, self._records, self.store, late=self.clock.up)

    def gather(self, lacking: Iterable[Lacking], seen: Observed) -> None:
        """Have the evidence observed that is lacking in columns."""
        self._rounds += 1
        label = f"evidence-{self._rounds}"
        shards = evidence_shards(lacking, seen.columns, self.plan, self.catalogue, label=label)
        records = self._perform(shards)
        ids = [column.id for column in seen.columns]
        if not self.clock.up:
            self._faults += absent(shards, records, ids)
        self._faults += [f for f in kept_faults(records.values(), ids) if f.what != LATE]
        self._faults += rebuilt(records, seen.columns)

    def _perform(self, shards: Sequence[Shard]) -> Records:
        began = pipeline.now().isoformat(timespec="microseconds")
        found = run_shards(shards, self.runner, store=self.store, progress=self.progress)
        self._faults += as_faults(found)
        records = records_of(shards, self.store, since=began)
        self._faults += changed_scripts(records)
        self._records |= records
        return records

    def faults(self) -> list[Fault]:
        """What could not be planned, what shards contradict each other in, what went wrong with evidence."""
        return list(dict.fromkeys([*self.unresolved, *self._faults]))

    def timing(self, target: str) -> Timing:
        """Where the time of a target went, over all shards."""
        return summed(self._records.values(), [target]).get(target, Timing(target, 0, 0.0, 0.0, 0.0))


def plan_columns(
    targets: Sequence[Target],
    *,
    count: int | None,
    profile: str,
    only: Sequence[str],
    seed: int,
    locks: Mapping[str, str],
) -> Plan:
    """The shards of columns: a group per environment, as many as there are unless more are asked for."""
    groups = groups_of_targets(targets)
    number = len(groups) if count is None else count
    return plan_shards(groups, count=number, profile=profile, only=only, seed=seed, locks=locks)


def records_of(shards: Iterable[Shard], store: Store, *, since: str = "") -> dict[str, Mapping[str, Any]]:
    """What came of these very shards; what an earlier run left of one of the name is none of it."""
    kept = store.shards()
    return {
        shard.name: record
        for shard in shards
        if (record := kept.get(shard.name)) and is_of(record, shard) and record["ended"] >= since
    }


def columns_of(
    targets: Sequence[Target], shards: Sequence[Shard], records: Records, store: Store, *, late: bool
) -> Observed:
    """The columns as shards left them, told from the store; no environment is needed for it.

    late: whether the time was up: then a shard that left nothing is no fault.
    """
    out = Observed([columns_.column_of(target) for target in targets], targets=tuple(targets))
    for place, target in enumerate(targets):
        concerned = [shard for shard in shards if target.id in shard.targets]
        left = [records[shard.name] for shard in concerned if shard.name in records]
        said = kept_faults(left, [target.id])
        faults = [fault for fault in said if fault.what != LATE]
        if not late:
            faults += absent(concerned, records, [target.id])
        build = build_of(target.id, left, faults)
        column = out.columns[place]
        hello = store.hello(build["fingerprint"]) if build else None
        if build and hello is not None:
            out.columns[place] = performing.with_hello(column, build["fingerprint"], hello)
        elif build:
            out.columns[place] = performing.never_heard_of(column, faults)
        elif faults or said:
            out.columns[place] = columns_.not_run(column, (faults or said)[0])
        else:
            out.columns[place] = replace(column, why=performing.LATE)
        out.faults += faults
    return out


def evidence_shards(
    lacking: Iterable[Lacking],
    columns: Sequence[Column],
    plan: Plan,
    catalogue: Catalogue,
    *,
    label: str,
) -> list[Shard]:
    """The shards of a round of evidence, about as large as those of the plan, one per environment or more."""
    errands: dict[str, list[Errand]] = {}
    for each in lacking:
        target = catalogue.target(columns[each.place].id)
        rounds = performing.rounds_of(each, target.engine)
        errands[target.id] = [Errand(target.id, times, cases) for times, cases in rounds if cases]
    groups = groups_of_targets([catalogue.target(id) for id, found in errands.items() if found])
    if not groups:
        return []
    weights = [float(sum(len(e.cases) for id in group.targets for e in errands[id])) for group in groups]
    largest = sum(sum(sizes(shard).values()) for shard in plan.shards) / len(plan.shards)
    count = math.ceil(sum(weights) / max(largest, 1))
    locks = {id: lock for shard in plan.shards for id, lock in (shard.locks or {}).items()}
    return [
        shard
        for group, of in zip(groups, shares(weights, max(count, len(groups))), strict=True)
        for shard in _slices(group, of, errands, plan, locks, label)
    ]


def _slices(
    group: Group,
    of: int,
    errands: Mapping[str, Sequence[Errand]],
    plan: Plan,
    locks: Mapping[str, str],
    label: str,
) -> list[Shard]:
    """The errands of a group, every `of`-th case of each in one shard."""
    out = []
    for place in range(of):
        mine = [replace(e, cases=e.cases[place::of]) for id in group.targets for e in errands[id]]
        own = {id: locks[id] for id in group.targets if id in locks}
        shard = Shard(
            name_of(f"{label}-{group.label}", place, of),
            group.targets,
            profile=plan.profile,
            only=plan.only,
            seed=plan.seed,
            errands=tuple(errand for errand in mine if errand.cases),
            locks=own or None,
        )
        out += [shard] if shard.errands else []
    return out


def rebuilt(records: Records, columns: Sequence[Column]) -> list[Fault]:
    """A fault for each target of which evidence was observed of another build than its column."""
    other = dict.fromkeys(
        column.id
        for record in records.values()
        for column in columns
        if record["targets"].get(column.id, {}).get("fingerprint", column.fingerprint) != column.fingerprint
    )
    what = "its evidence was observed of another build than its column: it is not used"
    return [Fault(id, what, fix="Give all machines the same lock and the same system.") for id in other]


def changed_scripts(records: Records) -> list[Fault]:
    """A fault for each module of cases that shards performed in another way than is known here."""
    modules = dict.fromkeys(
        module
        for record in records.values()
        for module, digest in record["scripts"].items()
        if digest != script_digest(module, ())
    )
    return [other_scripts(module) for module in modules]
