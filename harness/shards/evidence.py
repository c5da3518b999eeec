"""The second set of shards of a matrix: evidence that tells columns apart, as errands told from the union."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from harness.matrix import performing
from harness.matrix.survey import Lacking
from harness.model import Fault
from harness.report.matrix_records import Column
from harness.run.launch import script_digest
from harness.shards.describe import Errand, Plan, Shard
from harness.shards.perform import sizes
from harness.shards.planning import Group, groups_of_targets, name_of, shares
from harness.shards.verdicts import Records
from harness.store import Key, Store
from harness.targets import Catalogue

MOST = 256
"""How many shards a round is cut into at the most: GitHub Actions takes no more jobs in one matrix."""


def evidence_shards(
    lacking: Iterable[Lacking],
    columns: Sequence[Column],
    plan: Plan,
    catalogue: Catalogue,
    store: Store,
    *,
    label: str,
) -> list[Shard]:
    """The shards of a round of evidence, about as large as those of the plan, one per environment or more.

    What the store holds already is left out.
    """
    errands = {columns[each.place].id: list(_errands(each, columns, catalogue, store)) for each in lacking}
    groups = groups_of_targets([catalogue.target(id) for id, found in errands.items() if found])
    if not groups:
        return []
    weights = [float(sum(len(e.cases) for id in group.targets for e in errands[id])) for group in groups]
    mean = sum(sum(sizes(shard).values()) for shard in plan.shards) / len(plan.shards)
    count = min(MOST, math.ceil(sum(weights) / max(mean, 1)))
    locks = {id: lock for shard in plan.shards for id, lock in (shard.locks or {}).items()}
    return [
        shard
        for group, of in zip(groups, shares(weights, max(count, len(groups))), strict=True)
        for shard in _slices(group, of, errands, plan, locks, label)
    ]


def _errands(
    lacking: Lacking, columns: Sequence[Column], catalogue: Catalogue, store: Store
) -> Iterator[Errand]:
    """What a column lacks and the store does not hold."""
    column = columns[lacking.place]
    for times, cases in performing.by_repeat(lacking, catalogue.target(column.id).engine):
        keys = {Key(c.hash, column.fingerprint, script_digest(c.script), times): c for c in cases}
        known = store.known(keys)
        left = tuple(case for key, case in keys.items() if key not in known)
        if left:
            yield Errand(column.id, times, left)


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
