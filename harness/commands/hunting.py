"""`harness hunt`: a search for causes beyond the corpus."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace

from harness import hunting, pipeline
from harness.commands.options import FAULT, OK, UNEXPECTED, Command, add_pair, add_reports, request_of
from harness.errors import WrongUse
from harness.screen import Screen
from harness.specs.found import keep
from harness.specs.registry import all_specs
from harness.store import Store

MINUTES = 10.0


def add_hunt(to: argparse.ArgumentParser) -> None:
    """What `hunt` takes."""
    add_pair(to)
    to.add_argument("--minutes", type=float, default=MINUTES, metavar="N", help="how long to search")
    to.add_argument(
        "--only", action="append", default=[], metavar="PATTERN", help="subjects to search in (shell pattern)"
    )
    to.add_argument("--rounds", type=int, metavar="N", help="end after so many rounds, if not before")
    to.add_argument("--keep", action="store_true", help="add what was found and made small to the corpus")
    to.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N")
    add_reports(to)


def run_hunt(arguments: argparse.Namespace, screen: Screen) -> int:
    """Search, say what was found, keep it if that was asked for."""
    request = replace(request_of(arguments), only=tuple(arguments.only))
    specs = [s for s in all_specs() if pipeline.may_match(s, request.only)]
    if not specs:
        raise WrongUse(
            f"Expected `--only` to match a subject. Received: {', '.join(request.only)}, which matches none."
        )
    with Store(arguments.reports / "store.sqlite") as store, screen.progress() as progress:
        known = pipeline.known_divergences(request.pair.name, store)
        found = hunting.hunt(
            request,
            specs,
            known,
            store,
            progress,
            minutes=arguments.minutes,
            folder=arguments.reports / "hunt" / "examples",
            most=arguments.rounds,
        )
    for find in found.finds:
        screen.say(f"{find.divergence.severity}: {find.case.address}")
        screen.say(f"    {find.divergence.summary}")
    if arguments.keep:
        added = keep([(f.case, f.divergence.summary) for f in found.finds if f.finished])
        screen.say(f"kept: {added}")
    screen.say(f"rounds: {found.rounds}")
    screen.say(f"cases: {found.tried}")
    screen.say(f"new_causes: {len(found.finds)}")
    if found.faults:
        return FAULT
    return UNEXPECTED if found.finds else OK


COMMANDS = (Command("hunt", "search for causes beyond the corpus", add_hunt, run_hunt),)
