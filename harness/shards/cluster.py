"""Shards on a Dask cluster: workers make their environments themselves and stream what they observe back.

A worker first says which build of each target it has and is told which observations are still missing; then
it performs these and sends them in chunks as they come. So a worker that dies costs only the cases it had not
sent: Dask gives its task to another worker, which asks again and is told what is missing by then.
"""

from __future__ import annotations

import json
import math
import os
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import environments
from harness.errors import WrongUse
from harness.observing import Progress
from harness.run.wire import pack
from harness.shards.coordinator import Coordinator
from harness.shards.describe import Shard
from harness.shards.runners import GRACE
from harness.shards.streaming import attend, version_of_code
from harness.shards.union import Contradiction
from harness.store import Store
from harness.targets import Catalogue, load

try:
    import distributed
except ImportError:  # an optional extra
    distributed = None

IN_FLIGHT = 64
"""Messages that may wait for the coordinator; workers wait when there are more."""
ANSWER_SECONDS = 300.0
"""How long a worker waits for the coordinator before it gives its task up."""


def work(task: Mapping[str, Any], channel: str) -> str:
    """One shard on a Dask worker; returns what came of it, as JSON."""
    worker = distributed.get_worker()
    own = Path(worker.local_directory) / "environments"
    os.environ.setdefault(environments.HOME_VARIABLE, os.fspath(own))
    client = distributed.get_client()
    attempt = uuid.uuid4().hex
    out = distributed.Queue(channel, client=client, maxsize=IN_FLIGHT)
    back = distributed.Queue(f"{channel}-{attempt}", client=client)

    def send(message: bytes) -> None:
        out.put(message, timeout=ANSWER_SECONDS)

    def ask(question: dict[str, Any]) -> dict[str, Any]:
        send(pack({"say": "ask", "shard": task["shard"]["name"], "attempt": attempt, **question}))
        answer: dict[str, Any] = json.loads(back.get(timeout=ANSWER_SECONDS))
        return answer

    return json.dumps(attend(task, load(_path(task["targets"])), send=send, ask=ask))


def _path(given: str | None) -> Path | None:
    return Path(given) if given else None


@dataclass(frozen=True)
class Cluster:
    """Shards as tasks of a Dask cluster."""

    address: str
    """Of the scheduler: ``tcp://host:8786``."""
    catalogue: Catalogue
    targets: Path | None = None
    """A user's own table, which every worker must find under the same path."""
    until: float = math.inf
    disk: float | None = None
    """Gigabytes that environments may take on each worker's disk."""

    def __call__(self, shards: Sequence[Shard], store: Store, progress: Progress) -> list[Contradiction]:
        """Perform the shards.

        Raises:
            WrongUse: Dask is not installed, or no scheduler answers at the address.
        """
        if distributed is None:
            raise WrongUse(
                "Expected the package `distributed` for `--dask`. Received: none. "
                "`python3 -m pip install 'keras-compat-harness[dask]'` installs it."
            )
        try:
            client = distributed.Client(self.address, timeout=30, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise WrongUse(
                f"Expected a Dask scheduler at '{self.address}'. Received: {error}. See docs/nightly.md."
            ) from error
        with client:
            return self._perform(client, shards, store, progress)

    def _perform(
        self, client: Any, shards: Sequence[Shard], store: Store, progress: Progress
    ) -> list[Contradiction]:
        coordinator = Coordinator(shards, self.catalogue, store, progress, until=self.until)
        channel = f"harness-{uuid.uuid4().hex}"
        messages = distributed.Queue(channel, client=client, maxsize=IN_FLIGHT)

        def answer(attempt: str, text: str) -> None:
            distributed.Queue(f"{channel}-{attempt}", client=client).put(text)

        def submit(shard: Shard) -> Any:
            path = os.fspath(self.targets.absolute()) if self.targets else None
            left = self.until - time.monotonic()
            seconds = None if math.isinf(left) else max(0.0, left)
            about = {"targets": path, "code": version_of_code(), "seconds": seconds, "disk": self.disk}
            task = {"shard": shard.plain(), **about}
            return client.submit(work, task, channel, key=f"{channel}-{uuid.uuid4().hex}", pure=False)

        running = {submit(shard): shard.name for shard in shards}
        while running:
            if time.monotonic() > self.until + GRACE:  # workers that never came, or do not end
                client.cancel(list(running))
                for name in running.values():
                    progress.say(f"{name}: not ended, the time is over")
                    coordinator.abandon(name)
                break
            heeded = self._heed(messages, coordinator, answer, 0.2)
            done = [future for future in running if future.done()]
            while done and heeded:  # what was sent before a task ended counts before its end
                heeded = self._heed(messages, coordinator, answer, 0.0)
            for future in done:
                name = running.pop(future)
                trouble = "" if future.status == "finished" else one_line_of(future)
                result = json.loads(future.result()) if not trouble else None
                more = coordinator.ended(name, result, trouble)
                if more is not None:
                    running[submit(more)] = name
        return coordinator.contradictions

    @staticmethod
    def _heed(
        messages: Any, coordinator: Coordinator, answer: Callable[[str, str], None], seconds: float
    ) -> bool:
        """Take a message if there is one within so many seconds; whether there was."""
        if seconds == 0.0 and not messages.qsize():
            return False
        try:
            message = messages.get(timeout=max(seconds, 0.05))
        except TimeoutError:
            return False
        coordinator.heed(bytes(message), answer)
        return True


def one_line_of(future: Any) -> str:
    """Why a task failed, in one line."""
    error = future.exception()
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]
