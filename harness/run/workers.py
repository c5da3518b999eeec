"""Workers that wait for more: importing an implementation costs seconds, which need be spent only once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from harness.run.launch import Launch
from harness.run.zygote import Zygote

STOPPING = 8
"""Workers that are stopped at a time: each takes a tenth of a second to go, and many may have waited."""


class Workers:
    """Workers in use and workers that wait. Use as a context manager: leaving it stops those that wait.

    most: how many may wait; the one that has waited longest goes first. With 0 none ever waits.
    room: whether there is room for one more to wait. Where there is none it is the newcomer that goes: who
    comes round to many targets one after the other would else find each of them gone just before its turn.
    """

    def __init__(self, most: int = 0, room: Callable[[], bool] = lambda: True) -> None:
        self.most = most
        self._room = room
        self._lock = threading.Lock()
        self._waiting: list[tuple[Zygote, bool]] = []
        self._starter: ThreadPoolExecutor | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    @contextmanager
    def one(self, launch: Launch, *, again: bool = False) -> Iterator[tuple[Zygote, bool]]:
        """A worker of a target, and whether it was started for this; afterwards it waits, if all went well.

        again: whether it is for repeats. What is settled when an implementation is imported must be settled
        anew for a repeat, which is there to show what changes from one time to the next. Further repeats are
        there for what is settled later, by a race, and share the worker of the first.

        Raises:
            WorkerGone: it cannot be started.
        """
        waiting = self._take(launch, again)
        worker = waiting or self._start(launch)
        try:
            yield worker, waiting is None
        except BaseException:
            worker.stop()
            raise
        self._give(worker, again)

    def close(self) -> None:
        """Stop those that wait."""
        with self._lock:
            idle, self._waiting = self._waiting, []
            starter, self._starter = self._starter, None
        with ThreadPoolExecutor(STOPPING, "stopper") as stoppers:
            list(stoppers.map(lambda waiting: waiting[0].stop(), idle))
        if starter is not None:
            starter.shutdown()

    def _take(self, launch: Launch, again: bool) -> Zygote | None:
        with self._lock:
            for one in [w for w in reversed(self._waiting) if (w[0].launch, w[1]) == (launch, again)]:
                self._waiting.remove(one)
                if one[0].runs():
                    return one[0]
                one[0].stop()
        return None

    def _give(self, worker: Zygote, again: bool) -> None:
        with self._lock:
            if worker.launch.fork and self._room():  # one that does not fork is no fresh process any more
                self._waiting.append((worker, again))
                too_many = self._waiting[: max(0, len(self._waiting) - self.most)]
                del self._waiting[: len(too_many)]
            else:
                too_many = [(worker, again)]
        for old, _ in too_many:
            old.stop()

    def _start(self, launch: Launch) -> Zygote:
        """A worker ends with the thread that started it: one that is to wait is started by one that stays."""
        worker = Zygote(launch)
        if self.most:
            with self._lock:
                self._starter = self._starter or ThreadPoolExecutor(1, "starter")
                started = self._starter.submit(worker.start)
            started.result()
        else:
            worker.start()
        worker.await_hello()
        return worker
