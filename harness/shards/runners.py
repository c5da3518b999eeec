"""Having shards performed: here, in processes of their own, or on a cluster (`harness.shards.cluster`).

Whatever performs them, the union of what they observed is in the coordinator's store at the end.
"""

from __future__ import annotations

import json
import math
import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TextIO

from harness.errors import HarnessFault
from harness.observing import Progress
from harness.shards.describe import Shard, write
from harness.shards.perform import Prepare, perform, sizes
from harness.shards.union import Contradiction, take_in
from harness.store import Store
from harness.targets import Catalogue

GRACE = 90.0
"""Seconds on top of the time there is for a shard to end by itself: its last batches, its record."""


class Runner(Protocol):
    """Performs shards into a store; what two of them tell differently is returned."""

    def __call__(self, shards: Sequence[Shard], store: Store, progress: Progress) -> list[Contradiction]: ...


def run_shards(
    shards: Sequence[Shard], runner: Runner, *, store: Store, progress: Progress
) -> list[Contradiction]:
    """Have shards performed by a runner; the store then holds what they observed and a record of each."""
    return runner(shards, store, progress)


@dataclass(frozen=True)
class Here:
    """One shard after the other in this process, into the store itself."""

    catalogue: Catalogue
    prepare: Prepare
    jobs: int = 1
    until: float = math.inf

    def __call__(self, shards: Sequence[Shard], store: Store, progress: Progress) -> list[Contradiction]:
        """Perform the shards."""
        for shard in shards:
            if time.monotonic() < self.until:
                perform(
                    shard,
                    store,
                    self.catalogue,
                    prepare=self.prepare,
                    progress=progress,
                    jobs=self.jobs,
                    until=self.until,
                )
        return []


@dataclass(frozen=True)
class Processes:
    """Each shard in a process and a folder of its own, as on a machine of its own; some at a time."""

    folder: Path
    """Holds a folder per shard: its description, its store, its log."""
    at_a_time: int = 1
    known: Path | None = None
    until: float = math.inf
    options: tuple[str, ...] = ()
    """Further options of `harness shard run`."""
    python: str = sys.executable
    later: Callable[[Shard], bool] = lambda shard: False
    """Whether a shard waits for those of which this does not hold, as they are at the beginning."""

    def __call__(self, shards: Sequence[Shard], store: Store, progress: Progress) -> list[Contradiction]:
        """Perform the shards."""
        waiting = deque(sorted(shards, key=self.later))
        progress = Whole(progress, shards)
        events: queue.SimpleQueue[_Said] = queue.SimpleQueue()
        running: dict[str, subprocess.Popen[str]] = {}
        found: list[Contradiction] = []
        try:
            while waiting or running:
                while waiting and len(running) < self.at_a_time:
                    shard = waiting.popleft()
                    if time.monotonic() >= self.until:
                        progress.say(f"{shard.name}: not begun, the time is over")
                        continue
                    running[shard.name] = self._start(shard, events)
                if running:
                    ended = self._heed(events, running, progress)
                    if ended:
                        found += self._gather(ended, running.pop(ended), store, progress)
        finally:
            for process in running.values():
                stop(process)
        return found

    def place(self, name: str) -> Path:
        """The folder of a shard."""
        return self.folder / name

    def _start(self, shard: Shard, events: queue.SimpleQueue[_Said]) -> subprocess.Popen[str]:
        place = self.place(shard.name)
        write(shard.plain(), place / "shard.json")
        command = [self.python, "-m", "harness", "shard", "run", "shard.json", "--store", "store.sqlite"]
        command += ["--events", *self.options]
        if self.known is not None:
            command += ["--known", os.fspath(self.known.absolute())]
        if self.until < math.inf:
            command += ["--minutes", f"{max(0.0, self.until - time.monotonic()) / 60:.4f}"]
        with (place / "log.txt").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                command, cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert process.stdout is not None
        reading = threading.Thread(target=_listen, args=(shard.name, process.stdout, events), daemon=True)
        reading.start()
        return process

    def _heed(
        self,
        events: queue.SimpleQueue[_Said],
        running: dict[str, subprocess.Popen[str]],
        progress: Progress,
    ) -> str | None:
        """Pass on one thing that a shard says; the name of a shard that has ended."""
        over = self.until + GRACE - time.monotonic()
        try:
            said = events.get(timeout=None if math.isinf(over) else max(0.1, over))
        except queue.Empty:
            for process in running.values():
                stop(process)
            return None
        if said.content is None:
            return said.shard
        tell(progress, said.content)
        return None

    def _gather(
        self, name: str, process: subprocess.Popen[str], store: Store, progress: Progress
    ) -> tuple[Contradiction, ...]:
        """Take in what a shard observed, however it ended."""
        code = process.wait()
        place = self.place(name)
        if code not in (0, 3):
            lines = (place / "log.txt").read_text(encoding="utf-8", errors="replace").splitlines()
            progress.say(f"harness fault: shard {name} ended with code {code}: {' '.join(lines[-2:])}")
        path = place / "store.sqlite"
        if not path.is_file():
            return ()
        found = take_in(store, path).contradictions
        for file in place.glob("store.sqlite*"):  # what it held is in the store now
            file.unlink()
        return found


