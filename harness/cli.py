"""The command line: arguments in, exit code out. The only module that prints."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from harness import __version__, bench, coverage, environments, pipeline
from harness.classify import baseline
from harness.errors import HarnessFault, WrongUse
from harness.model import Severity
from harness.plan import PROFILES
from harness.report import files
from harness.report.records import UNEXPECTED as UNEXPECTED_VERDICTS
from harness.report.records import RunRecord
from harness.request import Request
from harness.run.launch import CASES
from harness.screen import Screen, sentences
from harness.specs.declaration import Spec
from harness.specs.registry import all_specs
from harness.specs.scenarios import specs_of
from harness.store import Store
from harness.targets import load

OK, UNEXPECTED, WRONG_USE, FAULT = 0, 1, 2, 3
REPORTS = Path("reports")

Command = Callable[[argparse.Namespace, Screen], int]


def parser() -> argparse.ArgumentParser:
    """Every command and its arguments."""
    top = argparse.ArgumentParser(prog="harness", description="Compare implementations of the Keras API.")
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, about: str, run: Command) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=about, allow_abbrev=False)
        made.set_defaults(run=run)
        return made

    compare = command("compare", "compare two targets and write a report", run_compare)
    add_pair(compare)
    add_run(compare)
    report = command("report", "write the report of a run again, from the store alone", run_report)
    report.add_argument("name", nargs="?", metavar="RUN", help="a run in the store (default: the latest)")
    report.add_argument("--reports", type=Path, default=REPORTS, metavar="FOLDER")
    add_fail_on(report)
    covered = command("coverage", "how much of the API is under spec", run_coverage)
    add_pair(covered)
    measured = command("bench", "measure the harness: one `name: figure` a line", run_bench)
    add_pair(measured)
    measured.add_argument("--corpus", action="store_true", help="time whole corpora too (minutes)")
    measured.add_argument("--jobs", type=int, default=2, metavar="N", help="worker processes at a time")
    for name, about, run in (
        ("pairs", "the named pairs", run_pairs),
        ("targets", "every target: installed, can be made, cannot and why", run_targets),
        ("prepare", "make the environments of targets", run_prepare),
    ):
        listed = command(name, about, run)
        add_targets(listed)
        if name == "prepare":
            listed.add_argument("ids", nargs="+", metavar="ID", help="target ids (shell patterns)")
    return top


def add_targets(to: argparse.ArgumentParser) -> None:
    """The option that names a user's own table."""
    to.add_argument("--targets", type=Path, metavar="FILE", help="a TOML file with further targets")


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
    to.add_argument("--profile", choices=PROFILES, default=PROFILES[0])
    to.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="worker processes at a time"
    )
    to.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the inputs and weights")
    to.add_argument("--shuffle", type=int, metavar="N", help="perform the cases in an order drawn from N")
    to.add_argument("--no-cache", action="store_true", help="perform every case again")
    add_fail_on(to)
    to.add_argument("--reports", type=Path, default=REPORTS, metavar="FOLDER")


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


def run_compare(arguments: argparse.Namespace, screen: Screen) -> int:
    """Compare a pair and write its report."""
    paths = tuple(path.absolute() for path in arguments.cases)
    request = replace(
        request_of(arguments),
        profile=arguments.profile,
        only=tuple(arguments.only),
        seed=arguments.seed,
        use_cache=not arguments.no_cache,
        shuffle=arguments.shuffle,
        extra_scripts=paths,
        extra_specs=own_specs(paths),
    )
    reviewed = baseline.load(arguments.reports / "baseline")
    with Store(arguments.reports / "store.sqlite") as store, screen.progress() as progress:
        record = pipeline.run(request, store, progress, reviewed)
    return finish(record, arguments, screen)


def run_report(arguments: argparse.Namespace, screen: Screen) -> int:
    """Write the report of a run again; nothing is performed."""
    path = arguments.reports / "store.sqlite"
    if not path.exists():
        raise WrongUse(
            f"Expected `--reports` to be a folder with a store. Received: '{arguments.reports}', which has "
            "none. See `harness compare`."
        )
    reviewed = baseline.load(arguments.reports / "baseline")
    with Store(path) as store:
        record = pipeline.rebuild(arguments.name, store, reviewed)
        newest = record.run == store.runs()[-1]
    return finish(record, arguments, screen, newest=newest)


def finish(record: RunRecord, arguments: argparse.Namespace, screen: Screen, *, newest: bool = True) -> int:
    """Write the report of a run, say how it ended, and turn that into an exit code."""
    screen.say("writing the report …")
    index = files.write(record, arguments.reports / record.run)
    if newest:
        point_latest(arguments.reports, record.run)
    screen.summary(record, index)
    if record.faults:
        return FAULT
    floor = Severity[arguments.fail_on.upper()]
    failing = [c for c in record.causes if c.verdict in UNEXPECTED_VERDICTS and c.severity.rank <= floor.rank]
    return UNEXPECTED if failing or record.stale else OK


def run_coverage(arguments: argparse.Namespace, screen: Screen) -> int:
    """Show the ledger of the API and its figures."""
    pair = request_of(arguments).pair
    for line in coverage.lines(all_specs(), (pair.reference, pair.candidate)):
        screen.say(line)
    return OK


def run_bench(arguments: argparse.Namespace, screen: Screen) -> int:
    """Measure the harness."""
    request = request_of(arguments)
    with screen.silence() as progress:
        for name, figure in bench.measure(request, progress, corpus=arguments.corpus):
            screen.say(f"{name}: {figure:.3f}")
    return OK


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
        screen.say(f"{target.id}: {sentences(str(made.state), made.reason, made.fix)}")
        missing += made.state is not environments.State.READY
    return FAULT if missing else OK


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
