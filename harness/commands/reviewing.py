"""`harness triage`: what is new is looked at and decided on; the only command that writes the baseline."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from harness import pipeline, triage
from harness.classify import baseline
from harness.commands.options import OK, UNEXPECTED, Command, add_reports
from harness.errors import WrongUse
from harness.model import Cause
from harness.plan import PROFILES, plan
from harness.report.records import RunRecord, unexpected
from harness.screen import Screen
from harness.specs.registry import all_specs
from harness.store import Store
from harness.triage import Decision, Refreshed

SHOWN = 20
"""Causes that are named one by one; the rest are counted."""


class Ask(Protocol):
    """What puts a question to the person and returns the answer, stripped."""

    def __call__(self, question: str) -> str: ...


def add_triage(to: argparse.ArgumentParser) -> None:
    """What `triage` takes."""
    to.add_argument("name", nargs="?", metavar="RUN", help="a run in the store (default: the latest)")
    add_reports(to)
    what = to.add_mutually_exclusive_group()
    what.add_argument("--accept", metavar="FINGERPRINT", help="accept one cause, with --reason and --link")
    what.add_argument("--accept-all-from", type=Path, metavar="FILE", help="accept the causes of a TOML file")
    what.add_argument("--refresh", action="store_true", help="accept anew what falls under reviewed causes")
    what.add_argument("--prune", action="store_true", help="drop what was accepted and is gone")
    what.add_argument("--undocumented", action="store_true", help="print what is nowhere documented")
    to.add_argument("--reason", default="", help="why the cause is known")
    to.add_argument("--link", default="", help="where that is said; left out: nowhere")


def run_triage(arguments: argparse.Namespace, screen: Screen) -> int:
    """Decide on causes, in the terminal or by options."""
    folder = arguments.reports / "baseline"
    if arguments.undocumented:
        for line in triage.undocumented(baseline.load(folder)):
            screen.say(line)
        return OK
    if arguments.accept and not arguments.reason.strip():
        raise WrongUse("Expected `--accept` to come with `--reason`. Received: none. Say why it is known.")
    record = record_of(arguments)
    file = triage.file_of(folder, record.pair)
    if arguments.refresh or arguments.prune:
        done = triage.refresh(file, record, planned(), accept=arguments.refresh)
    elif arguments.accept:
        decision = Decision(arguments.accept, arguments.reason, arguments.link)
        done = triage.accept(file, record, [decision])
    elif arguments.accept_all_from:
        done = triage.accept(file, record, decisions(arguments.accept_all_from))
    else:
        done = walk(record, file, screen, screen.ask)
    return tell(done, file, screen)


def record_of(arguments: argparse.Namespace) -> RunRecord:
    """The record of the run that is decided on, from the store alone."""
    path = arguments.reports / "store.sqlite"
    if not path.exists():
        raise WrongUse(
            f"Expected `--reports` to be a folder with a store. Received: '{arguments.reports}', which has "
            "none. See `harness compare`."
        )
    with Store(path) as store:
        return pipeline.rebuild(arguments.name, store, baseline.load(arguments.reports / "baseline"))


def planned() -> set[str]:
    """Hashes of every case of the harness's own corpus, whatever the profile."""
    specs = all_specs()
    return {case.hash for profile in PROFILES for case in plan(specs, profile=profile)}


def decisions(file: Path) -> list[Decision]:
    """The decisions of a TOML file: `[[expectation]]` entries with `cause`, `reason` and `link`."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WrongUse(f"Expected '{file}' to be a TOML file. Received: {error}.") from error
    out = []
    for entry in document.get("expectation", []):
        texts = {name: str(entry.get(name, "")) for name in ("cause", "reason", "link", "id", "root")}
        if not texts["cause"] or not texts["reason"]:
            raise WrongUse(
                f"Expected every [[expectation]] of '{file}' to have `cause` and `reason`. "
                f"Received: {sorted(entry)}. Add them."
            )
        out.append(Decision(**texts))
    return out


def walk(record: RunRecord, file: Path, screen: Screen, ask: Ask) -> Refreshed:
    """Show every unexpected cause, worst first, and ask what is to become of it."""
    found = unexpected(record.causes)
    if not found:
        screen.say("Nothing is new.")
    chosen: list[Decision] = []
    for number, cause in enumerate(found, start=1):
        screen.cause(cause, number, len(found))
        answer = choice(ask)
        if answer == "quit":
            break
        if answer == "accept":
            reason = insist(ask, "Why is it known (one sentence)? ")
            chosen.append(
                Decision(cause.fingerprint, reason, ask("Where is that said (address; empty: nowhere)? "))
            )
        if answer == "reject":
            screen.say("Rejected: it stays unexpected. Report it, or mend what causes it.")
    return triage.accept(file, record, chosen)


ANSWERS = {"a": "accept", "r": "reject", "s": "skip", "q": "quit"}


def choice(ask: Ask) -> str:
    """What is to become of a cause; asked until the answer is one of those there are."""
    while True:
        answer = ask("[a]ccept, [r]eject, [s]kip, [q]uit? ").lower()
        for letter, word in ANSWERS.items():
            if answer in (letter, word):
                return word


def insist(ask: Callable[[str], str], question: str) -> str:
    """An answer that is not empty."""
    answer = ""
    while not answer:
        answer = ask(question)
    return answer


def tell(done: Refreshed, file: Path, screen: Screen) -> int:
    """Say what was written and what is left."""
    screen.say(
        f"{file}: {done.added} lines accepted, {done.changed} changed, {done.removed} dropped, "
        f"{done.kept} kept."
    )
    show_left(done.uncovered, screen)
    for root, number in triage.shared_roots(baseline.load(file.parent)).items():
        screen.say(f"{number} causes are known to share the root {root}.")
    return UNEXPECTED if done.uncovered else OK


def show_left(causes: Iterable[Cause], screen: Screen) -> None:
    """Name the causes no expectation speaks of."""
    left = list(causes)
    if left:
        screen.say(f"{len(left)} causes have no expectation:")
    for cause in left[:SHOWN]:
        screen.say(f"  {cause.fingerprint}  {cause.title}")
    if len(left) > SHOWN:
        screen.say(f"  and {len(left) - SHOWN} more")


COMMANDS = (Command("triage", "decide on new causes, and write the baseline", add_triage, run_triage),)
