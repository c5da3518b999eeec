"""Having many cases performed: batches, retries alone, time limits, several targets at once.

What a batch did to a case is never believed when it went wrong: a case that crashed, hung or could not be
understood behind others in a batch is performed again first in a child of its own, and only that counts.
"""

from __future__ import annotations

import contextlib
import math
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from harness.errors import HarnessFault, WireFault
from harness.model import Case, Fault, Outcome
from harness.run.allowance import Allowance
from harness.run.launch import Launch
from harness.run.wire import Frame, Sighting, sighting_of
from harness.run.workers import Workers
from harness.run.zygote import WorkerGone, Zygote, describe_wait

BATCH = 96
"""Light cases per child: the first operation of a child costs about 0.2 s, 96 cases about 1 s and more."""
BATCHES = {"eager": 384, "jax": 1024}
"""The same where children get faster with every case, for they keep what they prepared or compiled."""
HEAVY = 16
"""As how many light cases a program counts, so that the last batches of two targets end at about one time."""
ALONE = 10.0
"""A case with a limit (seconds) so short is one that some Keras never ends: in a child of its own from the
start it meets its limit once, and not a second time to make sure."""
PATIENCE = {"theano": 2}
"""Engine → how many times its limit a case has: without a compiler Theano prepares all in Python."""
RESTARTS = 8
"""How often a target's worker is started anew before the target is given up."""
WORTH = 2
"""So many times a start of a worker has to be left to do before a second one is started: a start is processor
time that is lost, and two workers share what is left."""
LOOK_AGAIN = 0.2
"""Seconds after which a thread that has nothing to do looks whether it can help."""
REPLY = 60.0
"""Seconds a worker has to say what is no case: that a child exists, that it ended."""
KILLED = 30.0
"""Seconds a worker has to say that a child that was killed is gone."""
MOMENT = 0.05
"""Seconds whose events are taken together: waking up for every observation costs as much as keeping it."""


@dataclass(frozen=True)
class Assignment:
    """What one target is to do."""

    launch: Launch
    cases: tuple[Case, ...]
    repeat: int = 0


@dataclass(frozen=True)
class Started:
    """A worker said hello."""

    launch: Launch
    hello: Mapping[str, Any]
    seconds: float
    """From starting the interpreter to its hello."""


@dataclass(frozen=True)
class Ended:
    """A child is gone."""

    target: str
    peak_mb: float


Event = Sighting | Fault | Started | Ended
_Heard = Event | BaseException | None
"""What a thread says: an event, why it cannot go on, or that it is done."""


@dataclass(frozen=True)
class _Share:
    """Cases for one child."""

    repeat: int
    cases: list[Case]


@dataclass
class _Work:
    """What workers of one sort have still to do on a target; shared by the threads that serve it.

    again: whether it is repeats, for which the implementation is imported anew; one import does for all.
    """

    launch: Launch
    again: bool
    shares: deque[_Share] = field(default_factory=deque)
    until: float = math.inf
    lock: threading.Lock = field(default_factory=threading.Lock)
    restarts: int = 0
    retried: set[tuple[int, str]] = field(default_factory=set)
    broken: str = ""
    serving: int = 0
    """Threads that serve it."""
    start: float = 0.0
    """Seconds its last worker took to start."""
    spent: float = 0.0
    done: int = 0
    """Cases its children are done with, in `spent` seconds."""

    def take(self) -> _Share | None:
        with self.lock:
            if self.broken or time.monotonic() >= self.until:
                return None
            return self.shares.popleft() if self.shares else None

    def put_back(self, repeat: int, cases: list[Case]) -> None:
        with self.lock:
            if cases:
                self.shares.appendleft(_Share(repeat, cases))

    def finished(self, cases: int, seconds: float) -> None:
        with self.lock:
            self.done += cases
            self.spent += seconds

    def left(self) -> int:
        with self.lock:
            if self.broken or time.monotonic() >= self.until:
                return 0
            return sum(len(share.cases) for share in self.shares)

    def is_worth_a_start(self) -> bool:
        """Whether what is left takes one worker longer than two would, the start of the other included.

        Before its first child has ended nothing is known, and nobody helps.
        """
        left = self.left()
        with self.lock:
            return bool(self.done) and left * self.spent / self.done > WORTH * self.start


def weight(case: Case) -> int:
    """As how many light cases a case counts: scenarios and whole applications are programs."""
    return HEAVY if case.script.startswith(("scenarios_", "application")) else 1


def split(cases: Sequence[Case], size: int) -> deque[list[Case]]:
    """Cases in batches, in order; what is in a batch counts as at most `size` light cases."""
    out: deque[list[Case]] = deque()
    room = 0
    for case in cases:
        cost = size if case.limit <= ALONE else weight(case)
        if cost > room or not out:
            out.append([])
            room = max(size, cost)
        out[-1].append(case)
        room -= cost
    return out


