"""Which side departs from what the documentation says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.classify.severity import status
from harness.compare.ladder import Judgement
from harness.model import Blame, Difference, Kind


@dataclass(frozen=True)
class Documented:
    """A documented fact that decides where no oracle computes anything: who departs, and where it is said."""

    blame: Blame
    evidence: str
    """One sentence with its source."""


def blame(judgements: Iterable[Judgement], documented: Documented | None = None) -> tuple[Blame, str]:
    """The blame for a divergence and one sentence of evidence.

    judgements: of the divergence's own differences. The first one that an oracle could tell
    something about decides: a later step inherits what went wrong in an earlier one.
    documented: what the spec knows of a difference no oracle can see, such as a default.
    """
    for judgement in judgements:
        verdict = by_departures(judgement.departs)
        if verdict is not Blame.UNKNOWN and is_further(verdict, judgement):
            return verdict, _evidence(verdict, judgement)
    if documented is not None:
        return documented.blame, documented.evidence
    return Blame.UNKNOWN, ""


def is_further(verdict: Blame, judgement: Judgement) -> bool:
    """Whether the one side that is blamed is further from the oracle than the other.

    Where rounding cannot be measured on one side (integers are fed, and cannot be moved by a unit in the last
    place), two sides that are equally far off are told apart by nothing.
    """
    one, two = judgement.size.reference_error, judgement.size.candidate_error
    if one is None or two is None or verdict in (Blame.BOTH, Blame.NEITHER):
        return True
    return one > two if verdict is Blame.REFERENCE else two > one


def by_departures(departs: tuple[bool | None, bool | None]) -> Blame:
    """The table: does the reference depart, does the candidate depart (None: not known)."""
    match departs:
        case (True, True):
            return Blame.BOTH
        case (True, False):
            return Blame.REFERENCE
        case (False, True):
            return Blame.CANDIDATE
        case (False, False):
            return Blame.NEITHER
    return Blame.UNKNOWN


def _evidence(verdict: Blame, judgement: Judgement) -> str:
    size = judgement.size
    who = {
        Blame.REFERENCE: "The reference departs",
        Blame.CANDIDATE: "The candidate departs",
        Blame.BOTH: "Both sides depart",
        Blame.NEITHER: "Neither side departs",
    }[verdict]
    if size.reference_error is None or size.candidate_error is None:
        return f"{who} from the documented result."
    return (
        f"{who} from the float64 result beyond rounding: "
        f"the reference is off by {size.reference_error:.3g}, the candidate by {size.candidate_error:.3g}."
    )


SILENT: Mapping[Kind, str] = {
    Kind.OUTCOME: "The documentation does not say whether these arguments are to be refused.",
    Kind.ERROR: "The documentation does not name the class of the exception.",
    Kind.NAMES: "The documentation does not say how names are made.",
    Kind.WARNINGS: "The documentation does not say what is warned of.",
    Kind.CONFIG: "The documentation promises that a config can be read back, not what stands in it.",
    Kind.SIGNATURE: "Each side documents its own signature.",
    Kind.EVENTS: "No oracle speaks of events.",
    Kind.FILE: "The documentation does not say what a file holds inside.",
    Kind.STRUCTURE: "No oracle speaks of the structure of what comes back.",
    Kind.DTYPE: "The oracle computes in float64 and says nothing of the dtype of a result.",
    Kind.SHAPE: "No oracle gave a result to hold the shapes against.",
}
"""Kinds no oracle decides → why there is no blame."""

LACKING = "Each side documents its own names: a name that one side lacks is promised by the other alone."
NOT_REACHED = "One side never came to this step, and nothing it says of itself tells why."


def why_unknown(difference: Difference, judged: Sequence[Judgement], no_oracle: str) -> str:
    """Why no side is blamed for a difference, in one sentence."""
    if difference.kind is Kind.OUTCOME:
        sides = (difference.reference, difference.candidate)
        if "missing" in map(status, sides):
            return LACKING
        if not {"raised", "crashed", "timed out"} & set(map(status, sides)):
            return NOT_REACHED
    if difference.kind in SILENT:
        return SILENT[difference.kind]
    if no_oracle:
        return f"There is no oracle: {no_oracle}"
    if any(j.size.reference_error is not None for j in judged):
        return "The oracle cannot tell which side departs by more than rounding explains."
    return f"No oracle speaks of the step `{difference.step}` of this case."
