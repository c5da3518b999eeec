"""Whether rounding alone explains that two arrays differ: decided by evidence, not by a tolerance.

The rungs, in order (bitwise equality is the rung below: such arrays never get here):

shadow    the same case in float64. Rounding shrinks with the unit roundoff, a difference in meaning stays.
precision where rounding it is: one side may still lose far more digits than the other.
jitter    the case again with inputs and weights moved by one unit in the last place; what that
          does to each side is what rounding can do.
oracle    the distance of each side from what the documentation says, for the blame.

The numbers that decide are derived where they stand; `tests/compare/test_ladder.py` measures their
false-alarm rate and their power.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.compare import numbers
from harness.compare.distributions import FALSE_ALARM_RATE
from harness.compare.numbers import Array
from harness.model import Kind, Size

Floats = npt.NDArray[np.float64]

_FLOAT32 = numbers.unit_roundoff(np.dtype(np.float32))
_FLOAT64 = numbers.unit_roundoff(np.dtype(np.float64))


@dataclass(frozen=True)
class Evidence:
    """What is known about one place of a case besides the two arrays that differ there.

    shadows: the same place in float64, reference and candidate; None where there is none or the
    target does not compute in float64. jitters: the same place in reruns of each side with inputs
    and weights one unit in the last place away (or, for a random step, in plain repeats).
    oracle: what the documentation says should stand there, in float64.
    unit: unit roundoff of the coarsest type the case computes in; a float32 gradient of a layer
    that computes in float16 is rounded as float16. 0: the type of the result.
    terms: the largest number of terms any sum in the case can have.
    magnitude: the largest float64 anywhere in the shadows of the case; what cancels was rounded as that is.
    """

    shadows: tuple[Array | None, Array | None] = (None, None)
    jitters: tuple[tuple[Array, ...], tuple[Array, ...]] = ((), ())
    oracle: Array | None = None
    terms: int = 1
    unit: float = 0.0
    magnitude: float = 0.0


@dataclass(frozen=True)
class Judgement:
    """What the evidence says of one differing pair of arrays."""

    kind: Kind | None
    """`VALUE`, `PRECISION` or `SPECIAL`; None when rounding explains it or nothing is known."""
    size: Size
    reason: str
    """One sentence with the figures that decided."""
    inconclusive: bool = False
    """True when there was nothing to decide by; then `kind` is None."""
    departs: tuple[bool | None, bool | None] = (None, None)
    """Whether the reference, the candidate is farther from the oracle than rounding explains."""


def rounding_factor(terms: int) -> float:
    """How many times the smallest conceivable rounding error an honest sum of `terms` terms may reach.

    Higham & Mary, "A New Approach to Probabilistic Rounding Error Analysis", SIAM J. Sci. Comput.
    41(5), 2019, theorem 2.4 and section 3: the error of a sum or inner product of n terms stays
    below lambda * sqrt(n) * u, relative to the sum of magnitudes, except with a probability of at
    most 2 n exp(-lambda^2 / 2). lambda is chosen so that this is `FALSE_ALARM_RATE`.
    """
    n = max(1, terms)
    return math.sqrt(2 * math.log(2 * n / FALSE_ALARM_RATE)) * math.sqrt(n)


def shadow_threshold(unit: float) -> float:
    """The ratio of the float64 difference to the original one that parts rounding from meaning.

    Rounding takes the ratio to about u64 / u (2**-29 for float32), a difference in meaning leaves
    it at about 1. The geometric midpoint of the two is as far from the one as from the other.
    """
    return math.sqrt(_FLOAT64 / unit)


def enough_elements(distinct: int, ratio: float) -> bool:
    """Whether so many results cannot all be `ratio` times better than usual by luck.

    A rounding error is spread over an interval of its own scale, so it is smaller than
    1 / ratio of that scale with a probability of about 1 / ratio; for m independent results
    that is ratio ** -m, which must not exceed `FALSE_ALARM_RATE`.
    """
    return distinct * math.log(ratio) >= -math.log(FALSE_ALARM_RATE)


@np.errstate(over="ignore")  # the distance of two floats may be more than a float holds
def judge(reference: Array, candidate: Array, evidence: Evidence, size: Size | None = None) -> Judgement:
    """Whether two arrays of one shape that differ do so by rounding, in precision or in meaning.

    size: how far they are apart, where that is known already.
    """
    size = size or numbers.size(reference, candidate)
    if not (numbers.is_inexact(reference.dtype) or numbers.is_inexact(candidate.dtype)):
        return _judge_exact(reference, candidate, evidence, size)
    pair = _Pair(reference, candidate, evidence)
    if not pair.differing.any():
        return Judgement(None, size, "no position that is finite on both sides differs")
    size = replace(size, band=pair.band)
    judgement = _judge_by_shadow(pair, size) or _judge_by_jitter(pair, size) or _judge_by_oracle(pair, size)
    return replace(judgement, departs=_departures(pair, judgement), size=_with_errors(pair, judgement))


class _Pair:
    """Two float arrays and their evidence, brought to float64 and to the positions that are finite."""

    def __init__(self, reference: Array, candidate: Array, evidence: Evidence) -> None:
        self.shape = numbers.floats(reference).shape
        of_result = numbers.unit_roundoff(numbers.coarser(reference.dtype, candidate.dtype))
        self.unit = max(of_result, evidence.unit)
        self.a, self.b = numbers.wide(reference), numbers.wide(candidate)
        self.finite = numbers.finite(self.a, self.b)
        self.differing = self.finite & (self.a != self.b)
        self.factor = rounding_factor(evidence.terms)
        self.magnitude = evidence.magnitude
        self.shadows = tuple(self._usable_shadow(s) for s in evidence.shadows)
        self.oracle = self._fitting(evidence.oracle)
        reruns = [[r for r in map(self._fitting, side) if r is not None] for side in evidence.jitters]
        self.bands = self._band(self.a, reruns[0]), self._band(self.b, reruns[1])
        known = [b for b in self.bands if b is not None]
        self.band = max(known) if known else None
        self._errors: dict[int, tuple[Floats, tuple[float, float]]] = {}

    def _fitting(self, array: Array | None) -> Floats | None:
        """A further array of the same place, if it has its shape and is finite wherever the two differ."""
        if array is None or numbers.is_text(np.asarray(array).dtype):
            return None
        fitted = numbers.wide(np.asarray(array))
        if fitted.shape != self.shape or not np.isfinite(fitted[self.differing]).all():
            return None
        return fitted

    def _usable_shadow(self, array: Array | None) -> Floats | None:
        """A shadow counts only if it really is finer than what it is the shadow of."""
        if (
            array is None
            or numbers.unit_roundoff(np.asarray(array).dtype) != _FLOAT64
            or self.unit <= _FLOAT64
        ):
            return None
        return self._fitting(array)

    def _band(self, base: Floats, reruns: list[Floats]) -> float | None:
        """The largest change any rerun of one side shows, where both are finite; None without reruns."""
        if not reruns:
            return None
        return max(distance(base, rerun, self.finite & np.isfinite(rerun)) for rerun in reruns)

    def errors(self, truth: Floats) -> tuple[float, float]:
        """The distance of each side from what is taken for true, over the positions finite in all three."""
        if id(truth) not in self._errors:
            where = self.finite & np.isfinite(truth)
            self._errors[id(truth)] = truth, (distance(self.a, truth, where), distance(self.b, truth, where))
        return self._errors[id(truth)][1]

    @property
    def truth(self) -> Floats:
        """The shadow there is."""
        return next(s for s in self.shadows if s is not None)

    @property
    def own_error(self) -> float:
        """The distance of a side from its own shadow; 0 without one."""
        sides = zip((self.a, self.b), self.shadows, strict=True)
        return max(
            (distance(x, s, self.finite & np.isfinite(s)) for x, s in sides if s is not None), default=0.0
        )

    def scale(self, *arrays: Floats) -> float:
        """u times the largest magnitude: one rounding of the largest result."""
        return self.unit * max(numbers.largest(np.abs(x[self.finite & np.isfinite(x)])) for x in arrays)


def distance(one: Floats, two: Floats, where: npt.NDArray[np.bool_]) -> float:
    """The largest absolute difference over the positions `where`."""
    return numbers.largest(np.abs(one[where] - two[where]))


def _judge_by_shadow(pair: _Pair, size: Size) -> Judgement | None:
    """Two valid shadows decide between meaning, precision and rounding; None without them.

    A difference in meaning that is smaller than one rounding of the largest result (a constant kept in
    single precision, say), or that rounding at hand outweighs, cannot be seen in the type that was compared:
    what is seen there is rounding.
    """
    one, two = pair.shadows
    if one is None or two is None:
        return None
    here, there = distance(pair.a, pair.b, pair.differing), _there(pair, one, two)
    size = replace(size, shadow=there)
    threshold = shadow_threshold(pair.unit)
    said = f"apart by {here:.3g}, in float64 by {there:.3g}"
    if there / here > threshold and there > _visible(pair, one, two):
        return Judgement(Kind.VALUE, size, f"{said}: rounding would shrink below {here * threshold:.3g}")
    lost = _judge_precision(pair, size, one)
    return lost or Judgement(None, size, f"rounding: {said}")


def _there(pair: _Pair, one: Floats, two: Floats) -> float:
    """How far two shadows are apart.

    At positions that agree in the type that was compared, float64 may show what that type hides (a mask of
    -1e9 swallows the scores it is added to), but also no more than its own rounding: far out the gradient of
    a sigmoid is zero in float32, and what 1 - 1 leaves in float64. The latter does not count.
    """
    agreeing = pair.finite & numbers.finite(one, two) & ~pair.differing
    beside = distance(one, two, agreeing)
    rounding = pair.factor * _FLOAT64 * pair.magnitude
    return max(distance(one, two, pair.differing), beside if beside > rounding else 0.0)


def _visible(pair: _Pair, one: Floats, two: Floats) -> float:
    """What a difference between two shadows must exceed to be seen beside rounding.

    One rounding of the largest result, at least. Where results cancel that is less than what rounding did on
    the way: a learning rate kept in float32 moves a weight by u times the update, however little is left of
    it. So the part of the difference that float64 does not confirm hides what is smaller, as far as an honest
    sum may be off.

    A single number of Python's has no type to tell it: a learning rate kept in a float32 variable comes back
    as a float in the shadow as well. What float64 arithmetic gives is exactly a float32 once in 2**29 times;
    where it is one, what parts two such numbers may be an honest sum's rounding in float32 itself.
    """
    where, least = pair.differing, pair.scale(one, two)
    honest = pair.factor * least
    if any(_is_single(s) for s in (one, two)):
        return max(least, honest * min(1.0, _FLOAT32 / pair.unit))
    here, there = pair.a[where] - pair.b[where], one[where] - two[where]
    unconfirmed = numbers.largest(np.abs(here - there))
    return max(least, min(unconfirmed, honest))


def _is_single(shadow: Floats) -> bool:
    """Whether a shadow is one number that is exactly a float32."""
    return shadow.ndim == 0 and float(np.float32(shadow)) == float(shadow)


def _judge_precision(pair: _Pair, size: Size, truth: Floats) -> Judgement | None:
    """Whether one side loses far more than the other to rounding; None when it does not."""
    where = pair.finite & np.isfinite(truth)
    whole = np.array_equal(pair.a[where], np.rint(pair.a[where])) and np.array_equal(
        pair.b[where], np.rint(pair.b[where])
    )
    if whole:
        return None  # a step function jumps
    errors = pair.errors(truth)
    least = min(errors) + pair.scale(truth)
    allowed = pair.factor * least
    cancelled = max(errors) >= numbers.largest(np.abs(truth[where]))  # zeros may be exact for other reasons
    ratio = pair.factor if cancelled else max(errors) / least
    if max(errors) <= allowed or not enough_elements(len(np.unique(truth[where])), ratio):
        return None
    reason = (
        f"the reference is off by {errors[0]:.3g}, the candidate by {errors[1]:.3g}, "
        f"where rounding allows {allowed:.3g}; in float64 they agree"
    )
    return Judgement(Kind.PRECISION, size, reason)


def _judge_by_jitter(pair: _Pair, size: Size) -> Judgement | None:
    """What one unit in the last place of the input does to each side bounds what rounding can do.

    Inputs that move do not show what rounding does behind a saturated function. Where one side has a
    shadow, its distance from that shadow is rounding too, and shows it: the other side, which has
    none, may be as far away again. If only that explains the difference, one side may still be far
    less accurate than the other.
    """
    if pair.band is None:
        return None
    bands = [b or 0.0 for b in pair.bands]
    here = distance(pair.a, pair.b, pair.finite)
    allowed = pair.factor * (sum(bands) + pair.scale(pair.a, pair.b))
    said = f"apart by {here:.3g}, rounding allows {allowed:.3g} (one-ulp band {pair.band:.3g})"
    if here <= allowed:
        return Judgement(None, size, f"rounding: {said}")
    own = pair.own_error
    allowed += pair.factor * own
    said = f"apart by {here:.3g}, rounding allows {allowed:.3g} (one side is {own:.3g} from its own float64)"
    if own and here <= allowed:
        return _judge_precision(pair, size, pair.truth) or Judgement(None, size, f"rounding: {said}")
    return Judgement(Kind.VALUE, size, said)


def _judge_by_oracle(pair: _Pair, size: Size) -> Judgement:
    """Both sides as near to the truth as rounding leaves a result: then it is rounding; else unknown.

    The truth is the oracle, or the one side's shadow that is valid.
    """
    truths = [t for t in (pair.oracle, *pair.shadows) if t is not None]
    for truth in truths[:1]:
        errors = pair.errors(truth)
        allowed = pair.factor * pair.scale(truth)
        if max(errors) <= allowed:
            return Judgement(None, size, f"rounding: both within {allowed:.3g} of the float64 result")
    return Judgement(
        None, size, "neither a float64 shadow nor a jittered rerun to judge by", inconclusive=True
    )


def _departures(pair: _Pair, judgement: Judgement) -> tuple[bool | None, bool | None]:
    """Which sides are farther from the truth than rounding explains.

    In precision, the side with the larger error. In value, only the oracle can tell: a side
    departs when its distance from the oracle stays in its own float64 shadow (the test of
    `shadow_threshold`), or, without a shadow, is beyond what rounding allows.
    """
    if judgement.kind is Kind.PRECISION:
        errors = pair.errors(pair.truth)
        worse = errors[0] > errors[1]
        return worse, not worse
    if judgement.kind is not Kind.VALUE or pair.oracle is None:
        return None, None
    sides = zip((pair.a, pair.b), pair.shadows, pair.bands, strict=True)
    first, second = (_departs(pair, pair.oracle, *side) for side in sides)
    return first, second


def _departs(pair: _Pair, oracle: Floats, base: Floats, shadow: Floats | None, band: float | None) -> bool:
    where = pair.finite & np.isfinite(oracle)
    error = distance(base, oracle, where)
    if shadow is not None:
        smallest = max(error, pair.scale(oracle))
        return distance(shadow, oracle, where & np.isfinite(shadow)) > shadow_threshold(pair.unit) * smallest
    return error > pair.factor * ((band or 0.0) + pair.scale(oracle))


def _with_errors(pair: _Pair, judgement: Judgement) -> Size:
    """The size with each side's distance from the truth.

    The oracle is the truth; where the two float64 shadows agree they are as good. A shadow of one
    side is no truth for a difference in value: that would presume this side right.
    """
    agreed = judgement.kind is not Kind.VALUE and not judgement.inconclusive
    one, two = pair.shadows
    truth = one if agreed and one is not None and two is not None else pair.oracle
    if truth is None:
        return judgement.size
    errors = pair.errors(truth)
    return replace(judgement.size, reference_error=errors[0], candidate_error=errors[1])


def _judge_exact(reference: Array, candidate: Array, evidence: Evidence, size: Size) -> Judgement:
    """Whole numbers, booleans, strings: they differ unless rounding upstream flips them.

    Rounding is shown by a side that itself gives something else at these very positions when its
    input moves by one unit in the last place, or by both sides agreeing in float64.
    """
    differing = np.asarray(reference != candidate)
    one, two = evidence.shadows
    if (
        one is not None
        and two is not None
        and one.shape == two.shape == reference.shape
        and np.array_equal(one, two)
    ):
        return Judgement(None, size, "rounding: in float64 the two agree at every position")
    if not _all_move(differing, reference, evidence.jitters[0], candidate, evidence.jitters[1]):
        reason = f"{np.count_nonzero(differing)} of {differing.size} exact values differ"
        return Judgement(
            Kind.VALUE, size, reason, departs=_exact_departures(reference, candidate, evidence.oracle)
        )
    return Judgement(None, size, "rounding: a side differs from itself there when its input moves by one ulp")


def _exact_departures(
    reference: Array, candidate: Array, oracle: Array | None
) -> tuple[bool | None, bool | None]:
    if oracle is None or np.shape(oracle) != reference.shape:
        return None, None
    return bool(np.any(reference != oracle)), bool(np.any(candidate != oracle))


def _all_move(
    where: npt.NDArray[np.bool_],
    reference: Array,
    reference_reruns: tuple[Array, ...],
    candidate: Array,
    candidate_reruns: tuple[Array, ...],
) -> bool:
    """Whether at every position of `where` some rerun of a side differs from that side."""
    moved = np.zeros(where.shape, bool)
    for base, reruns in ((reference, reference_reruns), (candidate, candidate_reruns)):
        for rerun in reruns:
            if np.shape(rerun) == base.shape:
                moved |= np.asarray(base != rerun)
    return bool(np.all(moved[where])) and bool(where.any())


def judge_special(
    reference: Array, candidate: Array, evidence: Evidence, size: Size | None = None
) -> Judgement:
    """NaN or infinity on one side only: a difference, unless one ulp of input moves it there itself."""
    size = size or numbers.size(reference, candidate)
    classes = [_special_class(x) for x in (reference, candidate)]
    where = np.asarray(classes[0] != classes[1])
    reruns = [
        tuple(_special_class(r) for r in side if np.shape(r) == reference.shape) for side in evidence.jitters
    ]
    if where.any() and _all_move(where, classes[0], reruns[0], classes[1], reruns[1]):
        return Judgement(
            None, size, "rounding: one ulp of input moves a side across the special value itself"
        )
    departs: tuple[bool | None, bool | None] = (None, None)
    if evidence.oracle is not None and np.shape(evidence.oracle) == reference.shape:
        truth = _special_class(evidence.oracle)
        departs = bool(np.any(classes[0] != truth)), bool(np.any(classes[1] != truth))
    return Judgement(Kind.SPECIAL, size, "special values stand at other positions", departs=departs)


def _special_class(array: Any) -> npt.NDArray[np.int8]:
    """Per position: 0 finite, 1 NaN, 2 infinity, 3 minus infinity."""
    values = numbers.wide(np.asarray(array))
    out = np.zeros(values.shape, np.int8)
    out[np.isnan(values)] = 1
    out[np.isposinf(values)] = 2
    out[np.isneginf(values)] = 3
    return out
