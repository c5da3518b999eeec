"""`harness coverage` and `harness bench`: the harness measured."""

from __future__ import annotations

import argparse

from harness import bench, coverage, scale
from harness.commands.options import OK, Command, add_pair, request_of
from harness.errors import WrongUse
from harness.screen import Screen
from harness.specs.registry import all_specs


def add_bench(to: argparse.ArgumentParser) -> None:
    """What `bench` takes."""
    add_pair(to)
    to.add_argument("--corpus", action="store_true", help="time whole corpora too (minutes)")
    to.add_argument(
        "--matrix",
        action="store_true",
        help="measure a matrix of invented observations instead",
    )
    to.add_argument("--cases", type=int, default=scale.CASES, metavar="N", help="cases of that matrix")
    to.add_argument("--jobs", type=int, default=2, metavar="N", help="worker processes at a time")


def run_coverage(arguments: argparse.Namespace, screen: Screen) -> int:
    """Show the ledger of the API and its figures."""
    pair = request_of(arguments).pair
    for line in coverage.lines(all_specs(), (pair.reference, pair.candidate)):
        screen.say(line)
    return OK


def run_bench(arguments: argparse.Namespace, screen: Screen) -> int:
    """Measure the harness."""
    if arguments.matrix:
        if arguments.cases < 1:
            raise WrongUse(f"Expected `--cases` to be at least 1. Received: {arguments.cases}.")
        for name, figure in scale.matrix(arguments.cases):
            screen.say(f"{name}: {figure:.3f}")
        return OK
    request = request_of(arguments)
    with screen.silence() as progress:
        for name, figure in bench.measure(request, progress, corpus=arguments.corpus):
            screen.say(f"{name}: {figure:.3f}")
    return OK


COMMANDS = (
    Command("coverage", "how much of the API is under spec", add_pair, run_coverage),
    Command("bench", "measure the harness: one `name: figure` a line", add_bench, run_bench),
)
