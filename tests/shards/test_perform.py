"""One shard performed, with real worker processes that run fakes."""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace
from pathlib import Path

import pytest

from harness import environments, pipeline
from harness.environments import Environment, State
from harness.errors import HarnessFault
from harness.observing import Wanted
from harness.shards import perform
from harness.shards.describe import Errand, Shard
from harness.store import Store
from harness.targets import Catalogue, Target
from tests.shards.conftest import Planned, Told, prepare

ONE = ("layers.Dense/layer[[]units=3,batch of one]",)


@pytest.fixture
def shard(planned: Planned) -> Shard:
    """One case of one pair."""
    return planned("drifts", only=ONE).shards[0]


def test_what_judging_needs_is_kept(shard: Shard, catalogue: Catalogue, tmp_path: Path, told: Told) -> None:
    """Fingerprints, versions, digests of scripts, timings; and the record is plain data in the store."""
    with Store(tmp_path / "store.sqlite") as store:
        record = perform.perform(shard, store, catalogue, prepare=prepare, progress=told)
        assert store.shards() == {shard.name: json.loads(json.dumps(record))}
        fingerprints = {key[1] for key in store.fingerprint()}
    assert {one["fingerprint"] for one in record["targets"].values()} == fingerprints
    assert {id: one["version"] for id, one in record["targets"].items()} == {
        "fake": "1.0",
        "fake-drifts": "1.0",
    }
    assert (record["cases"], record["faults"], record["left"]) == (1, [], {})
    assert list(record["scripts"]) == ["layer"]
    assert len(record["timings"]) == 2


def test_evidence_is_observed_with_the_cases(
    shard: Shard, catalogue: Catalogue, tmp_path: Path, told: Told
) -> None:
    """Where values differ as rounding may explain, both sides' shadows are there when the shard is done."""
    with Store(tmp_path / "store.sqlite") as store:
        perform.perform(shard, store, catalogue, prepare=prepare, progress=told)
    assert {(target, what) for target, what, *_ in told.begun} >= {
        ("fake", "evidence"),
        ("fake-drifts", "evidence"),
    }


def test_what_an_earlier_run_observed_is_not_performed(
    shard: Shard, catalogue: Catalogue, tmp_path: Path, told: Told
) -> None:
    """It is taken from its store, and the result is the same."""
    with Store(tmp_path / "first.sqlite") as store:
        perform.perform(shard, store, catalogue, prepare=prepare, progress=Told())
        first = store.fingerprint()
    with Store(tmp_path / "second.sqlite") as store:
        perform.perform(
            shard, store, catalogue, prepare=prepare, progress=told, known=tmp_path / "first.sqlite"
        )
        assert store.fingerprint() == first
    assert told.advanced == []


def test_errands_are_performed_and_nothing_else(
    shard: Shard, catalogue: Catalogue, tmp_path: Path, told: Told
) -> None:
    """A shard that names its cases one by one has no slice of the plan."""
    cases = tuple(perform.cases_of(shard))
    errand = Errand("fake", 1, cases)
    nobody = Errand("nowhere", 0, cases)
    own = Shard("errands", ("fake", "nowhere"), errands=(errand, nobody))
    with Store(tmp_path / "store.sqlite") as store:
        record = perform.perform(own, store, catalogue, prepare=prepare, progress=told)
        assert [(key[0], key[3]) for key in store.fingerprint()] == [(cases[0].hash, 1)]
    assert [fault["target"] for fault in record["faults"]] == ["nowhere"]
    assert record["left"] == {}


def test_a_target_that_cannot_be_had_is_a_fault(
    planned: Planned, catalogue: Catalogue, tmp_path: Path, told: Told
) -> None:
    """With the reason, the way out and how many cases it costs; the other target is observed."""
    shard = planned("unhad", only=ONE).shards[0]
    with Store(tmp_path / "store.sqlite") as store:
        record = perform.perform(shard, store, catalogue, prepare=prepare, progress=told)
    (fault,) = record["faults"]
    assert (fault["target"], fault["cases"]) == ("nowhere", 1)
    assert list(record["targets"]) == ["fake"]
    assert any(line.startswith("harness fault: nowhere: ") for line in told.said)


def test_an_environment_that_went_away_is_a_fault(
    shard: Shard, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, told: Told
) -> None:
    """It was ready a moment ago; what is missing is told, not raised."""

    def gone(target: Target) -> None:
        raise HarnessFault("its interpreter is gone")

    monkeypatch.setattr(pipeline, "launch_of", gone)
    faults: list[perform.Fault] = []
    late: list[str] = []
    ready = perform.made_ready(
        shard, catalogue, prepare=prepare, cases=5, faults=faults, progress=told, late=late
    )
    assert ready == {}
    assert late == []
    assert {(f.target, f.what, f.evidence, f.cases) for f in faults} == {
        (id, "its environment is gone", "its interpreter is gone", 5) for id in shard.targets
    }


def test_what_was_not_reached_in_the_time_is_counted(
    shard: Shard, catalogue: Catalogue, tmp_path: Path, told: Told
) -> None:
    """No time at all leaves every observation, and none of them is a fault."""
    with Store(tmp_path / "store.sqlite") as store:
        record = perform.perform(
            shard, store, catalogue, prepare=lambda target, until: prepare(target, math.inf),
            progress=told, until=time.monotonic(),
        )  # fmt: skip
    assert record["faults"] == []
    assert record["left"] == {"fake": 1, "fake-drifts": 1}


def test_an_environment_that_time_ends_is_told_from_one_that_cannot_be_made(
    shard: Shard, catalogue: Catalogue, tmp_path: Path, told: Told
) -> None:
    """Both are faults of a pair that is not complete; the record says which may be made another time."""

    def ended(target: Target, until: float) -> Environment:
        state = State.POSSIBLE if target.id == "fake" else State.IMPOSSIBLE
        return Environment(target.id, state, reason="it was not made")

    with Store(tmp_path / "store.sqlite") as store:
        record = perform.perform(shard, store, catalogue, prepare=ended, progress=told)
    assert record["late"] == ["fake"]
    assert {fault["target"] for fault in record["faults"]} == {"fake", "fake-drifts"}


def test_what_two_pairs_ask_for_is_performed_once(shard: Shard, catalogue: Catalogue) -> None:
    """Wanted of one target and repeat is one list without doubles; another repeat is another list."""
    launch = pipeline.launch_of(catalogue.target("fake"))
    case = perform.cases_of(shard)[0]
    other = replace(case, seed=5)
    asked = [Wanted(launch, (case,)), Wanted(launch, (case, other)), Wanted(launch, (case,), 1)]
    assert [(w.cases, w.repeat) for w in perform.joined(asked)] == [((case, other), 0), ((case,), 1)]


def test_the_version_of_an_open_target_is_the_one_installed(catalogue: Catalogue) -> None:
    """A target whose version is open says what is there; another says what the table has."""
    closed = catalogue.target("fake")
    newest = replace(closed, requirements=("keras",), version="newest")
    made = Environment("fake", State.READY, packages={"keras-nightly": "3.16.0.dev1"})
    assert newest.is_open
    assert environments.installed(newest, made) == "3.16.0.dev1"
    assert environments.installed(closed, made) == "1.0"
    assert environments.installed(newest, Environment("fake", State.READY)) == "newest"


def test_a_deadline_is_a_moment() -> None:
    """So many minutes from now; without any, never."""
    assert perform.deadline(None) == math.inf
    assert 0 < perform.deadline(1) - time.monotonic() <= 60
