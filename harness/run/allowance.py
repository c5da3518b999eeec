"""How long an answer is waited for: a case's limit counts the processor time it takes.

A limit of the wall clock alone would make results depend on what else a machine does: a slow case that has to
share its processor would be ended there and observed elsewhere. A case that waits for ever uses no processor,
so the wall clock still decides when it is looked at, and bounds everything. Pauses of the machine are taken
off, until they come to more than the limit itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from harness.run import processor
from harness.run.processor import Use

GRACE = 1.5
"""Seconds on top of a limit for the reply to arrive."""
WALL = 5
"""After how many times its limit a case is ended whatever it does: a machine on which five compute for every
processor is not one to measure on, and what does a little now and then must not hold a run up."""
IDLE = 0.05
"""A child that used less of the time than this and has no thread to run is stuck: what polls now and then
uses a hundredth, and what computes on a processor that many share has a thread to run."""
SHORT = 0.25
"""Seconds in which most cases are done: what a child used until then is not looked up and counts for no case.
Looking costs as much as the rest of what is done about a case."""
LOOK = 1.0
"""Seconds between two looks at least: a look reads the state of every process of the machine."""


@dataclass
class Allowance:
    """Waiting for one answer of a child; made when its last one came."""

    limit: float
    """Seconds of processor time."""
    pid: int = 0
    """The child; 0 when there is none whose time could be counted."""
    now: Callable[[], float] = time.monotonic
    used_by_one: Callable[[int], float | None] = processor.used_by_one
    used_by_all: Callable[[int], Use | None] = processor.used_by_all
    until: float = field(init=False)
    """When to ask `over` (of `time.monotonic`)."""

    def __post_init__(self) -> None:
        self._begun = self._looked = self.now()
        self._before: float | None = None
        self._seen = self._late = 0.0
        self.until = self._begun + (min(SHORT, self.limit) if self.pid else self.limit + GRACE)

    def over(self) -> str:
        """Which limit was met, for the evidence; an empty string: wait, `until` is later now."""
        now = self.now()
        late = now - self.until
        is_late = late >= LOOK and self._late < self.limit
        if is_late:  # the machine was paused, or we were: so was the child
            self._late += late
            self._begun, self._looked = self._begun + late, self._looked + late
            self.until = now + LOOK
        if self.pid and self._before is None:
            # What else of its session runs already is not left out, for a look at all costs too much here; a
            # case that is over because of that behind others is performed again first in a child of its own.
            self._before = self._seen = self.used_by_one(self.pid) or 0.0
            self._looked = now
            self.until = self._begun + self.limit + GRACE
            return ""
        if is_late:
            return ""
        use = self.used_by_all(self.pid) if self.pid else None
        if use is None:
            return f"no answer within {self.limit:g} s"
        left = self.limit - (use.seconds - (self._before or 0.0))
        last = self._begun + WALL * self.limit + GRACE
        if left <= 0:
            return f"no answer within {self.limit:g} s of processor time"
        if now >= last:
            return f"no answer within {WALL * self.limit:g} s, {WALL} times its limit"
        if not use.is_busy and use.seconds - self._seen < IDLE * (now - self._looked):
            return f"no answer within {self.limit:g} s, and it waits without using the processor"
        self._looked, self._seen = now, use.seconds
        self.until = min(now + max(left, LOOK), last)
        return ""
