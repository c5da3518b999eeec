"""`harness minimise`: the smallest case, what explains it and an executed program, for causes of a stored
run."""

from __future__ import annotations

import argparse
import fnmatch
import os
from collections.abc import Sequence
from dataclasses import replace

from harness import minimising, pipeline
from harness.classify import baseline
from harness.commands.comparing import finish
from harness.commands.options import Command, add_fail_on, add_reports, add_targets, own_specs
from harness.errors import WrongUse
from harness.minimise import shipped
from harness.model import Cause, TargetInfo
from harness.report.records import RunRecord, unexpected
from harness.request import Request
from harness.screen import Screen
from harness.store import Store
from harness.targets import load


def add_minimise(to: argparse.ArgumentParser) -> None:
    """What `minimise` takes."""
    to.add_argument(
        "causes",
        nargs="*",
        metavar="CAUSE",
        help="fingerprints or subjects of causes (shell patterns; default: all that are not expected)",
    )
    to.add_argument("--all", action="store_true", help="every cause, expected ones too")
    to.add_argument(
        "--into-baseline",
        action="store_true",
        help="ship what is found of expected causes with the baseline; what is missing or outdated is done",
    )
    to.add_argument("--run", dest="name", metavar="RUN", help="a run in the store (default: the latest)")
    to.add_argument("--minutes", type=float, metavar="N", help="stop after so long, in good order")
    to.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N")
    add_targets(to)
    add_reports(to)
    add_fail_on(to)


def run_minimise(arguments: argparse.Namespace, screen: Screen) -> int:
    """Make causes of a stored run small, and write its report again."""
    path = arguments.reports / "store.sqlite"
    if not path.exists():
        raise WrongUse(
            f"Expected `--reports` to be a folder with a store. Received: '{arguments.reports}', which has "
            "none. See `harness compare`."
        )
    reviewed = baseline.load(arguments.reports / "baseline")
    with Store(path) as store, screen.progress() as progress:
        record = pipeline.rebuild(arguments.name, store, reviewed)
        newest = record.run == store.runs()[-1]
        chosen = chosen_causes(record, arguments.causes, every=arguments.all)
        request = request_for(record, store, arguments)
        file = shipped.file_of(arguments.reports / "baseline", record.pair)
        known = shipped.load(file)
        minutes = arguments.minutes
        record = minimising.minimise(record, chosen, request, store, progress, minutes=minutes, shipped=known)
    for line in minimising.figures(record, chosen):
        screen.say(line)
    if arguments.into_baseline:
        kept = minimising.to_ship(record, known, {e.cause for e in reviewed if e.cause})
        shipped.write(file, kept)
        screen.say(
            f"{file}: {len(kept)} causes, {sum(kept[c] != known.get(c) for c in kept)} of them written anew"
        )
    return finish(record, arguments, screen, newest=newest)


def chosen_causes(record: RunRecord, patterns: Sequence[str], *, every: bool) -> list[Cause]:
    """The causes that are named; without names those not expected, or every one."""
    if not patterns:
        return list(record.causes) if every else unexpected(record.causes)
    found = [c for c in record.causes if any(names(c, pattern) for pattern in patterns)]
    if not found:
        raise WrongUse(
            f"Expected CAUSE to be the fingerprint or a subject of a cause of {record.run}. Received: "
            f"{', '.join(patterns)}, which names none. See the report's list of causes."
        )
    return found


def names(cause: Cause, pattern: str) -> bool:
    """Whether a pattern is a cause's fingerprint or matches one of its subjects."""
    return cause.fingerprint == pattern or any(fnmatch.fnmatchcase(s, pattern) for s in cause.subjects)


def request_for(record: RunRecord, store: Store, arguments: argparse.Namespace) -> Request:
    """What to ask the targets of a run again. Raises `WrongUse` when the table does not have them."""
    catalogue = load(arguments.targets)
    ids = [side.id for side in (record.reference, record.candidate) if isinstance(side, TargetInfo)]
    if len(ids) < 2:
        raise WrongUse(f"Expected {record.run} to have observed both sides. Received: {len(ids)} of them.")
    pair = replace(catalogue.pair_of(name=None, reference=ids[0], candidate=ids[1]), name=record.pair)
    paths = tuple(minimising.own_files(store, record))
    return Request(
        pair=pair,
        reference=catalogue.target(ids[0]),
        candidate=catalogue.target(ids[1]),
        jobs=arguments.jobs,
        extra_scripts=paths,
        extra_specs=own_specs(paths),
    )


COMMANDS = (
    Command("minimise", "make causes small, explain them and run their programs", add_minimise, run_minimise),
)
