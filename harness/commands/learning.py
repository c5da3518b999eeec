"""`harness upstream`: what upstream's own tests pass, held against our domains."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.commands.options import OK, UNEXPECTED, Command
from harness.plan import plan
from harness.screen import Screen
from harness.specs.found import LEARNT, keep
from harness.specs.registry import all_specs
from harness.upstream.adopting import adopt
from harness.upstream.comparing import Compared, Standing, compare, counts, gaps
from harness.upstream.domains import domains
from harness.upstream.facts import STORED, Fact, read, write
from harness.upstream.gathering import all_facts, gather
from harness.upstream.listed import LISTED

SHOWN = 40
"""How many lines of what lies outside are shown."""


def add_upstream(to: argparse.ArgumentParser) -> None:
    """What `upstream` takes."""
    to.add_argument(
        "checkouts",
        nargs="*",
        type=Path,
        metavar="CHECKOUT",
        help="of keras-team/keras or keras-team/tf-keras",
    )
    to.add_argument("--write", action="store_true", help="keep the facts of these checkouts")
    to.add_argument("--adopt", action="store_true", help="make cases of the calls that pass what ours do not")


def run_upstream(arguments: argparse.Namespace, screen: Screen) -> int:
    """Read facts, or take those kept, and say where they stand."""
    gathered = [gather(path) for path in arguments.checkouts]
    facts = all_facts(gathered) if gathered else read()[1]
    sources = [one.source for one in gathered] or read()[0]
    if arguments.write and gathered:
        write(STORED, sources, facts)
    found = standing(facts)
    if arguments.adopt:
        outside = [one.fact for one in found if one.standing is Standing.OUTSIDE]
        adopted = adopt(outside, (p for one in gathered for p in one.programs), all_specs())
        why = [(a.case, f"passed by {a.program.repository} {a.program.file}") for a in adopted]
        screen.say(f"cases added to {LEARNT.name}: {keep(why, LEARNT)}")
        found = standing(facts)
    for (subject, role, name, _), some in sorted(gaps(found).items())[:SHOWN]:
        screen.say(
            f"outside: {subject} {role} {name} {some[0].value!r} ({some[0].repository} {some[0].file})"
        )
    for source in sources:
        screen.say(f"read: {source.repository} {source.version} {source.commit}")
    for what, number in counts(found).items():
        screen.say(f"{what.value}: {number}")
    return UNEXPECTED if counts(found)[Standing.OUTSIDE] else OK


def standing(facts: list[Fact]) -> list[Compared]:
    """Where facts stand against the cases there are now."""
    return compare(facts, domains(plan(all_specs(), profile="full")), LISTED)


COMMANDS = (
    Command("upstream", "what Keras's own tests pass, held against our domains", add_upstream, run_upstream),
)
