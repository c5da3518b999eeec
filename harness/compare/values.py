"""The union of two plain values, walked: every key and element of either side is visited.

What the walk finds is reported by the nature of the mismatch for arrays (shape, dtype, special
values, value) and by the step's own kind for everything else.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from harness.compare import numbers, paths
from harness.compare.numbers import Array
from harness.model import ABSENT, Difference, Kind

SIGN_OF_ZERO = "sign of zero"
"""Note of a difference between arrays that compare equal but hold zeros of another sign."""

NUMERIC = frozenset({Kind.VALUE, Kind.PRECISION, Kind.SPECIAL, Kind.DISTRIBUTION, Kind.EVENTS})
"""Kinds of steps whose floats are results of arithmetic, so that rounding may part them."""

ARRAYS = NUMERIC - {Kind.EVENTS}
"""Kinds of steps that hold arrays, where another arrangement of them is another structure."""


OWN_QUESTIONS = {"shape": Kind.SHAPE, "dtype": Kind.DTYPE, "trainable": Kind.STRUCTURE}
"""Facts a step of names says of each thing it names that are questions of their own: a weight of
another shape is more than a matter of names."""


@dataclass(frozen=True)
class Compared:
    """What a walk found and how many leaves it looked at (an array is one leaf)."""

    differences: tuple[Difference, ...]
    leaves: int


def compare_values(step: str, kind: Kind, reference: Any, candidate: Any) -> Compared:
    """Every difference between two values of the step called `step`.

    kind: what a differing scalar leaf is. A numeric step with another arrangement of arrays
    (a key or element on one side only, a list instead of an array) yields `Kind.STRUCTURE`.
    """
    found: list[Difference] = []
    leaves = _walk(_Place(step, kind), reference, candidate, found)
    return Compared(tuple(found), leaves)


def count_leaves(value: Any) -> int:
    """How many leaves a walk of `value` with itself would look at."""
    value = paths.untagged(value)
    if isinstance(value, dict):
        return sum(count_leaves(v) for v in value.values()) or 1
    if isinstance(value, list | tuple):
        return sum(count_leaves(v) for v in value) or 1
    return 1


class _Place(NamedTuple):
    """Where a walk is. Its path is put together where something differs, which few places do."""

    step: str
    kind: Kind
    above: _Place | None = None
    segment: str | int = ""

    def below(self, segment: str | int) -> _Place:
        kind = self.kind
        if kind is Kind.NAMES and isinstance(segment, str):
            kind = OWN_QUESTIONS.get(segment, kind)
        return _Place(self.step, kind, self, segment)

    @property
    def path(self) -> str:
        return "" if self.above is None else paths.child(self.above.path, self.segment)

    def differs(
        self, kind: Kind, reference: Any, candidate: Any, *, note: str = "", sized: bool = False
    ) -> Difference:
        size = numbers.size(reference, candidate) if sized else None
        return Difference(self.step, kind, self.path, reference, candidate, size=size, note=note)

    @property
    def arrangement(self) -> Kind:
        """The kind of a mismatch in how things are arranged, rather than in a leaf."""
        return Kind.STRUCTURE if self.kind in ARRAYS else self.kind


def _walk(place: _Place, reference: Any, candidate: Any, found: list[Difference]) -> int:
    """Adds the differences below `place` to those found; returns how many leaves were looked at."""
    reference, candidate = _zero_or_none(reference, candidate), _zero_or_none(candidate, reference)
    if place.kind in NUMERIC:
        reference, candidate = as_number(reference), as_number(candidate)
    one, two = paths.untagged(reference), paths.untagged(candidate)
    if isinstance(one, dict) and isinstance(two, dict):
        return _walk_dicts(place, one, two, found)
    if isinstance(one, list | tuple) and isinstance(two, list | tuple):
        tuples = _is_tuple(reference), _is_tuple(candidate)
        if tuples[0] != tuples[1]:
            note = "type: " + " and ".join("tuple" if t else "list" for t in tuples)
            found.append(place.differs(place.arrangement, reference, candidate, note=note))
        return _walk_lists(place, one, two, found)
    found += _leaf(place, one, two)
    return 1


def _zero_or_none(value: Any, other: Any) -> Any:
    """A gradient that is zero or not there, which JAX does not tell apart, as the other side has it."""
    if not isinstance(value, dict) or "$zero_or_none" not in value:
        return value
    if other is None:
        return None
    return np.zeros(value["$zero_or_none"], value["dtype"])


def _walk_dicts(
    place: _Place, reference: dict[str, Any], candidate: dict[str, Any], found: list[Difference]
) -> int:
    if not reference and not candidate:
        return 1
    leaves = 0
    for key in [*reference, *(k for k in candidate if k not in reference)]:
        below = place.below(str(key))
        if key in reference and key in candidate:
            leaves += _walk(below, reference[key], candidate[key], found)
            continue
        leaves += 1
        if key in reference:
            only = below.differs(place.arrangement, reference[key], ABSENT, note="only in the reference")
        else:
            only = below.differs(place.arrangement, ABSENT, candidate[key], note="only in the candidate")
        found.append(only)
    return leaves


def _walk_lists(
    place: _Place, reference: Sequence[Any], candidate: Sequence[Any], found: list[Difference]
) -> int:
    if not reference and not candidate:
        return 1
    leaves = 0
    lengths = f"length {len(reference)} and {len(candidate)}"
    for index in range(max(len(reference), len(candidate))):
        below = place.below(index)
        if index < len(reference) and index < len(candidate):
            leaves += _walk(below, reference[index], candidate[index], found)
            continue
        leaves += 1
        if index < len(reference):
            kind, sides = _alone(place, reference[index]), (reference[index], ABSENT)
        else:
            kind, sides = _alone(place, candidate[index]), (ABSENT, candidate[index])
        found.append(below.differs(kind, *sides, note=lengths))
    return leaves


def _alone(place: _Place, element: Any) -> Kind:
    """The kind of an element one list lacks: a whole described thing (a weight) is structure, not a name."""
    if place.kind is Kind.NAMES and isinstance(element, dict):
        return Kind.STRUCTURE
    return place.arrangement


def _leaf(place: _Place, reference: Any, candidate: Any) -> Iterator[Difference]:
    """Two things of which at least one is not a container."""
    arrays = _as_arrays(place.kind, reference, candidate)
    if arrays is not None:
        yield from _compare_arrays(place, *arrays)
        return
    if type(reference) is not type(candidate):
        note = f"type: {type_name(reference)} and {type_name(candidate)}"
        whole = isinstance(reference, np.ndarray | dict | list) or isinstance(
            candidate, np.ndarray | dict | list
        )
        kind = place.arrangement if whole or None in (reference, candidate) else place.kind
        yield place.differs(kind, reference, candidate, note=note)
    elif isinstance(reference, float):
        if not _same_float(reference, candidate):
            yield place.differs(place.kind, reference, candidate, note=_float_note(reference, candidate))
    elif reference != candidate:
        yield place.differs(place.kind, reference, candidate)


def _as_arrays(kind: Kind, reference: Any, candidate: Any) -> tuple[Array, Array] | None:
    """The two as arrays, where they are to be compared as numbers; None where not."""
    if _is_array(reference) and _is_array(candidate):
        return np.asarray(reference), np.asarray(candidate)
    if kind not in NUMERIC:
        return None
    plain = [v for v in (reference, candidate) if not _is_array(v)]
    if not all(type(v) is float for v in plain):
        return None
    if len(plain) == 2 and all(_is_float32(v) for v in plain):
        # Both came out of float32 arithmetic (a loss in a log): they round as float32 does.
        return np.asarray(reference, np.float32), np.asarray(candidate, np.float32)
    return np.asarray(reference), np.asarray(candidate)


def _is_float32(value: float) -> bool:
    """Whether a Python float is exactly a float32 (or special)."""
    return not math.isfinite(value) or (_fits_float32(value) and float(np.float32(value)) == value)


def as_number(value: Any) -> Any:
    """A numpy scalar as it is tagged on the wire, ``{"$scalar": [dtype, value]}``, as a 0-d array."""
    if isinstance(value, dict) and value.keys() == {"$scalar"}:
        name, inner = value["$scalar"]
        try:
            return np.asarray(inner, np.dtype(name))
        except (TypeError, ValueError):
            return value
    return value


def same_float32(one: float, two: float) -> bool:
    """Whether two Python floats are one number once rounded to float32."""
    return _fits_float32(one) and _fits_float32(two) and bool(np.float32(one) == np.float32(two))


def _fits_float32(value: float) -> bool:
    """Whether a Python float is inside float32's range, so that it can be cast without a warning."""
    return not math.isfinite(value) or abs(value) <= float(np.finfo(np.float32).max)


