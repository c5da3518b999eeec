"""Compare Keras implementations: each in an environment of its own, one report of where they part.

nox -s compare                          keras 3 against tf.keras as Keras 2
nox -s compare -- --pair theano         another named pair; nox -s pairs lists them
nox -s compare -- --reference ID --candidate ID --only 'layers.Conv*'
nox -s matrix -- --only 'losses.*'       every release there was: classes of behaviour, what each changed
nox -s since -- 'layers.GRU'            since which release a cause of the pair shows, and who changed
nox -s "target(keras-3.15.1-jax)"       make one target's environment
nox -s targets                          what there is, what is installed, how to get the rest
"""

from __future__ import annotations

import argparse
import atexit
import hashlib
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import nox  # noqa: E402
from nox.command import CommandFailed  # noqa: E402

from harness import environments, interpreters, targets  # noqa: E402
from harness.errors import WrongUse  # noqa: E402

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["compare"]
nox.options.error_on_missing_interpreters = True

# nox's own default, virtualenv, cannot make environments for Python 3.6 to 3.8.
BACKEND = "uv|venv"

EXIT_CODES = range(4)
"""0: nothing unexpected, 1: unexpected divergences, 2: wrong use, 3: harness fault."""

ONLY_LOOKING = {"-l", "--list", "--list-sessions", "--help", "-h", "--version", "--usage", "--json"}


def asked_for() -> argparse.Namespace:
    """What the words after ``--`` say of targets; the rest of them is for the harness to judge."""
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for option in ("--pair", "--reference", "--candidate"):
        parser.add_argument(option)
    parser.add_argument("--targets", action="append", default=[])
    try:
        return parser.parse_known_args(words)[0]
    except argparse.ArgumentError:
        return parser.parse_known_args([])[0]


def load() -> targets.Catalogue:
    """The table, with the user's own; what is wrong with that is told by the harness itself."""
    extra = next(filter(targets.names_a_file, asked_for().targets), None)
    try:
        return targets.load(Path(extra) if extra else None)
    except WrongUse:
        return targets.load()


def wanted() -> list[str]:
    """Sessions that make the environments of the pair asked for."""
    asked = asked_for()
    try:
        pair = CATALOGUE.pair_of(name=asked.pair, reference=asked.reference, candidate=asked.candidate)
    except WrongUse:
        return []
    return sessions_of(pair.targets)


def every_side() -> list[str]:
    """Sessions that make the environments of every named pair of the table whose sides are pinned.

    What is newest changes from day to day: it is for `nightly` to look at, not for the tests to depend on.
    """
    pinned = [p for p in CATALOGUE.pairs.values() if not any(CATALOGUE.target(i).is_open for i in p.targets)]
    return sessions_of(tuple(id for pair in pinned for id in pair.targets))


def sessions_of(ids: tuple[str, ...]) -> list[str]:
    """The sessions that make these targets' environments; none for an interpreter that is given."""
    made = [CATALOGUE.target(id) for id in ids]
    return list(dict.fromkeys(f"target({t.environment})" for t in made if t.interpreter is None))


def python_for(target: targets.Target) -> str | bool:
    """The interpreter nox makes the environment with; False (nox makes none) when there is no such.

    Then the session itself says that it cannot be had: a target is never silently left out.
    """
    if environments.look(target).state is environments.State.IMPOSSIBLE:
        found = None
    else:
        found = interpreters.find_first(target.python)
    return str(found.path) if found else False


def pythons_of(all_targets: list[targets.Target]) -> list[str | bool]:
    """`python_for` of each, or nothing looked up when sessions are only listed."""
    if ONLY_LOOKING & set(sys.argv):
        return [False] * len(all_targets)
    return [python_for(target) for target in all_targets]


def worker_pythons() -> list[tuple[str, str | bool]]:
    """Each Python the worker runs on, with its interpreter, or False where it is not found."""
    if ONLY_LOOKING & set(sys.argv):
        return [(minor, False) for minor in interpreters.WORKER_PYTHONS]
    found = {minor: interpreters.find(minor) for minor in interpreters.WORKER_PYTHONS}
    return [(minor, str(python.path) if python else False) for minor, python in found.items()]


def provide_uv() -> None:
    """Put uv where nox and the harness find it; without it venv and pip do the same, more slowly."""
    if ONLY_LOOKING & set(sys.argv) or interpreters.find_uv():
        return
    uv = interpreters.bootstrap_uv(ROOT / ".nox" / "uv")
    if uv:
        os.environ["UV"] = str(uv)
        os.environ["PATH"] = os.pathsep.join((str(uv.parent), os.environ["PATH"]))


