"""Evidence of a matrix as shards: every case of every errand in exactly one of them."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from harness.matrix.columns import column_of
from harness.matrix.survey import Lacking
from harness.model import Case, Outcome
from harness.report.matrix_records import Column
from harness.run.launch import script_digest
from harness.run.wire import Sighting
from harness.shards import evidence
from harness.shards.describe import Plan, Shard
from harness.shards.evidence import evidence_shards
from harness.shards.perform import sizes
from harness.store import Key, Store
from harness.targets import Catalogue
from tests.shards.conftest import ONLY

MANY = tuple(Case("layers.Dense", "layer", {"units": n}, {}) for n in range(30))
"""Cases to be asked for."""


@pytest.fixture
def columns(history: Catalogue) -> list[Column]:
    """The columns of the lineage, each observed."""
    return [replace(column_of(t), fingerprint=f"of {t.id}") for t in history.lineage("fake line")]


@pytest.fixture
def plan() -> Plan:
    """A plan of two shards, of one case and of two."""
    one = Shard("one", ("fake-1",), profile="full", only=(ONLY[0],), locks={"fake-1": "pins"})
    return Plan((one, replace(one, name="more", only=ONLY)))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store.sqlite")


def cases_in(shards: list[Shard], id: str, repeat: int) -> list[str]:
    """Hashes of what shards ask of a target, sorted."""
    errands = [errand for shard in shards for errand in shard.errands]
    return sorted(c.hash for e in errands if (e.target, e.repeat) == (id, repeat) for c in e.cases)


def test_every_case_of_every_errand_is_in_exactly_one_shard(
    history: Catalogue, columns: list[Column], plan: Plan, store: Store
) -> None:
    """Shards are about as large as those of the plan, with the pins that were planned, and none is empty."""
    lacking = [Lacking(0, MANY, MANY[:1]), Lacking(1, MANY[:2], ()), Lacking(2, (), ())]
    shards = evidence_shards(lacking, columns, plan, history, store, label="evidence-1")
    mean = sum(sizes(shard)["fake-1"] for shard in plan.shards) / 2
    assert len(shards) == max(2, math.ceil(33 / mean)) > 2
    assert {shard.targets for shard in shards} == {("fake-1",), ("fake-2",)}
    assert {shard.locks["fake-1"] for shard in shards if shard.locks} == {"pins"}
    assert all(shard.errands for shard in shards)
    assert len({shard.name for shard in shards}) == len(shards)
    for id, repeat, cases in (("fake-1", 0, MANY), ("fake-1", 1, MANY[:1]), ("fake-2", 0, MANY[:2])):
        assert cases_in(shards, id, repeat) == sorted(case.hash for case in cases)


def test_what_the_store_holds_is_not_asked_for(
    history: Catalogue, columns: list[Column], plan: Plan, store: Store
) -> None:
    """A night that finds an earlier one's evidence starts nothing for it."""
    for case in MANY[:29]:
        key = Key(case.hash, "of fake-1", script_digest("layer"), 0)
        store.add(key, Sighting(case.hash, "fake-1", Outcome.RETURNED, b"", False, "", "", 0.1))
    shards = evidence_shards([Lacking(0, MANY, ())], columns, plan, history, store, label="evidence-1")
    assert cases_in(shards, "fake-1", 0) == [MANY[29].hash]
    assert evidence_shards([Lacking(0, MANY[:29], ())], columns, plan, history, store, label="e") == []
    assert evidence_shards([], columns, plan, history, store, label="e") == []


def test_there_are_never_more_shards_than_a_service_takes(
    history: Catalogue, columns: list[Column], plan: Plan, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A matrix of jobs has a limit; the shards get larger instead."""
    monkeypatch.setattr(evidence, "MOST", 2)
    one = replace(plan, shards=plan.shards[:1])
    shards = evidence_shards([Lacking(0, MANY, ())], columns, one, history, store, label="evidence-1")
    assert [len(errand.cases) for shard in shards for errand in shard.errands] == [15, 15]
