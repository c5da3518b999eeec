"""Whether what a program printed shows what the report says: judged from both outputs and the difference
itself.

Two outputs that are unlike are not enough. Of each side what it did (returned or raised what) and the values
that differ most must be found in what it printed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from harness.classify.severity import status
from harness.minimise.records import Execution
from harness.model import ABSENT, Difference, Kind
from harness.report.repro import RAISED

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|inf\b|nan\b)")
DIGITS = 1e-4
"""A printed number is that of the report if it agrees to the digits numpy prints of a float16."""
TELLING = 3
"""Elements of an array that are looked for: those farthest apart."""
CERTAIN = (Kind.OUTCOME, Kind.ERROR)


def trouble(difference: Difference, one: Execution, two: Execution) -> str:
    """Why two executions do not show a difference; empty when they do."""
    for execution in (one, two):
        if execution.status != "ended":
            return f"on {execution.target} the program {execution.status}"
        if execution.code:
            last = (execution.output.strip().splitlines() or ["no word"])[-1]
            return f"on {execution.target} the program fails: {last[:200]}"
    if difference.kind is Kind.DISTRIBUTION:
        return "the values are drawn at random: two outputs that differ prove nothing"
    if one.output.split() == two.output.split():
        return "both sides print the same"
    sides = (
        (one, difference.reference, difference.candidate),
        (two, difference.candidate, difference.reference),
    )
    for execution, value, other in sides:
        missing = not_shown(execution.output, value, other, difference.kind)
        if missing:
            return f"{missing} is not in what {execution.target} prints"
    return ""


def not_shown(output: str, value: Any, other: Any, kind: Kind) -> str:
    """What of one side's value its output lacks; empty when nothing."""
    if kind in CERTAIN:
        return ended_otherwise(output, value)
    if kind is Kind.WARNINGS:
        wanted = [str(w["category"]) for w in value] if isinstance(value, list) else []
        return next((f"the warning {w}" for w in wanted if w not in output), "")
    if isinstance(value, np.ndarray | np.generic) and isinstance(other, np.ndarray | np.generic):
        one = np.asarray(value)
        return not_printed(output, telling_elements(one, np.asarray(other)), one.dtype)
    return next((f"{w!r}" for w in words(value) if w not in output), "") or not_printed(
        output, numbers(value)
    )


def ended_otherwise(output: str, value: Any) -> str:
    """Whether a side that raised, or did not, does so in the program."""
    raised = [line for line in output.splitlines() if line.startswith(RAISED + " ")]
    how = status(value)
    if how == "raised":
        name = str(value.get("type", ""))
        return "" if any(line.startswith(f"{RAISED} {name}") for line in raised) else f"{name}"
    if how == "missing":
        return "" if raised else "an error for the missing name"
    if how == "returned":
        return "a result without an error" if raised else ""
    return ""


def telling_elements(one: Any, two: Any) -> list[float]:
    """Elements of the first array where the two are farthest apart."""
    if one.dtype.kind not in "biuf" or two.dtype.kind not in "biuf" or one.shape != two.shape:
        return [float(v) for v in one.ravel()[:TELLING]] if one.dtype.kind in "biuf" else []
    first, second = one.astype("float64").ravel(), two.astype("float64").ravel()
    with np.errstate(all="ignore"):
        apart = np.abs(first - second)
    unlike = ~((first == second) | (np.isnan(first) & np.isnan(second)))
    apart = np.where(unlike & ~np.isfinite(apart), np.inf, np.where(unlike, apart, -1.0))
    order = np.argsort(-apart, kind="stable")[:TELLING]
    return [float(first[i]) for i in order if apart[i] >= 0]


def not_printed(output: str, wanted: list[float], dtype: Any = None) -> str:
    """The first number that an output does not hold.

    dtype: what the numbers are of; one printed in as few digits as tell it apart is the number.
    """
    if not wanted:
        return ""
    text = output.replace("True", "1").replace("False", "0")
    printed = [float(found) for found in NUMBER.findall(text)]
    return next(
        (f"{w:.6g}" for w in wanted if not any(alike(w, p) or same(w, p, dtype) for p in printed)), ""
    )


def same(one: float, two: float, dtype: Any) -> bool:
    """Whether two numbers are one number of a floating-point dtype."""
    if dtype is None or dtype.kind != "f":
        return False
    with np.errstate(over="ignore"):
        return bool(dtype.type(one) == dtype.type(two))


def alike(one: float, two: float) -> bool:
    """Whether a printed number is the one looked for."""
    if math.isnan(one) or math.isnan(two):
        return math.isnan(one) and math.isnan(two)
    return one == two or (math.isfinite(one) and abs(one - two) <= DIGITS * abs(one))


def words(value: Any) -> Iterator[str]:
    """Texts that a value must print."""
    if value is None:
        yield "None"
    elif isinstance(value, str) and len(value) < 60 and "\n" not in value:
        yield value


def numbers(value: Any) -> list[float]:
    """Numbers that a value must print."""
    if value is ABSENT or isinstance(value, str):
        return []
    if isinstance(value, bool | int | float):
        return [float(value)]
    return []
