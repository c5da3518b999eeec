"""`harness shard plan`, `run`, `evidence` and `merge`: a run in parts, on any machine."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from harness import disk, environments, interpreters, pipeline
from harness.commands.options import FAULT, OK, PROFILE_HELP, Command, add_targets
from harness.errors import HarnessFault, WrongUse
from harness.matrix import columns
from harness.model import Fault, digest
from harness.nightly.matrix import evidence_rounds
from harness.observing import Progress
from harness.plan import PROFILES
from harness.screen import Screen
from harness.shards import describe, planning, union
from harness.shards.cluster import Cluster
from harness.shards.evidence import MOST
from harness.shards.perform import deadline, made, perform, sizes
from harness.shards.runners import Events, Processes, Runner
from harness.shards.verdicts import records_of
from harness.store import Store
from harness.targets import Catalogue, Pair, load

EVERY_PAIR = "all"
"""Stands for the pairs of the table, so that one that is added is in the next night."""
NIGHTLY = "nightly"
"""The selection of the table whose targets are the columns of a night's matrix."""


def add_shard(to: argparse.ArgumentParser) -> None:
    """What `shard` takes."""
    words = to.add_subparsers(dest="word", required=True, metavar="plan|run|evidence|merge")
    plan = words.add_parser("plan", help="the shards of a run, as JSON", allow_abbrev=False)
    add_what(plan)
    plan.add_argument("--out", type=Path, metavar="FILE", help="write the whole plan there")
    plan.add_argument("--json", action="store_true", help="print a matrix for GitHub Actions")
    plan.set_defaults(do=run_plan)
    run = words.add_parser("run", help="perform one shard", allow_abbrev=False)
    run.add_argument("shard", type=Path, metavar="FILE", help="a shard, or a plan")
    run.add_argument("--name", help="which shard of the plan")
    run.add_argument("--store", type=Path, required=True, metavar="PATH", help="the store to observe into")
    run.add_argument("--known", type=Path, metavar="PATH", help="a store whose observations are taken over")
    run.add_argument("--jobs", type=int, default=1, metavar="N", help="worker processes at a time")
    run.add_argument("--minutes", type=float, metavar="N", help="begin nothing new after so long")
    add_disk(run)
    run.add_argument("--events", action="store_true", help="progress as lines of JSON")
    add_targets(run)
    run.set_defaults(do=run_one)
    evidence = words.add_parser(
        "evidence", help="the evidence that a plan's matrix lacks, as shards", allow_abbrev=False
    )
    evidence.add_argument("plan", type=Path, metavar="FILE", help="a plan with a matrix")
    evidence.add_argument("--stores", type=Path, nargs="*", default=[], metavar="STORE", help="of its shards")
    evidence.add_argument("--into", type=Path, required=True, metavar="PATH", help="takes them in")
    evidence.add_argument("--out", type=Path, required=True, metavar="FILE", help="write the shards there")
    evidence.add_argument("--json", action="store_true", help="print a matrix for GitHub Actions")
    add_targets(evidence)
    evidence.set_defaults(do=run_evidence)
    merge = words.add_parser("merge", help="bring stores together", allow_abbrev=False)
    merge.add_argument("stores", type=Path, nargs="+", metavar="STORE")
    merge.add_argument("--into", type=Path, required=True, metavar="PATH")
    merge.add_argument("--plan", type=Path, metavar="FILE", help="say which shards of the plan are not there")
    merge.set_defaults(do=run_merge)


def add_dask(to: argparse.ArgumentParser) -> None:
    """The option that has shards performed on a cluster."""
    to.add_argument("--dask", metavar="ADDRESS", help="perform the shards on a Dask cluster: tcp://host:8786")


def add_disk(to: argparse.ArgumentParser) -> None:
    """The option that bounds what environments take."""
    to.add_argument(
        "--disk", type=float, metavar="GB", help="remove environments not used lately beyond so much"
    )


def add_what(to: argparse.ArgumentParser) -> None:
    """The options that say what is planned."""
    to.add_argument("--pairs", help="named pairs, with commas between them, or all (default: modern)")
    to.add_argument("--only", action="append", default=[], metavar="PATTERN", help="subjects or addresses")
    to.add_argument("--profile", choices=PROFILES, default=PROFILES[0], help=PROFILE_HELP)
    to.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the inputs and weights")
    to.add_argument("--count", type=int, default=1, metavar="N", help="about so many shards")
    to.add_argument(
        "--matrix",
        action="store_true",
        help=f"a matrix too, of [matrix.{NIGHTLY}] of the table and of --targets",
    )
    add_targets(to, "targets besides those of the pairs")


