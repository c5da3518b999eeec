"""Catalogues of fakes, and stores held against each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness import environments, pipeline
from harness.matrix.running import MatrixRequest
from harness.report.matrix_records import MatrixRecord
from harness.request import Request
from harness.shards.columns import plan_columns
from harness.shards.describe import Plan
from harness.shards.planning import groups_of_pairs, plan_shards
from harness.store import Store
from harness.targets import Catalogue, Target, load
from tests.fakes import lineage, table


class Told:
    """Progress that remembers what it was told."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, str, int, int]] = []
        self.advanced: list[str] = []
        self.said: list[str] = []

    def begin(self, target: str, what: str, total: int, known: int) -> None:
        self.begun.append((target, what, total, known))

    def advance(self, target: str) -> None:
        self.advanced.append(target)

    def say(self, line: str) -> None:
        self.said.append(line)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return load(table.write(tmp_path))


Planned = Callable[..., Plan]


@pytest.fixture
def planned(catalogue: Catalogue) -> Planned:
    """Plans pairs of fakes."""

    def make(*pairs: str, count: int = 1, only: Sequence[str] = ("layers.Dense/*",)) -> Plan:
        groups = groups_of_pairs([catalogue.pair(name) for name in pairs])
        return plan_shards(groups, count=count, only=only, profile="full")

    return make


Unsharded = Callable[[Plan, Path], Store]


@pytest.fixture
def unsharded(catalogue: Catalogue) -> Unsharded:
    """Performs the pairs of a plan one after the other, as `harness compare` does."""

    def perform(plan: Plan, path: Path) -> Store:
        store = Store(path)
        for pair in plan.pairs:
            request = Request(
                pair,
                catalogue.target(pair.reference),
                catalogue.target(pair.candidate),
                plan.profile,
                plan.only,
                plan.seed,
            )
            pipeline.run(request, store, Told(), ())
        return store

    return perform


def prepare(target: Target, until: float) -> environments.Environment:
    """Makes an environment as a shard does."""
    return environments.prepare(target, until=until)


@pytest.fixture
def history(tmp_path: Path) -> Catalogue:
    """A lineage of fakes: some round, some drift, one cannot be had."""
    return load(lineage.write(tmp_path))


ONLY = ("layers.Dense/layer[[]units=3,batch of one]", "layers.Dense/layer[[]units=3,large]")
"""Cases in which fakes round and drift, so that evidence is asked for."""


def request_for(history: Catalogue, only: Sequence[str] = ONLY) -> MatrixRequest:
    """A matrix of the whole lineage."""
    return MatrixRequest(history.lineage("fake line"), "full", tuple(only), jobs=1)


def plan_for(request: MatrixRequest, count: int | None) -> Plan:
    """Its columns in shards."""
    return plan_columns(
        request.targets, count=count, profile=request.profile, only=request.only, seed=request.seed, locks={}
    )


def told_of(record: MatrixRecord) -> dict[str, object]:
    """All that a matrix says, but for when and in how many seconds."""
    names = ("columns", "lineages", "cases", "changes", "cut_short", "profile", "seed")
    out: dict[str, object] = {name: getattr(record, name) for name in names}
    return out | {
        "faults": sorted(map(repr, record.faults)),
        "counts": [timing[:3] for timing in record.timings],
    }