provide_uv()
CATALOGUE = load()
MADE = [t for t in CATALOGUE.targets.values() if t.environment == t.id and t.interpreter is None]


def install(session: nox.Session, *what: str) -> None:
    """Install the project and `what`, unless the session's environment has just that already."""
    asked = hashlib.sha256(repr((what, (ROOT / "pyproject.toml").read_bytes())).encode()).hexdigest()
    stamp = Path(session.virtualenv.location, ".harness-installed")
    if not stamp.exists() or stamp.read_text() != asked:
        session.install(*what)
        stamp.write_text(asked)
    session.env[environments.HOME_VARIABLE] = str(root_of(session))


def root_of(session: nox.Session) -> Path:
    """Where nox keeps the environments of this run."""
    return Path(session.cache_dir).parent


def harness(session: nox.Session, *words: str) -> None:
    """Run the harness and let nox end with its exit code; nox itself knows only 0 and 1."""
    try:
        session.run("python", "-m", "harness", *words, success_codes=[0])
    except CommandFailed as failure:
        code = getattr(failure, "return_code", None)
        if code is None:
            said = re.search(r"Returned code (\d+)", str(failure))
            code = int(said[1]) if said else 1
        if code in EXIT_CODES and code > 1:
            atexit.register(leave, code)
        raise


