"""Two targets that are a rule: what a case shows is decided by a function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from harness.model import (
    Case,
    CaseStatus,
    Difference,
    Divergence,
    Judged,
    Kind,
    Observation,
    Outcome,
    Severity,
    Step,
    StepStatus,
)


def divergence(case: Case, fingerprint: str, *differences: Difference) -> Divergence:
    """A divergence of a case; what comes after an @ in the fingerprint is its cause."""
    fingerprint, _, cause = fingerprint.partition("@")
    shown = differences or (Difference("forward", Kind.VALUE, "", 1.0, 2.0),)
    return Divergence(
        id=case.hash[:8] + fingerprint,
        pair="rule",
        subject=case.subject,
        case=case,
        kind=shown[0].kind,
        severity=Severity.NUMBERS,
        path=shown[0].step,
        differences=shown,
        fingerprint=fingerprint,
        summary=f"{case.subject} differs",
        cause=cause,
    )


class Rule:
    """`Ask`: `shown` says which fingerprints a case shows; `steps` what the two sides recorded."""

    def __init__(
        self,
        shown: Callable[[Case], Iterable[str]],
        steps: Callable[[Case], Sequence[Mapping[str, Any]]] | None = None,
        outcome: Callable[[Case], Outcome] = lambda case: Outcome.RETURNED,
    ) -> None:
        self.shown = shown
        self.steps = steps or (lambda case: ({"forward": 1.0}, {"forward": 1.0}))
        self.outcome = outcome
        self.rounds: list[list[Case]] = []

    def __call__(self, cases: Sequence[Case]) -> Mapping[str, Judged]:
        self.rounds.append(list(cases))
        out = {}
        for case in cases:
            found = tuple(divergence(case, f) for f in self.shown(case))
            status = CaseStatus.DIVERGE if found else CaseStatus.AGREE
            out[case.hash] = Judged(case, status, self.outcome(case), self.outcome(case), found)
        return out

    def seen(self, case: Case) -> tuple[Observation, Observation]:
        one, two = self.steps(case)
        return observation(case, one), observation(case, two)


def observation(case: Case, steps: Mapping[str, Any]) -> Observation:
    """What a target recorded."""
    made = tuple(Step(n, Kind.VALUE, StepStatus.RETURNED, v) for n, v in steps.items())
    return Observation(case.hash, "rule", Outcome.RETURNED, made)
