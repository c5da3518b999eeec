"""A checkout of upstream read as a whole: its commit, the facts, and the calls they stood in."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import WrongUse
from harness.specs.registry import all_specs
from harness.upstream.comparing import FAMILIES
from harness.upstream.exports import read_exports
from harness.upstream.facts import Fact, Program, Source, distinct
from harness.upstream.reading import read_test

LAYOUTS: Mapping[str, tuple[str, str]] = {
    "keras/src": ("keras-team/keras", "keras/src/version.py"),
    "tf_keras": ("keras-team/tf-keras", "tf_keras/__init__.py"),
}
"""The folder of a package in a checkout → its repository, and the file that says its version."""
LICENSE = "Apache-2.0"
"""Of both repositories. Only facts are taken: which values are passed, no text and no code."""


@dataclass(frozen=True)
class Gathered:
    """What a checkout's tests pass."""

    source: Source
    facts: tuple[Fact, ...]
    programs: tuple[Program, ...]


def gather(checkout: Path) -> Gathered:
    """Read every test of a checkout of keras or tf-keras. Raises `WrongUse` where it is neither."""
    package = next((p for p in LAYOUTS if (checkout / p).is_dir()), None)
    if package is None:
        raise WrongUse(
            "Expected a checkout of keras-team/keras (since 3.0) or of keras-team/tf-keras. "
            f"Received: {checkout}. Clone one of the two, at the tag to be read."
        )
    repository, versions = LAYOUTS[package]
    exports = read_exports(checkout, package, frozenset(s.subject for s in all_specs()))
    facts: list[Fact] = []
    programs: list[Program] = []
    for file in sorted((checkout / package).rglob("*_test.py")):
        followed = read_test(file, checkout=checkout, repository=repository, exports=exports)
        facts += (f for f in followed.notes.facts if is_compared(f.subject))
        programs += (p for p in followed.notes.programs if is_compared(p.subject))
    source = Source(repository, commit_of(checkout), version_of(checkout / versions), LICENSE)
    return Gathered(source, tuple(distinct(facts)), tuple(programs))


def is_compared(subject: str) -> bool:
    """Whether a subject is of a family whose facts are kept."""
    return subject.partition(".")[0] in FAMILIES


def commit_of(checkout: Path) -> str:
    """The commit a checkout stands at; empty where it is no git repository."""
    asked = subprocess.run(
        ["git", "-C", str(checkout), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() if asked.returncode == 0 else ""


def version_of(file: Path) -> str:
    """The version a file declares; empty where there is none."""
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    return found.group(1) if found else ""


def all_facts(gathered: Iterable[Gathered]) -> list[Fact]:
    """The facts of several checkouts."""
    return distinct(fact for one in gathered for fact in one.facts)
