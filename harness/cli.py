"""The command line: arguments in, exit code out. Only `harness.commands` and this print."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence

from harness import __version__
from harness.commands import (
    bisecting,
    comparing,
    crossloading,
    dating,
    hunting,
    learning,
    listing,
    matrix,
    measuring,
    minimising,
    nightly,
    observing,
    reviewing,
    sharding,
)
from harness.commands.options import FAULT, WRONG_USE
from harness.errors import HarnessFault, WrongUse
from harness.screen import Screen

COMMANDS = (
    *comparing.COMMANDS,
    *crossloading.COMMANDS,
    *nightly.COMMANDS,
    *sharding.COMMANDS,
    *matrix.COMMANDS,
    *dating.COMMANDS,
    *bisecting.COMMANDS,
    *minimising.COMMANDS,
    *hunting.COMMANDS,
    *learning.COMMANDS,
    *reviewing.COMMANDS,
    *measuring.COMMANDS,
    *observing.COMMANDS,
    *listing.COMMANDS,
)
"""Every command, in the order of the help."""


def parser() -> argparse.ArgumentParser:
    """Every command and its arguments."""
    top = argparse.ArgumentParser(prog="harness", description="Compare implementations of the Keras API.")
    top.add_argument("--version", action="version", version=__version__)
    words = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        made = words.add_parser(
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
        arguments = parser().parse_args(argv)
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
