"""Releases that are not in the table: which there are, and targets made of them on demand.

A release between two targets of a lineage differs from its neighbour by one pin, so its environment is the
neighbour's with that pin exchanged. What the index has is asked of pip, which knows which releases an
interpreter can install; what cannot be built or imported then is told by the environment itself.
"""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
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
    """The Python a target is made with, else is known best with, and the lines of its lock.

    Raises:
        HarnessFault: it has no lock: an interpreter of the user's own, or whatever is newest.
    """
    for python in (environments.minor_of(target), *target.python):
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
    return sorted(versions_in((run or ask_once)(name, python)), key=Version)


def ask_index(name: str, python: str) -> str:
    """What pip says of a distribution's releases for one Python."""
    uv = interpreters.find_uv()
    pip = [str(uv), "tool", "run", "pip"] if uv else [sys.executable, "-m", "pip"]
    words = [*pip, "index", "versions", name, "--python-version", python]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise HarnessFault(f"The releases of {name} could not be asked for: {error}") from error
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason was given"]
        raise HarnessFault(f"The releases of {name} for Python {python} could not be asked for: {last[0]}")
    return done.stdout


ask_once = functools.cache(ask_index)
"""`ask_index`, an answer kept for as long as this process lives."""


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
    name = distribution(neighbour)
    wanted = Version(version)
    exchanged = {name}
    for other, since, until in BESIDE.get(neighbour.implementation, ()):
        if (
            since <= wanted.release[:2] < until
            and wanted.release[:2] != Version(version_of(neighbour)).release[:2]
        ):
            exchanged.add(other)
    new = {
        name: f"{name}=={version}",
        **{other: f"{other}=={wanted.major}.{wanted.minor}.*" for other in exchanged - {name}},
    }
    id = f"{neighbour.id.replace(neighbour.version, version, 1)}"
    id = id if id != neighbour.id else f"{neighbour.id}@{version}"
    made = with_pins(neighbour, new, id, folder)
    return replace(
        made,
        version=version,
        order=tuple(wanted.release),
        note=f"made from {neighbour.id} with {name} {version}",
    )


TWINS = {"tensorflow": "tensorflow-cpu", "tensorflow-cpu": "tensorflow"}
"""Two distributions of one thing: an environment has one of them."""


def with_pins(target: Target, pinned: Mapping[str, str], id: str, folder: Path | None = None) -> Target:
    """A target with an environment of its own in which some pins are others, by distribution."""
    python, lines = pins(target)
    gone = set(pinned) | {twin for name in pinned if (twin := TWINS.get(name))}
    kept = [line for line in lines if name_of(line) not in gone]
    folder = folder or environments.home() / "releases"
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / f"{id}-py{python}.txt"
    lock.write_text("\n".join(sorted([*kept, *pinned.values()])) + "\n")
    return replace(target, id=id, python=(python,), lock={python: lock}, environment=id)


CARRIERS = ("tensorflow", "tensorflow-cpu", "keras", "keras-core", "tf-keras")
"""Distributions that hold code of a Keras, or what it computes with."""


def parts(before: Target, after: Target, folder: Path | None = None) -> dict[str, Target]:
    """The older of two releases with one distribution of the newer, for each that carries a Keras.

    Empty where they differ by one such distribution at most: then there is nothing to tell apart.
    """
    exchanged = {name: new for name, (old, new) in carried(before, after).items() if old != new}
    if len(exchanged) < 2:
        return {}
    return {
        name: with_pins(before, {name: f"{name}=={new}"}, f"{before.id}+{name}-{new}", folder)
        for name, new in exchanged.items()
    }


def carried(before: Target, after: Target) -> dict[str, tuple[str, str]]:
    """The versions in both of two releases of every distribution that carries a Keras, where both have it."""
    low, high = (_carriers(pins(target)[1]) for target in (before, after))
    out = {}
    for name, new in sorted(high.items()):
        old = low.get(name) or low.get(TWINS.get(name, ""))
        if old:
            out[name] = old, new
    return out


def _carriers(lines: Iterable[str]) -> dict[str, str]:
    """Versions by distribution; a local part, such as ``+cpu``, says nothing about the release."""
    found = {name_of(line): line.partition("==")[2].partition("+")[0] for line in lines}
    return {name: version for name, version in found.items() if name in CARRIERS and version}


def comparisons(before: Target, after: Target) -> tuple[str, ...]:
    """Where the code of two releases can be read side by side, of each distribution that differs."""
    changed = {name: pair for name, pair in carried(before, after).items() if pair[0] != pair[1]}
    exact = {name: pair for name, pair in changed.items() if not any("*" in version for version in pair)}
    return tuple(dict.fromkeys(comparison(name, *pair) for name, pair in exact.items()))


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
