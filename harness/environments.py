"""Environments of targets: which are ready, which can be made, which cannot and why.

An environment is a virtual environment of its own per target, made from the target's lock. Its record,
``<home>/environments/<id>.json``, is written last and in one step, and a mark with the same build number
is left inside the environment: an interrupted build, a lock that changed or a folder that was made anew
never looks ready. Standard library only: noxfile.py prepares environments before anything is installed.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from harness import building, installing, interpreters, locks, processes
from harness.errors import HarnessFault
from harness.targets import Catalogue, Pair, Target

PROJECT = Path(__file__).resolve().parents[1]
HOME_VARIABLE = "HARNESS_ENVIRONMENTS"
"""Environment variable that says where environments live."""

MARK = ".harness-build"
_BEGUN = ".harness-begun"
_RESOLVED = ".harness-resolved.txt"


class State(StrEnum):
    """What can be said of an environment without building it."""

    READY = "ready"
    POSSIBLE = "can be made"
    IMPOSSIBLE = "cannot"


@dataclass(frozen=True)
class Environment:
    """What is known of a target's environment."""

    target: str
    state: State
    python: Path | None = None
    """Its interpreter; None unless ready."""
    version: str = ""
    """Python version it has, or would be made with."""
    reason: str = ""
    """Why it cannot be had."""
    fix: str = ""
    """The way out: to make it, or to be able to."""
    digest: str = ""
    """Of what was installed; see `Target.digest`."""
    build: str = ""
    made_with: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    """Every installed distribution and its version."""
    resolved: str = ""
    """The pins of a target whose requirements are open, as they were resolved when it was made."""


def home() -> Path:
    """Where environments live: as `HARNESS_ENVIRONMENTS` says, else nox's folder of this checkout."""
    given = os.environ.get(HOME_VARIABLE)
    if given:
        return Path(given).absolute()
    if (PROJECT / "noxfile.py").exists():
        return PROJECT / ".nox"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "keras-compat-harness"


def directory_of(target: Target, root: Path) -> Path:
    """The folder of a target's environment; the name nox gives the session ``target(<id>)``."""
    return root / folder_name(target.environment)


def folder_name(id: str) -> str:
    """The name of the folder of the environment with this id."""
    return re.sub(r"[^\w]+", "-", f"target-{id}".lower()).strip("-")


def look(target: Target, root: Path | None = None) -> Environment:
    """The state of a target's environment, without building anything."""
    root = root or home()
    if target.interpreter is not None:
        return _existing(target, target.interpreter)
    recorded = _recorded(target, root)
    if recorded is not None and recorded.state is State.READY:
        return recorded
    obstacle = _obstacle(target)
    if obstacle is not None:
        return obstacle
    if recorded is not None:
        return recorded
    interpreter = interpreters.find_first(target.python)
    version = interpreter.version if interpreter else ""
    return Environment(target.id, State.POSSIBLE, version=version, fix=_how_to_make(target))


def python_of(target: Target, root: Path | None = None) -> Path:
    """The interpreter of a target's environment.

    Raises:
        HarnessFault: the environment is not ready; says why and the way out.
    """
    environment = look(target, root)
    if environment.state is State.READY and environment.python is not None:
        return environment.python
    why = environment.reason or "its environment has not been made"
    raise HarnessFault(f"Target '{target.id}' cannot be run: {why}. {environment.fix}")


DISTRIBUTIONS = {
    "keras": ("keras", "keras-nightly"),
    "tf.keras": ("tensorflow", "tensorflow-cpu", "tf-nightly", "tf-nightly-cpu"),
    "tf_keras": ("tf-keras", "tf-keras-nightly"),
}
"""What the version of an implementation is that of."""


def installed(target: Target, made: Environment) -> str:
    """The version of an implementation: as the table says, or what is there where that is left open."""
    names = DISTRIBUTIONS.get(target.implementation, ()) if target.is_open else ()
    return next((made.packages[name] for name in names if name in made.packages), target.version)


