"""Which pages a report has, and what their files are called.

Every cause and every subject has a page. Of a cause's divergences its example has one,
then one per further subject, then the next in order, up to `PER_CAUSE`; the others are listed on
their cause's and their subject's page, and ``divergences.json`` holds them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.classify.divergences import example_of
from harness.model import Cause, Divergence
from harness.report.records import RunRecord
from harness.report.untrusted import slug

PER_CAUSE = 3


@dataclass(frozen=True)
class Layout:
    """Files of the pages, relative to the report's folder."""

    causes: dict[str, str] = field(default_factory=dict)
    """`cause_key` → file."""
    cause_of: dict[str, str] = field(default_factory=dict)
    """Divergence id → file of its cause's page."""
    subjects: dict[str, str] = field(default_factory=dict)
    divergences: dict[str, str] = field(default_factory=dict)
    """Divergence id → file, for those that have a page."""
    total: int = 0
    """Divergences in all."""


def cause_key(cause: Cause) -> str:
    """What tells a cause from every other of the run."""
    return f"{cause.fingerprint}/{cause.verdict}/{cause.severity}"


def lay_out(run: RunRecord, *, per_cause: int = PER_CAUSE) -> Layout:
    """Choose the pages of a run and name their files."""
    layout = Layout(total=sum(1 for _ in run.divergences()))
    for cause in run.causes:
        key = cause_key(cause)
        layout.causes[key] = f"causes/{slug(cause.title, key)}.html"
        for divergence in cause.divergences:
            layout.cause_of[divergence.id] = layout.causes[key]
        for divergence in paged(cause.divergences, per_cause):
            layout.divergences[divergence.id] = divergence_file(divergence)
    names = [facts.subject for facts in run.subjects] + [judged.case.subject for judged in run.judged]
    names += [divergence.subject for divergence in run.divergences()]
    for name in names:
        if name not in layout.subjects:
            layout.subjects[name] = f"subjects/{slug(name)}.html"
    return layout


def divergence_file(divergence: Divergence) -> str:
    """The file of a divergence's page."""
    return f"divergences/{slug(divergence.subject, divergence.id)}.html"


def paged(divergences: Sequence[Divergence], count: int) -> list[Divergence]:
    """The divergences of one cause that get a page of their own, its example first."""
    if not divergences:
        return []
    example = example_of(divergences)
    chosen = {example.id: example}
    subjects = {d.subject for d in chosen.values()}
    for divergence in divergences:
        if len(chosen) >= count:
            break
        if divergence.subject not in subjects:
            subjects.add(divergence.subject)
            chosen[divergence.id] = divergence
    for divergence in divergences:
        if len(chosen) >= count:
            break
        chosen[divergence.id] = divergence
    return list(chosen.values())
