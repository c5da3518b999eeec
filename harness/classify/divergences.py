"""A case's differences → its divergences; a pair's divergences → their causes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from harness.classify import blame as blaming
from harness.classify import severity as severities
from harness.classify import templates
from harness.classify.blame import Documented
from harness.classify.fingerprint import fingerprints
from harness.compare.ladder import Judgement
from harness.compare.values import SIGN_OF_ZERO
from harness.model import (
    ABSENT,
    Blame,
    Case,
    Cause,
    Difference,
    Divergence,
    Kind,
    Verdict,
    canonical,
    digest,
)

LONGEST = 48
"""Characters of one side's value in a summary."""
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
"""Colours of a terminal, which Keras puts into messages."""
MESSAGE = 90
"""Characters of an exception's message in a summary."""


def classify(
    case: Case,
    differences: Sequence[Difference],
    *,
    pair: str,
    judgements: Mapping[str, Judgement] | None = None,
    documented: Documented | None = None,
) -> tuple[Divergence, ...]:
    """The divergences of one case: its differences grouped by fingerprint, in the order of the script.

    differences: those that stand after judging. judgements: by `Difference.where`, for the blame.
    """
    groups: dict[str, list[Difference]] = {}
    for print_, difference in zip(
        fingerprints(case.subject, differences, tuple(case.parameters)), differences, strict=True
    ):
        groups.setdefault(print_, []).append(difference)
    known = judgements or {}
    return tuple(
        _divergence(case, pair, print_, tuple(group), known, documented) for print_, group in groups.items()
    )


def _divergence(
    case: Case,
    pair: str,
    fingerprint: str,
    group: tuple[Difference, ...],
    judgements: Mapping[str, Judgement],
    documented: Documented | None,
) -> Divergence:
    first = telling(group)
    judged = [judgements[d.where] for d in group if d.where in judgements]
    who, evidence = blaming.blame(judged, documented)
    return Divergence(
        id=digest([pair, case.hash, fingerprint])[:12],
        pair=pair,
        subject=case.subject,
        case=case,
        kind=first.kind,
        severity=severities.severity(first),
        path=templates.place(group[0].step, group[0].path),
        differences=group,
        fingerprint=fingerprint,
        summary=f"{case.subject}: {sentence(first)}",
        blame=who,
        blame_evidence=evidence,
    )


def telling(differences: Sequence[Difference]) -> Difference:
    """The difference that tells most: the worst; another class before what follows from it; the first."""
    return min(differences, key=lambda d: (severities.severity(d).rank, not d.path.endswith(".class_name")))


def sentence(difference: Difference) -> str:
    """What one difference is, in one sentence made from its fields."""
    where = f"`{visible(difference.where, 80)}`"
    one, two = difference.reference, difference.candidate
    if difference.kind in (Kind.OUTCOME, Kind.ERROR):
        return f"{where}: the reference {_told(one)}, the candidate {_told(two)}"
    if difference.kind is Kind.WARNINGS:
        return f"{where}: the reference {_warned(one)}, the candidate {_warned(two)}"
    if difference.note == SIGN_OF_ZERO:
        return f"{where} holds zeros of another sign"
    if difference.kind is Kind.SPECIAL:
        return f"{where} holds other special values: {visible(difference.note, 120)}"
    if difference.kind is Kind.DISTRIBUTION and difference.note:
        return f"{where} is distributed otherwise: {visible(difference.note, 120)}"
    if difference.size is not None:
        size = difference.size
        verb = "is far less accurate on one side" if difference.kind is Kind.PRECISION else "differs"
        return f"{where} {verb}: by {size.max_abs:.3g} ({size.differing} of {size.elements} values)"
    return f"{where} is {shown(two)} instead of {shown(one)}"


def shown(value: Any) -> str:
    """A value in few visible characters."""
    if value is ABSENT or value is None:
        return repr(value)
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        return f"an array of {array.dtype.name} of shape {list(array.shape)}"
    if isinstance(value, dict):
        return f"a {visible(templates.sketch(value), LONGEST)}"
    if isinstance(value, list) and any(isinstance(v, np.ndarray | dict | list) for v in value):
        return f"a list of {len(value)}"
    return visible(repr(value) if isinstance(value, str | float) else _plain(value), LONGEST)


def _plain(value: Any) -> str:
    try:
        return canonical(value)
    except (TypeError, ValueError):
        return type(value).__name__


def visible(text: str, limit: int) -> str:
    """A text from outside, harmless in a terminal and not longer than `limit`."""
    text = ANSI.sub("", text[: 4 * limit])
    text = "".join(c if c.isprintable() else " " for c in text[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _told(side: Any) -> str:
    status = severities.status(side)
    if status == "raised":
        message = " ".join(str(side.get("message", "")).split())
        said = f' "{visible(message, MESSAGE)}"' if message else ""
        return f"raises {visible(str(side.get('type', 'an exception')), LONGEST)}{said}"
    return {"returned": "returns", "missing": "does not have it", "": "has no such step"}.get(
        status, visible(status, LONGEST)
    )


def _warned(side: Any) -> str:
    categories = sorted({str(w["category"]) for w in side}) if isinstance(side, list) else []
    return f"warns ({visible(', '.join(categories), LONGEST)})" if categories else "does not warn"


def causes(divergences: Iterable[Divergence]) -> tuple[Cause, ...]:
    """Divergences clustered by fingerprint: the worst first, then the most subjects, then the largest."""
    groups: dict[str, list[Divergence]] = {}
    for divergence in divergences:
        groups.setdefault(divergence.fingerprint, []).append(divergence)
    return tuple(sorted((_cause(p, tuple(g)) for p, g in groups.items()), key=_order))


def _order(cause: Cause) -> tuple[int, int, int, float, str]:
    largest = max((size_of(d) for d in cause.divergences), default=0.0)
    return cause.severity.rank, -len(cause.subjects), -len(cause.divergences), -largest, cause.fingerprint


def size_of(divergence: Divergence) -> float:
    """The largest relative difference of a divergence; 0 where nothing was measured."""
    return max((d.size.tolerance for d in divergence.differences if d.size is not None), default=0.0)


def _cause(fingerprint: str, group: tuple[Divergence, ...]) -> Cause:
    first = min(group, key=lambda d: (d.severity.rank, -size_of(d), d.subject, d.id))
    return Cause(
        fingerprint=fingerprint,
        title=_title(first, group),
        kind=first.kind,
        severity=first.severity,
        blame=_common_blame(group),
        verdict=_common_verdict(group),
        divergences=group,
    )


def _title(first: Divergence, group: tuple[Divergence, ...]) -> str:
    subjects = {d.subject for d in group}
    said = sentence(telling(first.differences))
    if len(subjects) == 1:
        return f"{first.subject}: {said}; {len(group)} {'case' if len(group) == 1 else 'cases'}"
    return f"{said}; {len(subjects)} subjects"


def _common_blame(group: tuple[Divergence, ...]) -> Blame:
    """What the known blames agree on; unknown when they do not."""
    known = Counter(d.blame for d in group if d.blame is not Blame.UNKNOWN)
    return next(iter(known)) if len(known) == 1 else Blame.UNKNOWN


def _common_verdict(group: tuple[Divergence, ...]) -> Verdict:
    """A cause is as unexpected as its most unexpected divergence."""
    verdicts = {d.verdict for d in group}
    order = (Verdict.NEW, Verdict.CHANGED, Verdict.INCONCLUSIVE, Verdict.EXPECTED)
    return next((v for v in order if v in verdicts), Verdict.NEW)
