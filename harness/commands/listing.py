"""`harness pairs`, `harness targets` and `harness prepare`: what there is to compare, and making it."""

from __future__ import annotations

import argparse

from harness import disk, environments
from harness.commands.options import FAULT, OK, Command, add_targets
from harness.screen import Screen, sentences
from harness.targets import load


def add_prepare(to: argparse.ArgumentParser) -> None:
    """What `prepare` takes."""
    add_targets(to)
    to.add_argument("ids", nargs="+", metavar="ID", help="target ids (shell patterns)")


def add_listed(to: argparse.ArgumentParser) -> None:
    """What `targets` takes."""
    add_targets(to)
    to.add_argument("--disk", action="store_true", help="show instead how much disk environments take")


def run_pairs(arguments: argparse.Namespace, screen: Screen) -> int:
    """Show the named pairs."""
    screen.pairs(environments.pair_rows(load(arguments.targets)))
    return OK


def run_targets(arguments: argparse.Namespace, screen: Screen) -> int:
    """Show every target, or what their environments take."""
    if arguments.disk:
        for line in disk.lines(*disk.kept()):
            screen.say(line)
        return OK
    catalogue = load(arguments.targets)
    screen.targets(environments.target_rows(catalogue))
    return OK


def run_prepare(arguments: argparse.Namespace, screen: Screen) -> int:
    """Make environments."""
    missing = 0
    for target in load(arguments.targets).select(arguments.ids):
        made = environments.prepare(target, say=screen.say)
        screen.say(f"{target.id}: {sentences(str(made.state), made.reason, made.fix)}")
        missing += made.state is not environments.State.READY
    return FAULT if missing else OK


COMMANDS = (
    Command("pairs", "the named pairs", add_targets, run_pairs),
    Command("targets", "every target: installed, can be made, cannot and why", add_listed, run_targets),
    Command("prepare", "make the environments of targets", add_prepare, run_prepare),
)