def perform_all(
    assignments: Iterable[Assignment],
    *,
    jobs: int,
    on_event: Callable[[Event], None],
    batch: int | None = None,
    until: float = math.inf,
    workers: Workers | None = None,
    together: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> None:
    """Have every case of every assignment performed; `on_event` is called in the caller's thread.

    jobs: worker processes at a time. batch: light cases per child, instead of what suits the engine. Every
    case ends in exactly one `Sighting` or is counted in a `Fault`.
    until: moment (`time.monotonic`) after which no further batch is begun; what is left is not performed.
    workers: where workers wait for the next call; without them each call starts its own.
    together: what calls of `on_event` that follow each other at once are made in.
    """
    workers = workers or Workers()
    works = _works(assignments, batch, until)
    events: queue.SimpleQueue[_Heard] = queue.SimpleQueue()
    stop = threading.Event()
    lock = threading.Lock()
    threads = [
        threading.Thread(target=_serve, args=(works, place, workers, events.put, stop, lock), daemon=True)
        for place in range(min(jobs, max(1, sum(len(w.shares) for w in works))))
    ]
    for thread in threads:
        thread.start()
    running = len(threads)
    try:
        while running:
            heard = _of_a_moment(events)
            with together():
                for event in heard:
                    if isinstance(event, BaseException):
                        raise event
                    if event is not None:
                        on_event(event)
            running -= heard.count(None)
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=30)


def _works(assignments: Iterable[Assignment], batch: int | None, until: float) -> list[_Work]:
    """What there is to do: the repeats of a target together."""
    found: dict[tuple[Launch, bool], _Work] = {}
    for each in assignments:
        if each.cases:
            again = each.repeat > 0
            work = found.setdefault((each.launch, again), _Work(each.launch, again, until=until))
            size = batch or BATCHES.get(each.launch.engine, BATCH)
            work.shares.extend(_Share(each.repeat, cases) for cases in split(each.cases, size))
    return list(found.values())


def _of_a_moment(events: queue.SimpleQueue[_Heard]) -> list[_Heard]:
    """The next thing that happens, and what else does in the moment after it."""
    heard = [events.get()]
    if heard[0] is not None:
        time.sleep(MOMENT)
    with contextlib.suppress(queue.Empty):
        while True:
            heard.append(events.get_nowait())
    return heard


def _serve(
    works: Sequence[_Work],
    place: int,
    workers: Workers,
    emit: Callable[[Any], None],
    stop: threading.Event,
    lock: threading.Lock,
) -> None:
    """One thread: serve targets that nobody serves until all are, then help where that is worth it."""
    begin = place % max(1, len(works))
    order = [*works[begin:], *works[:begin]]
    try:
        while not stop.is_set() and any(w.left() for w in order):
            work = _next(order, lock)
            if work is None:
                stop.wait(LOOK_AGAIN)
                continue
            try:
                _serve_target(work, workers, emit, stop)
            finally:
                with lock:
                    work.serving -= 1
    except BaseException as error:
        emit(error)
    finally:
        emit(None)


def _next(works: Sequence[_Work], lock: threading.Lock) -> _Work | None:
    """What to serve next; it counts as served. None where nothing is worth it by now.

    What nobody serves comes first, in its order; `lock` keeps two threads from choosing at once.
    """
    with lock:
        left = [w for w in works if w.left()]
        chosen = next((w for w in left if not w.serving), None)
        if chosen is None:
            worth = [w for w in left if w.is_worth_a_start()]
            chosen = max(worth, key=_Work.left, default=None)
        if chosen is not None:
            chosen.serving += 1
        return chosen


def _serve_target(
    work: _Work, workers: Workers, emit: Callable[[Event], None], stop: threading.Event
) -> None:
    """Have a worker for a target and feed it batches until there are none."""
    launch = work.launch
    begun = time.monotonic()
    try:
        with workers.one(launch, again=work.again) as (zygote, is_new):
            if is_new:
                work.start = time.monotonic() - begun
                emit(Started(launch, zygote.hello, work.start))
            while not stop.is_set() and (share := work.take()) is not None:
                begun = time.monotonic()
                _Batch(work, zygote, share, emit, stop).perform()
                work.finished(len(share.cases), time.monotonic() - begun)
    except (WorkerGone, WireFault) as error:
        work.restarts += 1
        if not _started(error) or work.restarts > RESTARTS:
            _give_up(work, str(error), emit)


def _started(error: HarnessFault) -> bool:
    """Whether the worker had come up before it failed (then another start is worth while)."""
    return bool(getattr(error, "after_hello", False))


def _give_up(work: _Work, what: str, emit: Callable[[Event], None]) -> None:
    """Nothing more of this target: the cases left were not observed, which is said."""
    with work.lock:
        already = bool(work.broken)
        left = sum(len(share.cases) for share in work.shares)
        work.broken = what
        work.shares.clear()
    if not already or left:
        first, _, rest = what.partition("\n")
        emit(Fault(work.launch.target, first, rest, "", left))


