"""`harness compare` and `harness report`: a pair compared, or compared again from what is stored."""

from __future__ import annotations

import argparse
import shutil
from dataclasses import replace
from pathlib import Path

from harness import disk, minimising, pipeline, standing
from harness.classify import baseline
from harness.commands import matrix
from harness.commands.options import (
    FAULT,
    OK,
    UNEXPECTED,
    Command,
    add_fail_on,
    add_pair,
    add_reports,
    add_run,
    own_specs,
    request_of,
)
from harness.errors import WrongUse
from harness.matrix import running, shipping, since
from harness.minimise import shipped
from harness.minimise.records import Minimal
from harness.model import Severity
from harness.report import files
from harness.report.records import UNEXPECTED as UNEXPECTED_VERDICTS
from harness.report.records import RunRecord, unexpected
from harness.screen import Screen
from harness.store import Store

MINUTES = 5.0
"""How long a comparison goes on to make its new causes small; `harness minimise` takes up what is left."""


def add_compare(to: argparse.ArgumentParser) -> None:
    """What `compare` takes."""
    add_pair(to)
    add_run(to)
    to.add_argument("--no-minimise", action="store_true", help="leave new causes as they were found")
    to.add_argument(
        "--minutes",
        type=float,
        default=MINUTES,
        metavar="N",
        help=f"how long making new causes small may take (default: {MINUTES:g})",
    )


def add_report(to: argparse.ArgumentParser) -> None:
    """What `report` takes."""
    to.add_argument("name", nargs="?", metavar="RUN", help="a run in the store (default: the latest)")
    to.add_argument("--against", metavar="RUN", help="hold it against this run (default: the one before)")
    add_reports(to)
    add_fail_on(to)


def run_compare(arguments: argparse.Namespace, screen: Screen) -> int:
    """Compare a pair and write its report."""
    paths = tuple(path.absolute() for path in arguments.cases)
    request = replace(
        request_of(arguments),
        profile=arguments.profile,
        only=tuple(arguments.only),
        seed=arguments.seed,
        use_cache=not arguments.no_cache,
        shuffle=arguments.shuffle,
        extra_scripts=paths,
        extra_specs=own_specs(paths),
        recheck=arguments.recheck,
    )
    folder = arguments.reports / "baseline"
    reviewed = baseline.load(folder)
    # Read again when the run has ended: a line that cannot be read is said before it begins.
    shipping.load(shipping.file_of(folder, request.pair.name))
    options = {"minimise": not arguments.no_minimise, "fail_on": arguments.fail_on}
    key = standing.asked(request, options, folder)
    with Store(arguments.reports / "store.sqlite") as store:
        stands = standing.found(key, store, arguments.reports)
    if stands is not None:
        return tell(stands, arguments, screen)
    with (
        disk.using((request.reference, request.candidate)),
        Store(arguments.reports / "store.sqlite") as store,
        screen.progress() as progress,
    ):
        record = pipeline.run(request, store, progress, reviewed)
        new = [] if arguments.no_minimise else unexpected(record.causes)
        record = minimising.minimise(
            record,
            new,
            request,
            store,
            progress,
            minutes=arguments.minutes,
            shipped=shipped_with(record, arguments),
        )
        stamp = store.stamp(standing.SORT)
        record = replace(record, since=since.dates_of(record, store, folder))
    code, told = finished(record, arguments, screen)
    if arguments.no_minimise or all(minimising.is_settled(record, cause) for cause in new):
        with Store(arguments.reports / "store.sqlite") as store:
            standing.keep(key, store, record, told, code, reports=arguments.reports, stamp=stamp)
    return code


def tell(stands: standing.StandingReport, arguments: argparse.Namespace, screen: Screen) -> int:
    """Name the report that stands, and end as its run ended."""
    point_latest(arguments.reports, stands.run)
    screen.again(stands.told, stands.run)
    screen.cost(stands.timings(), arguments.reports / stands.run / "index.html")
    return stands.code


def run_report(arguments: argparse.Namespace, screen: Screen) -> int:
    """Write the report of a run again; nothing is performed."""
    path = arguments.reports / "store.sqlite"
    if not path.exists():
        raise WrongUse(
            f"Expected `--reports` to be a folder with a store. Received: '{arguments.reports}', which has "
            "none. See `harness compare`."
        )
    reviewed = baseline.load(arguments.reports / "baseline")
    with Store(path) as store:
        name = arguments.name or next(reversed(of_pairs(store) or store.runs()), None)
        if name and (content := store.run(name)) and content.get("kind") == running.KIND:
            return matrix.finish(running.rebuild(content, store), arguments, screen)
        record = pipeline.rebuild(name, store, reviewed, against=arguments.against)
        newest = record.run == of_pairs(store)[-1]
        record = replace(
            record,
            since=since.dates_of(record, store, arguments.reports / "baseline"),
            minimal=minimising.known_of(record, store, shipped_with(record, arguments)),
        )
    return finish(record, arguments, screen, newest=newest)


def shipped_with(record: RunRecord, arguments: argparse.Namespace) -> dict[str, Minimal]:
    """What the baseline of a run's pair brings of smallest cases and programs."""
    return shipped.load(shipped.file_of(arguments.reports / "baseline", record.pair))


def of_pairs(store: Store) -> list[str]:
    """The runs of pairs, oldest first."""
    return [name for name in store.runs() if (store.run(name) or {}).get("kind") != running.KIND]


def finish(record: RunRecord, arguments: argparse.Namespace, screen: Screen, *, newest: bool = True) -> int:
    """Write the report of a run, say how it ended, and turn that into an exit code."""
    return finished(record, arguments, screen, newest=newest)[0]


def finished(
    record: RunRecord, arguments: argparse.Namespace, screen: Screen, *, newest: bool = True
) -> tuple[int, str]:
    """Write the report of a run and say how it ended; the exit code that makes, and what was said."""
    screen.say("writing the report …")
    index = files.write(record, arguments.reports / record.run)
    if newest:
        point_latest(arguments.reports, record.run)
    told = screen.summary(record)
    screen.cost(record.timings, index)
    if record.faults:
        return FAULT, told
    floor = Severity[arguments.fail_on.upper()]
    failing = [c for c in record.causes if c.verdict in UNEXPECTED_VERDICTS and c.severity.rank <= floor.rank]
    return (UNEXPECTED if failing or record.stale else OK), told


def point_latest(reports: Path, run: str) -> None:
    """Have `reports/latest` be the newest run: a link where links can be had, else a copy."""
    latest = reports / "latest"
    try:
        if latest.is_symlink() or latest.is_file():
            latest.unlink()
        elif latest.is_dir():
            shutil.rmtree(latest)
        latest.symlink_to(run, target_is_directory=True)
    except OSError:
        shutil.copytree(reports / run, latest, dirs_exist_ok=True)


COMMANDS = (
    Command("compare", "compare two targets and write a report", add_compare, run_compare),
    Command("report", "write the report of a run again, from the store alone", add_report, run_report),
)
