"""The command line: arguments in, exit code out. The only module that prints."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from harness import __version__, environments, pipeline
from harness.classify import baseline
from harness.errors import HarnessFault, WrongUse
from harness.model import Severity
from harness.report import files
from harness.report.records import UNEXPECTED as UNEXPECTED_VERDICTS
from harness.request import Request
from harness.screen import Screen
from harness.store import Store
from harness.targets import load

OK, UNEXPECTED, WRONG_USE, FAULT = 0, 1, 2, 3
REPORTS = Path("reports")


def parser() -> argparse.ArgumentParser:
    """Every command and its arguments."""
    top = argparse.ArgumentParser(prog="harness", description="Compare implementations of the Keras API.")
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    compare = commands.add_parser("compare", help="compare two targets and write a report")
    compare.add_argument("--pair", help="a named pair (default: modern); see `harness pairs`")
    compare.add_argument("--reference", metavar="ID", help="target on the one side")
    compare.add_argument("--candidate", metavar="ID", help="target on the other side")
    compare.add_argument("--targets", type=Path, metavar="FILE", help="a TOML file with further targets")
    compare.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="PATTERN",
        help="subjects or case addresses (shell pattern)",
    )
    compare.add_argument("--profile", choices=("quick", "full"), default="quick")
    compare.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="worker processes at a time"
    )
    compare.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the inputs and weights")
    compare.add_argument(
        "--shuffle", type=int, metavar="N", help="perform the cases in an order drawn from N"
    )
    compare.add_argument("--no-cache", action="store_true", help="perform every case again")
    compare.add_argument(
        "--fail-on",
        choices=[s.name.lower() for s in Severity],
        default="names",
        help="mildest severity that fails",
    )
    compare.add_argument("--reports", type=Path, default=REPORTS, metavar="FOLDER")
    compare.set_defaults(run=run_compare)
    for name, about, run in (
        ("pairs", "the named pairs", run_pairs),
        ("targets", "every target: installed, can be made, cannot and why", run_targets),
        ("prepare", "make the environments of targets", run_prepare),
    ):
        command = commands.add_parser(name, help=about)
        command.add_argument("--targets", type=Path, metavar="FILE", help="a TOML file with further targets")
        if name == "prepare":
            command.add_argument("ids", nargs="+", metavar="ID", help="target ids (shell patterns)")
        command.set_defaults(run=run)
    return top


def run_compare(arguments: argparse.Namespace, screen: Screen) -> int:
    """Compare a pair and write its report."""
    catalogue = load(arguments.targets)
    pair = catalogue.pair_of(
        name=arguments.pair, reference=arguments.reference, candidate=arguments.candidate
    )
    if arguments.jobs < 1:
        raise WrongUse(f"Expected `--jobs` to be at least 1. Received: {arguments.jobs}.")
    request = Request(
        pair=pair,
        reference=catalogue.target(pair.reference),
        candidate=catalogue.target(pair.candidate),
        profile=arguments.profile,
        only=tuple(arguments.only),
        seed=arguments.seed,
        jobs=arguments.jobs,
        use_cache=not arguments.no_cache,
        shuffle=arguments.shuffle,
    )
    reviewed = baseline.load(arguments.reports / "baseline")
    with Store(arguments.reports / "store.sqlite") as store:
        with screen.progress() as progress:
            record = pipeline.run(request, store, progress, reviewed)
        if not record.judged:
            raise WrongUse(
                f"Expected `--only` to match a case. Received: {', '.join(arguments.only)}, which matches none."
            )
        screen.say("writing the report …")
        index = files.write(record, arguments.reports / record.run)
        store.keep_run(record.run, {"pair": record.pair, "causes": [c.fingerprint for c in record.causes]})
    point_latest(arguments.reports, record.run)
    floor = Severity[arguments.fail_on.upper()]
    failing = [c for c in record.causes if c.verdict in UNEXPECTED_VERDICTS and c.severity.rank <= floor.rank]
    screen.summary(record, index)
    if record.faults:
        return FAULT
    return UNEXPECTED if failing or record.stale else OK


def point_latest(reports: Path, run: str) -> None:
    """Have `reports/latest` be the newest run: a link where links can be had, else a copy."""
    latest = reports / "latest"
    try:
        if latest.is_symlink() or latest.is_file():
            latest.unlink()
        elif latest.is_dir():
            shutil.rmtree(latest)
        latest.symlink_to(run, target_is_directory=True)
    except OSError:
        shutil.copytree(reports / run, latest, dirs_exist_ok=True)


def run_pairs(arguments: argparse.Namespace, screen: Screen) -> int:
    """Show the named pairs."""
    screen.pairs(environments.pair_rows(load(arguments.targets)))
    return OK


def run_targets(arguments: argparse.Namespace, screen: Screen) -> int:
    """Show every target."""
    catalogue = load(arguments.targets)
    screen.targets(environments.target_rows(catalogue))
    return OK


def run_prepare(arguments: argparse.Namespace, screen: Screen) -> int:
    """Make environments."""
    missing = 0
    for target in load(arguments.targets).select(arguments.ids):
        made = environments.prepare(target, say=screen.say)
        screen.say(f"{target.id}: {made.state}" + (f" ({made.reason}; {made.fix})" if made.reason else ""))
        missing += made.state is not environments.State.READY
    return FAULT if missing else OK


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0 nothing unexpected, 1 unexpected, 2 wrong use, 3 harness fault."""
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
