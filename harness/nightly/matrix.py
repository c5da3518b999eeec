"""The matrix of a night: its columns told from the union of shards, its evidence, what releases changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from harness import pipeline
from harness.matrix import columns as columns_
from harness.matrix import running
from harness.matrix.performing import Observed
from harness.matrix.rounds import Rounds
from harness.report.matrix_records import Change, Column, MatrixRecord
from harness.report.records import Timing
from harness.report.untrusted import one_line
from harness.shards.columns import columns_of, faults_of_evidence
from harness.shards.describe import Plan, Shard
from harness.shards.evidence import evidence_shards
from harness.shards.verdicts import planned_cases, records_of, summed
from harness.store import Store
from harness.targets import Catalogue

NEWEST = 2
"""Releases of each lineage that the front page tells of: what came out last, and its nightly."""


@dataclass(frozen=True)
class Release:
    """What a release changed, as a night saw it."""

    lineage: str
    column: str
    version: str
    appeared: int
    went: int
    new: int | None
    """Changes that no night before this one has seen; None where there was none."""


@dataclass(frozen=True)
class Figures:
    """The matrix of a night."""

    run: str
    cases: int
    columns: int
    observed: int
    """Columns that were observed."""
    not_run: Mapping[str, str] = field(default_factory=dict)
    """Column → why it was not run."""
    changes: int = 0
    new: int | None = None
    unsure: int = 0
    """Cases in which columns differ and nothing decides whether that is rounding."""
    releases: tuple[Release, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def columns_in(plan: Plan, store: Store, catalogue: Catalogue) -> Observed:
    """The columns of a plan as its shards left them."""
    targets = [catalogue.target(id) for id in plan.columns]
    records = records_of(plan.shards, store, since=plan.made)
    return columns_of(targets, plan.shards, records, store, late=False)


def evidence_rounds(
    plan: Plan, store: Store, catalogue: Catalogue, *, processes: int | None = None, at_once: bool = False
) -> Iterator[list[Shard]]:
    """The shards of each round of evidence; those of one are in the store before the next is asked for.

    None of a plan without a matrix. at_once: a round asks for all stages of evidence; what that tells apart
    is the same.
    """
    if not plan.columns:
        return
    seen = columns_in(plan, store, catalogue)
    cases = planned_cases(plan)
    store.keep_cases(cases)
    scripts = running.scripts_of(cases)
    rounds = Rounds(cases, seen.columns, scripts, store, processes=processes, at_once=at_once)
    number = 0
    while wanted := rounds.lacking():
        number += 1
        label = f"evidence-{number}"
        shards = evidence_shards(wanted, seen.columns, plan, catalogue, store, label=label)
        if shards:
            yield shards


def matrix_of(plan: Plan, evidence: Sequence[Shard], store: Store, catalogue: Catalogue) -> MatrixRecord:
    """The record of a plan's matrix, from the store alone; the store keeps the run.

    evidence: the shards of its evidence, of all rounds.
    """
    began = pipeline.now()
    seen = columns_in(plan, store, catalogue)
    cases = planned_cases(plan)
    store.keep_cases(cases)
    scripts = running.scripts_of(cases)
    survey = Rounds(cases, seen.columns, scripts, store).settled()
    first = records_of(plan.shards, store, since=plan.made)
    second = records_of(evidence, store, since=plan.made)
    faults = [*seen.faults, *faults_of_evidence(evidence, second, seen.columns, late=False)]
    both = [*first.values(), *second.values()]
    spent = summed(both, plan.columns)
    late = any(record["left"].get(id) for record in both for id in plan.columns)
    past = {
        **running.named(began, plan.profile, plan.seed),
        "started": min((record["started"] for record in both), default=began.isoformat())[:19] + "+00:00",
        "ended": pipeline.now().isoformat(timespec="seconds"),
        "settings": {"only": list(plan.only), "shards": len(plan.shards), "evidence shards": len(evidence)},
        "columns": columns_.plain(seen.columns),
        "scripts": scripts,
        "faults": [asdict(fault) for fault in dict.fromkeys(faults)],
        "timings": running.timings([spent.get(id, Timing(id, 0, 0.0, 0.0, 0.0)) for id in plan.columns]),
        "cut_short": running.reached(survey, cases, seen.columns, None) if late else "",
    }
    return running.kept(past, seen.columns, cases, survey, store)


def key_of(change: Change) -> str:
    """What a change is remembered by; the release before may be another one tomorrow."""
    return "|".join((change.lineage, change.after, "went" if change.back else "appeared", change.fingerprint))


def figures(record: MatrixRecord, seen: Mapping[str, object] | None) -> Figures:
    """What a night says of its matrix.

    seen: the changes that earlier nights saw; None where no earlier night had a matrix.
    """
    return Figures(
        run=record.run,
        cases=len(record.cases),
        columns=len(record.columns),
        observed=sum(column.ran for column in record.columns),
        not_run={c.id: one_line(c.why, 300) for c in record.columns if not c.ran},
        changes=len(record.changes),
        new=None if seen is None else len({key_of(c) for c in record.changes} - set(seen)),
        unsure=sum(row.unsure for row in record.cases),
        releases=tuple(newest(record, seen)),
    )


def newest(record: MatrixRecord, seen: Mapping[str, object] | None) -> Iterator[Release]:
    """What the newest releases of each lineage changed, newest first."""
    by_id: dict[str, Column] = {column.id: column for column in record.columns}
    for lineage in record.lineages:
        if lineage.name == columns_.ALONE:
            continue
        ran = [by_id[id] for id in lineage.columns if by_id[id].ran]
        for column in reversed(ran[1:][-NEWEST:]):  # the first has none before it to change from
            found = [c for c in record.changes if (c.lineage, c.after) == (lineage.name, column.id)]
            back = Counter(change.back for change in found)
            new = None if seen is None else len({key_of(c) for c in found} - set(seen))
            yield Release(lineage.name, column.id, column.version, back[False], back[True], new)


def titles(record: MatrixRecord) -> dict[str, str]:
    """The changes of a matrix, by what they are remembered by."""
    return {key_of(change): one_line(change.title, 200) for change in record.changes}
