"""How long an answer is waited for, with a clock and a kernel of the test's own."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from harness.run.allowance import GRACE, LOOK, SHORT, WALL, Allowance
from harness.run.processor import Use

LIMIT = 60.0


@dataclass
class Machine:
    """A clock, and what a child did on a processor that others use as well."""

    time: float = 1000.0
    used: float = 7.0
    """Before this answer was waited for."""
    is_busy: bool = True

    def begun(self, limit: float = LIMIT, pid: int = 9) -> Allowance:
        return Allowance(
            limit,
            pid,
            now=lambda: self.time,
            used_by_one=lambda pid: self.used,
            used_by_all=lambda pid: Use(self.used, self.is_busy),
        )

    def waiting(self, limit: float = LIMIT) -> Allowance:
        """Of a case that is no short one, begun just so long ago."""
        self.time -= SHORT
        waiting = self.begun(limit)
        self.time += SHORT
        assert waiting.over() == ""
        return waiting

    def go_on(self, waiting: Allowance, *, share: float) -> str:
        """Let time pass until the deadline, of which the child gets a share of a processor."""
        seconds = waiting.until - self.time
        self.time, self.used = waiting.until, self.used + seconds * share
        return waiting.over()


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_nothing_is_asked_before_the_limit_passed_on_the_wall(machine: Machine) -> None:
    """A child of many threads may use its limit sooner; it has the time it always had."""
    assert machine.waiting().until == machine.time - SHORT + LIMIT + GRACE


def test_what_a_short_case_used_is_never_looked_up(machine: Machine) -> None:
    """Looking costs as much as all else that is done about a case; what is used until then is free."""
    waiting = machine.begun()
    machine.used += 100 * LIMIT
    waiting.used_by_all = lambda pid: pytest.fail("a look at every process")
    machine.time += SHORT
    assert waiting.until == machine.time
    assert waiting.over() == ""
    waiting.used_by_all = lambda pid: Use(machine.used, True)
    assert machine.go_on(waiting, share=0.5) == ""


def test_a_case_that_used_its_limit_is_over(machine: Machine) -> None:
    """On a machine of its own that is when the limit passed on the wall."""
    assert machine.go_on(machine.waiting(), share=1.0) == "no answer within 60 s of processor time"


def test_a_case_gets_its_limit_on_a_processor_it_shares(machine: Machine) -> None:
    """With a third of a processor it has three times as long, and is seldom looked at."""
    begun, waiting, looks = machine.time, machine.waiting(), 1
    while not (met := machine.go_on(waiting, share=1 / 3)):
        looks += 1
    assert met == "no answer within 60 s of processor time"
    assert 3 * LIMIT <= machine.time - begun <= 3 * LIMIT + 3 * LOOK
    assert looks < 15


def test_what_was_used_before_does_not_count(machine: Machine) -> None:
    """Earlier cases of the same child used processor time too."""
    machine.used = 10 * LIMIT
    assert machine.go_on(machine.waiting(), share=0.5) == ""


def test_a_case_that_waits_is_over_at_once(machine: Machine) -> None:
    """One that sleeps or waits for a lock is ended when its limit passed on the wall."""
    machine.is_busy = False
    waits = "no answer within 60 s, and it waits without using the processor"
    assert machine.go_on(machine.waiting(), share=0.0) == waits
    assert machine.go_on(machine.waiting(), share=0.01) == waits


def test_a_case_that_waits_after_it_computed_is_over_at_the_second_look(machine: Machine) -> None:
    """What it used before the last look does not speak for it."""
    waiting = machine.waiting()
    machine.is_busy = False
    assert machine.go_on(waiting, share=0.3) == ""
    assert "waits without" in machine.go_on(waiting, share=0.0)
    assert machine.time < 1000 + 2 * (LIMIT + GRACE)


def test_a_case_that_would_run_is_not_stuck(machine: Machine) -> None:
    """However little of the processor it is given."""
    assert machine.go_on(machine.waiting(), share=0.01) == ""


def test_everything_ends(machine: Machine) -> None:
    """What neither computes nor waits is ended after so many times its limit, and that is said."""
    begun, waiting = machine.time, machine.waiting()
    while not (met := machine.go_on(waiting, share=0.1)):
        pass
    assert met == "no answer within 300 s, 5 times its limit"
    assert machine.time == begun - SHORT + WALL * LIMIT + GRACE


def test_looks_keep_a_distance(machine: Machine) -> None:
    """The last hundredth of a limit is no reason to look a hundred times."""
    waiting = machine.waiting(limit=1.0)
    machine.go_on(waiting, share=0.99 / (1.0 + GRACE - SHORT))
    assert waiting.until == machine.time + LOOK


def test_time_in_which_the_machine_was_paused_does_not_count(machine: Machine) -> None:
    """Whoever asks much too late was held up, and so was the child: it is given time to answer."""
    waiting = machine.waiting()
    machine.is_busy = False
    machine.time = waiting.until + 500.0
    assert waiting.over() == ""
    assert waiting.until == machine.time + LOOK
    assert "waits without" in machine.go_on(waiting, share=0.0)


def test_a_pause_does_not_shorten_what_a_busy_case_is_given(machine: Machine) -> None:
    """The wall is counted without it."""
    begun, waiting = machine.time, machine.waiting()
    machine.time = waiting.until + 500.0
    assert waiting.over() == ""
    while not (met := machine.go_on(waiting, share=0.1)):
        pass
    assert met == "no answer within 300 s, 5 times its limit"
    assert machine.time == begun - SHORT + 500.0 + WALL * LIMIT + GRACE


def test_a_pause_right_after_a_case_began_does_not_count(machine: Machine) -> None:
    """It is as if the case had begun after it."""
    waiting = machine.begun()
    machine.time = waiting.until + 500.0
    assert waiting.over() == ""
    assert machine.time < waiting.until <= machine.time + LIMIT + GRACE
    assert "waits without" not in machine.go_on(waiting, share=0.1)


def test_where_it_is_not_known_the_wall_decides(machine: Machine) -> None:
    """Without a child, or where the kernel does not say."""
    assert machine.go_on(machine.begun(pid=0), share=0.1) == "no answer within 60 s"
    waiting = machine.waiting()
    waiting.used_by_all = lambda pid: None
    assert machine.go_on(waiting, share=0.1) == "no answer within 60 s"
