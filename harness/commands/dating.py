"""`harness since`: in which release the two sides of a pair came to differ, and which one changed."""

from __future__ import annotations

import argparse
from dataclasses import replace

from harness import pipeline
from harness.classify import baseline
from harness.commands import comparing
from harness.commands.matrix import add_running
from harness.commands.options import OK, UNEXPECTED, Command, add_fail_on, add_reports, add_targets
from harness.matrix import since
from harness.report import dates
from harness.screen import Screen
from harness.store import Store
from harness.targets import DEFAULT_PAIR, load


def add_since(to: argparse.ArgumentParser) -> None:
    """What `since` takes."""
    to.add_argument(
        "causes", nargs="*", metavar="CAUSE", help="fingerprints, titles, subjects (shell patterns)"
    )
    to.add_argument("--pair", default=DEFAULT_PAIR, help="a named pair that was compared")
    add_targets(to)
    to.add_argument("--select", action="append", default=[], metavar="GLOB", help="releases to ask, by id")
    to.add_argument("--again", action="store_true", help="date causes that have a date already")
    to.add_argument("--stored", action="store_true", help="perform nothing: ask the store alone")
    add_running(to)
    add_fail_on(to)
    add_reports(to)


def run_since(arguments: argparse.Namespace, screen: Screen) -> int:
    """Date causes, then write the pair's report again with what was found."""
    catalogue = load(arguments.targets)
    reviewed = baseline.load(arguments.reports / "baseline")
    request = since.SinceRequest(
        pair=arguments.pair,
        wanted=tuple(arguments.causes),
        targets=since.releases(catalogue, arguments.pair, patterns=arguments.select),
        jobs=arguments.jobs,
        make=not arguments.no_prepare,
        perform=not arguments.stored,
        again=arguments.again,
        minutes=arguments.minutes,
    )
    with Store(arguments.reports / "store.sqlite") as store, screen.progress() as progress:
        name = since.latest_run(arguments.pair, store)
        screen.say(f"comparing run {name} again …")
        record = pipeline.rebuild(name, store, reviewed)
        found, troubles = since.date_causes(request, record, store, progress)
        record = replace(record, since=since.dates_of(record, store))
    titles = {c.fingerprint: c.title for c in record.causes}
    for date in found:
        screen.say(f"{titles[date.cause]}")
        screen.say(f"    {dates.sentence(date)}")
    for line in troubles:
        screen.say(f"not dated: {line}")
    screen.say(f"{len(found)} of {len(record.causes)} causes dated by {since.asked(found)} releases")
    comparing.finish(record, arguments, screen)
    return UNEXPECTED if troubles else OK


COMMANDS = (
    Command("since", "date the causes of a pair: since which release, and who changed", add_since, run_since),
)
"""The command of this module."""