def planned(arguments: argparse.Namespace, catalogue: Catalogue) -> describe.Plan:
    """The plan that a command line asks for. Raises `WrongUse` for what cannot be planned."""
    pairs = pairs_of(arguments.pairs, catalogue, default=arguments.matrix or not arguments.patterns)
    groups = planning.groups_of_pairs(pairs)
    taken = [id for group in groups for id in group.targets]
    further = catalogue.select(arguments.patterns)
    if arguments.matrix:
        further = columns.chosen(catalogue, patterns=arguments.patterns, selection=NIGHTLY)
    groups += planning.groups_of_targets(further, taken)
    locks, faults = resolved([id for group in groups for id in group.targets], catalogue)
    plan = planning.plan_shards(
        groups,
        count=arguments.count,
        profile=arguments.profile,
        only=arguments.only,
        seed=arguments.seed,
        locks=locks,
    )
    return replace(
        plan,
        faults=tuple(asdict(fault) for fault in faults),
        columns=tuple(target.id for target in further) if arguments.matrix else (),
        made=pipeline.now().isoformat(timespec="microseconds"),
    )


def resolved(ids: Sequence[str], catalogue: Catalogue) -> tuple[dict[str, str], list[Fault]]:
    """What open targets consist of now, the same for every shard; a fault for each that has no answer."""
    locks: dict[str, str] = {}
    faults: list[Fault] = []
    known: dict[str, str] = {}
    for target in (catalogue.target(id) for id in ids):
        if not target.is_open:
            continue
        try:
            if target.environment not in known:
                known[target.environment] = environments.resolve(target)
            locks[target.id] = known[target.environment]
        except HarnessFault as error:
            faults.append(Fault(target.id, "what is newest could not be told", str(error)))
    return locks, faults


def pairs_of(given: str | None, catalogue: Catalogue, *, default: bool) -> list[Pair]:
    """The pairs named on the command line, or every pair of the table; the default pair where none is."""
    if given is None:
        return [catalogue.pair_of(name=None, reference=None, candidate=None)] if default else []
    names = [name for name in given.split(",") if name]
    if not names:
        raise WrongUse("Expected `--pairs` to name pairs. Received: none. See `harness pairs`.")
    if names == [EVERY_PAIR]:
        return list(catalogue.pairs.values())
    return [catalogue.pair(name) for name in dict.fromkeys(names)]


def run_plan(arguments: argparse.Namespace, screen: Screen) -> int:
    """Print the shards of a run."""
    plan = planned(arguments, load(arguments.targets))
    if arguments.out:
        describe.write(plan.plain(), arguments.out)
    if arguments.json:
        sys.stdout.write(json.dumps(matrix(plan, load(arguments.targets))) + "\n")
    else:
        for shard in plan.shards:
            screen.say(f"{shard.name}: {', '.join(shard.targets)}; slice {shard.place + 1} of {shard.of}")
    return OK


def matrix(plan: describe.Plan, catalogue: Catalogue) -> dict[str, list[dict[str, str]]]:
    """A matrix for GitHub Actions: a job per shard, with what its environments are cached by.

    Raises:
        WrongUse: more shards than the service takes jobs.
    """
    if len(plan.shards) > MOST:
        raise WrongUse(
            f"Expected at most {MOST} shards, for GitHub Actions takes no more jobs in one matrix. Received: "
            f"{len(plan.shards)}. Give a smaller `--count`, or fewer pairs and targets."
        )
    return {
        "include": [
            {
                "shard": shard.name,
                "targets": " ".join(shard.targets),
                "old_pythons": " ".join(old_pythons(shard, catalogue)),
                "system_packages": " ".join(system_packages(shard, catalogue)),
                "environments": environments_key(shard, catalogue),
            }
            for shard in plan.shards
        ]
    }


def old_pythons(shard: describe.Shard, catalogue: Catalogue) -> list[str]:
    """The Pythons that targets of a shard need and that neither uv nor the machine is likely to have."""
    wanted = [catalogue.target(id).python for id in shard.targets]
    return list(dict.fromkeys(p[0] for p in wanted if p and not any(interpreters.uv_has(m) for m in p)))


def system_packages(shard: describe.Shard, catalogue: Catalogue) -> list[str]:
    """The Debian packages that targets of a shard need."""
    return list(dict.fromkeys(name for id in shard.targets for name in catalogue.target(id).system_packages))


def environments_key(shard: describe.Shard, catalogue: Catalogue) -> str:
    """Changes when what a shard's targets install changes."""
    parts = [catalogue.target(id).digest(p) for id in shard.targets for p in catalogue.target(id).python]
    return digest([parts, dict(shard.locks or {})])[:16]