@dataclass(frozen=True)
class _Said:
    """A line of a shard's output; None when there are no more."""

    shard: str
    content: dict[str, Any] | None = field(default=None)


def _listen(name: str, stream: TextIO, events: queue.SimpleQueue[_Said]) -> None:
    with stream:
        for line in stream:
            try:
                content = json.loads(line)
            except ValueError:
                content = {"say": line.rstrip()}
            events.put(_Said(name, content if isinstance(content, dict) else {"say": line.rstrip()}))
    events.put(_Said(name))


def stop(process: subprocess.Popen[str]) -> None:
    """End a process: ask, wait, kill."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Events:
    """Progress as lines of JSON, for whoever started this process."""

    def __init__(self, write_line: Callable[[str], None]) -> None:
        self._write = write_line

    def begin(self, target: str, what: str, total: int, known: int) -> None:
        """So many cases of a target are to be observed."""
        self._write(json.dumps({"begin": [target, what, total, known]}))

    def advance(self, target: str) -> None:
        """One more case."""
        self._write(json.dumps({"advance": target}))

    def say(self, line: str) -> None:
        """Something worth a line."""
        self._write(json.dumps({"say": line}))


class Whole:
    """Progress over all shards: what is still to come of a target counts from the start."""

    def __init__(self, progress: Progress, shards: Sequence[Shard]) -> None:
        self._progress = progress
        totals: dict[str, int] = {}
        for shard in shards:
            for id, number in sizes(shard).items():
                totals[id] = totals.get(id, 0) + number
        what = "evidence" if any(shard.errands for shard in shards) else "cases"
        for id, total in totals.items():
            progress.begin(id, what, total, 0)

    def begin(self, target: str, what: str, total: int, known: int) -> None:
        """A shard begins on a target: its cases are counted already, evidence comes on top."""
        if what == "cases":
            for _ in range(known):
                self._progress.advance(target)
        elif total > known:
            self._progress.begin(target, what, total, known)

    def advance(self, target: str) -> None:
        """One more case."""
        self._progress.advance(target)

    def say(self, line: str) -> None:
        """Something worth a line."""
        self._progress.say(line)


def tell(progress: Progress, content: dict[str, Any]) -> None:
    """Pass a line of `Events` on. Raises `HarnessFault` for one that is none."""
    if "begin" in content:
        target, what, total, known = content["begin"]
        progress.begin(target, what, int(total), int(known))
    elif "advance" in content:
        progress.advance(content["advance"])
    elif "say" in content:
        progress.say(str(content["say"]))
    else:
        raise HarnessFault(f"Expected a line of progress from a shard. Received: {content!r}.")
