"""`harness layers`: the layers both sides of each named pair have performed, counted from what they did."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import chain

from harness import layer_counts, pipeline
from harness.commands.options import FAULT, OK, UNEXPECTED, Command, add_reports, add_targets
from harness.errors import HarnessFault, WrongUse
from harness.judging import Contestant
from harness.layer_counts import Counted
from harness.model import Case
from harness.observing import Observer, Wanted
from harness.request import Request
from harness.screen import Screen
from harness.specs.registry import all_specs
from harness.store import Store
from harness.targets import Catalogue, Pair, load

FLOOR = 40
"""How many layers both sides of a pair are to perform at least."""


def add_layers(to: argparse.ArgumentParser) -> None:
    """What `layers` takes."""
    add_targets(to)
    to.add_argument(
        "--pair", action="append", default=[], metavar="NAME", help="a named pair (default: every pinned one)"
    )
    to.add_argument("--stored", action="store_true", help="perform nothing: count what the store holds")
    to.add_argument("--table", action="store_true", help="print Markdown for docs/engines.md")
    to.add_argument("--at-least", type=int, default=FLOOR, metavar="N", help="fewer layers of a pair fail")
    to.add_argument("--jobs", type=int, default=1, metavar="N", help="worker processes at a time")
    add_reports(to)


def run_layers(arguments: argparse.Namespace, screen: Screen) -> int:
    """Perform the first case of every layer where the store lacks it, and count."""
    if arguments.jobs < 1:
        raise WrongUse(f"Expected `--jobs` to be at least 1. Received: {arguments.jobs}.")
    catalogue = load(arguments.targets)
    pairs = chosen(catalogue, arguments.pair)
    cases = layer_counts.first_cases(all_specs())
    with Store(arguments.reports / "store.sqlite") as store, screen.silence() as progress:
        observer = Observer(store, jobs=arguments.jobs, progress=progress)
        every = [of_pair(pair, catalogue, cases, observer, perform=not arguments.stored) for pair in pairs]
    told = (
        layer_counts.table(every) if arguments.table else chain.from_iterable(map(layer_counts.lines, every))
    )
    for line in told:
        screen.say(line)
    if any(each.lost for each in every) or any(tally.faults for tally in observer.tallies.values()):
        return FAULT
    return OK if all(len(each.both) >= arguments.at_least for each in every) else UNEXPECTED


def chosen(catalogue: Catalogue, asked: Sequence[str]) -> list[Pair]:
    """The pairs asked for; every named pair of pinned targets when none is."""
    if asked:
        return [catalogue.pair(name) for name in asked]
    return [
        pair
        for pair in catalogue.pairs.values()
        if not any(catalogue.target(id).is_open for id in pair.targets)
    ]


def of_pair(
    pair: Pair, catalogue: Catalogue, cases: Sequence[Case], observer: Observer, *, perform: bool
) -> Counted:
    """The layers of one pair, performed where that is asked and the store lacks them."""
    request = Request(pair, catalogue.target(pair.reference), catalogue.target(pair.candidate))
    sides: list[Contestant | HarnessFault] = []
    for place, target in enumerate((request.reference, request.candidate)):
        try:
            sides.append(pipeline.ready_contestant(target, request, place))
        except HarnessFault as fault:
            sides.append(fault)
    ready = [side for side in sides if isinstance(side, Contestant)]
    if perform:
        observer.observe([Wanted(s.launch, tuple(cases), s.repeat) for s in ready], "layers")
    return layer_counts.counted(
        pair, cases, sides, lambda side, case: observer.observation(side.launch, case, side.repeat)
    )


COMMANDS = (Command("layers", "which layers both sides of each pair have performed", add_layers, run_layers),)
"""The command of this module."""
