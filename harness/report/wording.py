"""The report's own words for what the records say: severities, statuses, blame, figures."""

from __future__ import annotations

from collections.abc import Mapping

from harness.model import Blame, Case, CaseStatus, Severity, TargetInfo, short
from harness.report.records import RunRecord, Side

MEANING: Mapping[Severity, str] = {
    Severity.NUMBERS: "Both sides return, without a word, but not the same numbers.",
    Severity.STRUCTURE: "Both sides run, but build another model: other weights, shapes or dtypes.",
    Severity.CRASH: "One side brings the process down or does not come back.",
    Severity.RAISES: "One side raises where the other returns, or they raise different errors.",
    Severity.MISSING: "A symbol or an argument exists on one side only.",
    Severity.CONFIG: "Configs or files differ, so what one side saves the other may read otherwise.",
    Severity.EVENTS: "Callbacks, logs or progress are not the same.",
    Severity.NAMES: "Only names, messages or warnings differ.",
}

STATUS_MEANING: Mapping[CaseStatus, str] = {
    CaseStatus.AGREE: "bitwise the same",
    CaseStatus.ROUNDING: "rounding alone explains it",
    CaseStatus.DIVERGE: "the two sides part",
    CaseStatus.INCONCLUSIVE: "ran, but nothing could be compared",
    CaseStatus.NOT_RUN: "not observed on both sides",
}

TONE: Mapping[CaseStatus, str] = {
    CaseStatus.AGREE: "good",
    CaseStatus.ROUNDING: "near",
    CaseStatus.DIVERGE: "bad",
    CaseStatus.INCONCLUSIVE: "unsure",
    CaseStatus.NOT_RUN: "none",
}


def plural(count: int, one: str, many: str = "") -> str:
    """``1 case``, ``1,204 cases``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def share(part: int, total: int) -> str:
    """A percentage that is 0 or 100 only when it is exactly so."""
    if total == 0:
        return "–"
    if part in (0, total):
        return "100%" if part else "0%"
    percent = 100 * part / total
    if percent < 0.1:
        return "<0.1%"
    if percent > 99.9:
        return ">99.9%"
    return f"{percent:.1f}%"


def blame_text(run: RunRecord, blame: Blame) -> str:
    """Who departs from the oracle, by the targets' own ids."""
    if blame is Blame.REFERENCE:
        return run.reference.id
    if blame is Blame.CANDIDATE:
        return run.candidate.id
    return {Blame.BOTH: "both", Blame.NEITHER: "neither", Blame.UNKNOWN: "not known"}[blame]


def blame_sentence(run: RunRecord, blame: Blame) -> str:
    """The same as a sentence."""
    if blame is Blame.UNKNOWN:
        return "Not known which side departs from the specification."
    if blame is Blame.NEITHER:
        return "Neither side departs from the specification as far as the oracle reaches."
    if blame is Blame.BOTH:
        return "Both sides depart from the specification."
    return f"{blame_text(run, blame)} departs from the specification."


def target_title(run: RunRecord, side: Side) -> str:
    """A target in a heading: implementation and version, and the backend where that is what differs."""
    target = run.target(side)
    if not isinstance(target, TargetInfo):
        return target.id
    others = [t for t in (run.reference, run.candidate) if isinstance(t, TargetInfo) and t.id != target.id]
    named = f"{target.implementation} {target.version}"
    if any((o.implementation, o.version) == (target.implementation, target.version) for o in others):
        return f"{named} on {target.backend}"
    return named


def parameters_text(case: Case) -> str:
    """What tells a case from others of its subject."""
    inside = [f"{name}={short(value)}" for name, value in case.parameters.items()]
    text = ", ".join(inside) or "defaults"
    return f"{text} · {case.label}" if case.label else text
