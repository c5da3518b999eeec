"""What the coordinator of a cluster tells its workers, and what it keeps of what they send."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.errors import HarnessFault
from harness.run.wire import FrameReader, pack
from harness.shards.coordinator import Coordinator
from harness.shards.describe import Shard
from harness.shards.streaming import attend, version_of_code
from harness.store import Store
from harness.targets import Catalogue
from tests.shards.conftest import Planned, Told, Unsharded

FEW = ("layers.Dense/layer[[]units=3*",)
"""More than one chunk of cases, no more than a test needs."""


class Gone(Exception):
    """A worker that dies."""


class Cluster:
    """One coordinator and workers that are called one after the other, with no network in between.

    change: what becomes of a message on its way; it may raise `Gone`.
    """

    def __init__(self, coordinator: Coordinator, catalogue: Catalogue) -> None:
        self.coordinator = coordinator
        self.catalogue = catalogue
        self.asked: list[dict[str, Any]] = []
        self.seconds: list[float | None] = []

    def work(
        self, shard: Shard, change: Callable[[bytes], bytes] = lambda message: message
    ) -> dict[str, Any]:
        """One attempt at a shard."""
        answers: list[str] = []

        def heed(message: bytes) -> None:
            self.coordinator.heed(change(message), lambda attempt, text: answers.append(text))

        def ask(question: dict[str, Any]) -> dict[str, Any]:
            heed(pack({"say": "ask", "shard": shard.name, "attempt": "one", **question}))
            answer: dict[str, Any] = json.loads(answers[-1])
            self.asked.append(answer["missing"])
            self.seconds.append(answer["seconds"])
            return answer

        task = {"shard": shard.plain(), "code": version_of_code(), "seconds": None}
        return attend(task, self.catalogue, send=heed, ask=ask)

    def whole(self, shard: Shard) -> int:
        """A shard until the coordinator needs nothing more of it; the number of attempts."""
        attempts, left = 0, [shard]
        while left:
            attempts += 1
            more = self.coordinator.ended(shard.name, self.work(left.pop()))
            left += [more] if more else []
        return attempts


@pytest.fixture
def cluster(tmp_path: Path, catalogue: Catalogue, planned: Planned, told: Told) -> Cluster:
    """A coordinator of one shard of the pair whose candidate drifts."""
    store = Store(tmp_path / "coordinator.sqlite")
    plan = planned("drifts", only=FEW)
    return Cluster(Coordinator(plan.shards, catalogue, store, told), catalogue)


def only(cluster: Cluster) -> Shard:
    """The one shard there is."""
    (part,) = cluster.coordinator.parts.values()
    return part.shard


def test_what_workers_send_is_the_store_of_an_unsharded_run(
    tmp_path: Path, cluster: Cluster, planned: Planned, unsharded: Unsharded, told: Told
) -> None:
    """Its cases first, then the evidence that the coordinator found them to need; nothing is left."""
    assert cluster.whole(only(cluster)) == 2
    store = cluster.coordinator.store
    with unsharded(planned("drifts", only=FEW), tmp_path / "whole.sqlite") as whole:
        assert store.fingerprint() == whole.fingerprint()
    (record,) = store.shards().values()
    assert (record["left"], record["faults"]) == ({}, [])
    assert sum(t["cases"] for t in record["timings"]) == len(told.advanced) == len(store.fingerprint())
    assert not cluster.coordinator.contradictions


def test_a_worker_that_dies_costs_only_what_it_had_not_sent(cluster: Cluster) -> None:
    """The next one is told what is missing by then: no case that came in is asked for again."""
    sent = 0

    def dies(message: bytes) -> bytes:
        nonlocal sent
        sent += 1
        if sent > 3:
            raise Gone
        return message

    with pytest.raises(Gone):
        cluster.work(only(cluster), dies)
    arrived = len(cluster.coordinator.store.fingerprint())
    assert arrived
    cluster.work(only(cluster))
    first, second = (
        {(id, repeat, h) for id, r in m.items() for repeat, hs in r.items() for h in hs}
        for m in cluster.asked
    )
    assert second < first
    assert len(second) == len(first) - arrived


def test_two_builds_of_one_target_are_a_harness_fault(cluster: Cluster) -> None:
    """What the second observed is never mixed with the first."""
    shard = only(cluster)
    answers: list[str] = []
    for build in ("one", "two"):
        builds = {shard.targets[0]: {"fingerprint": build, "version": "1"}}
        message = pack({"say": "ask", "shard": shard.name, "attempt": build, "builds": builds})
        cluster.coordinator.heed(message, lambda attempt, text: answers.append(text))
    cluster.coordinator.ended(shard.name, None, "the end")
    (record,) = cluster.coordinator.store.shards().values()
    assert "two workers have different builds" in record["faults"][0]["what"]
    assert record["targets"][shard.targets[0]]["fingerprint"] == "one"


def doctored(message: bytes, **change: Any) -> bytes:
    """A message in which every observation says something else."""
    (frame,) = FrameReader().feed(message)
    if frame.says != "chunk":
        return message
    inner = b"".join(
        pack({**f.header, **change}, f.body) if f.says == "seen" else pack(f.header, f.body)
        for f in FrameReader().feed(zlib.decompress(frame.body))
    )
    return pack(frame.header, zlib.compress(inner))


def test_one_case_told_in_two_ways_is_said(cluster: Cluster) -> None:
    """The first stays; the other is a contradiction, with its shard."""
    shard = only(cluster)
    messages: list[bytes] = []

    def remember(message: bytes) -> bytes:
        messages.append(message)
        return message

    cluster.work(shard, remember)
    before = cluster.coordinator.store.fingerprint()
    for message in messages:
        cluster.coordinator.heed(doctored(message, outcome="crashed", evidence="x"), lambda a, t: None)
    assert cluster.coordinator.store.fingerprint() == before
    assert {c.store for c in cluster.coordinator.contradictions} == {Path(shard.name)}


def test_a_case_that_nobody_asked_for_is_refused(cluster: Cluster) -> None:
    """A worker of another plan is no help."""
    with pytest.raises(HarnessFault, match="a case that nobody asked for: 00ff"):
        cluster.work(only(cluster), lambda message: doctored(message, case_hash="00ff"))


def test_a_task_the_cluster_gave_up_leaves_a_fault_for_each_target(cluster: Cluster) -> None:
    """And everything it was asked for is left."""
    shard = only(cluster)
    builds = {id: {"fingerprint": id, "version": "1"} for id in shard.targets}
    ask = pack({"say": "ask", "shard": shard.name, "attempt": "one", "builds": builds})
    cluster.coordinator.heed(ask, lambda attempt, text: None)
    assert cluster.coordinator.ended(shard.name, None, "KilledWorker") is None
    (record,) = cluster.coordinator.store.shards().values()
    assert {f["target"] for f in record["faults"]} == set(shard.targets)
    assert all("KilledWorker" in f["what"] for f in record["faults"])
    assert record["left"] == dict.fromkeys(shard.targets, record["cases"])


def test_when_the_time_is_up_no_evidence_is_asked_for(
    tmp_path: Path, catalogue: Catalogue, planned: Planned, told: Told
) -> None:
    """A worker is told how long it has; what it did not reach is in the record."""
    (shard,) = planned("drifts", only=FEW).shards
    with Store(tmp_path / "late.sqlite") as store:
        late = Coordinator([shard], catalogue, store, told, until=time.monotonic())
        cluster = Cluster(late, catalogue)
        assert cluster.whole(shard) == 1
        assert cluster.seconds == [0.0]
        assert set(store.shards()[shard.name]["left"]) == set(shard.targets)


def test_a_target_that_cannot_be_had_is_told_by_the_worker(
    tmp_path: Path, catalogue: Catalogue, planned: Planned, told: Told
) -> None:
    """Once, whoever says it again; the other side is observed all the same."""
    (shard,) = planned("unhad", only=FEW).shards
    with Store(tmp_path / "unhad.sqlite") as store:
        cluster = Cluster(Coordinator([shard], catalogue, store, told), catalogue)
        result = cluster.work(shard)
        cluster.coordinator.ended(shard.name, result)
        cluster.coordinator.ended(shard.name, result)
        record = store.shards()[shard.name]
        assert [f["target"] for f in record["faults"]] == ["nowhere"]
        assert list(record["targets"]) == ["fake"]
        assert record["left"] == {}


def test_a_worker_with_other_code_is_refused(cluster: Cluster) -> None:
    """Its observations would be of other case scripts."""
    task = {"shard": only(cluster).plain(), "code": "older"}
    with pytest.raises(HarnessFault, match="the coordinator's version of the harness"):
        attend(task, cluster.catalogue, send=lambda message: None, ask=lambda question: {})


def test_a_shard_that_is_abandoned_leaves_what_came_of_it(cluster: Cluster) -> None:
    """One that no worker has asked for leaves no record, as any shard that was lost."""
    shard = only(cluster)
    cluster.coordinator.abandon(shard.name)
    assert cluster.coordinator.store.shards() == {}

    def dies(message: bytes) -> bytes:
        if cluster.asked:
            raise Gone
        return message

    with pytest.raises(Gone):
        cluster.work(shard, dies)
    cluster.coordinator.abandon(shard.name)
    assert cluster.coordinator.store.shards()[shard.name]["left"]


def test_what_a_worker_had_no_time_to_make_is_in_the_record(cluster: Cluster) -> None:
    """It is no failure of the target, and so it is told apart from the faults."""
    shard = only(cluster)
    assert cluster.coordinator.ended(shard.name, {"faults": [], "builds": {}, "late": ["fake"]}) is None
    assert cluster.coordinator.store.shards()[shard.name]["late"] == ["fake"]


def test_a_shard_of_errands_is_complete_when_they_are_performed(
    tmp_path: Path, cluster: Cluster, catalogue: Catalogue, told: Told
) -> None:
    """Evidence that a matrix asks for: just these cases are asked of a worker, counted and recorded."""
    shard = only(cluster)
    cluster.coordinator.ended(shard.name, cluster.work(shard))
    errands = cluster.coordinator.parts[shard.name].errands
    own = replace(shard, name="evidence", pairs=(), errands=errands)
    with Store(tmp_path / "second.sqlite") as store:
        second = Cluster(Coordinator([own], catalogue, store, told), catalogue)
        assert second.whole(own) == 1
        record = store.shards()["evidence"]
        wanted = {(errand.repeat, case.hash) for errand in errands for case in errand.cases}
        assert {(key[3], key[0]) for key in store.fingerprint()} == wanted
    assert record["cases"] == sum(len(errand.cases) for errand in errands)
    assert set(record["scripts"]) == {"layer"}
    assert not record["left"]
    assert {what for _, what, *_ in told.begun[-4:]} == {"evidence"}


def test_what_the_store_held_is_counted_as_taken_from_it(cluster: Cluster) -> None:
    """A second coordinator over the same store has nothing performed."""
    shard = only(cluster)
    cluster.whole(shard)
    first = cluster.coordinator.store.shards()[shard.name]["timings"]
    again = Cluster(
        Coordinator([shard], cluster.catalogue, cluster.coordinator.store, Told()), cluster.catalogue
    )
    again.whole(shard)
    second = cluster.coordinator.store.shards()[shard.name]["timings"]
    assert [t["cases"] for t in second] == [0, 0]
    assert {t["target"]: t["cached"] for t in second} == {t["target"]: t["cases"] for t in first}


def test_an_errand_is_performed_case_by_case(cluster: Cluster) -> None:
    """A shard with errands has just their cases, not the slice's."""
    shard = only(cluster)
    cluster.coordinator.ended(shard.name, cluster.work(shard))
    errands = cluster.coordinator.parts[shard.name].errands
    assert errands
    cluster.work(replace(shard, pairs=(), errands=errands))
    wanted = {case.hash for errand in errands for case in errand.cases}
    assert {h for r in cluster.asked[-1].values() for hashes in r.values() for h in hashes} <= wanted
