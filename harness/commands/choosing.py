"""`harness witnesses`: which cases of `full` stand in `quick` for what they show."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

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
        help="known differences that are to be shown as well",
    )
    add_reports(to)


def run_witnesses(arguments: argparse.Namespace, screen: Screen) -> int:
    """Choose the cases anew and write them."""
    divergences = [d for folder in arguments.report for d in divergences_of(folder)]
    try:
        entries = known(arguments.known)
    except (OSError, ValueError) as error:
        raise WrongUse(
            f"Expected `--known` to be a file of known differences. Received: {error}. See tests/known/."
        ) from error
    with Store(arguments.reports / "store.sqlite") as store:
        cost = store.seconds()
    chosen = witnesses.lines(all_specs(), divergences, entries, cost)
    text = "".join(f"{json.dumps(line, ensure_ascii=True)}\n" for line in chosen)
    WITNESSES.write_text(text, encoding="utf-8", newline="\n")
    screen.say(f"cases in {WITNESSES.name}: {len(chosen)}")
    screen.say(f"what they are for: {sum(len(line['why']) for line in chosen)}")
    return OK


def divergences_of(folder: Path) -> list[dict[str, Any]]:
    """The divergences of a finished report of a whole corpus. Raises `WrongUse` for any other."""
    path = folder / "divergences.json"
    if not path.is_file():
        raise WrongUse(
            f"Expected {folder} to be a finished report. Received: no {path.name} in it. "
            "`harness report RUN` writes one again."
        )
    content = json.loads(path.read_text(encoding="utf-8"))
    only = content.get("settings", {}).get("only")
    if only or "divergences" not in content:
        what = f"one of {', '.join(only)} alone" if only else "one of another sort"
        raise WrongUse(
            f"Expected {folder} to be a report of a pair and its whole corpus. Received: {what}. "
            "The cases are chosen for everything at once: run `harness compare --profile full`."
        )
    return list(content["divergences"])


COMMANDS = (
    Command(
        "witnesses", "choose the cases that quick performs for what they show", add_witnesses, run_witnesses
    ),
)
