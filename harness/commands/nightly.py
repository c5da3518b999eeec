"""`harness nightly`: every pair, in shards, brought together, judged, gated and told."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from harness.classify import baseline
from harness.commands.options import (
    FAULT,
    OK,
    UNEXPECTED,
    Command,
    add_fail_on,
    add_reports,
)
from harness.commands.sharding import add_dask, add_disk, add_what, planned, runner_of
from harness.errors import WrongUse
from harness.minimise import shipped
from harness.minimise.records import Minimal
from harness.model import Severity
from harness.nightly.matrix import evidence_rounds
from harness.nightly.night import Outcome, conclude
from harness.screen import Screen
from harness.shards import describe, union
from harness.shards.perform import deadline
from harness.shards.runners import run_shards
from harness.store import Store
from harness.targets import load


def add_nightly(to: argparse.ArgumentParser) -> None:
    """What `nightly` takes."""
    add_what(to)
    to.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="shards at a time")
    to.add_argument("--minutes", type=float, metavar="N", help="begin nothing new after so long")
    add_dask(to)
    to.add_argument(
        "--plan", type=Path, metavar="FILE", help="a plan of `harness shard plan` instead of a new one"
    )
    to.add_argument(
        "--evidence", type=Path, metavar="FILE", help="what `harness shard evidence` wrote, beside --plan"
    )
    to.add_argument(
        "--stores",
        type=Path,
        nargs="*",
        metavar="STORE",
        help="what shards observed elsewhere: nothing is performed",
    )
    add_disk(to)
    add_fail_on(to)
    add_reports(to)


def run_nightly(arguments: argparse.Namespace, screen: Screen) -> int:
    """Perform what is planned, bring it together, judge and tell."""
    if arguments.jobs < 1:
        raise WrongUse(f"Expected `--jobs` to be at least 1. Received: {arguments.jobs}.")
    until = deadline(arguments.minutes)
    catalogue = load(arguments.targets)
    plan = describe.read_plan(arguments.plan) if arguments.plan else planned(arguments, catalogue)
    if not plan.pairs and not plan.columns:
        raise WrongUse("Expected `--pairs` to name what is judged. Received: none. See `harness pairs`.")
    if arguments.evidence and arguments.stores is None:
        raise WrongUse(
            f"Expected `--stores` beside `--evidence`. Received: '{arguments.evidence}' alone. Without "
            "`--stores` a night gathers the evidence itself."
        )
    evidence = list(describe.read_plan(arguments.evidence).shards) if arguments.evidence else []
    reviewed = baseline.load(arguments.reports / "baseline")
    path = arguments.reports / "store.sqlite"
    found: list[union.Contradiction] = []
    with Store(path) as store:
        if arguments.stores is not None:
            for other in arguments.stores:
                brought = union.take_in(store, other)
                screen.say(f"{other}: {brought.new} new observations")
                found += brought.contradictions
        else:
            runner = runner_of(arguments, catalogue, path, until)
            with screen.progress() as progress:
                found += run_shards(plan.shards, runner, store=store, progress=progress)
                dear = arguments.disk is not None  # a round makes environments again that were removed
                for shards in evidence_rounds(plan, store, catalogue, processes=arguments.jobs, at_once=dear):
                    if time.monotonic() >= until:
                        break
                    found += run_shards(shards, runner, store=store, progress=progress)
                    evidence += shards
        outcome = conclude(
            plan,
            store,
            catalogue,
            arguments.reports / "nightly",
            baseline=reviewed,
            shipped=shipped_in(arguments.reports / "baseline"),
            evidence=evidence,
            contradictions=found,
            fail_on=Severity[arguments.fail_on.upper()],
            about={"minutes": arguments.minutes},
            say=screen.say,
        )
    show(outcome, screen)
    if outcome.faults:
        return FAULT
    return UNEXPECTED if outcome.failing else OK


def shipped_in(folder: Path) -> Callable[[str], Mapping[str, Minimal]]:
    """What the baseline brings of smallest cases and programs, by pair."""
    return lambda pair: shipped.load(shipped.file_of(folder, pair))


def show(outcome: Outcome, screen: Screen) -> None:
    """How the night ended, in the terminal."""
    screen.say(f"\n{outcome.page.night}: {outcome.page.headline}")
    for row in outcome.page.pairs:
        cases = ", ".join(f"{number} {status}" for status, number, _ in row.cases)
        screen.say(
            f"{row.name}: {row.verdict}; {row.causes} causes, {row.unexpected} unexpected, {row.new} new;"
            f" {cases}"
        )
        for note in row.notes:
            screen.say(f"  {note}")
    if outcome.page.matrix:
        screen.say(f"matrix: {outcome.page.matrix.sentence}")
        for sentence in outcome.page.matrix.sentences:
            screen.say(f"  {sentence}")
    for sentence in outcome.page.sentences:
        screen.say(sentence)
    for fault in outcome.night.faults[:12]:
        screen.say(f"harness fault: {fault.target}: {fault.what}. {fault.fix}")
    screen.say(f"report: {outcome.index}")


COMMANDS = (Command("nightly", "every pair in shards, judged, gated and told", add_nightly, run_nightly),)
