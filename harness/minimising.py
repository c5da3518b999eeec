"""The stage that makes the causes of a run small, explains them and runs their programs, with both targets live."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from harness import pipeline
from harness.classify.divergences import sentence, telling
from harness.judging import Contestant
from harness.minimise.asking import Patience
from harness.minimise.records import Minimal, minimal_of
from harness.minimise.shrink import Quest, shrink
from harness.minimise.simplicity import simplicity
from harness.model import Case, Cause, Divergence, Fault, Judged, Observation, digest
from harness.observing import Observer, Progress, Wanted
from harness.report.records import RunRecord
from harness.request import Request
from harness.specs.declaration import Spec
from harness.specs.registry import spec_of
from harness.store import Store

SORT = "minimal"
"""Under what the store keeps the smallest cases."""


class Both:
    """Both targets of a pair, asked through the store: `harness.minimise.asking.Ask`."""

    def __init__(
        self, observer: Observer, reference: Contestant, candidate: Contestant, pair: str
    ) -> None:
        self.observer = observer
        self.reference = reference
        self.candidate = candidate
        self.pair = pair
        self.faults: list[Fault] = []
        self._judged: dict[str, Judged] = {}

    def __call__(self, cases: Sequence[Case]) -> Mapping[str, Judged]:
        """Perform what the store lacks on both sides, judge everything; by hash."""
        new = [c for c in cases if c.hash not in self._judged]
        sides = (self.reference, self.candidate)
        self.observer.observe([Wanted(s.launch, tuple(new), s.repeat) for s in sides], "simpler cases")
        judged = pipeline.judge_each(
            new,
            self.observer,
            self.reference,
            self.candidate,
            self.pair,
            gather=lambda wanted: self.observer.observe(wanted, "evidence"),
            faults=self.faults,
        )
        self._judged |= {j.case.hash: j for j in judged}
        return {c.hash: self._judged[c.hash] for c in cases}

    def seen(self, case: Case) -> tuple[Observation | None, Observation | None]:
        """What each side did with a case."""
        one, two = (
            self.observer.observation(s.launch, case, s.repeat) for s in (self.reference, self.candidate)
        )
        return one, two
