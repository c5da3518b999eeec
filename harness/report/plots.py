"""Two arrays that differ, as pictures: both values, how far apart they are, how the distances are spread.

Everything here is geometry; the templates make SVG of it. Each plot says in a sentence what it shows, for
those who do not see it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.compare import numbers
from harness.model import Size
from harness.report.pages_details import Bar, Plot, Rule, Series, Tick
from harness.report.values import number
from harness.report.wording import plural

Floats = npt.NDArray[np.float64]

WIDTH, HEIGHT = 360, 220
LEFT, RIGHT, TOP, BOTTOM = 48, 350, 14, 184
MOST = 160
"""Elements one plot shows; of more, evenly spaced ones and those farthest apart."""
DECADES = 8
"""Steps of ten on an axis, at most this many labelled."""


def plots(reference: Any, candidate: Any, size: Size | None) -> tuple[Plot, ...]:
    """The plots of two arrays of floats of one shape; none where they cannot be held against each other."""
    if not (isinstance(reference, np.ndarray) and isinstance(candidate, np.ndarray)):
        return ()
    if reference.shape != candidate.shape or reference.size < 2:
        return ()
    if not all(numbers.is_inexact(a.dtype) or a.dtype.kind in "biu" for a in (reference, candidate)):
        return ()
    left, right = (numbers.wide(a).reshape(-1) for a in (reference, candidate))
    both = np.isfinite(left) & np.isfinite(right)
    if not both.any():
        return ()
    with np.errstate(over="ignore", invalid="ignore"):
        apart = np.where(both, np.minimum(np.abs(left - right), np.finfo(np.float64).max), np.nan)
    chosen = sample(np.where(both, apart, np.inf))
    made = [values(left, right, chosen)]
    if numbers.is_inexact(reference.dtype) and numbers.is_inexact(candidate.dtype):
        ulps = numbers.ulps(reference, candidate).reshape(-1)[both]
        made.append(distances(apart, both, chosen, size))
        made.append(histogram(ulps))
    return tuple(made)


def sample(apart: Floats) -> npt.NDArray[np.intp]:
    """Which elements are shown, in order: all of few; else evenly spaced ones and the farthest apart."""
    if apart.size <= MOST:
        return np.arange(apart.size)
    even = np.linspace(0, apart.size - 1, MOST - 20).astype(np.intp)
    far = np.argsort(-apart, kind="stable")[:20]
    return np.unique(np.concatenate([even, far]))


def shown_of(chosen: npt.NDArray[np.intp], elements: int) -> str:
    """How many elements a plot shows, where not all."""
    if len(chosen) == elements:
        return plural(elements, "element")
    return f"{len(chosen):,} of {elements:,} elements, the farthest apart among them"


def values(left: Floats, right: Floats, chosen: npt.NDArray[np.intp]) -> Plot:
    """Both values of each element, one above the other's place."""
    one, two = left[chosen], right[chosen]
    finite = np.concatenate([v[np.isfinite(v)] for v in (one, two)])
    low, high = spread(finite)
    down = scale(low, high, BOTTOM, TOP)
    across = scale(0, max(1, left.size - 1), LEFT + 6, RIGHT - 6)
    lost = int(np.count_nonzero(~np.isfinite(one)) + np.count_nonzero(~np.isfinite(two)))
    places = [across(float(place)) for place in chosen]
    series = tuple(
        Series(
            name,
            mark,
            path(mark, [(x, down(v)) for x, v in zip(places, side, strict=True) if math.isfinite(v)]),
        )
        for name, mark, side in (("reference", "ring", one.tolist()), ("candidate", "cross", two.tolist()))
    )
    says = (
        f"{shown_of(chosen, left.size)}. The reference lies between {between(one)}, the candidate between "
        f"{between(two)}."
    )
    if lost:
        says += f" {plural(lost, 'value')} that {'is' if lost == 1 else 'are'} not finite cannot be drawn."
    return Plot(
        title="Both values, element by element",
        says=says,
        x_label="element",
        series=series,
        y_ticks=tuple(Tick(round(down(v), 1), number(v)) for v in steps(low, high)),
        x_ticks=tuple(
            Tick(round(across(v), 1), f"{v:,.0f}") for v in steps(0, max(1, left.size - 1), whole=True)
        ),
    )


def between(array: Floats) -> str:
    """The smallest and the largest finite value in words."""
    found = array[np.isfinite(array)]
    if not found.size:
        return "nothing that can be drawn"
    return f"{number(float(found.min()))} and {number(float(found.max()))}"


