"""`harness matrix`: every case once per target, and what each release changed."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace

from harness.commands.options import FAULT, OK, PROFILE_HELP, Command, add_reports, add_targets
from harness.commands.sharding import add_dask, add_disk, resolved, runner_of
from harness.disk import GIGABYTE
from harness.errors import WrongUse
from harness.matrix import columns, running
from harness.matrix.performing import Clock
from harness.observing import Progress
from harness.plan import PROFILES
from harness.report import matrix_files
from harness.report.matrix_records import MatrixRecord
from harness.screen import Screen
from harness.shards.columns import InShards, plan_columns
from harness.store import Store
from harness.targets import Catalogue, load


def add_matrix(to: argparse.ArgumentParser) -> None:
    """What `matrix` takes."""
    add_choice(to)
    to.add_argument("--only", action="append", default=[], metavar="PATTERN", help="subjects or addresses")
    to.add_argument("--profile", choices=PROFILES, default=PROFILES[0], help=PROFILE_HELP)
    to.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the inputs and weights")
    to.add_argument("--no-cache", action="store_true", help="perform every case again")
    to.add_argument(
        "--count",
        type=int,
        metavar="N",
        help="in about so many shards, each a process of its own, --jobs at a time",
    )
    add_dask(to)
    add_disk(to)
    add_reports(to)


def add_choice(to: argparse.ArgumentParser) -> None:
    """Which targets, how many at a time, for how long."""
    add_targets(to, "the targets that are columns")
    to.add_argument(
        "--lineage", action="append", default=[], metavar="NAME", help="every target of a lineage (tf.keras)"
    )
    add_running(to)


def add_running(to: argparse.ArgumentParser) -> None:
    """How many worker processes, for how long, and whether environments are made."""
    to.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="worker processes")
    to.add_argument("--minutes", type=float, metavar="N", help="stop in good order when the time is up")
    to.add_argument("--no-prepare", action="store_true", help="make no environment that is missing")


def run_matrix(arguments: argparse.Namespace, screen: Screen) -> int:
    """Observe, classify, write the report."""
    if arguments.jobs < 1:
        raise WrongUse(f"Expected `--jobs` to be at least 1. Received: {arguments.jobs}.")
    spread = bool(arguments.dask) or arguments.count is not None
    if spread and (arguments.no_cache or arguments.no_prepare):
        raise WrongUse(
            "Expected neither `--no-cache` nor `--no-prepare` beside `--dask` and `--count`. Received: one "
            "of them. Shards take what the store holds and make what they need; `--targets` chooses others."
        )
    catalogue = load(arguments.targets)
    chosen = columns.chosen(catalogue, lineages=arguments.lineage, patterns=arguments.patterns)
    request = running.MatrixRequest(
        targets=chosen,
        profile=arguments.profile,
        only=tuple(arguments.only),
        seed=arguments.seed,
        jobs=arguments.jobs,
        use_cache=not arguments.no_cache,
        make=not arguments.no_prepare,
        minutes=arguments.minutes,
        disk=None if arguments.disk is None else int(arguments.disk * GIGABYTE),
    )
    with Store(arguments.reports / "store.sqlite") as store, screen.progress() as progress:
        if spread:
            record = in_shards(request, arguments, catalogue, store, progress)
        else:
            record = running.run(request, store, progress)
    return finish(record, arguments, screen)


def in_shards(
    request: running.MatrixRequest,
    arguments: argparse.Namespace,
    catalogue: Catalogue,
    store: Store,
    progress: Progress,
) -> MatrixRecord:
    """A matrix whose columns are observed in shards: on a Dask cluster, or in processes of this machine."""
    clock = Clock(request.minutes)
    locks, faults = resolved([target.id for target in request.targets], catalogue)
    plan = plan_columns(
        request.targets,
        count=arguments.count,
        profile=request.profile,
        only=request.only,
        seed=request.seed,
        locks=locks,
    )
    running.cases_of(request)  # what names no case is told before anything is begun
    runner = runner_of(arguments, catalogue, store.path, clock.until)
    crew = InShards(
        runner,
        store,
        progress,
        clock,
        plan,
        catalogue,
        jobs=request.jobs,
        at_once=request.disk is not None,
        unresolved=tuple(faults),
    )
    return running.run_with(crew, replace(request, shards={"shards": len(plan.shards)}))


def finish(record: MatrixRecord, arguments: argparse.Namespace, screen: Screen) -> int:
    """Write the report of a matrix and say how it ended."""
    screen.say("writing the report …")
    index = matrix_files.write(record, arguments.reports / record.run)
    for line in matrix_files.summary(record):
        screen.say(line)
    screen.say(f"report: {index}")
    return FAULT if record.faults else OK


COMMANDS = (
    Command("matrix", "every case once per target: what each release changed", add_matrix, run_matrix),
)
"""The command of this module."""
