"""Environments of a matrix: made when their turn comes, and kept within what they may take of the disk.

With a budget those that are there have their turn first, so that none is removed for another and has to be
made again before it was used; a removed one that evidence needs is made again, of the same pins.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from harness import disk, environments
from harness.environments import Environment, State
from harness.observing import Progress
from harness.targets import Target

Item = TypeVar("Item")
AT_ONCE = 3
"""Targets whose environments have to be made that are handed over at a time, per worker process: enough that
none idles, few enough that what was made is used soon. Those that are ready are handed over together. With a
budget it is one, for each is an environment."""


class Room:
    """Makes environments and gives up those that others need the room of.

    budget: bytes that all environments together may take; None: as many as they need.
    make: whether environments that are missing are made.
    until: moment (`time.monotonic`) at which making one is given up.
    """

    def __init__(
        self,
        progress: Progress,
        *,
        make: bool = True,
        budget: int | None = None,
        until: float = math.inf,
        prepare: Callable[..., Environment] = environments.prepare,
    ) -> None:
        self.make = make
        self.budget = budget
        self._progress = progress
        self._until = until
        self._prepare = prepare
        self._held: list[str] = []
        self._pins: dict[str, str] = {}
        self._looked = False

    def turns(
        self, items: Iterable[Item], target_of: Callable[[Item], Target], jobs: int
    ) -> Iterator[Sequence[Item]]:
        """The items in groups of those whose targets have their turn at once."""
        found = list(items)
        there = [item for item in found if environments.look(target_of(item)).state is State.READY]
        others = [item for item in found if item not in there]
        size = max(1, jobs)
        if self.budget is not None:
            turns = [(there + others, size)]
        else:
            turns = [(there, max(1, len(there))), (others, size * AT_ONCE)]
        for ordered, size in turns:
            for begin in range(0, len(ordered), size):
                yield ordered[begin : begin + size]

    @contextlib.contextmanager
    def holding(self, targets: Sequence[Target]) -> Iterator[None]:
        """Within it the environments of these targets stay; that they are used is recorded."""
        with disk.using(targets):
            self._held = [target.environment for target in targets]
            if not self._looked:
                self._looked = True
                self._tidy()
            yield

    def ready(self, target: Target) -> Environment:
        """The environment of a target, made where it is missing and may be made; raises what making does."""
        state = environments.look(target)
        if self.make and state.state is State.POSSIBLE:
            again: dict[str, Any] = {"resolved": self._pins[target.id]} if target.id in self._pins else {}
            say = self._progress.say
            state = self._prepare(
                target, say=lambda line: say(f"{target.id}: {line}"), until=self._until, **again
            )
            self._tidy()
        if state.resolved:
            self._pins[target.id] = state.resolved
        return state

    def _tidy(self) -> None:
        if self.budget is None:
            return
        for gone in disk.keep_within(self.budget, spare=self._held):
            size = disk.gigabytes(gone.own)
            self._progress.say(f"removed the environment of {gone.id}, {size}: over the disk's budget")