def distances(
    apart: Floats, both: npt.NDArray[np.bool_], chosen: npt.NDArray[np.intp], size: Size | None
) -> Plot:
    """How far apart each element is: in units of the band of rounding where there is one, else as it is."""
    band = size.band if size is not None and size.band else None
    unit = band or 1.0
    kept = chosen[both[chosen]]
    shown = apart[kept] / unit
    above = shown[shown > 0]
    edges = [float(np.min(above)), float(np.max(above))] if above.size else [1.0, 1.0]
    if band:
        edges.append(1.0)
    low, high = math.floor(math.log10(min(edges))), math.ceil(math.log10(max(edges)))
    high = max(high, low + 1)
    floor = BOTTOM - 14
    down = scale(low, high, floor, TOP)
    across = scale(0, max(1, apart.size - 1), LEFT + 6, RIGHT - 6)
    points = [
        (across(float(place)), down(math.log10(v)) if v > 0 else float(BOTTOM - 3))
        for place, v in zip(kept.tolist(), shown.tolist(), strict=True)
    ]
    equal = int(np.count_nonzero(shown == 0))
    worst = number(float(np.max(shown))) if shown.size else "0"
    what = "times the band of rounding" if band else "absolute"
    says = f"{shown_of(chosen, apart.size)}; the largest difference is {worst} {what}"
    says += f", {plural(equal, 'element')} equal." if equal else "."
    if band:
        inside = int(np.count_nonzero((shown > 0) & (shown <= 1)))
        says += f" {plural(inside, 'difference')} within the band, where rounding alone could be the reason."
    stride = max(1, math.ceil((high - low) / DECADES))
    ticks = [Tick(round(down(d), 1), power(d)) for d in range(low, high + 1, stride)]
    if equal:
        ticks.append(Tick(BOTTOM - 3, "0"))
    return Plot(
        title="Difference in units of the band of rounding" if band else "Absolute difference",
        says=says,
        x_label="element",
        series=(Series("difference", "dot", path("dot", points)),),
        y_ticks=tuple(ticks),
        x_ticks=tuple(
            Tick(round(across(v), 1), f"{v:,.0f}") for v in steps(0, max(1, apart.size - 1), whole=True)
        ),
        rules=(Rule(round(down(0.0), 1), "rounding reaches so far"),) if band else (),
    )


def histogram(ulps: Floats) -> Plot:
    """How many elements are how many units in the last place apart, by powers of ten."""
    bins = np.where(ulps < 1, 0, np.floor(np.log10(np.maximum(ulps, 1))) + 1).astype(int)
    counts = np.bincount(bins, minlength=2)
    first = 0 if counts[0] else int(np.flatnonzero(counts)[0])
    names = ["0", *(f"≥{power(d)}" if d else "1–9" for d in range(len(counts)))]
    shown = list(range(first, len(counts)))
    wide = (RIGHT - LEFT) / len(shown)
    top = int(counts.max())
    high = scale(0, top, 0, BOTTOM - TOP - 14)
    bars = tuple(
        Bar(
            x=round(LEFT + wide * place + 2, 1),
            y=round(BOTTOM - high(int(counts[b])), 1),
            width=round(max(1.0, wide - 4), 1),
            height=round(high(int(counts[b])), 1),
            text=f"{int(counts[b]):,}" if counts[b] else "",
        )
        for place, b in enumerate(shown)
    )
    parts = [f"{plural(int(counts[b]), 'element')} {told(b)}" for b in shown if counts[b]]
    skip = max(1, math.ceil(len(shown) / 7))
    return Plot(
        title="Units in the last place apart",
        says=f"{'; '.join(parts)}.",
        x_label="units in the last place of the coarser dtype",
        bars=bars,
        x_ticks=tuple(
            Tick(round(LEFT + wide * (place + 0.5), 1), names[b])
            for place, b in enumerate(shown)
            if place % skip == 0
        ),
    )


def told(which: int) -> str:
    """A bin of the histogram in words."""
    if which == 0:
        return "equal"
    return f"{10 ** (which - 1):,} to {10**which - 1:,} apart"


SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power(exponent: int) -> str:
    """A power of ten, as short as it can be read."""
    return {0: "1", 1: "10", 2: "100"}.get(exponent) or f"10{str(exponent).translate(SUPERSCRIPT)}"


def spread(finite: Floats) -> tuple[float, float]:
    """Lower and upper end of an axis on which every value has a place."""
    low, high = float(np.min(finite)), float(np.max(finite))
    margin = (high / 2 - low / 2) * 0.1 or abs(high) * 0.1 or 1.0
    return max(low - margin, -1.7e308), min(high + margin, 1.7e308)


def scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    """A value's place between `start` and `end`; halved on the way, so that no difference overflows."""
    span = (high / 2 - low / 2) or 0.5
    return lambda value: start + (value / 2 - low / 2) / span * (end - start)


def steps(low: float, high: float, *, whole: bool = False) -> Sequence[float]:
    """Round values between two ends, for the ticks of an axis."""
    span = high / 2 - low / 2
    if span <= 0 or not math.isfinite(span):
        return [low]
    raw = span / 2
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next((unit * m for m in (1, 2, 5, 10) if unit * m >= raw), unit * 10)
    step = max(1.0, step) if whole else step
    first = math.ceil(low / step)
    return [n * step for n in range(first, first + 8) if n * step <= high]


def path(mark: str, points: Sequence[tuple[float, float]]) -> str:
    """Points as one path of rings, crosses or dots."""
    form = {
        "ring": "M{x} {y}m-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0",
        "cross": "M{x} {y}m-2.6-2.6l5.2 5.2m0-5.2l-5.2 5.2",
        "dot": "M{x} {y}m-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0",
    }[mark]
    return "".join(form.format(x=round(x, 1), y=round(y, 1)) for x, y in points)
