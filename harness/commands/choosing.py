"""`harness witnesses`: which cases of `full` stand in `quick` for what they show."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from harness import witnesses
from harness.commands.options import OK, Command, add_reports
from harness.errors import WrongUse
from harness.recall import known
from harness.screen import Screen
from harness.specs.found import WITNESSES
from harness.specs.registry import all_specs
from harness.store import Store


def add_witnesses(to: argparse.ArgumentParser) -> None:
    """What `witnesses` takes."""
    to.add_argument("report", nargs="+", type=Path, metavar="REPORT", help="folder of a finished report")
    to.add_argument(
        "--known",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="known differences, to be shown too",
    )
    add_reports(to)


def run_witnesses(arguments: argparse.Namespace, screen: Screen) -> int:
    """Choose the cases anew and write them."""
    divergences = [d for folder in arguments.report for d in divergences_of(folder)]
    with Store(arguments.reports / "store.sqlite") as store:
        cost = store.seconds()
    chosen = witnesses.lines(all_specs(), divergences, known(arguments.known), cost)
    WITNESSES.write_text(
        "".join(f"{json.dumps(line, ensure_ascii=True)}\n" for line in chosen),
        encoding="utf-8",
        newline="\n",
    )
    screen.say(
        f"{WITNESSES.name}: {len(chosen)} cases, for {sum(len(line['why']) for line in chosen)} findings"
    )
    return OK


def divergences_of(folder: Path) -> list[dict[str, object]]:
    """The divergences of a finished report. Raises `WrongUse` where there are none to read."""
    path = folder / "divergences.json"
    if not path.is_file():
        raise WrongUse(f"Expected {folder} to be a finished report. Received: no {path.name} in it.")
    found: list[dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))["divergences"]
    return found


COMMANDS = (
    Command(
        "witnesses", "choose the cases that quick performs for what they show", add_witnesses, run_witnesses
    ),
)
