"""Workers that wait between two calls: started once, never shared, never too many."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.model import Outcome
from harness.run.performing import Assignment, Event, Started, perform_all
from harness.run.wire import Sighting
from harness.run.workers import Workers
from harness.run.zygote import WorkerGone

MakeLaunch = Callable[..., Any]
MakeCase = Callable[..., Any]


def outcomes(workers: Workers | None, launch: Any, *cases: Any, jobs: int = 1) -> tuple[int, list[Outcome]]:
    """How many workers were started for the cases, and how these ended."""
    events: list[Event] = []
    perform_all([Assignment(launch, cases)], jobs=jobs, on_event=events.append, workers=workers)
    started = sum(isinstance(e, Started) for e in events)
    return started, [e.outcome for e in events if isinstance(e, Sighting)]


def test_a_worker_serves_one_call_after_another(fake: MakeLaunch, dense: MakeCase) -> None:
    """The second call starts nothing, though the thread that was first served by the worker has ended."""
    with Workers(2) as workers:
        assert outcomes(workers, fake(), dense(3)) == (1, [Outcome.RETURNED])
        assert outcomes(workers, fake(), dense(4)) == (0, [Outcome.RETURNED])


def test_without_room_to_wait_each_call_starts_its_own(fake: MakeLaunch, dense: MakeCase) -> None:
    """Nobody waits where none may."""
    with Workers() as workers:
        assert [outcomes(workers, fake(), dense(n))[0] for n in (3, 4)] == [1, 1]
    assert outcomes(None, fake(), dense(3))[0] == 1


def test_another_target_gets_another_worker(fake: MakeLaunch, dense: MakeCase) -> None:
    """A worker waits for its own target only, and the longest idle makes room."""
    with Workers(1) as workers:
        one, other = fake(), fake("sums_wrong")
        assert [outcomes(workers, launch, dense(3))[0] for launch in (one, other, other, one)] == [1, 1, 0, 1]


def test_a_repeat_gets_a_worker_of_its_own(fake: MakeLaunch) -> None:
    """What is settled once at import is settled anew for a repeat."""
    with Workers(2) as workers:
        with workers.one(fake()) as (first, _):
            pass
        with workers.one(fake(), again=True) as (again, is_new):
            assert is_new
            assert again is not first
        with workers.one(fake(), again=True) as (once_more, _):
            assert once_more is again


def test_a_worker_that_does_not_fork_never_waits(fake: MakeLaunch, dense: MakeCase) -> None:
    """It has performed cases itself, so it is fresh no more."""
    with Workers(1) as workers:
        assert [outcomes(workers, fake(fork=False), dense(n))[0] for n in (3, 4)] == [1, 1]


def test_a_worker_that_died_while_it_waited_costs_no_case(fake: MakeLaunch, dense: MakeCase) -> None:
    """Its cases are performed by another one."""
    with Workers(1) as workers:
        outcomes(workers, fake(), dense(3))
        with workers.one(fake()) as (worker, is_new):
            assert not is_new
        os.kill(worker._process.pid, signal.SIGKILL)
        worker._process.wait()
        assert outcomes(workers, fake(), dense(4)) == (1, [Outcome.RETURNED])


def test_a_worker_something_went_wrong_with_does_not_wait(fake: MakeLaunch) -> None:
    """What a block raises goes on, and its worker is stopped."""
    with Workers(1) as workers:
        with pytest.raises(ZeroDivisionError), workers.one(fake()) as (worker, _):
            _ = 1 / 0
        assert worker._process.poll() is not None
        with workers.one(fake()) as (other, is_new):
            assert is_new
            assert other is not worker


def test_leaving_stops_those_that_wait(fake: MakeLaunch) -> None:
    """Afterwards no worker runs, and no thread of ours."""
    before = threading.active_count()
    with Workers(1) as workers, workers.one(fake()) as (worker, _):
        assert worker._process.poll() is None
    assert worker._process.poll() is not None
    assert threading.active_count() == before


def test_a_worker_that_cannot_be_started_is_told(fake: MakeLaunch) -> None:
    """The error is that of starting it."""
    launch = replace(fake(), interpreter=Path("/no-python"))
    with Workers(1) as workers, pytest.raises(WorkerGone, match="cannot be started"), workers.one(launch):
        pass


def test_where_there_is_no_room_the_newcomer_goes(fake: MakeLaunch, dense: MakeCase) -> None:
    """Those that wait stay: who asks target after target, and then again, finds them."""
    with Workers(9, room=lambda: len(workers._waiting) < 2) as workers:
        launches = [fake(), fake("sums_wrong"), fake("drifts")]
        for expected in ([1, 1, 1], [0, 0, 1]):
            assert [outcomes(workers, each, dense(3))[0] for each in launches] == expected


@pytest.mark.parametrize("jobs", [1, 2])
def test_all_of_a_target_takes_two_starts(fake: MakeLaunch, dense: MakeCase, jobs: int) -> None:
    """One for what is performed first, one for its repeats, however many; each is told by its repeat."""
    launch = fake()
    asked = [Assignment(launch, (dense(3), dense(4)), repeat) for repeat in range(5)]
    events: list[Event] = []
    perform_all(asked, jobs=jobs, on_event=events.append)
    assert sum(isinstance(e, Started) for e in events) == 2
    seen = sorted((e.case_hash, e.repeat) for e in events if isinstance(e, Sighting))
    assert seen == sorted((c.hash, repeat) for c in (dense(3), dense(4)) for repeat in range(5))