class _Batch:
    """One batch in one child."""

    def __init__(
        self,
        work: _Work,
        zygote: Zygote,
        share: _Share,
        emit: Callable[[Event], None],
        stop: threading.Event,
    ) -> None:
        self.work = work
        self.zygote = zygote
        self.cases = share.cases
        self.emit = emit
        self.stop = stop
        self.target = work.launch.target
        self.repeat = share.repeat
        self.waiting = {c.hash: c for c in share.cases}
        self.patience = PATIENCE.get(work.launch.engine, 1)
        self.current: Case | None = None
        self.done = 0
        self.pid = 0
        self.allowance = Allowance(REPLY)
        self.timed_out = ""
        """Which limit the child met, when it was killed for that."""
        self.fault: Frame | None = None

    def perform(self) -> None:
        """Send the batch and read until its child is gone."""
        try:
            self.zygote.send_batch(self.cases)
            while not self._read():
                pass
        except (WorkerGone, WireFault) as error:
            self._worker_lost(error)

    def _read(self) -> bool:
        """Handle one frame; True when the batch is over."""
        frame = self.zygote.next_frame(self.allowance.until)
        if frame is None:
            self._no_answer()
            return False
        over = self._heard(frame)
        if not self.timed_out:
            limit = self.current.limit * self.patience if self.current else REPLY
            self.allowance = Allowance(limit, self.pid)
        return over

    def _no_answer(self) -> None:
        """Wait longer, or kill the child; without one, or when it was killed before, the worker is lost."""
        over = self.allowance.over()
        if not over:
            return
        if self.timed_out or not self.pid:
            raise WorkerGone(f"{self.target}: the worker does not answer.\n{self.zygote.tail()}")
        self.timed_out = over
        self.zygote.kill_child(self.pid)
        self.allowance = Allowance(KILLED)

    def _heard(self, frame: Frame) -> bool:
        """What a worker says; True when the batch is over."""
        if frame.says == "started":
            self.pid = int(frame.header["pid"])
        elif frame.says == "begin":
            self.current = self.waiting.get(frame.header["case"])
            self.zygote.forget_output()
        elif frame.says == "observed":
            self._observed(frame)
        elif frame.says == "fault":
            self.fault = frame
        elif frame.says == "ended":
            self.emit(Ended(self.target, float(frame.header["peak_mb"])))
            self._ended(int(frame.header["status"]))
            return True
        else:
            raise WireFault(f"{self.target}: expected a frame of the protocol. Received {frame.says!r}.")
        return False

    def _observed(self, frame: Frame) -> None:
        case = self.waiting.get(frame.header["case"])
        if case is None:
            raise WireFault(f"{self.target}: a reply for a case that was not asked for.")
        sighting = sighting_of(frame, self.target, self.repeat)
        if sighting.outcome is Outcome.CRASHED and self.done and not self._is_retried(case):
            self._again(case)
        else:
            del self.waiting[case.hash]
            self.emit(sighting)
        self.done += 1
        self.current = None

    def _is_retried(self, case: Case) -> bool:
        return (self.repeat, case.hash) in self.work.retried

    def _again(self, case: Case) -> None:
        """Perform a case once more, first in a child of its own."""
        self.work.retried.add((self.repeat, case.hash))
        self.waiting.pop(case.hash, None)
        self.work.put_back(self.repeat, [case])

    def _ended(self, status: int) -> None:
        """The child is gone: settle the case it was at, and put the rest back."""
        case, self.current = self.current, None
        if case is None and self.waiting and not self.done:
            case = self.cases[0]
        if case is not None and case.hash in self.waiting:
            if self.done and not self._is_retried(case):
                self._again(case)
            else:
                del self.waiting[case.hash]
                self._settle(case, status)
        self.work.put_back(self.repeat, [c for c in self.cases if c.hash in self.waiting])

    def _settle(self, case: Case, status: int) -> None:
        """What happened to a case that was the first of its child and did not reply."""
        if self.fault is not None:
            trace = str(self.fault.header["traceback"])
            last = trace.strip().splitlines()[-1] if trace.strip() else ""
            self.emit(Fault(self.target, f"the case script failed on {case.address}: {last}", trace, "", 1))
            return
        if self.timed_out:
            outcome, what = Outcome.TIMED_OUT, f"{self.timed_out}; the process was killed"
        else:
            outcome, what = Outcome.CRASHED, f"the process ended in mid-case with {describe_wait(status)}"
        evidence = what + ("\n" + self.zygote.tail() if self.zygote.tail() else "")
        self.emit(Sighting(case.hash, self.target, outcome, evidence=evidence, repeat=self.repeat))

    def _worker_lost(self, error: HarnessFault) -> None:
        """The worker is gone or talks nonsense: keep the rest, blame the case at hand if it did it twice."""
        if self.pid:
            self.zygote.kill_child(self.pid)
        case = self.current or (self.cases[0] if len(self.cases) == 1 else None)
        if case is not None and case.hash in self.waiting:
            del self.waiting[case.hash]
            if self._is_retried(case) or not self.done:
                self.emit(
                    Fault(self.target, f"{case.address}: {str(error).splitlines()[0]}", str(error), "", 1)
                )
            else:
                self._again(case)
        self.work.put_back(self.repeat, [c for c in self.cases if c.hash in self.waiting])
        error.after_hello = True  # type: ignore[attr-defined]
        raise error
