"""What tables of the report can be narrowed by, and the tokens their rows carry for it.

A token stands for one divergence or cause as four characters: kind, severity, blame, verdict. A row that
carries several is shown when one of them answers all the questions asked at once, so that "numbers, blamed on
the candidate" does not find a subject with harmless numbers and something else blamed on the candidate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from string import ascii_lowercase

from harness.model import Blame, Cause, Divergence, Kind, Severity, Verdict
from harness.report.page_parts import Choice, Filter
from harness.report.records import RunRecord
from harness.report.wording import blame_text

CODES: tuple[tuple[str, str, Mapping[StrEnum, str]], ...] = (
    ("kind", "Kind", dict(zip(Kind, ascii_lowercase, strict=False))),
    ("severity", "Severity", {s: str(s.rank) for s in Severity}),
    ("blame", "Departs", {b: str(b)[0] for b in Blame if b is not Blame.NEITHER} | {Blame.NEITHER: "x"}),
    ("verdict", "Verdict", {v: str(v)[0] for v in Verdict if v is not Verdict.AGREE} | {Verdict.AGREE: "x"}),
)
"""Field, label, and the character each of its values has in a token; the order is that of the characters."""


def token(one: Divergence | Cause) -> str:
    """A divergence or cause as the filters see it."""
    return "".join(codes[getattr(one, field)] for field, _, codes in CODES)


def tokens(many: Iterable[Divergence | Cause]) -> str:
    """The different tokens of several, between spaces."""
    return " ".join(sorted({token(one) for one in many}))


def filters(
    run: RunRecord, families: Iterable[str], found: Sequence[Divergence | Cause]
) -> tuple[Filter, ...]:
    """The questions that tell apart what was found, each with the answers that occur."""
    made = [Filter("family", "Family", tuple(Choice(name, name) for name in families))]
    for place, (field, label, codes) in enumerate(CODES):
        occurring = {getattr(one, field) for one in found}
        choices = tuple(
            Choice(value.name.lower(), wording(run, value), code)
            for value, code in codes.items()
            if value in occurring
        )
        made.append(Filter(field, label, choices, place))
    return tuple(made)


def wording(run: RunRecord, value: StrEnum) -> str:
    """A value of a field as people read it."""
    return blame_text(run, value) if isinstance(value, Blame) else str(value)
