"""Random results: two samples are compared as samples, everything exact about them exactly.

A step of kind `Kind.DISTRIBUTION` holds dicts whose arrays called ``sample`` or ``draws`` were drawn at
random and whose other entries are exact properties (the dtype of the output, its shape, …).

sample  every element was drawn by itself: dropout of single values, the weights of an initializer.
draws   only what lies along the first axis was drawn independently: one random brightness or rotation
        moves a whole image, so its pixels are no sample. Each draw is reduced to its mean and its
        standard deviation, and these are compared as samples.
"""

from __future__ import annotations

import math
import re
import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.compare import numbers, paths, values
from harness.model import ABSENT, Difference, Kind

SAMPLE = "sample"
DRAWS = "draws"

_MARK = "a sample"
"""What stands where a sample was taken out."""

EXACT = 10_000
"""Values a side up to which the test of two samples is exact."""

FALSE_ALARM_RATE = 1e-9
"""Chance that two samples of one distribution are said to differ.

A large nightly run makes some 1e5 such tests; at 1e-9 each, the chance that a night holds one
false alarm is at most 1e5 * 1e-9 = 1e-4, once in 27 years (union bound). The same rate is used
wherever the harness decides by probability.
"""


@dataclass(frozen=True)
class Sampled:
    """What comparing a random step found, its leaves, and what could not be judged."""

    differences: tuple[Difference, ...]
    leaves: int
    not_compared: tuple[str, ...]


def compare_distributions(step: str, reference: Any, candidate: Any) -> Sampled:
    """Every difference of a random step; samples by test, the rest exactly."""
    ones, rest_one = _apart(reference, "")
    twos, rest_two = _apart(candidate, "")
    exact = values.compare_values(step, Kind.DISTRIBUTION, rest_one, rest_two)
    alone = ones.keys() ^ twos.keys()
    differences = [_named(d) for d in exact.differences if d.path not in alone]
    leaves, said = exact.leaves - len(ones.keys() & twos.keys()), []
    for path in [*ones, *(p for p in twos if p not in ones)]:
        if path in alone:
            one, two = ones.get(path, ABSENT), twos.get(path, ABSENT)
            differences.append(
                Difference(step, Kind.STRUCTURE, path, one, two, note="a sample on one side only")
            )
            continue
        found, sentence = _compare_samples(step, path, ones[path], twos[path])
        differences += found
        leaves += not sentence
        if sentence:
            said.append(sentence)
    return Sampled(tuple(differences), leaves, tuple(said))


def _named(difference: Difference) -> Difference:
    """An exact fact of a random result under its own kind: another shape is not another distribution."""
    for fact, kind in values.OWN_QUESTIONS.items():
        if re.search(rf"(^|\.){fact}(\[\d+\])?$", difference.path):
            return replace(difference, kind=kind)
    return difference


def _apart(value: Any, path: str) -> tuple[dict[str, Any], Any]:
    """The samples of a value by path, and the value with each put down as a mere mark."""
    if isinstance(value, dict):
        samples, rest = {}, {}
        for key, inner in value.items():
            below = paths.child(path, str(key))
            if key in (SAMPLE, DRAWS) and isinstance(inner, np.ndarray):
                samples[below], rest[key] = inner, _MARK
            else:
                found, rest[key] = _apart(inner, below)
                samples |= found
        return samples, rest
    if isinstance(value, list | tuple):
        pairs = [_apart(inner, paths.child(path, i)) for i, inner in enumerate(value)]
        return {p: a for found, _ in pairs for p, a in found.items()}, [rest for _, rest in pairs]
    return {}, value


