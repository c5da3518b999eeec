"""Environments of a megabyte each, for what a budget of disk does with them."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harness import disk, environments
from harness.environments import Environment, State
from harness.targets import Target

MEGABYTE = 1 << 20


class Told:
    """Progress that remembers what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def begin(self, target: str, what: str, total: int, known: int) -> None:
        """Nothing."""

    def advance(self, target: str) -> None:
        """Nothing."""

    def say(self, line: str) -> None:
        """Kept."""
        self.said.append(line)


@dataclass
class Disk:
    """Environments of a megabyte each, and who made them."""

    root: Path
    made: list[str] = field(default_factory=list)
    pins: list[str] = field(default_factory=list)

    def target(self, id: str) -> Target:
        """A target with an environment of its own."""
        return Target(id, "keras", "1", "numpy", "numpy", "keras", "none", environment=id)

    def prepare(self, target: Target, *, resolved: str = "", **unused: Any) -> Environment:
        """Make one."""
        directory = self.root / environments.folder_name(target.id)
        (directory / "bin").mkdir(parents=True)
        python = directory / "bin" / "python"
        python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        python.chmod(0o755)
        (directory / "own").write_bytes(os.urandom(MEGABYTE))
        records = self.root / "environments"
        records.mkdir(exist_ok=True)
        (records / f"{target.id}.json").write_text(json.dumps({"python": str(python)}))
        self.made.append(target.id)
        self.pins.append(resolved)
        return Environment(target.id, State.READY, resolved=f"pins of {target.id}")

    def look(self, target: Target, root: Path | None = None) -> Environment:
        """Whether there is one."""
        python = self.root / environments.folder_name(target.id) / "bin" / "python"
        if python.exists():
            return Environment(target.id, State.READY, python)
        return Environment(target.id, State.POSSIBLE)

    @property
    def there(self) -> list[str]:
        """Those there are."""
        return sorted(each.id for each in disk.kept(self.root)[0])


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    monkeypatch.setenv(environments.HOME_VARIABLE, str(tmp_path))
    found = Disk(tmp_path)
    monkeypatch.setattr(environments, "look", found.look)
    return found