def leave(code: int) -> None:
    """End the process with `code` when nox is done."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def with_dask(session: nox.Session) -> str:
    """The project as it is installed: with Dask where a cluster is asked for."""
    return ".[dask]" if any(word.startswith("--dask") for word in session.posargs) else "."


@nox.session(venv_backend=BACKEND, reuse_venv=True, requires=wanted())
def compare(session: nox.Session) -> None:
    """Compare a pair of targets, `modern` by default; options of the harness go after `--`."""
    install(session, "-e", ".")
    harness(session, "compare", *session.posargs)


@nox.session(venv_backend=BACKEND, reuse_venv=True)
def nightly(session: nox.Session) -> None:
    """Compare many pairs in shards, judge and gate each, and write one report with its history."""
    install(session, "-e", with_dask(session))
    harness(session, "nightly", *session.posargs)


@nox.session(venv_backend=BACKEND, reuse_venv=True)
def shard(session: nox.Session) -> None:
    """Plan the shards of a run, perform one, or merge their stores."""
    install(session, "-e", ".")
    harness(session, "shard", *session.posargs)


@nox.session(venv_backend=BACKEND, reuse_venv=True)
def report(session: nox.Session) -> None:
    """Write the report of a run again from what is stored; needs no Keras."""
    install(session, "-e", ".")
    harness(session, "report", *session.posargs)


@nox.session(venv_backend=BACKEND, reuse_venv=True, requires=wanted())
def minimise(session: nox.Session) -> None:
    """Make causes of the latest run small, explain them, run their programs; `-- CAUSE …` or `-- --all`."""
    install(session, "-e", ".")
    harness(session, "minimise", *session.posargs)


@nox.session(venv_backend=BACKEND, reuse_venv=True, requires=wanted())
def hunt(session: nox.Session) -> None:
    """Search for causes beyond the corpus: `-- --minutes N`; `--keep` makes finds part of the corpus."""
    install(session, "-e", ".")
    harness(session, "hunt", *session.posargs)


@nox.session(venv_backend=BACKEND, reuse_venv=True)
def crossload(session: nox.Session) -> None:
    """Save models with every target and load them with every other one: the cross-load matrix."""
    install(session, "-e", ".")
    harness(session, "crossload", *session.posargs)


@nox.session(venv_backend=BACKEND, reuse_venv=True)
def matrix(session: nox.Session) -> None:
    """Perform every case once per target, along all lineages: what each release changed."""
    install(session, "-e", with_dask(session))
    harness(session, "matrix", *session.posargs)


@nox.session(venv_backend=BACKEND, reuse_venv=True)
def bisect(session: nox.Session) -> None:
    """Find the exact release, of the table or not, in which one side of a pair changed."""
    install(session, "-e", ".")
    harness(session, "bisect", *session.posargs)


@nox.session(venv_backend=BACKEND, reuse_venv=True)
def since(session: nox.Session) -> None:
    """Date the causes of a pair that was compared: since which release, and who changed."""
    install(session, "-e", ".")
    harness(session, "since", *session.posargs)


@nox.session(venv_backend=BACKEND, reuse_venv=True)
def triage(session: nox.Session) -> None:
    """Decide on new causes of the newest run and write the baseline; needs no Keras."""
    install(session, "-e", ".")
    harness(session, "triage", *session.posargs)


@nox.session(venv_backend=BACKEND, reuse_venv=True, requires=sessions_of(CATALOGUE.pairs["modern"].targets))
def faults(session: nox.Session) -> None:
    """Plant single-line faults in a real Keras and check that each is found; takes half an hour."""
    install(session, "-e", ".[tests]")
    session.run("python", "-m", "pytest", "tests/faults", *session.posargs, env={"HARNESS_FAULTS": "1"})


@nox.session(venv_backend=BACKEND, reuse_venv=True)
def pairs(session: nox.Session) -> None:
    """List the named pairs and whether they can be run."""
    install(session, "-e", ".")
    harness(session, "pairs", *session.posargs)


@nox.session(name="targets", venv_backend=BACKEND, reuse_venv=True)
def list_targets(session: nox.Session) -> None:
    """List every target: installed, can be installed, or cannot and the way out."""
    install(session, "-e", ".")
    harness(session, "targets", *session.posargs)


@nox.session(venv_backend=BACKEND, reuse_venv=True, requires=wanted())
def coverage(session: nox.Session) -> None:
    """Say how much of the Keras API is under specs, and which symbols are not and why."""
    install(session, "-e", ".")
    harness(session, "coverage", *session.posargs)


@nox.session(venv_backend=BACKEND, reuse_venv=True, requires=every_side())
def layers(session: nox.Session) -> None:
    """Count the layers that both sides of every pinned pair have performed; performs what is not stored."""
    install(session, "-e", ".")
    harness(session, "layers", *session.posargs)


@nox.session(venv_backend=BACKEND, reuse_venv=True, requires=wanted())
def bench(session: nox.Session) -> None:
    """Measure the harness itself: one `name: figure` a line."""
    install(session, "-e", ".")
    harness(session, "bench", *session.posargs)


@nox.session(venv_backend=BACKEND, reuse_venv=True)
def recall(session: nox.Session) -> None:
    """Say which publicly reported differences the last report shows; needs a finished one."""
    install(session, "-e", ".")
    session.run("python", "-m", "tests.known.recall", *session.posargs)


@nox.session(venv_backend=BACKEND, reuse_venv=True, requires=every_side())
def tests(session: nox.Session) -> None:
    """Test the harness, with fakes and with the real Kerases of every named pair."""
    install(session, "-e", ".[tests]")
    session.run("python", "-m", "pytest", "--ignore=tests/worker", *session.posargs)


@nox.session(venv_backend=BACKEND, reuse_venv=True)
@nox.parametrize("minor,python", worker_pythons(), ids=[f"{minor}" for minor in interpreters.WORKER_PYTHONS])
def worker_tests(session: nox.Session, minor: str) -> None:
    """Test the worker on one of the Pythons it runs on, with numpy alone beside it."""
    if not session.python:
        session.skip(f"NOT RUN: no CPython {minor} was found. {interpreters.how_to_get([minor])}")
    install(session, "numpy", "pytest")
    session.run("python", "-m", "pytest", "--confcutdir=tests/worker", "tests/worker", *session.posargs)


def workflows() -> list[str]:
    """The workflows of this project."""
    return [str(path) for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))]


@nox.session(venv_backend=BACKEND, reuse_venv=True)
def lint(session: nox.Session) -> None:
    """Check form, types, the worker's Python floor, the direction of imports and the workflows."""
    install(session, "-e", ".[lint,tests]")
    inside = ("harness/worker", "harness/cases", "harness/preludes")
    failed = []
    for check in (
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("vermin", "--target=3.6-", "--violations", "--no-tips", *inside),
        ("lint-imports",),
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows()),
    ):
        try:
            session.run(*check)
        except CommandFailed:
            failed.append(" ".join(check[:2]))
    if failed:
        session.error(f"did not pass: {', '.join(failed)}")


@nox.session(venv_backend=BACKEND, reuse_venv=True)
@nox.parametrize("target,python", list(zip(MADE, pythons_of(MADE), strict=True)), ids=[t.id for t in MADE])
def target(session: nox.Session, target: targets.Target) -> None:
    """Make one target's environment."""
    # Why it cannot be had is recorded, and reported by `compare` as not run: the session itself succeeds,
    # or nox would not start the sessions that require it.
    directory = Path(session.virtualenv.location) if session.python else None
    made = environments.prepare(
        target,
        directory=directory,
        root=root_of(session),
        say=lambda line: session.log(f"{target.id}: {line}"),
    )
    if made.state is environments.State.READY:
        session.log(f"{target.id} is ready: Python {made.version}, {len(made.packages)} packages")
    else:
        session.warn(f"{target.id} CANNOT BE RUN: {made.reason}. {made.fix}")
