"""A night from the union of its shards to what it leaves: pairs judged, gated, reported; what is new told."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness import pipeline
from harness.classify.expectations import Expectation
from harness.errors import HarnessFault
from harness.minimise.records import Minimal
from harness.minimising import known_of
from harness.model import Fault, Severity
from harness.nightly import figures, issues, pages
from harness.report import files
from harness.shards import describe
from harness.shards.describe import Plan
from harness.shards.union import Contradiction, as_faults
from harness.shards.verdicts import is_of, judge_pair
from harness.store import Store
from harness.targets import Catalogue

PARTS = ("issues",)
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
    contradictions: Sequence[Contradiction] = (),
    fail_on: Severity = Severity.NAMES,
    about: Mapping[str, Any],
    say: Callable[[str], None],
) -> Outcome:
    """Judge every pair of the plan and write everything the night leaves into `site`.

    shipped: what the baseline of a pair brings of smallest cases and programs.

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
        },
    )
    figures.remember(history, night.name, night.about, found)
    page = pages.page(night, history)
    write(page, faults, [site / pair.name / "junit.xml" for pair in planned.pairs], site)
    describe.write_list(told, site / "issues" / "issues.json")
    figures.save(history, site / "history.json")
    return Outcome(night, page, site / "index.html", failing, broken or bool(faults))


def reached(planned: Plan, store: Store) -> tuple[str, ...]:
    """What the time did not suffice for, a sentence per target."""
    lacking: dict[str, int] = {}
    asked: dict[str, int] = {}
    records = store.shards()
    for shard in planned.shards:
        record = records.get(shard.name)
        if record is None or not is_of(record, shard):
            continue
        for id in shard.targets:
            asked[id] = asked.get(id, 0) + int(record["cases"])
        for id, number in record["left"].items():
            lacking[id] = lacking.get(id, 0) + int(number)
    return tuple(f"{id}: {number:,} observations were not reached in time." for id, number in lacking.items())


def write(page: pages.NightPage, faults: Sequence[Fault], junit: Sequence[Path], site: Path) -> None:
    """Write the front page, the summary and one JUnit file."""
    try:
        pages.write_index(page, site / "index.html")
        (site / "summary.md").write_text("\n".join(pages.summary(page)) + "\n", encoding="utf-8")
        own = [fault for fault in faults if fault.target in ("shards", "plan")]
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
