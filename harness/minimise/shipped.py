"""What was found out about expected causes, kept beside the expectations and reviewed like them.

``modern.minimal.jsonl`` beside ``modern.toml`` holds a line per cause: its smallest case, the trigger, what
explains it, a program, what that printed on both targets, and in which environments and when. So a fresh
clone has them without starting a target. A line is a statement about the environments it names and no others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.errors import WrongUse
from harness.minimise.records import Environment, Minimal, minimal_of
from harness.minimise.reproducing import issue_text
from harness.model import TargetInfo, canonical
from harness.report.programs import PACKAGES

OUTPUT = 4000
"""Characters of a program's output that are kept, as many as a page shows."""


def file_of(folder: Path, pair: str) -> Path:
    """The file of a pair, beside its expectations."""
    return folder / f"{pair}.minimal.jsonl"


def environment(target: TargetInfo) -> Environment:
    """A target as it is now."""
    names = {name.lower(): version for name, version in target.packages.items()}
    return Environment(
        target.id, target.fingerprint, target.python, {n: names[n] for n in PACKAGES if n in names}
    )


def load(file: Path) -> dict[str, Minimal]:
    """What a file says, by the fingerprint of the cause; nothing where there is no file.

    Raises `WrongUse` for a line that is none of ours.
    """
    if not file.is_file():
        return {}
    out: dict[str, Minimal] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            minimal = minimal_of(json.loads(line))
            where = minimal.environments
            if where is None or not minimal.date:
                raise ValueError("no environments or no date")
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise WrongUse(
                f"{file.name}: Expected a finding of `harness minimise --into-baseline` in line {number}. "
                f"Received: one that cannot be read ({type(error).__name__}: {error}). "
                "Remove the line; the command makes it anew."
            ) from error
        out[minimal.cause] = replace(minimal, issue=issue_text(minimal, where))
    return out


def write(file: Path, found: Mapping[str, Minimal]) -> None:
    """Write a file: a line per cause, in the order of their fingerprints."""
    lines = [canonical(lean(found[cause])) for cause in sorted(found)]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def lean(minimal: Minimal) -> dict[str, Any]:
    """A finding without what is made from the rest of it."""
    content = minimal.plain()
    del content["issue"]
    if content["repro"] is not None:
        content["repro"]["outputs"] = [output[:OUTPUT] for output in content["repro"]["outputs"]]
    return content
