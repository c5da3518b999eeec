"""`harness crossload`: every writer's files, read by every reader."""

from __future__ import annotations

import argparse
import fnmatch
import os
from collections import Counter
from collections.abc import Sequence

from harness import rules
from harness.commands.options import FAULT, OK, Command, add_reports, add_targets
from harness.crossload import matrix
from harness.crossload.matrix import MatrixRequest
from harness.crossload.records import MatrixRecord, Result
from harness.crossload.table import FORMATS, PROFILES, models, models_of, targets_of
from harness.errors import WrongUse
from harness.report import crossload as report
from harness.screen import Screen, counted
from harness.store import Store
from harness.targets import load


def add_crossload(to: argparse.ArgumentParser) -> None:
    """What `crossload` takes."""
    for option, what in (
        ("--models", "models, through every format whatever the profile"),
        ("--formats", "formats"),
    ):
        to.add_argument(
            option, action="append", default=[], metavar="PATTERN", help=f"{what} (shell pattern)"
        )
    to.add_argument(
        "--profile", choices=PROFILES, default=PROFILES[0],
        help="quick: the most telling models of each format; full: every model in every format",
    )  # fmt: skip
    to.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="worker processes at a time"
    )
    to.add_argument("--stored", action="store_true", help="perform nothing: the report of what is stored")
    to.add_argument("--no-cache", action="store_true", help="write and read everything again")
    add_targets(to, "the targets that write and read (default: those of the documentation)")
    add_reports(to)


def chosen(what: str, patterns: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """The names that a pattern matches, in their order; all of them without a pattern."""
    for pattern in patterns:
        if not fnmatch.filter(names, pattern):
            raise WrongUse(rules.unknown(what, pattern, names, see="docs/cross-load.md"))
    return tuple(n for n in names if not patterns or any(fnmatch.fnmatchcase(n, p) for p in patterns))


def request_of(arguments: argparse.Namespace) -> MatrixRequest:
    """What a command line asks for. Raises `WrongUse` for what is not there."""
    if arguments.jobs < 1:
        raise WrongUse(f"Expected `--jobs` to be at least 1. Received: {arguments.jobs}.")
    catalogue = load(arguments.targets)
    targets = (
        catalogue.select(arguments.patterns)
        if arguments.patterns
        else tuple(map(catalogue.target, targets_of(arguments.profile)))
    )
    formats = chosen("--formats", arguments.formats, [f.name for f in FORMATS])
    through = models_of(arguments.profile)
    if arguments.models:
        through = dict.fromkeys(through, chosen("--models", arguments.models, [m.name for m in models()]))
    return MatrixRequest(
        targets=targets,
        formats=tuple(f for f in FORMATS if f.name in formats),
        models=through,
        profile="chosen models" if arguments.models else arguments.profile,
        files=arguments.reports / "crossload" / "files",
        jobs=arguments.jobs,
        use_cache=not arguments.no_cache,
        perform=not arguments.stored,
        hostile=not arguments.models and not arguments.formats,
    )


def run_crossload(arguments: argparse.Namespace, screen: Screen) -> int:
    """Make the matrix and write its report."""
    request = request_of(arguments)
    with Store(arguments.reports / "store.sqlite") as store, screen.progress() as progress:
        record = matrix.run(request, store, progress)
    screen.say("writing the report …")
    page = report.write(record, arguments.reports / record.run)
    summary(record, screen)
    screen.say(f"report: {page}")
    return FAULT if record.faults else OK


def summary(record: MatrixRecord, screen: Screen) -> None:
    """Cells by result, and what it cost."""
    counts = Counter(cell.result for cell in record.cells)
    for result in Result:
        if counts[result]:
            screen.say(f"{counts[result]:6d}  {result}")
    for fault in record.faults[:12]:
        screen.say(f"harness fault: {fault.target}: {fault.what}. {fault.fix}")
    performed, cached = sum(record.performed.values()), sum(record.cached.values())
    screen.say(
        f"{counted(len(record.cells), 'cell')}; {counted(performed, 'case')} performed, {cached} from the "
        f"store; {sum(record.seconds.values()):.1f} s inside cases"
    )


COMMANDS = (
    Command("crossload", "save with every target, load with every other one", add_crossload, run_crossload),
)