def _compare_arrays(place: _Place, reference: Array, candidate: Array) -> Iterator[Difference]:
    names = dtype_name(reference), dtype_name(candidate)
    if names[0] != names[1]:
        yield place.differs(Kind.DTYPE, *names)
    if reference.shape != candidate.shape:
        yield place.differs(Kind.SHAPE, list(reference.shape), list(candidate.shape))
        return
    text = numbers.is_text(reference.dtype), numbers.is_text(candidate.dtype)
    if all(text):
        unequal = int(sum(_text(a) != _text(b) for a, b in zip(reference.flat, candidate.flat, strict=True)))
        if unequal:
            yield place.differs(
                Kind.VALUE, reference, candidate, note=f"{unequal} of {reference.size} strings differ"
            )
    elif not any(text):
        yield from _compare_numbers(place, reference, candidate)


def _compare_numbers(place: _Place, reference: Array, candidate: Array) -> Iterator[Difference]:
    """Special values first, then the values at positions finite on both sides, bit for bit."""
    if reference.dtype == candidate.dtype and reference.tobytes() == candidate.tobytes():
        return
    if not (numbers.is_inexact(reference.dtype) or numbers.is_inexact(candidate.dtype)):
        # Whole numbers are compared as such: float64 could not tell large ones apart.
        if not np.array_equal(reference, candidate):
            yield place.differs(Kind.VALUE, reference, candidate, sized=True)
        return
    one, two = numbers.wide(reference), numbers.wide(candidate)
    both = numbers.finite(one, two)
    special = "" if both.all() else special_note(one, two)
    if special:
        yield place.differs(Kind.SPECIAL, reference, candidate, note=special, sized=True)
    if np.any(one[both] != two[both]):
        yield place.differs(Kind.VALUE, reference, candidate, sized=True)
    elif not special and np.any(np.signbit(one[both]) != np.signbit(two[both])):
        yield place.differs(Kind.SPECIAL, reference, candidate, note=SIGN_OF_ZERO, sized=True)