def minor_of(target: Target, root: Path | None = None) -> str:
    """The minor version of Python a target's environment has; empty where it is not ready."""
    recorded = _recorded(target, root or home())
    if recorded is None or recorded.state is not State.READY:
        return ""
    return ".".join(recorded.version.split(".")[:2])


def prepare(
    target: Target,
    *,
    directory: Path | None = None,
    root: Path | None = None,
    run: processes.Run = processes.run,
    say: Callable[[str], None] = lambda line: None,
    fresh: bool = False,
    resolved: str = "",
    until: float = math.inf,
    neighbour: Target | None = None,
) -> Environment:
    """Make a target's environment unless it is ready; what could not be done is a record too.

    Args:
        directory: Virtual environment to install into; made, or made anew after an interrupted or
            outdated build, where it is not fit. The target's own folder below `root` by default.
        root: Where environments and their records live; `home()` by default.
        run: Runs one command and gives its exit code and output.
        say: Takes one line of progress.
        fresh: Build again even if it is ready.
        resolved: Pins to install for a target whose requirements are open; else they are resolved now, and
            an environment that has other ones is made anew. What cannot be resolved leaves it as it is.
        until: Moment (`time.monotonic`) at which building is given up. What comes back then is no record of
            the target: the next call begins again.
        neighbour: A target that differs in the versions of some pins; where its environment is ready and uv
            is there, the new one begins as a copy of it, and only these are installed.
    """
    root = root or home()
    run = processes.within(until, run) if until < math.inf else run
    if target.interpreter is not None:
        return _existing(target, target.interpreter)
    directory = directory or directory_of(target, root)
    with _only_one(root, target):
        ready = look(target, root)
        if ready.state is State.READY and time.monotonic() >= until:
            return ready
        if target.is_open and not resolved:
            resolved = _newest(target, ready, run=run, say=say)
        if ready.state is State.READY and not fresh and ready.resolved == resolved:
            return ready
        _record_path(target, root).unlink(missing_ok=True)
        try:
            near = _beside(target, neighbour, root) if neighbour else None
            environment = _build(target, directory, resolved=resolved, near=near, run=run, say=say)
        except processes.TimeUp as failure:
            return Environment(target.id, State.POSSIBLE, reason=failure.reason, fix=failure.fix)
        except processes.BuildFailed as failure:
            environment = Environment(
                target.id, State.IMPOSSIBLE, reason=failure.reason, fix=failure.fix, digest=failure.digest
            )
        except OSError as error:
            environment = Environment(
                target.id, State.IMPOSSIBLE, reason=str(error), fix="Free the disk or choose another folder."
            )
        if environment.state is State.READY:
            (directory / MARK).write_text(environment.build)
        with contextlib.suppress(OSError):
            _write(environment, _record_path(target, root))
    return environment


def _newest(target: Target, ready: Environment, *, run: processes.Run, say: Callable[[str], None]) -> str:
    """Today's pins of an open target; those that are installed where the index cannot tell; empty if none."""
    interpreter = interpreters.find_first(target.python)
    if interpreter is None:
        return ready.resolved
    try:
        return installing.resolve(target, interpreter, run=run)
    except processes.BuildFailed as failure:
        say(f"what is newest could not be told, so what is installed stays: {failure.reason}")
        return ready.resolved


def resolve(target: Target, run: processes.Run = processes.run) -> str:
    """Today's pins of an open target, for its first Python that is here.

    Raises:
        HarnessFault: there is no such Python, or the index has nothing that fits together.
    """
    interpreter = interpreters.find_first(target.python) or building.fetch_python(
        target.python, run, lambda line: None
    )
    if interpreter is None:
        raise HarnessFault(f"{_no_python(target)}. {interpreters.how_to_get(target.python)}")
    try:
        return installing.resolve(target, interpreter, run=run)
    except processes.BuildFailed as failure:
        raise HarnessFault(f"{failure.reason}. {failure.fix}") from failure


