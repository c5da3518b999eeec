"""What minimising leaves: plain records, kept in the store and shown in reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from harness.model import Case, Plain, TargetInfo


@dataclass(frozen=True)
class Execution:
    """What came of a program that was run on one target."""

    target: str
    status: str
    """``ended``, ``timed out``, ``killed`` or ``not started``."""
    output: str
    """What it printed, standard error last, shortened."""
    code: int = 0
    """Its exit code."""
    seconds: float = 0.0


@dataclass(frozen=True)
class Repro:
    """A program that shows a cause on either target, and what came of running it on both."""

    text: str
    """The program; empty where none can be written."""
    outputs: tuple[str, str] = ("", "")
    """What it printed on the reference and on the candidate."""
    executed: bool = False
    reproduces: bool = False
    why: str = ""
    """Why there is no program, or what is wrong with what it printed."""
    form: str = ""
    """One of `harness.report.repro.FORMS`."""

    @property
    def lines(self) -> int:
        """Lines that are code: no comment, not blank."""
        body = (line.strip() for line in self.text.splitlines())
        return sum(1 for line in body if line and not line.startswith("#"))


@dataclass(frozen=True)
class Environment:
    """One target as it was when a program was run on it: enough to tell it again, and to name it."""

    id: str
    fingerprint: str
    """As in `TargetInfo`: packages, source of the implementation, settings."""
    python: str
    packages: Mapping[str, str]
    """Installed distribution → version, of those that a program has to be given."""


Environments = tuple[Environment, Environment]
"""The reference's and the candidate's."""


@dataclass(frozen=True)
class Attribution:
    """What a retry proved about a cause."""

    aspect: str
    """``default``, ``dtype``, ``input type``, ``entry point`` or ``mode``."""
    statement: str
    before: str
    """Address of the case that shows the cause."""
    after: str
    """Address of the case that was tried instead."""


@dataclass(frozen=True)
class Minimal:
    """The smallest case found that still shows a cause."""

    cause: str
    """Fingerprint of the cause."""
    fingerprint: str
    """Fingerprint of the divergence that was kept while shrinking."""
    case: Mapping[str, Plain]
    """The case as it goes over the wire."""
    address: str
    trigger: Mapping[str, Plain]
    """Parameters that must stay other than their plainest value, with their values."""
    summary: str
    """What differs in the minimal case, in one sentence."""
    before: str = ""
    """Address of the case that shrinking began with."""
    tried: int = 0
    """Cases that were tried on the way."""
    finished: bool = True
    """False where time ran out before every simplification had been tried."""
    attributions: tuple[Attribution, ...] = ()
    repro: Repro | None = None
    issue: str = ""
    """A text for the issue tracker, in Markdown."""
    environments: Environments | None = None
    """Where all of this was found out, and the program run."""
    date: str = ""
    """When: UTC, ISO 8601, without the time."""
    label: str = ""
    """Name of the case's feed; what a cause is called by may rest on it."""

    def plain(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    def small_case(self) -> Case:
        """The case itself."""
        return Case(**{**self.case, "observe": tuple(self.case["observe"])}, label=self.label)

    def is_of(self, *sides: object) -> bool:
        """Whether it was found out in the environments of a run; a side that did not run has none."""
        ran = [s.fingerprint for s in sides if isinstance(s, TargetInfo)]
        return self.environments is not None and ran == [e.fingerprint for e in self.environments]


def minimal_of(content: Mapping[str, Any]) -> Minimal:
    """The record from its plain form."""
    repro = content["repro"]
    where = content.get("environments")
    return Minimal(
        **{
            **content,
            "attributions": tuple(Attribution(**a) for a in content["attributions"]),
            "repro": None if repro is None else Repro(**{**repro, "outputs": tuple(repro["outputs"])}),
            "environments": None if where is None else (Environment(**where[0]), Environment(**where[1])),
        }
    )
