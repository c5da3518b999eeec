"""What a worker does with a shard: make environments, ask what is missing, perform it, send it in chunks.

What is sent is bytes in the frames of `harness.run.wire`: nothing that a target said is unpickled anywhere.
"""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness import disk, pipeline
from harness.errors import HarnessFault
from harness.model import Fault, digest
from harness.run.launch import script_digest
from harness.run.performing import Assignment, Ended, Event, Started, perform_all
from harness.run.wire import Sighting, pack
from harness.shards.describe import Shard, errand_cases, shard_from
from harness.shards.perform import cases_of, made, made_ready
from harness.targets import Catalogue

CHUNK = 24
"""Observations sent at once at most."""
CHUNK_SECONDS = 2.0
"""… or what there is after so long: as much as a worker that dies can cost on top of the cases at hand."""

Send = Callable[[bytes], None]
Ask = Callable[[dict[str, Any]], dict[str, Any]]
"""Says something to the coordinator and waits for its answer."""


def version_of_code() -> str:
    """Changes when how any case is performed changes: coordinator and workers must have the same."""
    scripts = sorted(path.stem for path in Path(pipeline.__file__).with_name("cases").glob("*.py"))
    return digest([script_digest(name) for name in scripts])


def attend(task: Mapping[str, Any], catalogue: Catalogue, *, send: Send, ask: Ask) -> dict[str, Any]:
    """Make what a task needs, ask what is missing, perform it and send it; returns what we failed at."""
    shard = shard_from(task["shard"])
    if task["code"] != version_of_code():
        raise HarnessFault(
            f"Expected every worker to have the coordinator's version of the harness ({task['code']}). "
            f"Received: {version_of_code()}. Install the same version on the workers."
        )
    with disk.using(catalogue.target(id) for id in shard.targets):
        return _perform(shard, task, catalogue, send=send, ask=ask)


def _perform(
    shard: Shard, task: Mapping[str, Any], catalogue: Catalogue, *, send: Send, ask: Ask
) -> dict[str, Any]:
    faults: list[Fault] = []
    late: list[str] = []
    cases = list(errand_cases(shard)) if shard.errands else cases_of(shard)
    seconds, budget = task.get("seconds"), task.get("disk")
    ready = made_ready(
        shard,
        catalogue,
        prepare=lambda target, until: made(
            target, shard, catalogue, budget=budget, say=_Silent().say, until=until
        ),
        cases=len(cases),
        faults=faults,
        progress=_Silent(),
        late=late,
        until=math.inf if seconds is None else time.monotonic() + seconds,
    )
    builds = {
        id: {"fingerprint": one.contestant.launch.fingerprint, "version": one.version}
        for id, one in ready.items()
    }
    answer = ask({"builds": builds})
    by_hash = {case.hash: case for case in cases}
    assignments = [
        Assignment(ready[id].contestant.launch, tuple(by_hash[h] for h in hashes), int(repeat))
        for id, repeats in answer["missing"].items()
        for repeat, hashes in repeats.items()
    ]
    until = time.monotonic() + answer["seconds"] if answer["seconds"] is not None else math.inf
    sender = Sender(send, shard.name, builds)
    perform_all(assignments, jobs=1, on_event=sender.take, until=until)
    sender.flush()
    return {"faults": [asdict(fault) for fault in faults], "builds": builds, "late": late}


class _Silent:
    """Progress nobody is shown: the coordinator has its own."""

    def begin(self, target: str, what: str, total: int, known: int) -> None:
        """Nothing."""

    def advance(self, target: str) -> None:
        """Nothing."""

    def say(self, line: str) -> None:
        """Nothing."""


class Sender:
    """Sends what is observed in chunks, each a compressed row of frames."""

    def __init__(
        self,
        send: Send,
        shard: str,
        builds: Mapping[str, Mapping[str, Any]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._shard = shard
        self._builds = builds
        self._clock = clock
        self._frames: list[bytes] = []
        self._since = clock()

    def take(self, event: Event) -> None:
        """Take one event of `perform_all`."""
        self._frames.append(frame_of(event, self._builds))
        if len(self._frames) >= CHUNK or self._clock() - self._since >= CHUNK_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Send what there is."""
        if self._frames:
            body = zlib.compress(b"".join(self._frames), 1)
            self._send(pack({"say": "chunk", "shard": self._shard}, body))
        self._frames = []
        self._since = self._clock()


def frame_of(event: Event, builds: Mapping[str, Mapping[str, Any]]) -> bytes:
    """An event as a frame."""
    if isinstance(event, Sighting):
        header = asdict(event) | {"say": "seen", "outcome": str(event.outcome), "body": ""}
        return pack(header | {"fingerprint": builds[event.target]["fingerprint"]}, event.body)
    if isinstance(event, Started):
        id = event.launch.target
        facts = {"target": id, "fingerprint": builds[id]["fingerprint"], "seconds": event.seconds}
        return pack({"say": "started", "hello": event.hello, **facts})
    if isinstance(event, Ended):
        return pack({"say": "ended", "target": event.target, "peak_mb": event.peak_mb})
    return pack({"say": "fault", **asdict(event)})
