"""The columns of a matrix observed in shards: every case once per target, then the evidence that is lacking.

Who is told apart from whom is known when all columns are there. So evidence is a second set of shards, with
errands told from the union of the first: on one machine or a cluster at once, elsewhere whenever they are
asked for. What comes of it is what one process alone would have observed, observation by observation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness import pipeline
from harness.matrix import columns as columns_
from harness.matrix import performing
from harness.matrix.performing import Clock, Observed
from harness.matrix.survey import Lacking
from harness.model import Case, Fault
from harness.observing import Progress
from harness.report.matrix_records import Column
from harness.report.records import Timing
from harness.run.launch import script_digest
from harness.shards.describe import Plan, Shard
from harness.shards.evidence import evidence_shards, rebuilt
from harness.shards.planning import groups_of_targets, plan_shards
from harness.shards.runners import Runner, run_shards
from harness.shards.union import as_faults
from harness.shards.verdicts import (
    Records,
    absent,
    build_of,
    kept_faults,
    other_scripts,
    records_of,
    summed,
)
from harness.store import Store
from harness.targets import Catalogue, Target


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
    at_once: bool = False
    """Whether all stages of evidence are one round."""
    unresolved: tuple[Fault, ...] = ()
    """What could not even be planned."""
    _faults: list[Fault] = field(default_factory=list)
    _records: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _rounds: int = 0

    def observe(self, targets: Sequence[Target], cases: Sequence[Case]) -> Observed:
        """Have every case performed once by every target."""
        self._faults += changed_scripts(self._perform(self.plan.shards))
        return columns_of(targets, self.plan.shards, self._records, self.store, late=self.clock.up)

    def gather(self, lacking: Iterable[Lacking], seen: Observed) -> None:
        """Have the evidence observed that is lacking in columns."""
        self._rounds += 1
        label = f"evidence-{self._rounds}"
        shards = evidence_shards(lacking, seen.columns, self.plan, self.catalogue, self.store, label=label)
        if shards:
            records = self._perform(shards)
            self._faults += faults_of_evidence(shards, records, seen.columns, late=self.clock.up)

    def _perform(self, shards: Sequence[Shard]) -> Records:
        began = pipeline.now().isoformat(timespec="microseconds")
        found = run_shards(shards, self.runner, store=self.store, progress=self.progress)
        self._faults += as_faults(found)
        records = records_of(shards, self.store, since=began)
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
        faults = kept_faults(in_time(left, target.id), [target.id])
        if not late:
            faults += absent(concerned, records, [target.id])
        build = build_of(target.id, left, faults)
        column = out.columns[place]
        if build:
            column = out.columns[place] = replace(column, version=build["version"])
        hello = store.hello(build["fingerprint"]) if build else None
        if build and hello is not None:
            out.columns[place] = performing.with_hello(column, build["fingerprint"], hello)
        elif build:
            out.columns[place] = performing.never_heard_of(column, faults)
        elif said := faults or kept_faults(left, [target.id]):
            out.columns[place] = columns_.not_run(column, said[0])
        else:
            out.columns[place] = replace(column, why=performing.LATE)
        out.faults += faults
    return out


def faults_of_evidence(
    shards: Sequence[Shard], records: Records, columns: Sequence[Column], *, late: bool
) -> list[Fault]:
    """What went wrong with the evidence of columns. late: whether the time was up."""
    ids = [column.id for column in columns]
    lost = [] if late else absent(shards, records, ids)
    failed = [fault for id in ids for fault in kept_faults(in_time(records.values(), id), [id])]
    return [*lost, *failed, *rebuilt(records, columns), *changed_scripts(records)]


def in_time(records: Iterable[Mapping[str, Any]], target: str) -> list[Mapping[str, Any]]:
    """Those of records in which there was time to make a target's environment: a lack of it is no fault."""
    return [record for record in records if target not in record.get("late", ())]


def changed_scripts(records: Records) -> list[Fault]:
    """A fault for each module of cases that shards performed in another way than is known here."""
    modules = dict.fromkeys(
        module
        for record in records.values()
        for module, digest in record["scripts"].items()
        if digest != script_digest(module, ())
    )
    return [other_scripts(module) for module in modules]