def _beside(target: Target, neighbour: Target, root: Path) -> Path | None:
    """The folder of a neighbour's environment that a target's can begin as a copy of."""
    minor = minor_of(neighbour, root)
    if neighbour.interpreter or neighbour.is_open or not installing.tool().uv:
        return None
    if minor not in target.lock or minor not in neighbour.lock or neighbour.links != target.links:
        return None
    names = [
        {installing.canonical_name(line) for line in t.lock[minor].read_text().split()}
        for t in (target, neighbour)
    ]
    return directory_of(neighbour, root) if names[0] == names[1] else None


def _build(
    target: Target,
    directory: Path,
    *,
    resolved: str,
    near: Path | None,
    run: processes.Run,
    say: Callable[[str], None],
) -> Environment:
    """Install, then import the namespace once: only what was imported is ready."""
    obstacle = _obstacle(target)
    if obstacle is not None and obstacle.version:
        raise processes.BuildFailed(obstacle.reason, fix=obstacle.fix)
    interpreter = interpreters.find_first(target.python) or building.fetch_python(target.python, run, say)
    if interpreter is None:
        raise processes.BuildFailed(_no_python(target), fix=interpreters.how_to_get(target.python))
    tool = installing.tool()
    inside = directory / "bin" / "python"
    begun = directory / _BEGUN
    made = interpreters.ask.__wrapped__(inside) if inside.exists() else None
    unfit = made is None or made.minor != interpreter.minor or begun.exists()
    if unfit and not (near and building.copy(near, directory, say=say)):
        building.make(directory, interpreter, tool=tool, run=run, say=say)
    begun.write_text(target.id)
    (directory / MARK).unlink(missing_ok=True)
    digest = target.digest(interpreter.minor)
    with building.digest_on_failure(digest):
        if target.is_open:
            # Read again from the environment's own folder: what was resolved is what is installed.
            lock = directory / _RESOLVED
            lock.write_text(resolved or installing.resolve(target, interpreter, run=run))
            resolved = lock.read_text()
        else:
            lock = target.lock[interpreter.minor]
        installing.install(target, inside, lock, tool=tool, run=run, say=say)
        building.link(target, directory)
        packages = building.verify(target, inside, run=run, say=say)
    return Environment(
        target.id,
        State.READY,
        python=inside,
        version=interpreter.version,
        digest=digest,
        build=secrets.token_hex(8),
        made_with=tool.name,
        packages=packages,
        resolved=resolved if target.is_open else "",
    )


def _existing(target: Target, path: Path) -> Environment:
    """The state of a target that uses an interpreter that is already there."""
    found = interpreters.ask(path)
    if found is not None:
        return Environment(target.id, State.READY, python=path, version=found.version, made_with="given")
    return Environment(
        target.id,
        State.IMPOSSIBLE,
        reason=f"its interpreter '{path}' is not a Python that runs",
        fix="Correct `interpreter` in the file given with `--targets`.",
    )


def _obstacle(target: Target) -> Environment | None:
    """What stands in the way of building, if anything: no interpreter, or no system library."""
    found = interpreters.find_first(target.python)
    if found is None:
        fix = interpreters.how_to_get(target.python)
        return Environment(target.id, State.IMPOSSIBLE, reason=_no_python(target), fix=fix)
    lacking = [name for name in target.links.values() if interpreters.find_library(name) is None]
    if not lacking:
        return None
    return Environment(
        target.id,
        State.IMPOSSIBLE,
        version=found.version,
        reason=f"the system library {' and '.join(lacking)} is not installed",
        fix=installing.system_fix(target) or "Install it and run this again.",
    )


def _no_python(target: Target) -> str:
    return f"no CPython {' or '.join(target.python)} was found"


def _how_to_make(target: Target) -> str:
    return f"`nox -s 'target({target.id})'` or `harness prepare {target.id}` makes it."


