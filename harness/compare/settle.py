"""Judge what a comparison found: which differences stand, which rounding or chance explains.

The one place where a comparison meets its evidence: shadows, jittered reruns, repeats and the oracle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import ml_dtypes
import numpy as np

from harness.compare import ladder, numbers, paths
from harness.compare.ladder import Evidence, Judgement
from harness.compare.numbers import Array
from harness.compare.observations import Comparison, compare
from harness.compare.values import SIGN_OF_ZERO, as_number
from harness.model import Difference, Kind, Observation, StepStatus

NOT_JUDGED = ": not judged: "
"""What a note says of a difference that nothing decides, after its place."""

JUDGED = frozenset({Kind.VALUE, Kind.SPECIAL})
"""Kinds that rounding may explain."""


HALF: Mapping[str, np.dtype[Any]] = {
    "float16": np.dtype(np.float16),
    "bfloat16": np.dtype(ml_dtypes.bfloat16),
}
"""Compute types coarser than what a mixed policy's weights and gradients show."""

SINGLE = np.dtype(np.float32)

GRADIENTS = "gradients"
"""The step that holds gradients, whatever is performed."""


@dataclass(frozen=True)
class Side:
    """One target's observations of one case.

    shadow: None unless the target is known to compute in float64. jitters: reruns with inputs and
    weights moved by one unit in the last place. repeats: the very same case in fresh processes.
    """

    observation: Observation
    shadow: Observation | None = None
    jitters: tuple[Observation, ...] = ()
    repeats: tuple[Observation, ...] = ()
    left_out: frozenset[str] = frozenset()
    """Steps of the observation that the others were performed without."""
    asked_twice: tuple[tuple[Observation, Observation], ...] = ()
    """Jittered reruns, each with its own repeat."""

    @cached_property
    def noise(self) -> Noise:
        """Where the target differs from itself, as far as its repeats tell."""
        return noise_of(self)

    @cached_property
    def unit(self) -> float:
        """The unit roundoff of the coarsest type seen anywhere in its observation."""
        return coarsest_unit(self.observation)

    @cached_property
    def magnitude(self) -> float:
        """The largest finite float64 anywhere in its shadow; what cancels was rounded as that is."""
        return 0.0 if self.shadow is None else largest_float64(self.shadow)

    @cached_property
    def is_finer(self) -> bool:
        """Whether there is a shadow that does not compute in half precision as well.

        A layer asked for float16 by its own dtype is so in the shadow too: its gradients come back as float64
        from inputs that are, and hold what was rounded to half precision on the way.
        """
        return self.shadow is not None and coarsest_unit(self.shadow) <= numbers.unit_roundoff(SINGLE)

    @property
    def finer(self) -> Observation | None:
        """The shadow where it is one."""
        return self.shadow if self.is_finer else None

    @property
    def reruns(self) -> tuple[Observation, ...]:
        """What shows how far rounding moves the side: jitters, repeats, and a shadow that is no finer."""
        coarse = () if self.shadow is None or self.is_finer else (self.shadow,)
        return (*self.jitters, *self.repeats, *coarse)


@dataclass(frozen=True)
class Settled:
    """A comparison after judging."""

    differences: tuple[Difference, ...]
    """Those that stand, with kind and size as judged."""
    judgements: Mapping[str, Judgement]
    """By `Difference.where`: why each judged difference is what it is, those that fell included."""
    rounding: tuple[Difference, ...] = ()
    """Those that rounding explains."""
    undecided: tuple[Difference, ...] = ()
    """Those for which there was no evidence either way, or which the side's own noise drowns."""
    notes: tuple[str, ...] = ()
    unsteady: tuple[str, ...] = ()
    """Steps in which a target differs from itself, sorted."""


