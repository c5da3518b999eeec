"""`harness since`: in which release the two sides of a pair came to differ, and which one changed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

from harness import minimising, pipeline
from harness.classify import baseline
from harness.classify.expectations import Expectation
from harness.commands import comparing
from harness.commands.matrix import add_running
from harness.commands.options import OK, UNEXPECTED, Command, add_fail_on, add_reports, add_targets
from harness.matrix import parting, shipping, since
from harness.report import dates
from harness.report.records import RunRecord
from harness.screen import Screen
from harness.store import Store
from harness.targets import DEFAULT_PAIR, load


def add_since(to: argparse.ArgumentParser) -> None:
    """What `since` takes."""
    to.add_argument(
        "causes", nargs="*", metavar="CAUSE", help="fingerprints, titles, subjects (shell patterns)"
    )
    to.add_argument("--pair", default=DEFAULT_PAIR, help="a named pair that was compared")
    add_targets(to, "the releases to ask")
    to.add_argument("--again", action="store_true", help="date causes that have a date already")
    to.add_argument("--stored", action="store_true", help="perform nothing: ask the store alone")
    to.add_argument(
        "--into-baseline", action="store_true", help="ship the dates of expected causes with the baseline"
    )
    to.add_argument(
        "--no-report", action="store_true", help="write no report; `harness report` does it later"
    )
    add_running(to)
    add_fail_on(to)
    add_reports(to)


def run_since(arguments: argparse.Namespace, screen: Screen) -> int:
    """Date causes, then write the pair's report again with what was found."""
    catalogue = load(arguments.targets)
    reviewed = baseline.load(arguments.reports / "baseline")
    request = since.SinceRequest(
        targets=since.releases(
            catalogue, catalogue.pair(arguments.pair).targets, patterns=arguments.patterns
        ),
        jobs=arguments.jobs,
        make=not arguments.no_prepare,
        perform=not arguments.stored,
        again=arguments.again,
        minutes=arguments.minutes,
    )
    with Store(arguments.reports / "store.sqlite") as store, screen.progress() as progress:
        found_in = parting.of_last_run(arguments.pair, store, arguments.causes)
        found, troubles = since.date_causes(request, found_in, store, progress)
    titles = {example.cause: example.title for example in found_in.examples}
    for date in found:
        screen.say(f"{titles[date.cause]}")
        screen.say(f"    {dates.sentence(date)}")
    for line in troubles:
        screen.say(f"not dated: {line}")
    asked = len(found_in.examples)
    screen.say(f"{len(found)} of {asked} causes dated by {since.asked(found)} releases")
    if arguments.into_baseline or not arguments.no_report:
        record = dated_run(arguments, reviewed, screen)
        if arguments.into_baseline:
            ship(record, reviewed, arguments, screen)
        if not arguments.no_report:
            comparing.finish(record, arguments, screen)
    return UNEXPECTED if troubles else OK


def dated_run(arguments: argparse.Namespace, reviewed: Sequence[Expectation], screen: Screen) -> RunRecord:
    """The pair's last run, compared again, with every date there is."""
    folder = arguments.reports / "baseline"
    with Store(arguments.reports / "store.sqlite") as store:
        name = parting.last_run(arguments.pair, store)
        screen.say(f"comparing run {name} again …")
        record = pipeline.rebuild(name, store, reviewed)
        shipped = comparing.shipped_with(record, arguments)
        minimal = minimising.known_of(record, store, shipped)
        return replace(record, since=since.dates_of(record, store, folder), minimal=minimal)


def ship(
    record: RunRecord, reviewed: Sequence[Expectation], arguments: argparse.Namespace, screen: Screen
) -> None:
    """Write the dates of a run's expected causes beside the baseline."""
    file = shipping.file_of(arguments.reports / "baseline", record.pair)
    expected = {e.cause for e in reviewed if e.cause}
    today = pipeline.now().date().isoformat()
    lines, new = shipping.write(file, record, record.since.values(), expected, today)
    screen.say(f"{file}: {lines} causes dated, {new} of them written anew")


COMMANDS = (
    Command("since", "date the causes of a pair: since which release, and who changed", add_since, run_since),
)
"""The command of this module."""