def _record_path(target: Target, root: Path) -> Path:
    return root / "environments" / f"{target.environment}.json"


def _recorded(target: Target, root: Path) -> Environment | None:
    """The record on disk, if it speaks of what the table says now; a broken one counts as none."""
    try:
        data = json.loads(_record_path(target, root).read_text())
        data["state"] = State(data["state"])
        data["python"] = Path(data["python"]) if data["python"] else None
        recorded = replace(Environment(**data), target=target.id)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if recorded.state is not State.READY:
        return recorded if recorded.digest in {target.digest(p) for p in target.python} else None
    minor = ".".join(recorded.version.split(".")[:2])
    if recorded.python is None or not recorded.python.exists() or recorded.digest != target.digest(minor):
        return None
    mark = recorded.python.parents[1] / MARK
    fits = mark.exists() and mark.read_text() == recorded.build
    return recorded if fits else None


def _write(environment: Environment, path: Path) -> None:
    """Put the record in place in one step: a reader sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = asdict(environment) | {"python": os.fspath(environment.python) if environment.python else ""}
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        json.dump(data, file, indent=1)
        file.write("\n")
    Path(name).replace(path)


@contextlib.contextmanager
def _only_one(root: Path, target: Target) -> Iterator[None]:
    """One build of an environment at a time, across processes."""
    folder = root / "environments"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{target.environment}.lock").open("w") as file, locks.locked(file):
        yield


def remove(target: Target, root: Path | None = None) -> None:
    """Forget a target's environment and delete its folder."""
    root = root or home()
    _record_path(target, root).unlink(missing_ok=True)
    shutil.rmtree(directory_of(target, root), ignore_errors=True)


@dataclass(frozen=True)
class TargetRow:
    """A line of ``harness targets``."""

    id: str
    implementation: str
    version: str
    backend: str
    python: str
    """The version it has or would have; what it wants when that is missing."""
    state: State
    reason: str
    fix: str
    pairs: tuple[str, ...]
    """Named pairs it is a side of."""
    note: str


@dataclass(frozen=True)
class PairRow:
    """A line of ``harness pairs``."""

    name: str
    reference: str
    candidate: str
    about: str
    state: State
    """The worse of its two sides."""
    reason: str
    fix: str


def target_rows(
    catalogue: Catalogue, patterns: Iterable[str] = ("*",), root: Path | None = None
) -> tuple[TargetRow, ...]:
    """What there is, what is installed, what is missing and how to get it."""
    rows = []
    for target in catalogue.select(patterns):
        seen = look(target, root)
        wanted = seen.version or " or ".join(target.python)
        pairs = tuple(pair.name for pair in catalogue.pairs.values() if target.id in pair.targets)
        known = (target.id, target.implementation, target.version, target.backend, wanted)
        rows.append(TargetRow(*known, seen.state, seen.reason, seen.fix, pairs, target.note))
    return tuple(rows)


def pair_rows(catalogue: Catalogue, root: Path | None = None) -> tuple[PairRow, ...]:
    """The named pairs and whether they can be run."""
    return tuple(_pair_row(catalogue, pair, root) for pair in catalogue.pairs.values())


def _pair_row(catalogue: Catalogue, pair: Pair, root: Path | None) -> PairRow:
    sides = [look(catalogue.target(id), root) for id in pair.targets]
    worst = max((side.state for side in sides), key=list(State).index)
    said = [side for side in sides if side.state is worst]
    reasons = "; ".join(f"{side.target}: {side.reason}" for side in said if side.reason)
    fixes = " ".join(dict.fromkeys(side.fix for side in said if side.fix))
    if worst is State.POSSIBLE:
        fixes = f"`nox -s compare -- --pair {pair.name}` makes what it needs."
    return PairRow(pair.name, pair.reference, pair.candidate, pair.about, worst, reasons, fixes)
