"""Targets made ready and observed within the time a person gives."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from harness import environments, processes
from harness.environments import Environment, State
from harness.matrix.performing import Clock, observe_targets
from harness.matrix.room import Room
from harness.observing import Observer
from harness.store import Store
from harness.targets import Target, load
from tests.matrix.conftest import Told


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    """A target of the table whose environment nobody has made."""
    monkeypatch.setenv(environments.HOME_VARIABLE, str(tmp_path / "environments"))
    return load().target("keras-3.15.1-numpy")


def observed(target: Target, store: Store, clock: Clock, made: Environment) -> tuple[Any, list[float]]:
    """What comes of observing nothing on a target, and the moments its environment was to be made by."""
    asked: list[float] = []

    def prepare(target: Target, *, say: Any, until: float) -> Environment:
        asked.append(until)
        return made

    seen = observe_targets(
        [target],
        [],
        Observer(store, jobs=1, progress=Told()),
        clock=clock,
        room=Room(Told(), until=clock.until, prepare=prepare),
    )
    return seen, asked


def test_an_environment_that_time_ends_is_no_harness_fault(target: Target, tmp_path: Path) -> None:
    """Its column was not run, with the reason and the way out; it had until the time is up."""
    late = processes.TimeUp()
    given_up = Environment(target.id, State.POSSIBLE, reason=late.reason, fix=late.fix)
    clock = Clock(5, now=lambda: 100.0)
    with Store(tmp_path / "store.sqlite") as store:
        seen, asked = observed(target, store, clock, given_up)
    assert asked == [400.0]
    assert seen.faults == []
    assert (seen.columns[0].why, seen.columns[0].fix) == (late.reason, late.fix)
    assert seen.launches == {}


def test_an_environment_that_cannot_be_made_is_one(target: Target, tmp_path: Path) -> None:
    """Without a time that is given, none is passed on."""
    no = Environment(target.id, State.IMPOSSIBLE, reason="no such pin")
    with Store(tmp_path / "store.sqlite") as store:
        seen, asked = observed(target, store, Clock(), no)
    assert asked == [math.inf]
    assert [fault.target for fault in seen.faults] == [target.id]


def test_what_is_not_reached_in_time_was_not_run(target: Target, tmp_path: Path) -> None:
    """Nothing is made for it."""
    with Store(tmp_path / "store.sqlite") as store:
        seen, asked = observed(target, store, Clock(0), Environment(target.id, State.POSSIBLE))
    assert asked == []
    assert "time given was up" in seen.columns[0].why
