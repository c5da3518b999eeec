"""How the search asks the two targets: many cases at once, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from harness.model import Case, Judged, Observation


class Ask(Protocol):
    """What performs cases on both sides and judges them."""

    def __call__(self, cases: Sequence[Case]) -> Mapping[str, Judged]:
        """Every case performed on both sides, as few processes as possible, and judged; by hash."""

    def seen(self, case: Case) -> tuple[Observation | None, Observation | None]:
        """What the reference and the candidate did with a case that was asked."""


@dataclass(frozen=True)
class Patience:
    """How long a search may take."""

    seconds: float | None = None
    since: float = field(default_factory=time.monotonic)

    def part(self, share: float) -> Patience:
        """The first part of it."""
        return Patience(None if self.seconds is None else self.seconds * share, self.since)

    def portion(self, of: int) -> Patience:
        """One part of what is left of it, beginning now, when there are so many parts to come."""
        if self.seconds is None:
            return Patience()
        left = self.seconds - (time.monotonic() - self.since)
        return Patience(max(0.0, left) / of)

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return self.seconds is not None and time.monotonic() - self.since >= self.seconds


def shows(answer: Judged | None, fingerprint: str, cause: str = "") -> bool:
    """Whether a judged case has the divergence, and under the same cause where one is named.

    The feed's label is part of what tells causes apart, so a simpler feed may show the same precise
    difference for another reason.
    """
    return answer is not None and any(
        d.fingerprint == fingerprint and cause in ("", d.cause) for d in answer.divergences
    )
