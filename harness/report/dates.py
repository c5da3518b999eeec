"""Since when the two sides of a pair differ by a cause, as records and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from harness.errors import StoreFault


class Mark(StrEnum):
    """How a release behaves at the place of a cause."""

    REFERENCE = "R"
    CANDIDATE = "C"
    OTHER = "o"
    UNREACHED = "n"
    """It does not come that far: the case ends before, or the place cannot be observed there."""
    MISSING = "-"
    UNSUPPORTED = "."
    NOT_RUN = "?"


UNHEARD = (Mark.NOT_RUN, Mark.UNSUPPORTED)
"""Marks that neither carry a stretch on nor end it."""

MEANING: Mapping[Mark, str] = {
    Mark.REFERENCE: "like the reference",
    Mark.CANDIDATE: "like the candidate",
    Mark.OTHER: "unlike both",
    Mark.UNREACHED: "does not come that far",
    Mark.MISSING: "does not have it",
    Mark.UNSUPPORTED: "cannot be observed",
    Mark.NOT_RUN: "not run",
}


@dataclass(frozen=True)
class Span:
    """The stretch of releases of one side's lineage that behave as that side does."""

    lineage: str
    side: str
    since: str
    """The first release of the stretch that was observed."""
    before: str = ""
    """The last release before it; empty when the stretch reaches back to the first one that was observed."""
    before_mark: Mark | None = None
    skipped: tuple[str, ...] = ()
    """Releases between the two that were not observed."""
    returns: bool = False
    """Whether a release before `before` behaves like the side again."""


@dataclass(frozen=True)
class Dated:
    """Since when a cause shows, and which side changed."""

    cause: str
    case: str
    """Address of the case it was dated by."""
    reference: Span
    candidate: Span
    marks: tuple[tuple[str, Mark], ...]
    """Every release that was asked, in the order of the table, and how it behaves."""
    changed: str = ""
    """The side that left the behaviour of the other: ``reference``, ``candidate``, ``both``, or neither."""
    observed: str = ""
    """When, of a date that was shipped and not observed by this store."""

    @property
    def heard(self) -> int:
        """How many releases it rests on."""
        return sum(mark is not Mark.NOT_RUN for _, mark in self.marks)

    def plain(self) -> dict[str, Any]:
        """The date as plain data."""
        return {
            "cause": self.cause,
            "case": self.case,
            "changed": self.changed,
            "sentence": sentence(self),
            "reference": _span(self.reference),
            "candidate": _span(self.candidate),
            "marks": [[id, str(mark)] for id, mark in self.marks],
        }


def _span(span: Span) -> dict[str, Any]:
    return {
        "lineage": span.lineage,
        "side": span.side,
        "since": span.since,
        "before": span.before,
        "before_mark": span.before_mark and str(span.before_mark),
        "skipped": list(span.skipped),
        "returns": span.returns,
    }


def dated_from(content: Mapping[str, Any]) -> Dated:
    """A date from its plain form. Raises `StoreFault` for one another version of the harness kept."""
    try:
        spans = [
            Span(
                **{
                    **content[side],
                    "before_mark": content[side]["before_mark"] and Mark(content[side]["before_mark"]),
                    "skipped": tuple(content[side]["skipped"]),
                }
            )
            for side in ("reference", "candidate")
        ]
        marks = tuple((id, Mark(mark)) for id, mark in content["marks"])
        return Dated(content["cause"], content["case"], spans[0], spans[1], marks, content["changed"])
    except (KeyError, TypeError, ValueError) as error:
        raise StoreFault(
            f"Expected the date of a cause in the store to be complete. Received one with {error!r}: another "
            "version of the harness kept it. See `harness since`."
        ) from error


def sentence(dated: Dated) -> str:
    """Since when, and who changed, for a person; of a shipped date also when it was observed."""
    shipped = f" Observed on {dated.observed}, shipped with the baseline." if dated.observed else ""
    return _sentence(dated) + shipped


def _sentence(dated: Dated) -> str:
    sides = {"reference": dated.reference, "candidate": dated.candidate}
    if dated.changed == "both":
        return f"Both sides changed: {_changed(dated.reference)}; {_changed(dated.candidate)}."
    if dated.changed:
        other = "candidate" if dated.changed == "reference" else "reference"
        return f"{_changed(sides[dated.changed])}, away from what the {other} does."
    told = [_changed(s) for s in sides.values() if s.before]
    if not told:
        return (
            f"As far back as was observed ({dated.reference.since}, {dated.candidate.since}) "
            "the two have always differed so."
        )
    heard = (Mark.REFERENCE, Mark.CANDIDATE, Mark.OTHER)
    later = any(s.before_mark in heard for s in sides.values())
    return "; ".join(told) + ("; neither side ever behaved like the other does now." if later else ".")


def _changed(span: Span) -> str:
    """What happened in one lineage."""
    if not span.before:
        return f"{span.side} has behaved so since {span.since}, the first release observed"
    gap = f" (or in between: {', '.join(span.skipped)} not observed)" if span.skipped else ""
    if span.before_mark is Mark.MISSING:
        return f"new in {span.since}{gap}, and different from the start"
    if span.before_mark is Mark.UNREACHED:
        return f"so since {span.since}{gap}; {span.before} does not come that far"
    return f"{span.lineage or span.side} changed after {span.before}, in {span.since}{gap}"


def short(dated: Dated) -> str:
    """The date in a few characters, for a table."""
    spans = {"reference": dated.reference, "candidate": dated.candidate}
    if dated.changed in spans:
        return f"since {spans[dated.changed].since}"
    if dated.changed == "both":
        return f"since {dated.reference.since} and {dated.candidate.since}"
    new = [s.since for s in spans.values() if s.before_mark is Mark.MISSING]
    if new:
        return f"new in {new[0]}"
    told = [s.since for s in spans.values() if s.before]
    return f"since {' and '.join(told)}" if told else "always, as far as observed"