def special_note(reference: npt.NDArray[np.float64], candidate: npt.NDArray[np.float64]) -> str:
    """Which special values stand at positions where the other side has none of that sort."""
    out = []
    for name, mask in (("NaN", np.isnan), ("infinity", np.isposinf), ("minus infinity", np.isneginf)):
        one, two = mask(reference), mask(candidate)
        if np.any(one != two):
            alone = int(np.count_nonzero(one & ~two)), int(np.count_nonzero(two & ~one))
            out.append(
                f"{name} at {alone[0]} positions of the reference only, {alone[1]} of the candidate only"
            )
    return "; ".join(out)


def dtype_name(array: Array) -> str:
    """The dtype's name; every way numpy stores text is ``string``."""
    return "string" if numbers.is_text(array.dtype) else array.dtype.name


def type_name(value: Any) -> str:
    """A value's type in the words of plain data."""
    if value is ABSENT:
        return "absent"
    if value is None:
        return "None"
    if isinstance(value, np.ndarray | np.generic):
        return f"array of {dtype_name(np.asarray(value))}"
    return type(value).__name__


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray | np.generic)


def _is_tuple(value: Any) -> bool:
    return isinstance(value, tuple) or (isinstance(value, dict) and paths.untagged(value) is not value)


def _same_float(one: float, two: float) -> bool:
    if math.isnan(one) or math.isnan(two):
        return math.isnan(one) and math.isnan(two)
    return one == two and math.copysign(1.0, one) == math.copysign(1.0, two)


def _float_note(one: float, two: float) -> str:
    if one == two:
        return SIGN_OF_ZERO
    if same_float32(one, two):
        return "the same number once rounded to float32"
    return ""


def _text(value: Any) -> Any:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
