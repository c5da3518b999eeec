"""Observed values as text: arrays, scalars, configs, errors, absence."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.model import ABSENT, Absent, Plain, Raised, Warned
from harness.report.untrusted import clean, one_line

WHOLE = 64
"""Arrays up to this many elements are shown whole."""
WORST = 8
"""Rows in the table of elements that are farthest apart."""


@dataclass(frozen=True)
class Element:
    """One element of two arrays that differ."""

    index: str
    reference: str
    candidate: str
    apart: str


def number(value: float | None) -> str:
    """A figure for a table: three significant digits, ``–`` for none."""
    if value is None:
        return "–"
    if math.isnan(value) or math.isinf(value):
        return str(value)
    if value == 0:
        return "0"
    return f"{value:.3g}"


def scalar(value: Any) -> str:
    """One element: the shortest text that reads back as the same number of its dtype."""
    if isinstance(value, bytes):
        return repr(value)
    return str(value)


def head(array: NDArray[Any], count: int) -> str:
    """The first elements of an array on one line, after its dtype and shape."""
    shape = "×".join(str(n) for n in array.shape) if array.shape else "scalar"
    flat = array.reshape(-1)[:count]
    inside = ", ".join(scalar(v) for v in flat)
    more = ", …" if array.size > count else ""
    return f"{array.dtype} {shape} [{inside}{more}]"


def brief(value: Any, limit: int = 160) -> str:
    """A value on one line, shortened: for tables, titles and divergences.json."""
    return one_line(_text(value, small=True), limit)


def whole(value: Any) -> str:
    """A value for its own box on a page: laid out over lines, capped aloud."""
    return clean(_text(value, small=False))


def _text(value: Any, *, small: bool) -> str:
    if isinstance(value, Absent):
        return "absent"
    if isinstance(value, Raised):
        return f"{value.type}: {value.message}"
    if isinstance(value, Warned):
        return f"{value.category}: {value.text}"
    if isinstance(value, Mapping) and (said := _told(value)):
        return said
    if isinstance(value, np.ndarray):
        return head(value, 6) if small else laid_out(value)
    if isinstance(value, np.generic):
        return f"{scalar(value)} ({value.dtype})"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return value
    return json.dumps(
        jsonable(value), indent=None if small else 2, ensure_ascii=False, sort_keys=isinstance(value, Mapping)
    )


def _told(value: Mapping[str, Any]) -> str:
    """What a comparer says of an exception or of how a step ended, as a person would."""
    if {"type", "message"} <= value.keys():
        return f"{value['type']}: {value['message']}"
    if value.keys() <= {"status", "step", "reason"} and "status" in value:
        reason = value.get("reason")
        return f"{value['status']}: {reason}" if reason else str(value["status"])
    return ""


def laid_out(array: NDArray[Any]) -> str:
    """An array with its dtype and shape; whole when small, else its first elements."""
    shape = "(" + ", ".join(str(n) for n in array.shape) + ("," if array.ndim == 1 else "") + ")"
    title = f"{array.dtype}, shape {shape}"
    if array.size > WHOLE:
        rest = array.size - WHOLE
        inside = ", ".join(scalar(v) for v in array.reshape(-1)[:WHOLE])
        return f"{title}\n[{inside},\n … {rest:,} further elements]"
    if array.ndim == 0 or array.dtype.hasobject or array.dtype.kind in "USV":
        return f"{title}\n{_nested(array)}"
    return f"{title}\n{np.array2string(array, separator=', ', threshold=WHOLE + 1, max_line_width=60)}"


def _nested(array: NDArray[Any]) -> str:
    if array.ndim == 0:
        return scalar(array[()])
    return "[" + ", ".join(_nested(np.asarray(part)) for part in array) + "]"


def worst_elements(reference: Any, candidate: Any) -> tuple[Element, ...]:
    """The elements of two arrays of one shape that are farthest apart, worst first.

    A NaN or infinity on one side only counts as farthest. Empty where the two cannot be compared
    element by element.
    """
    if not (isinstance(reference, np.ndarray) and isinstance(candidate, np.ndarray)):
        return ()
    if reference.shape != candidate.shape or not (_numeric(reference) and _numeric(candidate)):
        return ()
    if reference.size == 0:
        return ()
    kind = np.complex128 if "c" in reference.dtype.kind + candidate.dtype.kind else np.float64
    left, right = reference.reshape(-1).astype(kind), candidate.reshape(-1).astype(kind)
    with np.errstate(all="ignore"):
        apart = np.abs(left - right)
    apart = np.where((left == right) | (np.isnan(left) & np.isnan(right)), 0.0, apart)
    ranked = np.where(np.isnan(apart), np.inf, apart)
    order = np.argsort(-ranked, kind="stable")[:WORST]
    return tuple(
        Element(
            index=str([int(i) for i in np.unravel_index(int(place), reference.shape)]),
            reference=scalar(reference.reshape(-1)[place]),
            candidate=scalar(candidate.reshape(-1)[place]),
            apart=number(float(apart[place])),
        )
        for place in order
        if ranked[place] > 0
    )


def _numeric(array: NDArray[Any]) -> bool:
    """Whether the elements have a distance; ml_dtypes' types are of kind V and do."""
    if array.dtype.kind in "biufc":
        return True
    return array.dtype.kind == "V" and array.dtype.names is None and "float" in array.dtype.name


def jsonable(value: Any, limit: int = 4000) -> Plain:
    """A value as strict JSON: special floats tagged, strings capped, arrays described, keys text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$float": str(value)}
    if isinstance(value, str):
        return clean(value, limit)
    if isinstance(value, Mapping):
        return {one_line(str(k)): jsonable(v, limit) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [jsonable(v, limit) for v in items]
    if value is ABSENT:
        return {"$absent": True}
    return brief(value)


def split_change(reference: str, candidate: str) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """Two texts as (same start, changed middle, same end) each, so that a page can mark the change.

    Nothing is marked where little is the same: a mark over everything shows nothing.
    """
    shorter = min(len(reference), len(candidate))
    start = 0
    while start < shorter and reference[start] == candidate[start]:
        start += 1
    end = 0
    while end < shorter - start and reference[-1 - end] == candidate[-1 - end]:
        end += 1

    if (start + end) * 2 < shorter:
        return (reference, "", ""), (candidate, "", "")

    def parts(text: str) -> tuple[str, str, str]:
        return text[:start], text[start : len(text) - end], text[len(text) - end :]

    return parts(reference), parts(candidate)
