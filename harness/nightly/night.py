"""A night from the union of its shards to what it leaves: pairs judged, gated, reported; what is new told."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness import pipeline
from harness.classify.expectations import Expectation
from harness.errors import HarnessFault
from harness.minimise.records import Minimal
from harness.minimising import known_of
from harness.model import Fault, Severity
from harness.nightly import figures, issues, matrix, pages
from harness.report import files, matrix_files
from harness.report.matrix_records import MatrixRecord
from harness.shards import describe
from harness.shards.describe import Plan, Shard
from harness.shards.union import Contradiction, as_faults
from harness.shards.verdicts import judge_pair, records_of
from harness.store import Store
from harness.targets import Catalogue

PARTS = ("issues", pages.MATRIX)
"""Folders of the site that are written anew each night, besides those of the pairs."""


@dataclass(frozen=True)
class Outcome:
    """How a night ended."""

    night: pages.Night
    page: pages.NightPage
    index: Path
    failing: bool
    """Whether a pair fails the gate."""
    faults: bool
    """Whether something could not be observed, of a pair or at all."""


def conclude(
    planned: Plan,
    store: Store,
    catalogue: Catalogue,
    site: Path,
    *,
    baseline: Sequence[Expectation],
    shipped: Callable[[str], Mapping[str, Minimal]] = lambda pair: {},
    evidence: Sequence[Shard] = (),
    contradictions: Sequence[Contradiction] = (),
    fail_on: Severity = Severity.NAMES,
    about: Mapping[str, Any],
    say: Callable[[str], None],
) -> Outcome:
    """Judge every pair of the plan and write everything the night leaves into `site`.

    shipped: what the baseline of a pair brings of smallest cases and programs.
    evidence: the shards in which the evidence of the plan's matrix was observed.

    Raises:
        HarnessFault: the site cannot be written, or its history is none.
    """
    began = pipeline.now()
    history = figures.load(site / "history.json")
    site.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        shutil.rmtree(site / part, ignore_errors=True)
    found: list[tuple[figures.Figures, Mapping[str, str]]] = []
    told: list[dict[str, str]] = []
    faults = [*(Fault(**fault) for fault in planned.faults), *as_faults(contradictions)]
    failing = broken = False
    grid = classified(planned, evidence, store, catalogue, site, say) if planned.columns else None
    faults += [fault for fault in grid.faults if fault not in faults] if grid else []
    for pair in planned.pairs:
        say(f"judging {pair.name} …")
        record = judge_pair(pair, planned, store, catalogue, baseline)
        record = replace(record, minimal=known_of(record, store, shipped(pair.name)))
        new = figures.new_causes(record, history)
        texts = issues.write(record, new, site / "issues")
        told += [issues.entry(record, cause, path) for cause, path in zip(new, texts, strict=True)]
        files.write(record, site / pair.name)
        numbers = figures.figures(record, history)
        nothing = figures.nothing_compared(numbers)
        faults += [nothing] if nothing else []
        faults += [fault for fault in record.faults if fault not in faults]
        found.append((numbers, figures.titles(record)))
        failing = failing or figures.failing(record, fail_on)
        broken = broken or bool(record.faults)
    night = pages.Night(
        name=f"{began:%Y-%m-%dT%H:%M:%SZ}",
        figures=tuple(numbers for numbers, _ in found),
        faults=tuple(faults),
        issues=tuple((f"issues/{each['file']}", each["title"]) for each in told),
        reached=reached(planned, store),
        about={
            **about,
            "profile": planned.profile,
            "only": list(planned.only),
            "shards": len(planned.shards),
            "evidence shards": len(evidence) or None,
        },
        matrix=matrix.figures(grid, history.changes_seen) if grid else None,
    )
    changes = (night.matrix.plain(), matrix.titles(grid)) if grid and night.matrix else None
    figures.remember(history, night.name, night.about, found, changes)
    page = pages.page(night, history)
    alone = set(planned.columns) - {id for pair in planned.pairs for id in pair.targets}
    write(page, faults, [site / pair.name / "junit.xml" for pair in planned.pairs], site, alone)
    describe.write_list(told, site / "issues" / "issues.json")
    figures.save(history, site / "history.json")
    return Outcome(night, page, site / "index.html", failing, broken or bool(faults))


def classified(
    planned: Plan,
    evidence: Sequence[Shard],
    store: Store,
    catalogue: Catalogue,
    site: Path,
    say: Callable[[str], None],
) -> MatrixRecord:
    """The matrix of a plan, its report written into `site`."""
    say(f"classifying {len(planned.columns)} targets …")
    grid = matrix.matrix_of(planned, evidence, store, catalogue)
    matrix_files.write(grid, site / pages.MATRIX)
    return grid


def reached(planned: Plan, store: Store) -> tuple[str, ...]:
    """What the time did not suffice for, a sentence per target."""
    lacking: dict[str, int] = {}
    for record in records_of(planned.shards, store, since=planned.made).values():
        for id, number in record["left"].items():
            lacking[id] = lacking.get(id, 0) + int(number)
    return tuple(f"{id}: {number:,} observations were not reached in time." for id, number in lacking.items())


def write(
    page: pages.NightPage,
    faults: Sequence[Fault],
    junit: Sequence[Path],
    site: Path,
    alone: Collection[str] = (),
) -> None:
    """Write the front page, the summary and one JUnit file.

    alone: targets that are a side of no pair, so that no pair's JUnit file tells of their faults.
    """
    try:
        pages.write_index(page, site / "index.html")
        (site / "summary.md").write_text("\n".join(pages.summary(page)) + "\n", encoding="utf-8")
        own = [fault for fault in faults if fault.target in ("shards", "plan") or fault.target in alone]
        pages.join_junit(junit, own, site / "junit.xml")
        told = os.environ.get("GITHUB_STEP_SUMMARY")
        if told:
            with Path(told).open("a", encoding="utf-8") as file:
                file.write("\n".join(pages.summary(page)) + "\n")
    except OSError as error:
        raise HarnessFault(
            f"Expected to write the night into '{site}'. Received: {error}. What was observed is in the "
            "store; free some space and run again."
        ) from error
