"""Two observations of one case → every difference between them, and what was not compared.

Nothing is judged here: two floats that differ in the last bit are a difference like any other
(`harness.compare.settle` says what rounding explains).
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any

from harness.compare import distributions, values
from harness.model import ABSENT, Difference, Kind, Observation, Outcome, Plain, Step, StepStatus

CASE = "case"
"""The step a difference of whole cases is filed under."""

LATER = "raised later"
"""Note of an error both sides raise, but at different steps."""

_BROKEN = (Outcome.TIMED_OUT, Outcome.CRASHED)


@dataclass(frozen=True)
class Comparison:
    """What comparing two observations found."""

    differences: tuple[Difference, ...]
    compared: int
    """Leaves looked at on both sides; 0 means that nothing was compared, which is not agreement."""
    not_compared: tuple[str, ...]
    """Sentences: what was left out of the comparison, and why."""
    outcomes: tuple[Outcome, Outcome]
    """Of the reference and of the candidate."""

    @property
    def inconclusive(self) -> bool:
        """Whether nothing at all was compared."""
        return not self.compared and not self.differences


@dataclass(frozen=True)
class _Part:
    """What one step or one aspect of a case contributes to a comparison."""

    differences: tuple[Difference, ...] = ()
    compared: int = 0
    not_compared: tuple[str, ...] = ()


Known = MutableMapping[tuple[int, int], _Part]
"""What comparing two steps found, by the identities of both; who keeps it keeps the steps alive as well."""


def compare(reference: Observation, candidate: Observation, known: Known | None = None) -> Comparison:
    """Every difference between two observations of one case, in the order of the script.

    known: what comparing steps found before, where many observations share their steps; takes in what is new.
    """
    return _joined(list(_parts(reference, candidate, known)), (reference.outcome, candidate.outcome))


def differences(
    reference: Observation, candidate: Observation, known: Known | None = None
) -> Iterator[Difference]:
    """What `compare` finds, one by one: who needs to see some of it only looks no further."""
    for part in _parts(reference, candidate, known):
        yield from part.differences


def _parts(reference: Observation, candidate: Observation, known: Known | None) -> Iterator[_Part]:
    whole = _compare_outcomes(reference, candidate)
    if whole is not None:
        yield whole
        return
    if reference.payload and reference.payload == candidate.payload:
        yield from map(_same, reference.steps)
        return
    stops = _stop(reference), _stop(candidate)
    handled: set[str] = set()
    if stops[0] is not None and stops[1] is not None and stops[0].name != stops[1].name:
        earlier = _raised_before_a_limit(stops[0], stops[1], reference, candidate)
        yield earlier or _raised_elsewhere(stops[0], stops[1], reference, candidate)
        handled = {s.name for s in stops if s is not None}
    for name in _names(reference, candidate):
        if name not in handled:
            yield _compare_named(name, reference, candidate, {} if known is None else known)


def _joined(parts: list[_Part], outcomes: tuple[Outcome, Outcome]) -> Comparison:
    return Comparison(
        differences=tuple(d for part in parts for d in part.differences),
        compared=sum(part.compared for part in parts),
        not_compared=tuple(s for part in parts for s in part.not_compared),
        outcomes=outcomes,
    )


def _compare_outcomes(reference: Observation, candidate: Observation) -> _Part | None:
    """What the outcomes alone decide; None where the steps have to be looked at."""
    outcomes = reference.outcome, candidate.outcome
    sides = (reference, "reference"), (candidate, "candidate")
    for observation, side in sides:
        if observation.outcome is Outcome.UNSUPPORTED and not observation.steps:
            return _Part(not_compared=(f"The case is unsupported on the {side}: {_why(observation)}",))
    if any(o in _BROKEN for o in outcomes):
        if outcomes[0] is outcomes[1]:
            return _Part(not_compared=(f"Both sides {outcomes[0]}: there is nothing to compare.",))
        return _Part((Difference(CASE, Kind.OUTCOME, "", told(reference), told(candidate)),), 1)
    bare = [o.outcome is Outcome.MISSING and not o.steps for o, _ in sides]
    if all(bare):
        return _Part(not_compared=("Neither side has the subject: there is nothing to compare.",))
    if any(bare):
        difference = Difference(CASE, Kind.OUTCOME, "", told(reference), told(candidate), note="missing")
        return _Part((difference,), 1)
    return None


def told(observation: Observation) -> dict[str, Plain]:
    """How a whole case ended, as plain data."""
    stop = _stop(observation)
    if observation.outcome is Outcome.RAISED and stop is not None:
        return said(stop)
    out: dict[str, Plain] = {"status": observation.outcome.value}
    if observation.evidence:
        out["evidence"] = observation.evidence
    return out


def said(step: Step) -> dict[str, Plain]:
    """How a step ended, as plain data: its status, and what it raised or why it is missing."""
    out: dict[str, Plain] = {"status": step.status.value, "step": step.name}
    if step.raised is not None:
        out |= {
            "type": step.raised.type,
            "bases": list(step.raised.bases),
            "message": step.raised.message,
        }
    if step.reason:
        out["reason"] = step.reason
    return out


def _stop(observation: Observation) -> Step | None:
    """The step at which the script ended early, if it did."""
    if not observation.stopped:
        return None
    failed = [s for s in observation.steps if s.status is not StepStatus.RETURNED]
    return failed[-1] if failed else None


def _same(step: Step) -> _Part:
    """A step both sides did alike."""
    if step.status is StepStatus.UNSUPPORTED:
        return _Part(not_compared=(f"{step.name}: unsupported on both sides: {step.reason}",))
    return _Part(compared=values.count_leaves(step.value))


def _names(reference: Observation, candidate: Observation) -> list[str]:
    """Step names of either side: the reference's order, the candidate's own after their forerunner."""
    out = [s.name for s in reference.steps]
    if out == [s.name for s in candidate.steps]:
        return out
    after = -1
    for step in candidate.steps:
        if step.name in out:
            after = out.index(step.name)
        else:
            after += 1
            out.insert(after, step.name)
    return out


def _raised_before_a_limit(
    one: Step, two: Step, reference: Observation, candidate: Observation
) -> _Part | None:
    """One side raises at a step that the other, which ends at a limit of its backend, has behind it."""
    limits = [s.status is StepStatus.UNSUPPORTED for s in (one, two)]
    if limits[0] == limits[1]:
        return None
    limit, stop = (one, two) if limits[0] else (two, one)
    passed = (reference if limits[0] else candidate).step(stop.name)
    if stop.status is not StepStatus.RAISED or passed is None or passed.status is not StepStatus.RETURNED:
        return None
    pair = (said(passed), said(stop)) if limits[0] else (said(stop), said(passed))
    side = "reference" if limits[0] else "candidate"
    note = f"{limit.name}: unsupported on the {side}: {limit.reason}"
    return _Part((Difference(stop.name, Kind.OUTCOME, "", *pair),), 1, (note,))


def _raised_elsewhere(one: Step, two: Step, reference: Observation, candidate: Observation) -> _Part:
    """Both sides end early, at different steps: one difference, filed under the earlier step."""
    pair = said(one), said(two)
    if StepStatus.UNSUPPORTED in (one.status, two.status):
        side, step = ("reference", one) if one.status is StepStatus.UNSUPPORTED else ("candidate", two)
        return _Part(not_compared=(f"{step.name}: unsupported on the {side}: {step.reason}",))
    first = two if reference.step(two.name) is not None and candidate.step(one.name) is None else one
    raised = {one.status, two.status} == {StepStatus.RAISED}
    kind, note = (Kind.ERROR, LATER) if raised else (Kind.OUTCOME, "missing")
    return _Part((Difference(first.name, kind, "", *pair, note=note),), 1)


def _compare_named(name: str, reference: Observation, candidate: Observation, known: Known) -> _Part:
    one, two = reference.step(name), candidate.step(name)
    if one is None or two is None:
        return _one_sided(name, reference, candidate)
    key = id(one), id(two)
    if key not in known:
        known[key] = _compare_steps(name, one, two)
    return known[key]


def _compare_steps(name: str, one: Step, two: Step) -> _Part:
    if one is two and one.status is StepStatus.RETURNED and one.kind is not Kind.DISTRIBUTION:
        return _same(one)
    for step, side in ((one, "reference"), (two, "candidate")):
        if step.status is StepStatus.UNSUPPORTED:
            return _Part(not_compared=(f"{name}: unsupported on the {side}: {step.reason}",))
    warned = _compare_warnings(one, two)
    if one.status is not two.status:
        note = "missing" if StepStatus.MISSING in (one.status, two.status) else ""
        return _Part((Difference(name, Kind.OUTCOME, "", said(one), said(two), note=note), *warned), 1)
    if one.status is StepStatus.RAISED:
        return _Part((*_compare_errors(one, two), *warned), 1)
    if one.status is StepStatus.MISSING:
        return _Part(not_compared=(f"{name}: missing on both sides: {one.reason}",))
    if one.kind is Kind.DISTRIBUTION:
        sampled = distributions.compare_distributions(name, one.value, two.value)
        return _Part((*sampled.differences, *warned), sampled.leaves, sampled.not_compared)
    found = values.compare_values(name, one.kind, one.value, two.value)
    return _Part((*found.differences, *warned), found.leaves)


def _one_sided(name: str, reference: Observation, candidate: Observation) -> _Part:
    """A step only one side recorded.

    A script that stopped never came to it; a step that returned without anything to record leaves
    no trace, so a failure or a warning stands against an ordinary return.
    """
    one, two = reference.step(name), candidate.step(name)
    step, other, side = (one, candidate, "candidate") if one is not None else (two, reference, "reference")
    assert step is not None
    stop = _stop(other)
    if stop is not None:
        return _Part(not_compared=(f"{name}: the {side} ended at step {stop.name}.",))
    if other.outcome is Outcome.UNSUPPORTED:
        return _Part(not_compared=(f"{name}: the case is unsupported on the {side}: {_why(other)}",))
    if step.status is StepStatus.UNSUPPORTED:
        return _Part(not_compared=(f"{name}: unsupported on one side: {step.reason}",))
    silent = Step(name, step.kind, StepStatus.RETURNED)
    pair = (step, silent) if one is not None else (silent, step)
    if step.status is not StepStatus.RETURNED:
        note = "missing" if step.status is StepStatus.MISSING else ""
        return _Part((Difference(name, Kind.OUTCOME, "", said(pair[0]), said(pair[1]), note=note),), 1)
    warned = _compare_warnings(*pair)
    if warned:
        return _Part(warned, 1)
    earlier = _failed_before(step, reference if one is not None else candidate, other)
    if earlier is not None:
        return _Part(not_compared=(f"{name}: the {side} has none, for {earlier.name} failed there.",))
    shown: list[Any] = [said(s) if s is step else ABSENT for s in pair]
    return _Part((Difference(name, Kind.OUTCOME, "", shown[0], shown[1], note="no such step"),), 1)


def _failed_before(step: Step, having: Observation, other: Observation) -> Step | None:
    """A step before this one that failed on the side that lacks it, and returned on the side that has it.

    A script that goes on after a failure leaves out what it cannot record for want of a result: the
    failure is the difference, what is left out follows from it.
    """
    returned = {s.name for s in having.steps[: having.steps.index(step)] if s.status is StepStatus.RETURNED}
    failed = (s for s in other.steps if s.status in (StepStatus.RAISED, StepStatus.MISSING))
    return next((s for s in failed if s.name in returned or having.step(s.name) is None), None)


def _compare_errors(one: Step, two: Step) -> tuple[Difference, ...]:
    """Another exception class is a difference; another wording is not."""
    raised = one.raised, two.raised
    if raised[0] is None or raised[1] is None:
        return ()
    if raised[0].type == raised[1].type and raised[0].bases == raised[1].bases:
        return ()
    note = ""
    if raised[0].type == raised[1].type:
        note = "same name, other parent classes"
    elif raised[0].type in raised[1].bases:
        note = "the candidate's is a subclass of the reference's"
    elif raised[1].type in raised[0].bases:
        note = "the reference's is a subclass of the candidate's"
    return (Difference(one.name, Kind.ERROR, "", said(one), said(two), note=note),)


def _compare_warnings(one: Step, two: Step) -> tuple[Difference, ...]:
    """Warnings by category; their wording is kept, not compared."""
    if {w.category for w in one.warnings} == {w.category for w in two.warnings}:
        return ()
    shown: list[Any] = [[{"category": w.category, "text": w.text} for w in s.warnings] for s in (one, two)]
    return (Difference(one.name, Kind.WARNINGS, "warnings", shown[0], shown[1]),)


def _why(observation: Observation) -> str:
    return observation.evidence or "no reason was given"