@dataclass(frozen=True)
class Noise:
    """Where one target differs from itself."""

    places: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    """Step and path with positions generalised."""

    @property
    def steps(self) -> tuple[str, ...]:
        """Names of the steps that are not deterministic, sorted."""
        return tuple(sorted({step for step, _ in self.places}))

    def covers(self, difference: Difference) -> bool:
        """Whether the place of a difference is one where the target differs from itself."""
        return (difference.step, paths.generalised(difference.path)) in self.places


def noise(first: Observation, *repeats: Observation) -> Noise:
    """Where repeats of one case on one target differ from the first: its non-deterministic places."""
    others = (repeat for repeat in repeats if not _is_same(first, repeat))
    found = (d for repeat in others for d in compare(first, repeat).differences)
    return Noise(frozenset((d.step, paths.generalised(d.path)) for d in found))


def noise_of(side: Side) -> Noise:
    """Where a target differs from itself: in repeats of the case, or of a jittered rerun.

    A band that only one of two equal questions shows is no rounding. Where what a target says is decided by
    a race, a repeat of the case itself may fall the same way as the first by chance, and a rerun otherwise.
    """
    own = noise(shared(side), *side.repeats)
    return Noise(own.places.union(*(noise(one, two).places for one, two in side.asked_twice)))


def _is_same(one: Observation, two: Observation) -> bool:
    """Whether two observations are seen to be the same without looking into their steps."""
    if (one.outcome, one.stopped, len(one.steps)) != (two.outcome, two.stopped, len(two.steps)):
        return False
    return all(a is b for a, b in zip(one.steps, two.steps, strict=True))


def shared(side: Side) -> Observation:
    """A side's observation without the steps that its repeats were performed without."""
    if not side.left_out:
        return side.observation
    kept = tuple(s for s in side.observation.steps if s.name not in side.left_out)
    return replace(side.observation, steps=kept, payload="")


