"""Which shards a run has: targets that must be observed together form a group, groups are cut into slices.

The two sides of a pair belong into one shard, because what is asked of them a second time (in float64, moved
by one unit in the last place, or just again) depends on what both said at first. Pairs that share a target
form one group, so that no target performs a case twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.errors import WrongUse
from harness.shards.describe import Plan, Shard
from harness.targets import Pair, Target


@dataclass(frozen=True)
class Group:
    """Targets that are observed in one shard, and the pairs they are sides of."""

    targets: tuple[str, ...]
    pairs: tuple[Pair, ...] = ()

    @property
    def label(self) -> str:
        """What the group is called: its pairs, or its targets."""
        return "+".join([pair.name for pair in self.pairs] or self.targets)


def groups_of_pairs(pairs: Sequence[Pair]) -> list[Group]:
    """Pairs that share a target, directly or through others, in one group; in the order they are given."""
    groups: list[Group] = []
    for pair in pairs:
        touching = [g for g in groups if set(g.targets) & set(pair.targets)]
        targets = [id for g in touching for id in g.targets] + list(pair.targets)
        joined = Group(tuple(dict.fromkeys(targets)), (*(p for g in touching for p in g.pairs), pair))
        place = groups.index(touching[0]) if touching else len(groups)
        groups = [g for g in groups if g not in touching]
        groups.insert(place, joined)
    return groups


def groups_of_targets(targets: Sequence[Target], taken: Sequence[str] = ()) -> list[Group]:
    """A group per environment for targets that are observed by themselves."""
    by_environment: dict[str, list[str]] = {}
    for target in targets:
        if target.id not in taken:
            by_environment.setdefault(target.environment, []).append(target.id)
    return [Group(tuple(ids)) for ids in by_environment.values()]


def plan_shards(
    groups: Sequence[Group],
    *,
    count: int,
    profile: str = "quick",
    only: Sequence[str] = (),
    seed: int = 0,
    weights: Mapping[str, float] | None = None,
    locks: Mapping[str, str] | None = None,
) -> Plan:
    """The groups as about `count` shards, those that cost more in more slices.

    weights: cost of a target's cases, in any unit; a target that is not named costs as much as their mean.
    A group is not joined to another: each makes environments of its own, so there are at least as many
    shards as groups.
    """
    if count < 1:
        raise WrongUse(f"Expected `--count` to be at least 1. Received: {count}.")
    if not groups:
        raise WrongUse("Expected pairs or targets to plan for. Received: none. See `harness pairs`.")
    costs = [_cost(group, weights or {}) for group in groups]
    slices = shares(costs, count)
    shards = []
    for group, of in zip(groups, slices, strict=True):
        own = {id: lock for id, lock in (locks or {}).items() if id in group.targets}
        for place in range(of):
            name = name_of(group.label, place, of)
            facts = {"profile": profile, "only": tuple(only), "seed": seed}
            shards.append(Shard(name, group.targets, group.pairs, place, of, **facts, locks=own or None))  # type: ignore[arg-type]
    pairs = tuple(pair for group in groups for pair in group.pairs)
    return Plan(tuple(shards), pairs, profile, tuple(only), seed)


def _cost(group: Group, weights: Mapping[str, float]) -> float:
    mean = sum(weights.values()) / len(weights) if weights else 1.0
    return sum(weights.get(id, mean) for id in group.targets) or 1.0


def shares(costs: Sequence[float], count: int) -> list[int]:
    """How many slices each group gets: one, and each further one to whom a slice costs most by then."""
    out = [1] * len(costs)
    for _ in range(count - len(costs)):
        worst = max(range(len(costs)), key=lambda i: (costs[i] / out[i], -i))
        out[worst] += 1
    return out


def name_of(label: str, place: int, of: int) -> str:
    """A name that is a file's name on every system."""
    kept = "".join(c if c.isalnum() or c in "-+._" else "-" for c in label)[:80]
    return kept if of == 1 else f"{kept}-{place + 1}of{of}"
