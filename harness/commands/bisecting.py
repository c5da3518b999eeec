"""`harness bisect`: the exact release in which one side of a pair changed, table or not."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from harness import environments
from harness.bisecting import Bisected, Boundary, Search, bisect
from harness.commands.matrix import add_running
from harness.commands.options import OK, Command, add_pair, add_reports, request_of
from harness.errors import WrongUse
from harness.matrix import parting, since
from harness.matrix.performing import Clock
from harness.plan import PROFILES
from harness.report.dates import MEANING
from harness.report.untrusted import slug
from harness.screen import Screen
from harness.store import Store
from harness.targets import Catalogue, Target, load

FOLDER = "bisect"
"""Where answers are kept, below the folder of the reports."""


def add_bisect(to: argparse.ArgumentParser) -> None:
    """What `bisect` takes."""
    to.add_argument(
        "causes", nargs="*", metavar="CAUSE", help="a cause's fingerprint, title or subject (shell pattern)"
    )
    add_pair(to)
    to.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="PATTERN",
        help="perform these cases on the two sides instead of looking into their last run",
    )
    to.add_argument("--profile", choices=PROFILES, default=PROFILES[0], help="of the cases of `--only`")
    to.add_argument("--no-parts", action="store_true", help="tell no distributions of a release apart")
    to.add_argument(
        "--every", action="store_true", help="ask every target of the table, not its default ones"
    )
    to.add_argument(
        "--from",
        dest="first",
        action="append",
        default=[],
        metavar="ID",
        help="the oldest target of a lineage to ask",
    )
    to.add_argument(
        "--to",
        dest="last",
        action="append",
        default=[],
        metavar="ID",
        help="the newest target of a lineage to ask",
    )
    add_running(to)
    add_reports(to)


def run_bisect(arguments: argparse.Namespace, screen: Screen) -> int:
    """Find the releases in which a cause came to show."""
    if not arguments.causes and not arguments.only:
        raise WrongUse("Expected `CAUSE` or `--only` to say what to bisect. Received: neither.")
    catalogue = load(arguments.targets)
    request = replace(
        request_of(arguments), only=tuple(arguments.only), profile=arguments.profile, jobs=arguments.jobs
    )
    sides = request.pair.reference, request.pair.candidate
    targets = asked_first(catalogue, sides, arguments.first, arguments.last, arguments.every)
    clock = Clock(arguments.minutes)
    with Store(arguments.reports / "store.sqlite") as store, screen.progress() as progress:
        if request.only:
            if not arguments.no_prepare:
                for target in (request.reference, request.candidate):
                    environments.prepare(target, say=progress.say, until=clock.until)
            found_in = parting.of_cases(request, store, progress, arguments.causes)
        else:
            found_in = parting.of_last_run(request.pair.name, store, arguments.causes)
        search = Search(
            sides, store, progress, catalogue.targets, arguments.jobs, clock,
            make=not arguments.no_prepare, apart=not arguments.no_parts,
        )  # fmt: skip
        answers, refused = 0, []
        for example in found_in.examples:
            try:
                found = bisect(example, targets, search)
            except WrongUse as error:
                refused.append(error)
                screen.say(str(error))
                continue
            answers += 1
            show(found, screen)
            screen.say(f"kept in {keep(found, request.pair.name, arguments.reports)}")
    if not answers:
        raise refused[0]
    return OK


def asked_first(
    catalogue: Catalogue,
    both: tuple[str, str],
    first: Sequence[str],
    last: Sequence[str],
    every: bool = False,
) -> Sequence[Target]:
    """The targets of the table to ask, both sides and every bound included.

    both: ids of the two sides.
    first, last: bounds, each of its own lineage; a lineage without one is asked as far as the table goes.
    every: all targets of the lineages; else the default selection of the table.

    Raises:
        WrongUse: a bound is of no lineage that dates the pair.
    """
    possible = since.releases(catalogue, both, patterns=("*",))
    bounds = {*first, *last}
    unknown = sorted(bounds - {t.id for t in possible})
    if unknown:
        raise WrongUse(
            f"Expected `--from` and `--to` to be releases that date {both[0]} and {both[1]}. Received: "
            f"'{unknown[0]}'. See `harness targets`."
        )
    sides = set(both)
    usual = {t.id for t in (possible if every else since.releases(catalogue, both))} | sides | bounds
    out = [t for t in possible if t.id in usual]
    for bound, newest in [*((b, False) for b in first), *((b, True) for b in last)]:
        limit = catalogue.target(bound)
        out = [t for t in out if t.id in sides or within(t, limit, newest)]
    return out


def within(target: Target, limit: Target, newest: bool) -> bool:
    """Whether a target lies on the right side of a bound, or is of another lineage."""
    if target.lineage[:1] != limit.lineage[:1]:
        return True
    return target.order <= limit.order if newest else target.order >= limit.order


def show(found: Bisected, screen: Screen) -> None:
    """One answer, for a person."""
    screen.say(found.title)
    screen.say(f"    by the table: {found.sentence}")
    if not found.boundaries:
        screen.say("    no change lies between two releases that were observed")
    for boundary in found.boundaries:
        screen.say(f"    {told(boundary)}")
        if boundary.evidence:
            screen.say(f"      between the two: {boundary.evidence}")
        for name, mark in boundary.parts:
            screen.say(f"      {boundary.before} with {name} of {boundary.after}: {MEANING[mark]}")
        for link in boundary.links:
            screen.say(f"      {link}")
    for trouble in dict.fromkeys(found.troubles):
        screen.say(f"    not asked: {trouble}")


def told(boundary: Boundary) -> str:
    """One change in a sentence."""
    line = boundary.lineage or boundary.side
    words = f"{line}: {boundary.before} is {MEANING[boundary.before_mark]}, {boundary.after} "
    words += MEANING[boundary.after_mark] + (" and so to this day" if boundary.latest else "")
    if boundary.left:
        words += f"; {', '.join(boundary.left)} between them could not be asked"
    if not boundary.listed:
        words += "; which releases lie between them is not known"
    if boundary.asked:
        words += "; asked " + ", ".join(f"{v} ({MEANING[m]})" for v, m in boundary.asked)
    return words


def keep(found: Bisected, pair: str, reports: Path) -> Path:
    """Keep an answer as JSON."""
    path = reports / FOLDER / f"{slug(pair)}-{slug(found.title, found.cause)}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = {
        "cause": found.cause,
        "title": found.title,
        "case": found.case,
        "pair": pair,
        "by the table": found.coarse.plain(),
        "boundaries": [asdict(b) | {"exact": b.exact} for b in found.boundaries],
        "troubles": list(found.troubles),
    }
    path.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


COMMANDS = (
    Command("bisect", "the exact release in which one side of a pair changed", add_bisect, run_bisect),
)
"""The command of this module."""