def _compare_samples(
    step: str, path: str, reference: npt.NDArray[Any], candidate: npt.NDArray[Any]
) -> tuple[list[Difference], str]:
    """The differences of two samples, or none and the reason why they could not be judged."""
    out = []
    names = values.dtype_name(reference), values.dtype_name(candidate)
    if names[0] != names[1]:
        out.append(Difference(step, Kind.DTYPE, path, *names))
    if reference.shape != candidate.shape:
        out.append(Difference(step, Kind.SHAPE, path, list(reference.shape), list(candidate.shape)))
    one, two = numbers.wide(reference), numbers.wide(candidate)
    if np.isfinite(one).all() != np.isfinite(two).all():
        note = "NaN or infinity in the sample of one side only"
        return [*out, Difference(step, Kind.SPECIAL, path, reference, candidate, note=note)], ""
    reduced = _reductions(path, one, two)
    for what, first, second in reduced:
        rate = FALSE_ALARM_RATE / len(reduced)
        if smallest_p(len(first), len(second)) >= rate:
            sizes = f"{len(first)} and {len(second)} values"
            return out, f"{step}.{path}: samples of {sizes} are too small to differ at {rate:g}"
        p, statistic = kolmogorov_smirnov(first, second)
        if p < rate:
            note = (
                f"{what}Kolmogorov-Smirnov distance {statistic:.3g}, p = {p:.3g} (false alarms at {rate:g})"
            )
            out.append(Difference(step, Kind.DISTRIBUTION, path, reference, candidate, note=note))
            break
    return out, ""


def _reductions(
    path: str, one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]
) -> list[tuple[str, npt.NDArray[np.float64], npt.NDArray[np.float64]]]:
    """What of two random arrays is compared as samples, each with the words that say so.

    Several tests share one false-alarm rate (union bound).
    """
    if paths.segments(path)[-1] == SAMPLE:
        return [("", one[np.isfinite(one)], two[np.isfinite(two)])]
    rows = [a.reshape(a.shape[0] if a.ndim else 1, -1) for a in (one, two)]
    rows = [r[np.isfinite(r).all(axis=1)] for r in rows]
    return [
        ("mean of a draw: ", rows[0].mean(axis=1), rows[1].mean(axis=1)),
        ("spread of a draw: ", rows[0].std(axis=1), rows[1].std(axis=1)),
    ]


def smallest_p(first: int, second: int) -> float:
    """The smallest p the exact two-sample test can give: both orders in which all of one come first."""
    if not first or not second:
        return 1.0
    logarithm = math.lgamma(first + second + 1) - math.lgamma(first + 1) - math.lgamma(second + 1)
    return min(1.0, 2 * math.exp(-logarithm))


def kolmogorov_smirnov(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> tuple[float, float]:
    """p and distance of the two-sample Kolmogorov-Smirnov test (conservative for discrete values).

    Exact up to 10,000 values a side, asymptotic beyond, as scipy chooses.
    """
    if len(one) == len(two) <= EXACT and np.isfinite(one).all() and np.isfinite(two).all():
        apart = _steps_apart(one, two)
        return _probability(len(one), apart), apart / len(one)
    from scipy import stats  # noqa: PLC0415  (takes most of a second, and many a run tests no sample)

    with warnings.catch_warnings():
        # scipy falls back to the asymptotic formula, and says so, where p is all but one.
        warnings.filterwarnings("ignore", "ks_2samp: Exact calculation unsuccessful", RuntimeWarning)
        result = stats.ks_2samp(one, two, alternative="two-sided", method="auto")
    return float(result.pvalue), float(result.statistic)


def _steps_apart(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> int:
    """How far the empirical distributions of two samples of one size are apart, in steps of either."""
    both = np.sort(np.concatenate([one, two]))
    counts = (np.searchsorted(np.sort(sample), both, side="right") for sample in (one, two))
    return int(np.abs(np.subtract(*counts)).max())


def _probability(size: int, apart: int) -> float:
    """The probability that two samples of one size, drawn alike, are so many steps apart or more.

    Gnedenko & Korolyuk, "On the maximum discrepancy between two empirical distributions", Dokl. Akad. Nauk
    SSSR 80, 1951: twice the alternating sum over k = 1, 2 … of the binomials C(2n, n - kh) over C(2n, n).
    scipy has it too, but importing it takes longer than all the tests of a run.
    """
    if apart == 0:
        return 1.0
    places = range(apart, size + 1, apart)
    whole = 2 * math.lgamma(size + 1)
    terms = [math.exp(whole - math.lgamma(size - k + 1) - math.lgamma(size + k + 1)) for k in places]
    return min(1.0, max(0.0, 2 * math.fsum(t if i % 2 == 0 else -t for i, t in enumerate(terms))))
