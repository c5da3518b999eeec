"""Shards performed here and in processes: the union is the store of the run in one piece."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import pytest

from harness.errors import HarnessFault
from harness.shards.runners import Events, Here, Processes, run_shards, tell
from harness.store import Store
from harness.targets import Catalogue
from tests.shards.conftest import Planned, Told, Unsharded, prepare

PAIRS = ("control", "drifts", "rounds", "raises", "crashes", "lacks")


@pytest.mark.parametrize("count", [1, 3])
def test_a_sharded_run_equals_an_unsharded_one(
    tmp_path: Path, catalogue: Catalogue, planned: Planned, unsharded: Unsharded, told: Told, count: int
) -> None:
    """Observation by observation, evidence included, whatever the number of shards."""
    plan = planned(*PAIRS, count=count)
    assert len(plan.shards) == count
    with Store(tmp_path / "sharded.sqlite") as store, unsharded(plan, tmp_path / "whole.sqlite") as whole:
        assert not run_shards(plan.shards, Here(catalogue, prepare, 2), store=store, progress=told)
        assert store.fingerprint() == whole.fingerprint()
        assert {key[3] for key in store.fingerprint()} == {0, 1}
        variants = {case.variant for key in whole.fingerprint() if (case := whole.case(key[0]))}
        assert {None, "shadow"} <= variants
        assert not any(record["left"] or record["faults"] for record in store.shards().values())


def test_shards_in_processes_of_their_own_equal_an_unsharded_run(
    tmp_path: Path, catalogue: Catalogue, planned: Planned, unsharded: Unsharded, told: Told
) -> None:
    """Each in its own folder with its own store; the union is the same, and their stores are not kept."""
    plan = planned("control", "drifts", "rounds", count=3)
    more = ("--targets", str(tmp_path / "fakes.toml"))
    runner = Processes(tmp_path / "shards", 2, options=more)
    with Store(tmp_path / "sharded.sqlite") as store, unsharded(plan, tmp_path / "whole.sqlite") as whole:
        assert not run_shards(plan.shards, runner, store=store, progress=told)
        assert store.fingerprint() == whole.fingerprint()
        assert sorted(store.shards()) == sorted(shard.name for shard in plan.shards)
    for shard in plan.shards:
        assert json.loads((tmp_path / "shards" / shard.name / "shard.json").read_text())["name"] == shard.name
        assert not list((tmp_path / "shards" / shard.name).glob("store.sqlite*"))
    cases = sum(total for _, what, total, _ in told.begun if what == "cases")
    evidence = sum(total - known for _, what, total, known in told.begun if what == "evidence")
    assert len(told.advanced) == cases + evidence


def test_what_an_earlier_run_observed_is_not_performed_again(
    tmp_path: Path, planned: Planned, unsharded: Unsharded, told: Told
) -> None:
    """With the store of an unsharded run at hand, no shard performs a case."""
    plan = planned("drifts", count=2)
    with unsharded(plan, tmp_path / "store.sqlite") as store:
        before = store.fingerprint()
        more = ("--targets", str(tmp_path / "fakes.toml"))
        runner = Processes(tmp_path / "shards", 2, tmp_path / "store.sqlite", options=more)
        run_shards(plan.shards, runner, store=store, progress=told)
        assert store.fingerprint() == before
        timings = [t for record in store.shards().values() for t in record["timings"]]
        assert [t["cases"] for t in timings] == [0] * 4
        assert sum(t["cached"] for t in timings) > 0


def test_no_time_left_is_said_and_nothing_begun(
    tmp_path: Path, catalogue: Catalogue, planned: Planned, told: Told
) -> None:
    """When the time is over no shard is begun, which is said of each."""
    plan = planned("drifts", count=2)
    with Store(tmp_path / "store.sqlite") as store:
        over = time.monotonic()
        runner = Processes(tmp_path / "shards", 2, until=over)
        assert not run_shards(plan.shards, runner, store=store, progress=told)
        assert [line for line in told.said if "not begun" in line] == [
            f"{shard.name}: not begun, the time is over" for shard in plan.shards
        ]
        run_shards(plan.shards, Here(catalogue, prepare, until=over), store=store, progress=told)
        assert not store.shards()
        assert not store.fingerprint()


def test_shards_that_are_to_wait_come_last(tmp_path: Path, planned: Planned, told: Told) -> None:
    """Within a budget of disk those whose environments are there have their turn before they are removed."""
    plan = planned("drifts", count=3)
    first, second, third = (shard.name for shard in plan.shards)
    with Store(tmp_path / "store.sqlite") as store:
        runner = Processes(tmp_path / "shards", until=time.monotonic(), later=lambda s: s.name != third)
        run_shards(plan.shards, runner, store=store, progress=told)
    order = [line.split(":")[0] for line in told.said if "not begun" in line]
    assert order == [third, first, second]


def test_a_shard_that_cannot_even_start_is_a_harness_fault(
    tmp_path: Path, planned: Planned, told: Told
) -> None:
    """Its exit code and last lines are said; it leaves no record, which the judging tells."""
    plan = planned("drifts")
    with Store(tmp_path / "store.sqlite") as store:
        runner = Processes(tmp_path / "shards", options=("--no-such-option",))
        run_shards(plan.shards, runner, store=store, progress=told)
        assert not store.shards()
    assert any("harness fault: shard drifts ended with code 2" in line for line in told.said)


def test_a_line_of_progress_comes_back_as_it_was_sent(told: Told) -> None:
    """What a shard's process tells its parent is passed on, and what is no line of progress is refused."""
    lines: list[str] = []
    events = Events(lines.append)
    events.begin("a", "cases", 3, 1)
    events.advance("a")
    events.say("word")
    for line in lines:
        tell(told, json.loads(line))
    assert (told.begun, told.advanced, told.said) == ([("a", "cases", 3, 1)], ["a"], ["word"])
    with pytest.raises(HarnessFault, match="Expected a line of progress"):
        tell(told, {"what": 1})
    assert math.isinf(Here.until)
