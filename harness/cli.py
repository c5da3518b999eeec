"""The command line: arguments in, exit code out. Only `harness.commands` and this print."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

from harness import __version__
from harness.commands.options import FAULT, WRONG_USE, Command
from harness.errors import HarnessFault, WrongUse
from harness.screen import Screen

MODULES = {
    "comparing": ("compare", "report"),
    "crossloading": ("crossload",),
    "nightly": ("nightly",),
    "sharding": ("shard",),
    "matrix": ("matrix",),
    "dating": ("since",),
    "bisecting": ("bisect",),
    "minimising": ("minimise",),
    "hunting": ("hunt",),
    "learning": ("upstream",),
    "reviewing": ("triage",),
    "choosing": ("witnesses",),
    "layers": ("layers",),
    "measuring": ("coverage", "bench"),
    "listing": ("pairs", "targets", "prepare"),
}
"""Modules of `harness.commands` and the words each answers to, in the order of the help."""


def commands(words: Sequence[str]) -> tuple[Command, ...]:
    """The commands that the words of a command line may mean.

    Where the first is a command, only its module is imported: all of them together take a second.
    """
    first = words[0] if words else ""
    named = [name for name, answers in MODULES.items() if first in answers] or list(MODULES)
    found = [import_module(f"harness.commands.{name}").COMMANDS for name in named]
    return tuple(command for each in found for command in each)


def parser(words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The commands that the words of a command line may mean, and their arguments."""
    top = argparse.ArgumentParser(prog="harness", description="Compare implementations of the Keras API.")
    top.add_argument("--version", action="version", version=__version__)
    added = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in commands(words):
        made = added.add_parser(
            command.name, help=command.about, description=command.about, allow_abbrev=False
        )
        command.add(made)
        made.set_defaults(run=command.run)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code.

    0: nothing unexpected, 1: unexpected divergences, 2: wrong use, 3: harness fault.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    screen = Screen()
    try:
        words = sys.argv[1:] if argv is None else argv
        arguments = parser(words).parse_args(words)
        code: int = arguments.run(arguments, screen)
        return code
    except WrongUse as error:
        screen.error(str(error))
        return WRONG_USE
    except HarnessFault as error:
        screen.error(str(error))
        return FAULT
    except KeyboardInterrupt:
        screen.error("Interrupted. What was observed is in the store; run again to continue.")
        return 130
