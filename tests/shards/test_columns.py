"""The columns of a matrix observed in shards: the same record and the same store as in one piece."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from harness.matrix import running
from harness.matrix.performing import LATE, Clock
from harness.model import Fault
from harness.observing import Progress
from harness.report.matrix_records import Column, MatrixRecord
from harness.shards.columns import InShards, columns_of, records_of
from harness.shards.describe import Shard
from harness.shards.runners import Here, Processes, Runner
from harness.shards.union import Contradiction
from harness.store import Key, Store
from harness.targets import Catalogue
from tests.shards.conftest import ONLY, Told, plan_for, prepare, request_for, told_of


@dataclass
class Through:
    """A runner that passes shards on to another, those that it does not lose."""

    runner: Runner
    loses: Callable[[Shard], bool] = lambda shard: False
    after: Callable[[Store], None] = lambda store: None
    contradicts: list[Contradiction] = field(default_factory=list)
    asked: list[tuple[Shard, ...]] = field(default_factory=list)

    def __call__(self, shards: Sequence[Shard], store: Store, progress: Progress) -> list[Contradiction]:
        self.asked.append(tuple(shards))
        found = self.runner([shard for shard in shards if not self.loses(shard)], store, progress)
        self.after(store)
        return [*found, *self.contradicts]


def matrix(
    history: Catalogue,
    store: Store,
    runner: Runner,
    *,
    count: int | None = None,
    minutes: float | None = None,
) -> MatrixRecord:
    """A matrix in shards."""
    request = replace(request_for(history), minutes=minutes)
    crew = InShards(runner, store, Told(), Clock(minutes), plan_for(request, count), history)
    return running.run_with(crew, request)


@pytest.fixture
def whole(history: Catalogue, tmp_path: Path) -> tuple[MatrixRecord, Mapping[Any, Any]]:
    """The same matrix in one piece: its record, and every observation in its store."""
    with Store(tmp_path / "whole.sqlite") as store:
        return running.run(request_for(history), store, Told()), store.fingerprint()


@pytest.mark.parametrize("count", [None, 12])
def test_a_matrix_in_shards_equals_one_in_one_piece(
    history: Catalogue, tmp_path: Path, whole: tuple[MatrixRecord, Mapping[Any, Any]], count: int | None
) -> None:
    """Record by record and observation by observation, evidence included, in whatever number of shards."""
    record, observations = whole
    runner = Through(Here(history, prepare))
    with Store(tmp_path / "sharded.sqlite") as store:
        sharded = matrix(history, store, runner, count=count)
        assert store.fingerprint() == observations
        assert told_of(running.rebuild(store.run(sharded.run) or {}, store)) == told_of(sharded)
    assert told_of(sharded) == told_of(record)
    assert "B" in "".join(row.marks for row in record.cases)
    first, *evidence = runner.asked
    assert len(first) == max(8, count or 0)
    assert len(evidence) == 2, "what may excuse, then what confirms"
    for number, shards in enumerate(evidence, 1):
        assert all(shard.errands and shard.name.startswith(f"evidence-{number}-") for shard in shards)
    (unhad,) = [c for c in sharded.columns if not c.ran]
    assert "is not a Python that runs" in unhad.why


def test_processes_observe_the_same_columns(
    history: Catalogue, tmp_path: Path, whole: tuple[MatrixRecord, Mapping[Any, Any]]
) -> None:
    """Each shard in a process, a folder and a store of its own; progress counts evidence as evidence."""
    told = Told()
    request = request_for(history)
    runner = Processes(tmp_path / "shards", 2, options=("--targets", str(tmp_path / "history.toml")))
    plan = plan_for(request, None)
    with Store(tmp_path / "sharded.sqlite") as store:
        crew = InShards(runner, store, told, Clock(), plan, history)
        assert told_of(running.run_with(crew, request)) == told_of(whole[0])
        assert store.fingerprint() == whole[1]
    assert {what for _, what, *_ in told.begun} == {"cases", "evidence"}
    assert len(told.advanced) == len(whole[1])


def test_a_shard_that_leaves_nothing_is_a_fault_of_its_columns(history: Catalogue, tmp_path: Path) -> None:
    """The column was not run and says which shard is missing; what an earlier run left does not stand in."""
    with Store(tmp_path / "store.sqlite") as store:
        assert matrix(history, store, Here(history, prepare)).columns[4].ran
        lost = matrix(history, store, Through(Here(history, prepare), lambda s: "fake-5" in s.targets))
    assert lost.columns[4].why == "shard fake-5 left no store"
    assert "shard fake-5 left no store" in [fault.what for fault in lost.faults]
    assert {row.marks[4] for row in lost.cases} == {"?"}


def test_a_lost_slice_leaves_cases_unobserved(history: Catalogue, tmp_path: Path) -> None:
    """The column ran; the cases of the slice say `?`, and there is a fault."""
    runner = Through(Here(history, prepare), lambda shard: shard.name == "fake-1-1of2")
    with Store(tmp_path / "store.sqlite") as store:
        lost = matrix(history, store, runner, count=16)
    assert lost.columns[0].ran
    marks = {row.marks[0] for row in lost.cases}
    assert "?" in marks
    assert [f.what for f in lost.faults if f.target == "fake-1"] == ["shard fake-1-1of2 left no store"]


def test_lost_evidence_is_a_fault_and_leaves_cases_unsure(history: Catalogue, tmp_path: Path) -> None:
    """Columns that only evidence tells apart are one class then, and it is said that nothing decides."""
    with Store(tmp_path / "store.sqlite") as store:
        lost = matrix(history, store, Through(Here(history, prepare), lambda shard: bool(shard.errands)))
    assert any(row.unsure for row in lost.cases)
    gone = [f for f in lost.faults if f.what.startswith("shard evidence-1-") and "left no store" in f.what]
    assert {f.target for f in gone} == {"fake-1", "fake-2", "fake-3"}


def test_time_that_is_up_is_said_of_each_column_and_is_no_fault(history: Catalogue, tmp_path: Path) -> None:
    """Nothing is begun; the same words as in one piece."""
    with Store(tmp_path / "store.sqlite") as store:
        late = matrix(history, store, Here(history, prepare, until=0.0), minutes=0)
    assert {column.why for column in late.columns} == {LATE}
    assert late.faults == ()
    assert late.cut_short.startswith("The 0 minutes given were up: 0 of 8 targets were observed wholly")


def test_what_shards_contradict_each_other_in_is_a_fault(history: Catalogue, tmp_path: Path) -> None:
    """Of the target it is about."""
    key = Key("case", "fingerprint", "script", 0)
    contradiction = Contradiction(key, "fake-1", "layers.Dense", tmp_path)
    runner = Through(Here(history, prepare), contradicts=[contradiction])
    with Store(tmp_path / "store.sqlite") as store:
        record = matrix(history, store, runner)
    assert any(f.target == "fake-1" and "are not the same" in f.what for f in record.faults)


def changing(name: str, change: Callable[[dict[str, Any]], None]) -> Callable[[Store], None]:
    """Changes what the store keeps of a shard, once it is there."""

    def apply(store: Store) -> None:
        record = store.shards().get(name)
        if record is not None:
            copied = json.loads(json.dumps(record))
            change(copied)
            store.keep_shard(name, copied)

    return apply


def test_evidence_of_another_build_is_a_fault(history: Catalogue, tmp_path: Path) -> None:
    """A machine with other packages observed it: it belongs to no column."""

    def rebuild(record: dict[str, Any]) -> None:
        record["targets"]["fake-1"]["fingerprint"] = "another"

    runner = Through(Here(history, prepare), after=changing("evidence-1-fake-1", rebuild))
    with Store(tmp_path / "store.sqlite") as store:
        record = matrix(history, store, runner)
    assert [f.target for f in record.faults if "of another build than its column" in f.what] == ["fake-1"]


def test_two_builds_of_one_column_are_a_fault(history: Catalogue, tmp_path: Path) -> None:
    """The first counts."""

    def rebuild(record: dict[str, Any]) -> None:
        record["targets"]["fake-1"]["fingerprint"] = "another"

    runner = Through(Here(history, prepare), after=changing("fake-1-2of2", rebuild))
    with Store(tmp_path / "store.sqlite") as store:
        record = matrix(history, store, runner, count=16)
    assert record.columns[0].ran
    assert any("2 different builds" in f.what for f in record.faults)


def test_cases_performed_by_other_scripts_are_a_fault(history: Catalogue, tmp_path: Path) -> None:
    """A shard of another version of the harness is told from ours."""

    def edit(record: dict[str, Any]) -> None:
        record["scripts"]["layer"] = "another"

    runner = Through(Here(history, prepare), after=changing("fake-1", edit))
    with Store(tmp_path / "store.sqlite") as store:
        record = matrix(history, store, runner)
    assert any(f.what.startswith("cases of layer were performed by two versions") for f in record.faults)


@dataclass
class Left:
    """What shards left of one target, as a store holds it."""

    history: Catalogue
    store: Store
    shard: Shard

    def column(self, record: dict[str, Any] | None, *, late: bool = False) -> tuple[Column, list[Fault]]:
        """The column of a record."""
        found = {} if record is None else {"fake-1": record}
        target = self.history.target("fake-1")
        seen = columns_of([target], [self.shard], found, self.store, late=late)
        return seen.columns[0], seen.faults


@pytest.fixture
def left(history: Catalogue, tmp_path: Path) -> Left:
    shard = Shard("fake-1", ("fake-1",), profile="full", only=ONLY)
    return Left(history, Store(tmp_path / "store.sqlite"), shard)


def fault(what: str, fix: str = "") -> dict[str, Any]:
    """A fault as a record has it."""
    return {"target": "fake-1", "what": what, "evidence": "", "fix": fix, "cases": 2}


def test_a_shard_given_up_is_a_fault_of_its_column(left: Left) -> None:
    """The column was not run, for the reason the cluster gave."""
    column, faults = left.column({"targets": {}, "faults": [fault("shard fake-1 was given up")]})
    assert (column.ran, column.why) == (False, "shard fake-1 was given up")
    assert [f.cases for f in faults] == [2]


def test_an_environment_not_made_in_time_is_no_fault(left: Left) -> None:
    """Its column says so, with the way out."""
    record = {"targets": {}, "faults": [fault("the time was up", "Give more.")], "late": ["fake-1"]}
    column, faults = left.column(record, late=True)
    assert (column.why, column.fix) == ("the time was up", "Give more.")
    assert faults == []


@pytest.mark.parametrize(
    ("faults", "why"),
    [([], "the time given was up before it was started"), ([fault("it died")], "it died")],
    ids=["late", "died"],
)
def test_a_target_that_never_said_hello_was_not_run(
    left: Left, faults: list[dict[str, Any]], why: str
) -> None:
    """Its environment was there; the reason is the fault, or the time."""
    column, _ = left.column(
        {"targets": {"fake-1": {"fingerprint": "f", "version": "1.0"}}, "faults": faults}, late=True
    )
    assert (column.ran, column.why, column.fix) == (False, why, "harness prepare fake-1")


def test_records_of_an_earlier_run_are_not_of_this_one(left: Left, told: Told) -> None:
    """A shard of the same name and description was performed before."""
    Here(left.history, prepare)([left.shard], left.store, told)
    assert set(records_of([left.shard], left.store)) == {"fake-1"}
    assert records_of([left.shard], left.store, since="9999") == {}
    assert records_of([replace(left.shard, seed=1)], left.store) == {}
