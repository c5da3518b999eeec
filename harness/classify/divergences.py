"""A case's differences → its divergences; a pair's divergences → their causes."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from harness.classify import blame as blaming
from harness.classify import severity as severities
from harness.classify import templates
from harness.classify.areas import scenario, stem
from harness.classify.blame import Documented
from harness.classify.fingerprint import fingerprints
from harness.classify.roots import Root, roots
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
    Severity,
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
    no_oracle: str = "",
    unsettled: str = "",
) -> tuple[Divergence, ...]:
    """The divergences of one case: its differences grouped by fingerprint, in the order of the script.

    differences: those that stand after judging. judgements: by `Difference.where`, for the blame.
    no_oracle: why the case's spec has no oracle. unsettled: why the documentation does not say what the case
    gives, so that its oracle blames nobody.
    """
    groups: dict[str, list[tuple[Difference, tuple[Root, Severity]]]] = {}
    prints = fingerprints(case.subject, differences, tuple(case.parameters))
    for print_, difference, why in zip(prints, differences, roots(case, differences), strict=True):
        groups.setdefault(print_, []).append((difference, why))
    known = judgements or {}
    return tuple(
        _divergence(case, pair, print_, group, known, documented, no_oracle, unsettled)
        for print_, group in groups.items()
    )


def _divergence(
    case: Case,
    pair: str,
    fingerprint: str,
    members: Sequence[tuple[Difference, tuple[Root, Severity]]],
    judgements: Mapping[str, Judgement],
    documented: Documented | None,
    no_oracle: str,
    unsettled: str,
) -> Divergence:
    group = tuple(difference for difference, _ in members)
    first = telling(group)
    root, severity = next(why for difference, why in members if difference is first)
    judged = [judgements[d.where] for d in group if d.where in judgements]
    who, evidence = blaming.blame(judged, documented)
    if unsettled and who is not Blame.UNKNOWN and first.kind is not Kind.PRECISION:
        who, evidence = Blame.UNKNOWN, unsettled
    elif who is Blame.UNKNOWN:
        evidence = blaming.why_unknown(first, judged, no_oracle)
    return Divergence(
        id=digest([pair, case.hash, fingerprint])[:12],
        pair=pair,
        subject=case.subject,
        case=case,
        kind=first.kind,
        severity=severity,
        path=templates.place(group[0].step, group[0].path),
        differences=group,
        fingerprint=fingerprint,
        summary=f"{case.subject}: {sentence(first)}",
        blame=who,
        blame_evidence=evidence,
        cause=root.key,
        root=root.title,
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
    """Divergences clustered by root: the worst first, then the most subjects, then the largest.

    What is new under a known root is a cause by itself: its subjects are not lost among those expected.
    """
    groups: dict[tuple[str, Verdict], list[Divergence]] = {}
    for divergence in divergences:
        groups.setdefault((divergence.cause, divergence.verdict), []).append(divergence)
    return tuple(sorted((_cause(c, tuple(g)) for (c, _), g in groups.items()), key=_order))


def _order(cause: Cause) -> tuple[int, int, int, float, str]:
    largest = max((extent(d) for d in cause.divergences), default=0.0)
    return cause.severity.rank, -len(cause.subjects), -len(cause.divergences), -largest, cause.fingerprint


def size_of(divergence: Divergence) -> float:
    """The largest relative difference of a divergence; 0 where nothing was measured."""
    return max((d.size.tolerance for d in divergence.differences if d.size is not None), default=0.0)


def extent(divergence: Divergence) -> float:
    """How far apart the sides are: the tolerance under which they would pass, infinite for NaN."""
    found = [d.size.tolerance for d in divergence.differences if d.size is not None]
    return max((math.inf if math.isnan(f) else f for f in found), default=0.0)


def example_of(divergences: Sequence[Divergence]) -> Divergence:
    """The divergence of a cause that is shown in full: the worst that was looked at; of equals the first."""
    return min(divergences, key=lambda d: (d.severity.rank, not d.looked_at, -extent(d), d.subject, d.id))


def _cause(fingerprint: str, group: tuple[Divergence, ...]) -> Cause:
    first = example_of(group)
    who = _common_blame(group)
    evidence = disagreement(group) or next(d.blame_evidence for d in (first, *group) if d.blame is who)
    return Cause(
        fingerprint=fingerprint,
        title=_title(first, group),
        kind=first.kind,
        severity=first.severity,
        blame=who,
        verdict=first.verdict,
        divergences=group,
        blame_evidence=evidence,
        expectation=first.expectation,
    )


def _title(first: Divergence, group: tuple[Divergence, ...]) -> str:
    """One sentence: the root where several precise differences share it, else the difference itself."""
    subjects = {d.subject for d in group}
    alike = len({d.fingerprint for d in group}) == 1
    said = sentence(telling(first.differences)) if alike or not first.root else first.root
    if alike and scenario(first.case) and len(subjects) == 1:
        said += f", in `{scenario(first.case)}`"
    if len(subjects) == 1:
        said = said.removeprefix(f"{stem(first.subject)}: ")
    count = f"{len(group)} {'case' if len(group) == 1 else 'cases'}"
    if len(subjects) > 1:
        return f"{said}; {len(subjects)} subjects"
    return f"{said}; {count}" if said.startswith(first.subject) else f"{first.subject}: {said}; {count}"


def disagreement(group: tuple[Divergence, ...]) -> str:
    """How often each side is blamed, where the cases of one cause do not agree; empty where they do."""
    tally = Counter(d.blame for d in group if d.blame is not Blame.UNKNOWN)
    if len(tally) < 2:
        return ""
    said = ", ".join(f"{who} in {count}" for who, count in tally.most_common())
    return f"Its {len(group)} cases disagree about which side departs: {said}. See each."


def _common_blame(group: tuple[Divergence, ...]) -> Blame:
    """What the known blames agree on; unknown when they do not."""
    known = Counter(d.blame for d in group if d.blame is not Blame.UNKNOWN)
    return next(iter(known)) if len(known) == 1 else Blame.UNKNOWN
