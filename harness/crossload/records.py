"""The records of the cross-load matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from harness.model import Blame, Fault, Severity


class Result(StrEnum):
    """What a cell of the matrix is, worst first."""

    CRASH = "crash"
    DIFFERS = "loads but differs"
    WITHOUT = "loads without part of its state"
    ERROR = "error"
    WARNING = "warning"
    EQUAL = "loads and equal"
    UNSUPPORTED_WRITER = "not supported by the writer"
    UNSUPPORTED_READER = "not supported by the reader"
    UNDECIDED = "not decided"
    NOT_RUN = "not run"


MARKS: Mapping[Result, str] = {
    Result.CRASH: "✝",
    Result.DIFFERS: "≠",
    Result.WITHOUT: "−",
    Result.ERROR: "E",
    Result.WARNING: "!",
    Result.EQUAL: "=",
    Result.UNSUPPORTED_WRITER: "w",
    Result.UNSUPPORTED_READER: "r",
    Result.UNDECIDED: "?",
    Result.NOT_RUN: "·",
}
"""One sign per result, readable without colour."""


@dataclass(frozen=True)
class Finding:
    """One thing that differs between what was written and what was read."""

    part: str
    """`predictions`, `weights`, `config`, `optimizer state`, `next step`, `names`, …"""
    severity: Severity
    what: str
    """A sentence with both values."""
    written: str = ""
    read: str = ""


@dataclass(frozen=True)
class Cell:
    """One writer × format × model × reader."""

    writer: str
    reader: str
    format: str
    model: str
    result: Result
    summary: str
    findings: tuple[Finding, ...] = ()
    lost: tuple[str, ...] = ()
    """Parts of the state that did not arrive."""
    warnings: tuple[str, ...] = ()
    severity: Severity | None = None
    blame: Blame = Blame.UNKNOWN
    blame_evidence: str = ""
    error_type: str = ""
    error_part: str = ""
    """The part of the file a reader was at when it raised."""
    message: str = ""
    place: str = ""
    """Where inside the implementation an error was raised."""
    second_tries: tuple[str, ...] = ()
    """What a user tries next, and what came of it."""
    notes: tuple[str, ...] = ()
    """What was judged to be rounding, and by which evidence."""
    digest: str = ""
    """The file."""


@dataclass(frozen=True)
class Written:
    """What a writer left in one format for one model."""

    writer: str
    format: str
    model: str
    digest: str = ""
    size: int = 0
    inside: tuple[str, ...] = ()
    reason: str = ""
    """Why there is no file."""
    observed: bool = True
    """False: the writer's case was not performed."""


class Treated(StrEnum):
    """What a reader did with an untrusted file."""

    EXECUTED = "ran what the file holds"
    CRASHED = "crashed"
    LOADED = "loaded, nothing of the file ran"
    REFUSED = "refused"
    NO_WAY = "has no way to open it"
    NOT_MADE = "not run"


@dataclass(frozen=True)
class Opened:
    """One untrusted file, opened by one reader in one way."""

    reader: str
    maker: str
    trap: str
    way: str
    result: Treated
    how: str


@dataclass(frozen=True)
class TargetFacts:
    """What a target of the matrix is."""

    id: str
    implementation: str
    version: str
    backend: str
    python: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""
    """Why it could not be run."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that make it what it is: the backend, TensorFlow's choice of Keras."""


@dataclass(frozen=True)
class MatrixRecord:
    """One cross-load matrix."""

    run: str
    started: str
    ended: str
    targets: tuple[TargetFacts, ...]
    models: tuple[str, ...]
    formats: tuple[str, ...]
    cells: tuple[Cell, ...]
    written: tuple[Written, ...]
    opened: tuple[Opened, ...] = ()
    faults: tuple[Fault, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Target → seconds spent inside its cases in this run."""
    performed: Mapping[str, int] = field(default_factory=dict)
    cached: Mapping[str, int] = field(default_factory=dict)
    profile: str = "full"
    """Which models went through which formats."""
