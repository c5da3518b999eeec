"""Releases that are not in the table: which there are, and targets made of them on demand.

A release between two targets of a lineage differs from its neighbour by one pin, so its environment is the
neighbour's with that pin exchanged. What the index has is asked of pip, which knows which releases an
interpreter can install; what cannot be built or imported then is told by the environment itself.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from packaging.version import InvalidVersion, Version

from harness import environments, interpreters
from harness.errors import HarnessFault
from harness.targets import Target

DISTRIBUTIONS = {
    "keras": ("keras",),
    "keras_core": ("keras-core",),
    "tf_keras": ("tf-keras",),
    "tf.keras": ("tensorflow-cpu", "tensorflow"),
    "tf.contrib.keras": ("tensorflow-cpu", "tensorflow"),
}
"""Implementation → distributions one of which carries its version."""
BESIDE = {"tf.keras": (("keras", (2, 6), (2, 16)), ("tensorflow-estimator", (1, 10), (2, 16)))}
"""Distributions that come in step with the one of an implementation, from one minor release to another."""
SECONDS = 120
"""How long the index may take to answer."""


def pins(target: Target) -> tuple[str, list[str]]:
    """The Python a target is made with where it is known best, and the lines of its lock.

    Raises:
        HarnessFault: it has no lock: an interpreter of the user's own, or whatever is newest.
    """
    for python in target.python:
        lock = target.lock_for(python)
        if lock is not None and interpreters.find(python) is not None:
            return python, lock.read_text().splitlines()
    raise HarnessFault(
        f"Expected {target.id} to have a lock for a Python of this machine, to make its neighbours from. "
        f"Received: none for {', '.join(target.python) or 'any'}. See `harness targets`."
    )


def name_of(line: str) -> str:
    """The distribution a line of a lock pins."""
    return re.split(r"[=@ ]", line, maxsplit=1)[0].lower().replace("_", "-")


def distribution(target: Target) -> str:
    """The distribution that carries a target's version. Raises `HarnessFault` where its lock has none."""
    pinned = {name_of(line) for line in pins(target)[1]}
    for name in DISTRIBUTIONS[target.implementation]:
        if name in pinned:
            return name
    raise HarnessFault(
        f"Expected the lock of {target.id} to pin one of {', '.join(DISTRIBUTIONS[target.implementation])}. "
        "Received: none of them."
    )


def published(target: Target, run: Callable[..., str] | None = None) -> list[str]:
    """Every release of the target's distribution that its Python can install, oldest first.

    Raises:
        HarnessFault: the index does not answer.
    """
    python, _ = pins(target)
    name = distribution(target)
    return sorted(versions_in((run or ask_index)(name, python)), key=Version)


def ask_index(name: str, python: str) -> str:
    """What pip says of a distribution's releases for one Python."""
    uv = interpreters.find_uv()
    pip = [str(uv), "tool", "run", "pip"] if uv else [sys.executable, "-m", "pip"]
    words = [*pip, "index", "versions", name, "--python-version", python, "--only-binary=:all:"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise HarnessFault(f"The releases of {name} could not be asked for: {error}") from error
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason was given"]
        raise HarnessFault(f"The releases of {name} for Python {python} could not be asked for: {last[0]}")
    return done.stdout


def versions_in(text: str) -> list[str]:
    """The releases pip lists."""
    found = re.search(r"^Available versions: (.*)$", text, re.MULTILINE)
    return [v.strip() for v in found[1].split(",")] if found else []


def between(versions: Iterable[str], before: str, after: str) -> list[str]:
    """Releases strictly between two, oldest first."""
    low, high = Version(before), Version(after)
    return [v for v in sorted(versions, key=Version) if low < Version(v) < high]


def version_of(target: Target) -> str:
    """The exact version of a target: that of its pin, where it has one."""
    try:
        name = distribution(target)
        pinned = next(line for line in pins(target)[1] if name_of(line) == name)
        return str(Version(pinned.partition("==")[2].partition("+")[0]))
    except (HarnessFault, InvalidVersion):
        return target.version


def nearest(neighbours: Sequence[Target], version: str) -> Target:
    """The neighbour to make a release from: of its own minor release, else the last one before it."""
    wanted = Version(version)
    same = [t for t in neighbours if Version(version_of(t)).release[:2] == wanted.release[:2]]
    older = [t for t in neighbours if Version(version_of(t)) < wanted]
    return (same or older[-1:] or list(neighbours))[0]


def made_from(neighbour: Target, version: str, folder: Path | None = None) -> Target:
    """A release as a target: its neighbour's environment with the pin of its version exchanged."""
    python, lines = pins(neighbour)
    name = distribution(neighbour)
    wanted = Version(version)
    exchanged = {name}
    for other, since, until in BESIDE.get(neighbour.implementation, ()):
        if (
            since <= wanted.release[:2] < until
            and wanted.release[:2] != Version(version_of(neighbour)).release[:2]
        ):
            exchanged.add(other)
    kept = [line for line in lines if name_of(line) not in exchanged]
    new = [
        f"{name}=={version}",
        *(f"{o}=={wanted.major}.{wanted.minor}.*" for o in sorted(exchanged - {name})),
    ]
    id = f"{neighbour.id.replace(neighbour.version, version, 1)}"
    id = id if id != neighbour.id else f"{neighbour.id}@{version}"
    folder = folder or environments.home() / "releases"
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / f"{id}-py{python}.txt"
    lock.write_text("\n".join(sorted([*kept, *new])) + "\n")
    return replace(
        neighbour,
        id=id,
        version=version,
        python=(python,),
        lock={python: lock},
        order=tuple(wanted.release),
        environment=id,
        note=f"made from {neighbour.id} with {name} {version}",
    )


REPOSITORIES = {
    "tensorflow": "https://github.com/tensorflow/tensorflow",
    "tensorflow-cpu": "https://github.com/tensorflow/tensorflow",
    "keras": "https://github.com/keras-team/keras",
    "tf-keras": "https://github.com/keras-team/tf-keras",
    "keras-core": "https://github.com/keras-team/keras-core",
}


def comparison(name: str, before: str, after: str) -> str:
    """The address at which two releases can be read side by side."""
    return f"{REPOSITORIES[name]}/compare/{tag(name, before)}...{tag(name, after)}"


def tag(name: str, version: str) -> str:
    """The tag of a release: keras began to write a v with 2.6."""
    return version if name == "keras" and Version(version) < Version("2.6") else f"v{version}"
