"""From the run's record to the matrix of the API: a row per subject, a column per sort of observation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby

from harness.model import CaseStatus, Divergence
from harness.report.agreement import KINDS, Stand, of_divergence
from harness.report.filters import filters, tokens
from harness.report.layout import Layout
from harness.report.page_parts import Choice, Filter
from harness.report.pages_api import ApiFamily, ApiPage, ApiRow, Cell
from harness.report.picture import legend
from harness.report.records import RunRecord
from harness.report.untrusted import one_line
from harness.report.wording import plural

GROUP = {kind: place for place, (_, kinds) in enumerate(KINDS) for kind in kinds}
COMPARED = (CaseStatus.AGREE, CaseStatus.ROUNDING, CaseStatus.DIVERGE)


def api_page(run: RunRecord, layout: Layout, stands: Sequence[Stand]) -> ApiPage:
    """Every subject."""
    found = [divergence for stand in stands for divergence in stand.divergences]
    families = list(dict.fromkeys(stand.family for stand in stands))
    classes = legend(stands)
    return ApiPage(
        columns=tuple((name, ", ".join(kinds)) for name, kinds in KINDS),
        filters=(
            *filters(run, families, found),
            Filter("class", "Class", tuple(Choice(c.letter, f"{c.letter}  {c.name}") for c in classes)),
        ),
        legend=classes,
        families=tuple(
            ApiFamily(name, tuple(api_row(layout, stand) for stand in group))
            for name, group in groupby(stands, key=lambda s: s.family)
        ),
        subjects=len(stands),
    )


def api_row(layout: Layout, stand: Stand) -> ApiRow:
    """One subject."""
    return ApiRow(
        subject=one_line(stand.subject),
        href=layout.subjects[stand.subject],
        letter=stand.agreement.letter,
        tone=stand.agreement.tone,
        says=stand.agreement.name,
        cases=len(stand.statuses),
        compared=any(status in COMPARED for status in stand.statuses),
        cells=cells(layout.cause_of, stand.divergences),
        tokens=tokens(stand.divergences),
    )


def cells(cause_of: Mapping[str, str], divergences: Sequence[Divergence]) -> tuple[Cell, ...]:
    """What each sort of observation showed: the worst of it, with a link to its cause."""
    by_group: dict[int, list[Divergence]] = defaultdict(list)
    for divergence in divergences:
        by_group[GROUP[divergence.kind]].append(divergence)
    return tuple(
        cell(cause_of, by_group[place]) if place in by_group else Cell() for place in range(len(KINDS))
    )


def cell(cause_of: Mapping[str, str], divergences: Sequence[Divergence]) -> Cell:
    """Divergences of one sort."""
    worst = min(divergences, key=lambda d: of_divergence(d).order)
    agreement = of_divergence(worst)
    count = len({d.fingerprint for d in divergences})
    return Cell(
        letter=agreement.letter,
        tone=agreement.tone,
        says=f"{agreement.name}, {plural(count, 'cause')}",
        href=cause_of.get(worst.id, ""),
        count=count,
    )
