"""What several commands ask for in the same words, and what a command is."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from harness.errors import WrongUse
from harness.model import Severity
from harness.plan import PROFILES
from harness.request import Request
from harness.run.launch import CASES
from harness.screen import Screen
from harness.specs.declaration import Spec
from harness.specs.scenarios import specs_of
from harness.targets import load, names_a_file

OK, UNEXPECTED, WRONG_USE, FAULT = 0, 1, 2, 3
"""Exit codes: nothing unexpected, unexpected divergences, wrong use, harness fault."""

REPORTS = Path("reports")
PROFILE_HELP = "full: the whole corpus; quick: every value once, and what shows whatever is known"


class Run(Protocol):
    """What performs a command: arguments in, exit code out."""

    def __call__(self, arguments: argparse.Namespace, screen: Screen) -> int: ...


class Add(Protocol):
    """What gives a command its arguments."""

    def __call__(self, to: argparse.ArgumentParser) -> None: ...


@dataclass(frozen=True)
class Command:
    """One word after ``harness``."""

    name: str
    about: str
    add: Add
    run: Run


class Targets(argparse.Action):
    """`--targets`: a TOML file with further targets, and where targets are chosen, patterns of their ids.

    The file ends up in `targets` (none without one), the patterns in `patterns`.
    """

    def __init__(self, *words: Any, selects: bool = True, **settings: Any) -> None:
        super().__init__(*words, **settings)
        self.selects = selects

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, *unused: Any
    ) -> None:
        """Take one value. Raises `WrongUse` for a second file, or for a pattern where none is taken."""
        if not names_a_file(values):
            if not self.selects:
                raise WrongUse(
                    f"Expected `--targets` to name a TOML file with further targets, ending in .toml: "
                    f"`{parser.prog}` chooses no targets by pattern. Received: '{values}'. "
                    "See docs/add-a-target.md."
                )
            namespace.patterns = [*namespace.patterns, values]
        elif namespace.targets is not None:
            raise WrongUse(
                f"Expected `--targets` to name one TOML file. Received: '{namespace.targets}' and "
                f"'{values}'. Put their targets into one."
            )
        else:
            namespace.targets = Path(values)


def add_targets(to: argparse.ArgumentParser, choosing: str = "") -> None:
    """The option that names a user's own table; with `choosing` (what is chosen) also patterns of ids."""
    told = "a TOML file (.toml) with further targets"
    to.set_defaults(patterns=[])
    to.add_argument(
        "--targets",
        action=Targets,
        selects=bool(choosing),
        metavar="FILE|GLOB" if choosing else "FILE",
        help=f"{told}; or {choosing} by id (shell pattern); repeatable" if choosing else told,
    )


def add_pair(to: argparse.ArgumentParser) -> None:
    """The options that choose a pair."""
    to.add_argument("--pair", help="a named pair (default: modern); see `harness pairs`")
    to.add_argument("--reference", metavar="ID", help="target on the one side")
    to.add_argument("--candidate", metavar="ID", help="target on the other side")
    add_targets(to)


def add_fail_on(to: argparse.ArgumentParser) -> None:
    """The option that says what counts as failure."""
    names = [s.name.lower() for s in Severity]
    to.add_argument("--fail-on", choices=names, default=names[-1], help="mildest severity that fails")


def add_reports(to: argparse.ArgumentParser) -> None:
    """The option that says where the store and the reports are."""
    to.add_argument("--reports", type=Path, default=REPORTS, metavar="FOLDER")


def add_run(to: argparse.ArgumentParser) -> None:
    """The options of a comparison besides its pair."""
    to.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="PATTERN",
        help="subjects or case addresses (shell pattern)",
    )
    to.add_argument(
        "--cases",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="a Python file of your own scenarios, compared instead of the harness's corpus",
    )
    to.add_argument("--profile", choices=PROFILES, default=PROFILES[0], help=PROFILE_HELP)
    to.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="worker processes at a time"
    )
    to.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the inputs and weights")
    to.add_argument("--shuffle", type=int, metavar="N", help="perform the cases in an order drawn from N")
    to.add_argument("--no-cache", action="store_true", help="perform every case again")
    to.add_argument("--recheck", action="store_true", help="look closer at what the baseline accepts as well")
    add_fail_on(to)
    add_reports(to)


def request_of(arguments: argparse.Namespace) -> Request:
    """What a command line asks for. Raises `WrongUse` for what cannot be asked."""
    catalogue = load(arguments.targets)
    pair = catalogue.pair_of(
        name=arguments.pair, reference=arguments.reference, candidate=arguments.candidate
    )
    jobs = getattr(arguments, "jobs", 1)
    if jobs < 1:
        raise WrongUse(f"Expected `--jobs` to be at least 1. Received: {jobs}.")
    return Request(
        pair=pair,
        reference=catalogue.target(pair.reference),
        candidate=catalogue.target(pair.candidate),
        jobs=jobs,
    )


def own_specs(paths: Sequence[Path]) -> tuple[Spec, ...]:
    """The specs of a user's own files. Raises `WrongUse` for one without any or whose name is taken."""
    taken = {path.stem for path in CASES.glob("*.py")}
    specs: list[Spec] = []
    for path in paths:
        if path.stem in taken:
            raise WrongUse(
                f"Expected `--cases` to name files whose names are free. Received: '{path}'; a file of cases "
                f"is called '{path.stem}' already. Give it another name."
            )
        taken.add(path.stem)
        found = specs_of(path)
        if not found:
            raise WrongUse(
                f"Expected '{path}' to declare scenarios: functions decorated with @about(\"Model.fit\"). "
                "Received: a file without any. See docs/add-a-spec.md."
            )
        specs += found
    return tuple(specs)
