"""A fact: one value that one of upstream's tests passes to one argument of one public name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.model import Plain, canonical

STORED = Path(__file__).with_name("facts.jsonl")
"""The facts read so far, of the commits their first lines name."""
ROLES = ("parameter", "call", "input")
"""An argument of the constructor or function; a keyword of the call of what was made; what is fed to it."""


@dataclass(frozen=True)
class Source:
    """Where facts were read."""

    repository: str
    commit: str
    version: str
    license: str


@dataclass(frozen=True)
class Fact:
    """What was passed. Two tests that pass the same make one fact, with the first file that does."""

    subject: str
    role: str
    name: str
    value: Plain
    repository: str
    file: str
    is_default: bool = False
    """Whether the value is the literal default of the argument in the same checkout."""

    @property
    def key(self) -> str:
        """What makes two facts one."""
        return canonical([self.subject, self.role, self.name, self.value, self.repository])


@dataclass(frozen=True)
class Program:
    """What one call of a test passes, all together: how a case would be made of it."""

    subject: str
    parameters: Mapping[str, Plain]
    inputs: Plain
    call: Mapping[str, Plain]
    repository: str
    file: str


def distinct(facts: Iterable[Fact]) -> list[Fact]:
    """Each fact once, in an order that does not depend on the order they were read in."""
    out: dict[str, Fact] = {}
    for fact in facts:
        kept = out.get(fact.key)
        if kept is None or fact.file < kept.file:
            out[fact.key] = fact
    return [out[key] for key in sorted(out)]


def write(path: Path, sources: Iterable[Source], facts: Iterable[Fact]) -> None:
    """Keep facts as JSON lines: first the sources, then the facts."""
    lines = [canonical({"source": vars(source)}) for source in sources]
    for fact in distinct(facts):
        line = {name: value for name, value in vars(fact).items() if name != "is_default" or value}
        lines.append(canonical(line))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read(path: Path = STORED) -> tuple[list[Source], list[Fact]]:
    """The sources and the facts of a file that `write` made."""
    sources: list[Source] = []
    facts: list[Fact] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        record: Mapping[str, Plain] = json.loads(line)
        if "source" in record:
            sources.append(Source(**record["source"]))
        else:
            facts.append(Fact(**record))
    return sources, facts
