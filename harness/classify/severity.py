"""How bad a difference is for a user: one table, read from fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness.compare.values import SIGN_OF_ZERO
from harness.model import ABSENT, Difference, Kind, Severity

BY_KIND: Mapping[Kind, Severity] = {
    Kind.VALUE: Severity.NUMBERS,
    Kind.PRECISION: Severity.NUMBERS,
    Kind.SPECIAL: Severity.NUMBERS,
    Kind.DISTRIBUTION: Severity.NUMBERS,
    Kind.STRUCTURE: Severity.STRUCTURE,
    Kind.SHAPE: Severity.STRUCTURE,
    Kind.DTYPE: Severity.STRUCTURE,
    Kind.CONFIG: Severity.CONFIG,
    Kind.FILE: Severity.CONFIG,
    Kind.SIGNATURE: Severity.CONFIG,
    Kind.EVENTS: Severity.EVENTS,
    Kind.ERROR: Severity.NAMES,
    Kind.NAMES: Severity.NAMES,
    Kind.WARNINGS: Severity.NAMES,
}
"""The severity of every kind but `Kind.OUTCOME`, which depends on how the two sides ended."""

BY_STATUS: tuple[tuple[str, Severity], ...] = (
    ("crashed", Severity.CRASH),
    ("timed out", Severity.CRASH),
    ("missing", Severity.MISSING),
    ("raised", Severity.RAISES),
)
"""For `Kind.OUTCOME`: the first status that either side has decides."""


def severity(difference: Difference) -> Severity:
    """How bad one difference is."""
    if difference.kind is Kind.OUTCOME:
        ends = {status(difference.reference), status(difference.candidate)}
        return next((s for end, s in BY_STATUS if end in ends), Severity.STRUCTURE)
    if difference.kind is Kind.SIGNATURE and (
        difference.reference is ABSENT or difference.candidate is ABSENT
    ):
        return Severity.MISSING
    if difference.kind is Kind.SPECIAL and difference.note == SIGN_OF_ZERO:
        return Severity.NAMES
    return BY_KIND[difference.kind]


def worst(differences: Iterable[Difference]) -> Severity:
    """The worst severity of several differences."""
    return min(map(severity, differences), key=lambda s: s.rank)


def status(side: Any) -> str:
    """How a side of an outcome difference ended; empty where it has no such step."""
    return str(side.get("status", "")) if isinstance(side, dict) else ""
