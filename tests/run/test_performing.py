"""Having cases performed by real worker processes that run fakes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from harness.model import Case, Fault, Outcome
from harness.run import performing, workers
from harness.run.allowance import Allowance
from harness.run.launch import Launch
from harness.run.performing import Assignment, Ended, Event, Started, perform_all
from harness.run.processor import Use
from harness.run.wire import Frame, Sighting
from harness.run.zygote import WorkerGone

MakeLaunch = Callable[..., Launch]
MakeCase = Callable[..., Case]


def performed(launch: Launch, cases: list[Case], **options: int) -> tuple[dict[str, Sighting], list[Fault]]:
    """Everything that came of performing the cases: sightings by case, and faults."""
    events: list[Event] = []
    perform_all([Assignment(launch, tuple(cases))], jobs=1, on_event=events.append, **options)
    sightings = [e for e in events if isinstance(e, Sighting)]
    assert len({s.case_hash for s in sightings}) == len(sightings), "a case was reported twice"
    return {s.case_hash: s for s in sightings}, [e for e in events if isinstance(e, Fault)]


def test_every_case_is_observed(fake: MakeLaunch, dense: MakeCase) -> None:
    """Every case of a healthy target ends in one sighting that returned."""
    cases = [dense(units) for units in range(1, 30)]
    seen, faults = performed(fake(), cases, batch=8)
    assert not faults
    assert {c.hash for c in cases} == seen.keys()
    assert all(s.outcome is Outcome.RETURNED for s in seen.values())


def test_what_happens_in_one_moment_is_heard_together(fake: MakeLaunch, dense: MakeCase) -> None:
    """Every event is heard within a group, and groups are fewer than events."""
    events: list[Event] = []
    groups: list[int] = []

    @contextmanager
    def together() -> Iterator[None]:
        before = len(events)
        yield
        groups.append(len(events) - before)

    cases = tuple(dense(units) for units in range(1, 30))
    perform_all([Assignment(fake(), cases)], jobs=1, on_event=events.append, together=together)
    assert sum(groups) == len(events) > len(cases)
    assert len(groups) < len(events) / 2


def test_a_worker_introduces_itself_and_its_children_end(fake: MakeLaunch, dense: MakeCase) -> None:
    """The coordinator is told what started, and how much memory each child took."""
    events: list[Event] = []
    perform_all([Assignment(fake(), (dense(),))], jobs=1, on_event=events.append)
    started = next(e for e in events if isinstance(e, Started))
    assert started.hello["says_version"] == "1.0"
    assert any(isinstance(e, Ended) and e.peak_mb > 1 for e in events)


def test_results_do_not_depend_on_batch_or_order(fake: MakeLaunch, dense: MakeCase) -> None:
    """The payload of a case is the same alone, in any order, in any batch."""
    cases = [dense(units) for units in range(1, 13)]
    alone, _ = performed(fake(), cases, batch=1)
    together, _ = performed(fake(), cases, batch=50)
    backwards, _ = performed(fake(), cases[::-1], batch=5)
    for case in cases:
        assert alone[case.hash].payload == together[case.hash].payload == backwards[case.hash].payload


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("crashes", "SIGSEGV"),
        ("killed", "SIGKILL"),
        ("leaves", "exit status 0"),
        ("exits", "SystemExit"),
        ("closes", "exit status 1"),
    ],
)
def test_a_case_that_ends_its_process_crashed(
    fake: MakeLaunch, dense: MakeCase, behaviour: str, words: str
) -> None:
    """A signal, an exit or a closed pipe in mid-case is the outcome of that case alone, with the evidence."""
    cases = [dense(3), dense(4), dense(13), dense(5), dense(6)]
    seen, faults = performed(fake(behaviour), cases)
    assert not faults
    assert seen[cases[2].hash].outcome is Outcome.CRASHED
    assert words in seen[cases[2].hash].evidence
    assert all(seen[c.hash].outcome is Outcome.RETURNED for c in cases if c is not cases[2])


def test_the_last_words_of_a_crash_are_kept(fake: MakeLaunch, dense: MakeCase) -> None:
    """What the implementation printed before it fell over is part of the evidence."""
    seen, _ = performed(fake("crashes"), [dense(13)])
    assert "about to fall over" in next(iter(seen.values())).evidence


@pytest.mark.parametrize("alone", [0.0, 10.0])
def test_a_case_that_hangs_timed_out(
    fake: MakeLaunch, dense: MakeCase, monkeypatch: pytest.MonkeyPatch, alone: float
) -> None:
    """A case over its limit is killed and has timed out, behind others or alone; the others are observed."""
    monkeypatch.setattr(performing, "ALONE", alone)
    cases = [dense(3), dense(13, limit=1.0), dense(5)]
    seen, faults = performed(fake("hangs"), cases)
    assert not faults
    assert seen[cases[1].hash].outcome is Outcome.TIMED_OUT
    assert "within 1 s" in seen[cases[1].hash].evidence
    assert seen[cases[0].hash].outcome is seen[cases[2].hash].outcome is Outcome.RETURNED


def test_a_case_that_may_never_end_has_a_child_of_its_own(dense: MakeCase) -> None:
    """So its limit is met once: what behind others is in doubt is performed again, alone."""
    cases = [dense(3), dense(4), dense(13, limit=10.0), dense(5), dense(6), dense(7, limit=10.5)]
    assert [[c.parameters["units"] for c in batch] for batch in performing.split(cases, 96)] == [
        [3, 4],
        [13],
        [5, 6, 7],
    ]


def test_a_case_that_computes_for_ever_timed_out(fake: MakeLaunch, dense: MakeCase) -> None:
    """What ends it is the processor time it used, and the evidence says so."""
    case = dense(13, limit=0.5)
    seen, faults = performed(fake("spins"), [case])
    assert not faults
    assert seen[case.hash].outcome is Outcome.TIMED_OUT
    assert seen[case.hash].evidence == (
        "no answer within 0.5 s of processor time; the process was killed"
        if Path("/proc/self/stat").exists()
        else "no answer within 0.5 s; the process was killed"
    )


def test_ten_megabytes_of_prints_do_no_harm(fake: MakeLaunch, dense: MakeCase) -> None:
    """A chatty implementation is drained, not believed."""
    seen, faults = performed(fake("chatters"), [dense(13), dense(2)])
    assert not faults
    assert all(s.outcome is Outcome.RETURNED for s in seen.values())


def test_a_case_over_the_memory_limit_crashed(fake: MakeLaunch, dense: MakeCase) -> None:
    """An allocation of 8 GB under a limit of 1 GB is a crash that names the limit."""
    case = dense(13)
    seen, faults = performed(replace(fake("allocates"), memory=1 << 30), [dense(2), case])
    assert not faults
    assert seen[case.hash].outcome is Outcome.CRASHED
    assert "memory limit of 1024 MB" in seen[case.hash].evidence


def test_garbage_on_the_wire_is_a_harness_fault(fake: MakeLaunch, dense: MakeCase) -> None:
    """Bytes that are no frame cost the case that wrote them, as our fault, and no other case."""
    cases = [dense(3), dense(13), dense(5), dense(6)]
    seen, faults = performed(fake("garbles"), cases)
    assert cases[1].hash not in seen
    assert {c.hash for c in cases} - seen.keys() == {cases[1].hash}
    assert len(faults) == 1
    assert faults[0].cases == 1
    assert "units=13" in faults[0].what


def test_a_target_that_cannot_be_imported_is_one_fault(fake: MakeLaunch, dense: MakeCase) -> None:
    """Nothing is observed, nothing is agreed, and the reason is there once with the number of cases."""
    cases = [dense(units) for units in range(1, 6)]
    seen, faults = performed(fake("refuses"), cases, batch=2)
    assert not seen
    assert len(faults) == 1
    assert "refuses to be imported" in faults[0].what
    assert faults[0].cases >= 1


def test_a_missing_symbol_is_an_outcome(fake: MakeLaunch, dense: MakeCase) -> None:
    """A subject that is not there is missing, not a crash and not a fault."""
    seen, faults = performed(fake("lacks"), [dense(3)])
    assert not faults
    assert next(iter(seen.values())).outcome is Outcome.MISSING


def test_a_case_script_that_fails_is_our_fault(fake: MakeLaunch, dense: MakeCase) -> None:
    """A script that does not exist is a harness fault that names the case, and the others go on."""
    wrong = replace(dense(4), script="no_such_script")
    seen, faults = performed(fake(), [dense(3), wrong, dense(5)])
    assert len(seen) == 2
    assert [f.cases for f in faults] == [1]
    assert "no_such_script" in faults[0].what


def test_two_targets_share_the_threads(fake: MakeLaunch, dense: MakeCase) -> None:
    """Several assignments are performed side by side, each by its own target."""
    events: list[Event] = []
    cases = tuple(dense(units) for units in range(1, 20))
    perform_all(
        [Assignment(fake(), cases), Assignment(fake("drifts"), cases)],
        jobs=3,
        on_event=events.append,
        batch=4,
    )
    sightings = [e for e in events if isinstance(e, Sighting)]
    assert {(s.target, s.case_hash) for s in sightings} == {
        (t, c.hash) for t in ("fake-agrees", "fake-drifts") for c in cases
    }


def test_a_worker_without_fork_says_the_same(fake: MakeLaunch, dense: MakeCase) -> None:
    """Where forking is missing or unsafe the protocol and the results are the same."""
    case = dense(3)
    forked, _ = performed(fake(), [case])
    plain, faults = performed(fake(fork=False), [case])
    assert not faults
    assert forked[case.hash].payload == plain[case.hash].payload


class Scripted:
    """Stands in for a worker process: it says what the test wrote down, whatever it is asked."""

    says: ClassVar[list[dict[str, Any] | None]] = []
    hello: ClassVar[dict[str, Any]] = {"say": "hello"}
    killed: ClassVar[list[int]] = []

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.left = list(self.says)

    def start(self) -> None:
        pass

    def await_hello(self) -> None:
        pass

    def stop(self) -> None:
        pass

    def runs(self) -> bool:
        return False

    def send_batch(self, cases: list[Case]) -> int:
        return 1

    def next_frame(self, deadline: float) -> Frame | None:
        if not self.left:
            raise WorkerGone("the script is at its end")
        said = self.left.pop(0)
        return None if said is None else Frame(said, b"")

    def kill_child(self, pid: int) -> None:
        self.killed.append(pid)

    def tail(self) -> str:
        return ""

    def forget_output(self) -> None:
        pass


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> type[Scripted]:
    """Has workers replaced by scripts."""
    monkeypatch.setattr(workers, "Zygote", Scripted)
    unknown = partial(Allowance, used_by_one=lambda pid: None, used_by_all=lambda pid: None)
    monkeypatch.setattr(performing, "Allowance", unknown)  # its child is no process of this machine
    monkeypatch.setattr(Scripted, "killed", [])
    return Scripted


BEGIN = {"say": "started", "pid": 77}


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ([BEGIN, {"say": "sings"}], "expected a frame of the protocol. Received 'sings'"),
        ([BEGIN, {"say": "observed", "case": "another"}], "a reply for a case that was not asked for"),
        ([BEGIN, None, None, None], "the worker does not answer"),
        ([None], "the worker does not answer"),
        ([], "the script is at its end"),
    ],
    ids=["unknown", "unasked", "silent child", "silent", "gone"],
)
def test_a_worker_that_keeps_no_protocol_is_a_fault_of_its_case(
    scripted: type[Scripted],
    monkeypatch: pytest.MonkeyPatch,
    fake: MakeLaunch,
    dense: MakeCase,
    says: Any,
    words: str,
) -> None:
    """Nothing it said is believed; its child is killed; the case was not observed."""
    monkeypatch.setattr(scripted, "says", says)
    seen, faults = performed(fake(), [dense(3)])
    assert not seen
    assert sum(f.cases for f in faults) == 1
    assert words in faults[0].what
    assert set(scripted.killed) <= {77}
    assert bool(scripted.killed) is (BEGIN in says)


def test_a_child_that_is_kept_from_the_processor_gets_more_time(
    scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch, fake: MakeLaunch, dense: MakeCase
) -> None:
    """It is not killed when its limit passed on the wall, and what it then answers counts."""
    busy = partial(Allowance, used_by_one=lambda pid: 0.0, used_by_all=lambda pid: Use(1.0, is_busy=True))
    monkeypatch.setattr(performing, "Allowance", busy)
    case = dense(3)
    answer = {"say": "observed", "case": case.hash, "outcome": "missing", "stopped": False}
    answer |= {"evidence": "", "seconds": 30.0, "inside": 0.0}
    end = {"say": "ended", "status": 0, "peak_mb": 9.0}
    monkeypatch.setattr(
        scripted, "says", [BEGIN, {"say": "begin", "case": case.hash}, None, None, answer, None, end]
    )
    seen, faults = performed(fake(), [case])
    assert not faults
    assert seen[case.hash].outcome is Outcome.MISSING
    assert scripted.killed == []


def test_a_defect_of_the_coordinator_ends_the_run(
    scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch, fake: MakeLaunch, dense: MakeCase
) -> None:
    """What a thread did not expect is raised where the run was asked for, not lost."""
    monkeypatch.setattr(scripted, "send_batch", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        performed(fake(), [dense(3)])


def test_nothing_to_perform_starts_nothing(scripted: type[Scripted], fake: MakeLaunch) -> None:
    """Without cases no worker is started and nothing is said."""
    events: list[Event] = []
    perform_all([Assignment(fake(), ())], jobs=2, on_event=events.append)
    assert events == []


def test_a_target_that_falls_over_again_and_again_is_given_up(
    scripted: type[Scripted], monkeypatch: pytest.MonkeyPatch, fake: MakeLaunch, dense: MakeCase
) -> None:
    """After so many restarts the cases left are counted as not observed."""
    monkeypatch.setattr(scripted, "says", [BEGIN])
    monkeypatch.setattr(performing, "RESTARTS", 2)
    seen, faults = performed(fake(), [dense(units) for units in range(1, 11)], batch=1)
    assert not seen
    assert sum(f.cases for f in faults) == 10


def work(cases: int, *, serving: int = 1, start: float = 4.0, done: int = 100, spent: float = 10.0) -> Any:
    """A target with so many cases left, of which a hundred took ten seconds."""
    found = performing._Work(cast(Launch, f"launch of {cases}"), again=False)
    found.serving, found.start, found.done, found.spent = serving, start, done, spent
    if cases:
        found.shares.append(performing._Share(0, [cast(Case, None)] * cases))
    return found


def test_what_nobody_serves_comes_first() -> None:
    """In its order, however little it is; it counts as served from then on."""
    lock = threading.Lock()
    works = [work(0, serving=0), work(900), work(1, serving=0), work(5, serving=0)]
    assert performing._next(works, lock) is works[2]
    assert performing._next(works, lock) is works[3]
    assert [each.serving for each in works] == [0, 1, 1, 1]
    assert performing._next(works, lock) is works[1]


@pytest.mark.parametrize(
    ("left", "helped"),
    [
        (work(81), True),
        (work(80), False),
        (work(80, start=1.0), True),
        (work(900, done=0, spent=0.0), False),
        (work(0), False),
    ],
    ids=["worth two starts", "not worth them", "a start is quick", "nothing is known yet", "nothing is left"],
)
def test_help_is_given_where_it_is_worth_a_start(left: Any, helped: bool) -> None:
    """What is left would take one worker longer than two starts take."""
    assert performing._next([left, work(30)], threading.Lock()) is (left if helped else None)


def test_time_that_is_up_leaves_nothing_to_serve() -> None:
    """Nobody helps then, and nobody waits to."""
    late = work(900)
    late.until = 0.0
    assert not late.is_worth_a_start()
    assert performing._next([late], threading.Lock()) is None


def test_who_cannot_help_yet_looks_again(
    fake: MakeLaunch, dense: MakeCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread with nothing to do waits until help is worth it, and ends when nothing is left."""
    asked: list[bool] = []

    def is_worth_a_start(self: Any) -> bool:
        asked.append(bool(self.done))
        return len(asked) > 2

    monkeypatch.setattr(performing._Work, "is_worth_a_start", is_worth_a_start)
    monkeypatch.setattr(performing, "LOOK_AGAIN", 0.01)
    events: list[Event] = []
    cases = tuple(dense(units) for units in range(1, 40))
    perform_all([Assignment(fake(), cases)], jobs=2, on_event=events.append, batch=1)
    assert sum(isinstance(e, Started) for e in events) == 2
    assert len({e.case_hash for e in events if isinstance(e, Sighting)}) == 39