def run_one(arguments: argparse.Namespace, screen: Screen) -> int:
    """Perform one shard."""
    shard = describe.read_shard(arguments.shard, arguments.name)
    catalogue = load(arguments.targets)
    until = deadline(arguments.minutes)
    with (
        disk.using(catalogue.target(id) for id in shard.targets),
        Store(arguments.store) as store,
        contextlib.ExitStack() as shown,
    ):
        progress: Progress = Events(print_now)
        if not arguments.events:
            progress = bars = screen.progress()
            shown.enter_context(bars)
        record = perform(
            shard,
            store,
            catalogue,
            prepare=lambda target, until: made(
                target, shard, catalogue, budget=arguments.disk, say=progress.say, until=until
            ),
            progress=progress,
            jobs=arguments.jobs,
            known=arguments.known,
            until=until,
        )
    if not arguments.events:
        for id, number in record["left"].items():
            screen.say(f"{id}: {number} observations were not reached")
        screen.say(f"{shard.name}: {record['cases']} cases; {len(record['faults'])} harness faults")
    return FAULT if record["faults"] else OK


def print_now(line: str) -> None:
    """A line of output that whoever waits for it has at once."""
    print(line, flush=True)


def runner_of(arguments: argparse.Namespace, catalogue: Catalogue, store: Path, until: float) -> Runner:
    """What performs the shards: a Dask cluster where one is named, else processes of this machine."""
    if arguments.dask:
        return Cluster(arguments.dask, catalogue, arguments.targets, until, arguments.disk)
    more = ["--targets", str(arguments.targets.absolute())] if arguments.targets else []
    folder = (arguments.reports / "shards").absolute()
    if arguments.disk is None:
        return Processes(folder, arguments.jobs, store.absolute(), until, tuple(more))
    more += ["--disk", str(arguments.disk)]

    def lacks(shard: describe.Shard) -> bool:
        """Those whose environments are there come first, so that none is removed before its turn."""
        states = {environments.look(catalogue.target(id)).state for id in shard.targets}
        return states != {environments.State.READY}

    return Processes(folder, arguments.jobs, store.absolute(), until, tuple(more), later=lacks)


def run_evidence(arguments: argparse.Namespace, screen: Screen) -> int:
    """Tell from stores which evidence a matrix lacks; its shards are written as a plan of their own."""
    plan = describe.read_plan(arguments.plan)
    if not plan.columns:
        raise WrongUse(
            f"Expected '{arguments.plan}' to be the plan of a matrix. Received: one without columns. "
            "`harness shard plan --matrix` makes one."
        )
    catalogue = load(arguments.targets)
    with Store(arguments.into) as store:
        for path in arguments.stores:
            union.take_in(store, path)
        shards = next(evidence_rounds(plan, store, catalogue, at_once=True), [])
    asked = replace(plan, shards=tuple(shards), pairs=(), faults=())
    describe.write(asked.plain(), arguments.out)
    if arguments.json:
        sys.stdout.write(json.dumps(matrix(asked, catalogue)) + "\n")
    else:
        for shard in shards:
            screen.say(f"{shard.name}: {sum(sizes(shard).values())} observations")
    return OK


def run_merge(arguments: argparse.Namespace, screen: Screen) -> int:
    """Bring stores together and say what does not fit and what is not there."""
    faults: list[Fault] = []
    with Store(arguments.into) as store:
        for path in arguments.stores:
            brought = union.take_in(store, path)
            screen.say(f"{path}: {brought.new} new observations")
            faults += union.as_faults(brought.contradictions)
        if arguments.plan:
            plan = describe.read_plan(arguments.plan)
            records = records_of(plan.shards, store, since=plan.made)
            for shard in plan.shards:
                if shard.name not in records:
                    faults.append(Fault("shards", f"{shard.name} is not in any of the stores"))
                elif records[shard.name]["left"]:
                    left = sum(records[shard.name]["left"].values())
                    screen.say(f"{shard.name}: {left} observations were not reached")
    for fault in faults:
        screen.error(f"harness fault: {fault.target}: {fault.what}")
        for line in fault.evidence.splitlines():
            screen.error(f"  {line}")
    return FAULT if faults else OK


def run_shard(arguments: argparse.Namespace, screen: Screen) -> int:
    """Do what the second word says."""
    code: int = arguments.do(arguments, screen)
    return code


COMMANDS = (Command("shard", "a run in parts: plan, run, evidence, merge", add_shard, run_shard),)
