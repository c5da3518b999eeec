"""Shards on a Dask cluster: a real scheduler, workers in processes and folders of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from harness import cli, environments
from harness.errors import WrongUse
from harness.matrix import running
from harness.matrix.performing import LATE, Clock
from harness.shards import cluster
from harness.shards.cluster import Cluster
from harness.shards.columns import InShards
from harness.shards.runners import run_shards
from harness.store import Store
from harness.targets import Catalogue
from tests.fakes import lineage
from tests.shards.conftest import ONLY as MATRIX
from tests.shards.conftest import Planned, Told, Unsharded, plan_for, request_for, told_of

Start = Callable[[str], "subprocess.Popen[bytes]"]


def dask(*words: str, folder: Path) -> subprocess.Popen[bytes]:
    """A process of Dask, in its own folder and with nothing of this one's environments."""
    folder.mkdir(exist_ok=True)
    env = {name: value for name, value in os.environ.items() if name != environments.HOME_VARIABLE}
    env["PYTHONWARNINGS"] = "ignore"
    log = (folder / "log.txt").open("wb")
    with log:
        return subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + words[0], *words[1:]],
            cwd=folder, env=env, stdout=log, stderr=log,
        )  # fmt: skip


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A scheduler on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ("--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    process = dask("dask_scheduler", *words, folder=tmp_path / "scheduler")
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"tcp://127.0.0.1:{port}"
    process.terminate()
    process.wait(30)


@pytest.fixture
def worker(address: str, tmp_path: Path) -> Iterator[Start]:
    """Starts workers of one thread each; ends them."""
    started = []

    def start(name: str) -> subprocess.Popen[bytes]:
        words = (address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name)
        process = dask("dask_worker", *words, folder=tmp_path / name)
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.wait(30)


def test_a_run_on_a_cluster_equals_an_unsharded_one(
    address: str,
    worker: Start,
    tmp_path: Path,
    catalogue: Catalogue,
    planned: Planned,
    unsharded: Unsharded,
    told: Told,
) -> None:
    """Two workers, evidence included: the coordinator's store is that of a run in one piece."""
    worker("one")
    worker("two")
    plan = planned("control", "drifts", "rounds", "crashes", "unhad", count=3)
    runner = Cluster(address, catalogue, tmp_path / "fakes.toml")
    with Store(tmp_path / "cluster.sqlite") as store, unsharded(plan, tmp_path / "whole.sqlite") as whole:
        assert not run_shards(plan.shards, runner, store=store, progress=told)
        assert store.fingerprint() == whole.fingerprint()
        records = store.shards()
        assert sorted(records) == sorted(shard.name for shard in plan.shards)
        assert {f["target"] for r in records.values() for f in r["faults"]} == {"nowhere"}
        assert not any(record["left"].get("fake-drifts") for record in records.values())
        assert sum(t["cases"] for r in records.values() for t in r["timings"]) == len(store.fingerprint())


class KillsAfter(Told):
    """Progress that kills a process with SIGKILL when so many cases have come in."""

    def __init__(self, count: int, victims: list[subprocess.Popen[bytes]]) -> None:
        super().__init__()
        self._count = count
        self._victims = victims

    def advance(self, target: str) -> None:
        super().advance(target)
        if len(self.advanced) == self._count:
            self._victims[0].send_signal(signal.SIGKILL)


class Relieved(NamedTuple):
    """A worker that dies amid its task; a second one begins when the first was told what to do."""

    first: subprocess.Popen[bytes]
    told: KillsAfter
    asked: list[int]
    """How much was missing whenever a worker asked."""


@pytest.fixture
def relieved(worker: Start, monkeypatch: pytest.MonkeyPatch) -> Relieved:
    """A first worker that dies when 48 observations have come in."""
    asked: list[int] = []
    missing = cluster.Coordinator._missing

    def listening(self: cluster.Coordinator, part: object, builds: object) -> dict[str, object]:
        answer = missing(self, part, builds)  # type: ignore[arg-type]
        asked.append(sum(len(h) for repeats in answer["missing"].values() for h in repeats.values()))
        if len(asked) == 1:
            worker("second")
        return answer

    monkeypatch.setattr(cluster.Coordinator, "_missing", listening)
    monkeypatch.setattr(cluster, "IN_FLIGHT", 1)  # no worker is ahead of what has been kept by more than that
    first = worker("first")
    return Relieved(first, KillsAfter(48, [first]), asked)


def test_a_worker_killed_in_mid_run_costs_only_what_it_had_not_sent(
    address: str,
    relieved: Relieved,
    tmp_path: Path,
    catalogue: Catalogue,
    planned: Planned,
    unsharded: Unsharded,
) -> None:
    """The first worker dies after some chunks of its task; the second is told to do what is missing only."""
    first, told, asked = relieved
    plan = planned("control", "drifts")
    runner = Cluster(address, catalogue, tmp_path / "fakes.toml")
    with Store(tmp_path / "cluster.sqlite") as store, unsharded(plan, tmp_path / "whole.sqlite") as whole:
        assert not run_shards(plan.shards, runner, store=store, progress=told)
        assert first.wait(30) == -signal.SIGKILL
        assert store.fingerprint() == whole.fingerprint()
        cases = asked[0]
        assert 0 < asked[1] <= cases - 48, "the second worker was told to do what had come in already"
        assert len(told.advanced) == len(whole.fingerprint()), "a case was kept twice"


def test_a_matrix_on_a_cluster_equals_one_in_one_piece_though_a_worker_is_killed(
    address: str, relieved: Relieved, tmp_path: Path, history: Catalogue
) -> None:
    """Columns, evidence and all: the first worker dies amid a column, the second does what is missing."""
    first, told, asked = relieved
    request = request_for(history, only=("layers.Dense/layer*",))
    with Store(tmp_path / "whole.sqlite") as store:
        whole = running.run(request, store, Told())
        observations = store.fingerprint()
    runner = Cluster(address, history, tmp_path / "history.toml", disk=50.0)
    with Store(tmp_path / "cluster.sqlite") as store:
        crew = InShards(runner, store, told, Clock(), plan_for(request, None), history)
        spread = running.run_with(crew, request)
        assert store.fingerprint() == observations
    assert first.wait(30) == -signal.SIGKILL
    assert told_of(spread) == told_of(whole)
    assert len(told.advanced) == len(observations), "a case was kept twice"
    assert "evidence" in {what for _, what, *_ in told.begun}
    # Nine columns were asked for: eight, and again the one whose worker had died, for what it had not sent.
    assert [n for n in asked[:9] if 0 < n <= asked[0] - 48], asked


def test_the_command_line_has_a_matrix_performed_on_a_cluster(
    address: str, worker: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`harness matrix --dask`: columns are observed there, the report is written here."""
    worker("one")
    table = lineage.write(tmp_path)
    words = ["matrix", "--dask", address, "--targets", str(table), "--targets", "fake-[23]", "--jobs", "1"]
    words += ["--profile", "full", "--only", MATRIX[0], "--reports", str(tmp_path / "reports")]
    code = cli.main(words)
    assert code == 0
    assert "1 cases over 2 of 2 targets" in capsys.readouterr().out


def test_shards_that_no_worker_takes_end_with_the_time(
    address: str, tmp_path: Path, history: Catalogue, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster without workers does not keep anyone waiting beyond the minutes given."""
    monkeypatch.setattr(cluster, "GRACE", 0.0)
    request = replace(request_for(history), minutes=0.0)
    runner = Cluster(address, history, tmp_path / "history.toml", until=time.monotonic() + 0.5)
    with Store(tmp_path / "cluster.sqlite") as store:
        crew = InShards(runner, store, told, Clock(0), plan_for(request, None), history)
        late = running.run_with(crew, request)
        assert store.shards() == {}
    assert {column.why for column in late.columns} == {LATE}
    assert late.faults == ()
    assert len([line for line in told.said if "not ended, the time is over" in line]) == 8


def test_no_scheduler_at_the_address_is_wrong_use(
    tmp_path: Path, catalogue: Catalogue, planned: Planned, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address is named, and where to read on."""
    with (
        Store(tmp_path / "store.sqlite") as store,
        pytest.raises(WrongUse, match="Expected a Dask scheduler at"),
    ):
        run_shards(planned("drifts").shards, Cluster("tcp:/nowhere", catalogue), store=store, progress=told)
    monkeypatch.setattr(cluster, "distributed", None)
    with Store(tmp_path / "store.sqlite") as store, pytest.raises(WrongUse, match=r"compat-harness\[dask\]"):
        run_shards(planned("drifts").shards, Cluster("tcp://x", catalogue), store=store, progress=told)