def needs_evidence(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """The differences for which shadows and jittered reruns are worth running."""
    return tuple(d for d in differences if d.kind in JUDGED and d.note != SIGN_OF_ZERO and not _is_text(d))


def settle(
    comparison: Comparison,
    reference: Side,
    candidate: Side,
    *,
    oracle: Mapping[str, Any],
    terms: int,
) -> Settled:
    """Judge every difference of a comparison by the evidence there is.

    oracle: step name → the true value, arranged like the step's own value.
    terms: the largest number of terms any sum in the case can have (the size of the largest
    tensor among inputs and weights).
    """
    noises = (reference.noise, candidate.noise)
    to_judge = set(map(id, needs_evidence(comparison.differences)))
    unit = max(reference.unit, candidate.unit) if to_judge else 0.0
    standing: list[Difference] = []
    rounding: list[Difference] = []
    undecided: list[Difference] = []
    judgements: dict[str, Judgement] = {}
    unsteady = tuple(sorted({step for n in noises for step in n.steps}))
    notes = [f"{s}: differs between repeats on one target; judged by its own spread." for s in unsteady]
    for difference in comparison.differences:
        noisy = any(n.covers(difference) for n in noises)
        if id(difference) not in to_judge:
            (undecided if noisy else standing).append(difference)
            continue
        truth = oracle.get(difference.step)
        evidence = _evidence(difference, reference, candidate, truth, terms=terms, unit=unit, noisy=noisy)
        judgement = _judge(difference, evidence)
        judgements[difference.where] = judgement
        if judgement.kind is not None:
            note = difference.note if judgement.kind is Kind.SPECIAL else judgement.reason
            standing.append(replace(difference, kind=judgement.kind, size=judgement.size, note=note))
        else:
            kept = replace(difference, size=judgement.size, note=judgement.reason)
            (undecided if judgement.inconclusive else rounding).append(kept)
    notes += [
        f"{d.where}{NOT_JUDGED}{d.note or 'it differs between repeats on one target'}." for d in undecided
    ]
    return Settled(tuple(standing), judgements, tuple(rounding), tuple(undecided), tuple(notes), unsteady)


def coarsest_unit(*observations: Observation) -> float:
    """The unit roundoff of the coarsest type the observations were computed in, as far as they show it.

    Arrays tell it, and so does the `compute_dtype` a subject says of itself: under a mixed policy
    weights and their gradients are float32 and every operation is rounded to half precision. Gradients tell
    nothing: they have the type of what they are taken by, and float32 inputs may be widened first.
    """
    steps = (step for o in observations for step in o.steps if step.name != GRADIENTS)
    return max((numbers.unit_roundoff(dtype) for s in steps for dtype in _types(s.value)), default=0.0)


def largest_float64(observation: Observation) -> float:
    """The largest finite magnitude of any float64 array of an observation; 0 without one."""
    arrays = (array for step in observation.steps for array in _arrays(step.value))
    found = (np.abs(a[np.isfinite(a)]) for a in arrays if a.dtype == np.float64)
    return max(map(numbers.largest, found), default=0.0)


def _arrays(value: Any) -> Iterator[Array]:
    """Every array below a value."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _arrays(inner)
    elif isinstance(value, np.ndarray):
        yield value


def _types(value: Any) -> set[np.dtype[Any]]:
    """The types of every array below a value, and of compute types it names."""
    found: set[np.dtype[Any]] = set()
    left = [value]
    for inner in left:
        if isinstance(inner, dict):
            said = inner.get("compute_dtype")
            if isinstance(said, str) and said in HALF:
                found.add(HALF[said])
            left += inner.values()
        elif isinstance(inner, list):
            left += inner
        elif isinstance(inner, np.ndarray | np.generic):
            found.add(inner.dtype)
    return found


def _judge(difference: Difference, evidence: Evidence) -> Judgement:
    one, two = np.asarray(difference.reference), np.asarray(difference.candidate)
    if difference.kind is Kind.SPECIAL:
        return ladder.judge_special(one, two, evidence, difference.size)
    return ladder.judge(one, two, evidence, difference.size)


def _evidence(
    difference: Difference,
    reference: Side,
    candidate: Side,
    oracle: Any,
    *,
    terms: int,
    unit: float,
    noisy: bool,
) -> Evidence:
    """The evidence for the place of one difference.

    Where a target differs from itself its shadow drew other numbers: only repeats tell anything, those of
    jittered reruns among them, for one ulp is nothing beside such a spread.
    """
    sides = reference, candidate
    reruns = [
        (*s.repeats, *(o for pair in s.asked_twice for o in pair)) if noisy else s.reruns for s in sides
    ]
    fetched = [_fetch(side, difference) for side in reruns]
    shadows = [
        next(iter(_fetch(() if noisy or s.finer is None else (s.finer,), difference)), None) for s in sides
    ]
    truth = paths.at(oracle, difference.path) if oracle is not None else None
    return Evidence(
        shadows=(shadows[0], shadows[1]),
        jitters=(fetched[0], fetched[1]),
        oracle=_array(truth),
        terms=terms,
        unit=unit,
        magnitude=max(reference.magnitude, candidate.magnitude),
    )


def _fetch(observations: Iterable[Observation], difference: Difference) -> tuple[Array, ...]:
    """The arrays at the place of a difference in other observations, of those that share the step one."""
    steps = {id(step): step for o in observations if (step := o.step(difference.step)) is not None}
    found = (
        _array(paths.at(step.value, difference.path))
        for step in steps.values()
        if step.status is StepStatus.RETURNED
    )
    return tuple(array for array in found if array is not None)


def _array(value: Any) -> Array | None:
    value = as_number(value)
    if isinstance(value, np.ndarray | np.generic | float | int):
        return np.asarray(value)
    return None


def _is_text(difference: Difference) -> bool:
    sides = difference.reference, difference.candidate
    return any(numbers.is_text(v.dtype if isinstance(v, np.ndarray) else np.asarray(v).dtype) for v in sides)
