"""A pair judged from what shards left: the verdicts of a run in one piece, and what is lacking said."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness import examples, pipeline
from harness.errors import WrongUse
from harness.model import CaseStatus, TargetInfo
from harness.report.records import NotRun, RunRecord
from harness.shards.describe import Plan
from harness.shards.runners import Here, run_shards
from harness.shards.verdicts import is_of, judge_pair, planned_cases, timings
from harness.store import Store
from harness.targets import Catalogue
from tests.shards.conftest import Planned, Told, Unsharded, prepare

FEW = ("layers.Dense/layer[[]units=3*",)


def performed(plan: Plan, path: Path, catalogue: Catalogue) -> Store:
    """A store with what the shards of a plan observed."""
    store = Store(path)
    run_shards(plan.shards, Here(catalogue, prepare, 2), store=store, progress=Told())
    return store


def verdicts(record: RunRecord) -> tuple[list[tuple[str, str]], list[tuple[str, str, int]]]:
    """How each case ended and which causes there are, without what is particular to one run."""
    return (
        [(j.case.address, str(j.status)) for j in record.judged],
        sorted((c.fingerprint, c.title, len(c.divergences)) for c in record.causes),
    )


def judged(plan: Plan, store: Store, catalogue: Catalogue) -> RunRecord:
    """The one pair of a plan."""
    (pair,) = plan.pairs
    return judge_pair(pair, plan, store, catalogue, ())


@pytest.mark.parametrize("pair", ["drifts", "rounds", "raises", "control"])
def test_verdicts_of_shards_are_those_of_a_run_in_one_piece(
    tmp_path: Path, catalogue: Catalogue, planned: Planned, unsharded: Unsharded, pair: str
) -> None:
    """Case by case and cause by cause; the run that is kept has an example of each cause."""
    plan = planned(pair, count=2, only=FEW)
    with (
        performed(plan, tmp_path / "sharded.sqlite", catalogue) as store,
        unsharded(plan, tmp_path / "whole.sqlite") as whole,
    ):
        record = judged(plan, store, catalogue)
        assert verdicts(record) == verdicts(pipeline.rebuild(None, whole, ()))
        kept = examples.of_run(store.run(record.run) or {}, store)
        assert kept is not None
        assert {e.cause for e in kept} == {c.fingerprint for c in record.causes}
        assert not record.faults


def test_a_shard_that_left_nothing_is_a_fault_and_its_cases_are_not_run(
    tmp_path: Path, catalogue: Catalogue, planned: Planned
) -> None:
    """What the other shards observed is judged all the same."""
    plan = planned("drifts", count=2, only=FEW)
    lost = plan.shards[0]
    with performed(replace(plan, shards=plan.shards[1:]), tmp_path / "part.sqlite", catalogue) as store:
        record = judged(plan, store, catalogue)
    counts = Counter(j.status for j in record.judged)
    assert counts[CaseStatus.NOT_RUN] == sum(lost.takes(case) for case in planned_cases(plan)) > 0
    assert counts[CaseStatus.DIVERGE] > 0
    assert {f.what for f in record.faults} == {f"shard {lost.name} left no store"}
    assert {f.target for f in record.faults} == set(lost.targets)


def test_a_target_that_could_not_be_had_is_not_run(
    tmp_path: Path, catalogue: Catalogue, planned: Planned
) -> None:
    """With the reason its shard gave; not one case counts as agreement."""
    plan = planned("unhad", only=FEW)
    with performed(plan, tmp_path / "unhad.sqlite", catalogue) as store:
        record = judged(plan, store, catalogue)
    assert isinstance(record.reference, TargetInfo)
    assert isinstance(record.candidate, NotRun)
    assert "not a Python that runs" in record.candidate.fault.what
    assert {j.status for j in record.judged} == {CaseStatus.NOT_RUN}


def test_two_builds_and_two_harnesses_are_told(
    tmp_path: Path, catalogue: Catalogue, planned: Planned
) -> None:
    """Only the first build is judged; cases performed in two ways are a fault of the shards."""
    plan = planned("drifts", count=2, only=FEW)
    with performed(plan, tmp_path / "two.sqlite", catalogue) as store:
        content = store.shards()[plan.shards[1].name]
        id = plan.shards[1].targets[0]
        content["targets"][id]["fingerprint"] = "another"
        content["scripts"] = dict.fromkeys(content["scripts"], "older")
        store.keep_shard(plan.shards[1].name, content)
        record = judged(plan, store, catalogue)
    said = {f.what for f in record.faults}
    assert "the shards observed 2 different builds of it" in said
    assert any("two versions of the harness" in what for what in said)


def test_a_record_speaks_of_its_own_shard_only(
    tmp_path: Path, catalogue: Catalogue, planned: Planned
) -> None:
    """Another plan may have a shard of the same name with other cases."""
    plan = planned("drifts", only=FEW)
    with performed(plan, tmp_path / "one.sqlite", catalogue) as store:
        (content,) = store.shards().values()
    (shard,) = plan.shards
    assert is_of(content, shard)
    assert not is_of(content, replace(shard, only=("layers.Conv1D/*",)))
    assert not is_of(content, replace(shard, seed=7))


def test_the_time_of_a_side_is_that_of_all_its_shards(planned: Planned) -> None:
    """Numbers are added; other targets are left out."""
    (pair,) = planned("drifts").pairs
    one: dict[str, Any] = {"target": pair.candidate, "cases": 2, "start": 1.0, "inside": 2.0, "total": 3.0}
    found = timings(
        [{"timings": [one]}, {"timings": [one, one | {"target": "another"}]}],
        pair,
    )
    assert [(t.target, t.cases, t.total) for t in found] == [(pair.candidate, 4, 6.0)]


def test_a_plan_without_cases_is_wrong_use(planned: Planned) -> None:
    """Its patterns are named."""
    with pytest.raises(WrongUse, match=r"nothing\.like"):
        planned_cases(planned("drifts", only=("nothing.like",)))
