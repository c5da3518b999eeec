"""What is kept of each night: figures per pair, and the first night each cause was seen.

``history.json`` only grows by one entry a night; it is what trends and "new" are told from. A pair of which
nothing was compared has no figures at all: not run is never zero.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from harness.errors import HarnessFault
from harness.model import CaseStatus, Cause, Fault, Severity, TargetInfo
from harness.report.records import SIDES, UNEXPECTED, RunRecord
from harness.report.untrusted import one_line

FORMAT = "keras-compat-harness/history/1"
COMPARED = (CaseStatus.AGREE, CaseStatus.ROUNDING, CaseStatus.DIVERGE)


@dataclass(frozen=True)
class Figures:
    """One pair, one night."""

    pair: str
    run: str
    reference: str
    candidate: str
    versions: Mapping[str, str] = field(default_factory=dict)
    not_run: Mapping[str, str] = field(default_factory=dict)
    """Target → why it was not run."""
    cases: Mapping[str, int] = field(default_factory=dict)
    """Cases by how they ended."""
    causes: int | None = None
    unexpected: int | None = None
    new: int | None = None
    """Unexpected causes that no night before this one has seen."""
    gone: int | None = None
    """Causes of the last night of this pair that compared all it planned, and are not there any more."""
    stale: int = 0
    faults: int = 0
    seconds: float = 0.0

    @property
    def compared(self) -> int:
        """Cases in which something was compared."""
        return sum(self.cases.get(str(status), 0) for status in COMPARED)

    @property
    def ran(self) -> bool:
        """Whether both sides were observed."""
        return not self.not_run

    @property
    def planned(self) -> int:
        """Cases in all."""
        return sum(self.cases.values())


@dataclass(frozen=True)
class Seen:
    """A cause over the nights."""

    first: str
    last: str
    title: str


@dataclass
class History:
    """Every night so far."""

    nights: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[str, dict[str, Seen]] = field(default_factory=dict)
    """Pair → fingerprint → when it was seen."""
    changes: dict[str, Seen] = field(default_factory=dict)
    """Change of the matrix → when it was seen."""

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        seen = {pair: {f: asdict(s) for f, s in found.items()} for pair, found in self.seen.items()}
        changes = {key: asdict(s) for key, s in self.changes.items()}
        return {"format": FORMAT, "nights": self.nights, "seen": seen, "changes": changes}

    @property
    def changes_seen(self) -> Mapping[str, Seen] | None:
        """The changes that nights saw; None where no night had a matrix."""
        return self.changes if any(night.get("matrix") for night in self.nights) else None

    def of_pair(self, pair: str) -> list[tuple[str, Mapping[str, Any]]]:
        """Night and figures of a pair, oldest first."""
        return [(n["night"], n["pairs"][pair]) for n in self.nights if pair in n["pairs"]]


def load(path: Path) -> History:
    """The history in a file; an empty one where there is none.

    Raises:
        HarnessFault: the file is no history: it is not overwritten.
    """
    if not path.exists():
        return History()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']!r}")
        seen = {pair: {f: Seen(**s) for f, s in found.items()} for pair, found in data["seen"].items()}
        changes = {key: Seen(**s) for key, s in data.get("changes", {}).items()}  # none in older ones
        return History(list(data["nights"]), seen, changes)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise HarnessFault(
            f"Expected '{path}' to be a history of nights. Received: {error}. Nothing was changed; move it "
            "away to begin a new one."
        ) from error


def save(history: History, path: Path) -> None:
    """Put the history in place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(history.plain(), file, indent=1)
        file.write("\n")
    Path(name).chmod(0o644)
    Path(name).replace(path)


def new_causes(record: RunRecord, history: History) -> list[Cause]:
    """Unexpected causes that no night has seen with this pair, each fingerprint once, worst first."""
    before = history.seen.get(record.pair, {})
    found: dict[str, Cause] = {}
    for cause in sorted(record.causes, key=lambda c: (c.severity.rank, -len(c.subjects), c.fingerprint)):
        if cause.verdict in UNEXPECTED and cause.fingerprint not in before:
            found.setdefault(cause.fingerprint, cause)
    return list(found.values())


def figures(record: RunRecord, history: History) -> Figures:
    """What a night says of a pair."""
    not_run: dict[str, str] = {}
    versions: dict[str, str] = {}
    for side in SIDES:
        target = record.target(side)
        if isinstance(target, TargetInfo):
            versions[target.id] = str(target.settings.get("says_version") or target.version)
        else:
            not_run[target.id] = one_line(target.fault.what, 300)
    none = Figures(record.pair, record.run, record.reference.id, record.candidate.id, versions)
    cases = {str(s): n for s, n in Counter(j.status for j in record.judged).items()}
    faults = len(record.faults)
    if not_run:
        return replace(none, not_run=not_run, cases=cases, faults=faults)
    here = {c.fingerprint for c in record.causes}
    return replace(
        none,
        cases=cases,
        causes=len(here),
        unexpected=len({c.fingerprint for c in record.causes if c.verdict in UNEXPECTED}),
        new=len(new_causes(record, history)),
        gone=gone(record, history, here),
        stale=len(record.stale),
        faults=faults,
        seconds=round(sum(t.total for t in record.timings), 1),
    )


def gone(record: RunRecord, history: History, here: set[str]) -> int | None:
    """How many causes of the last night are not there any more; None where this night left cases out."""
    nights = history.of_pair(record.pair)
    if not nights or any(j.status is CaseStatus.NOT_RUN for j in record.judged):
        return None
    last = nights[-1][0]
    return sum(s.last == last and f not in here for f, s in history.seen.get(record.pair, {}).items())


def remember(
    history: History,
    night: str,
    about: Mapping[str, Any],
    found: Sequence[tuple[Figures, Mapping[str, str]]],
    matrix: tuple[Mapping[str, Any], Mapping[str, str]] | None = None,
) -> None:
    """Add a night.

    found: figures of a pair, with the titles of its causes by fingerprint.
    matrix: its figures, with the titles of its changes; None where the night had none.
    """
    pairs = {f.pair: asdict(f) for f, _ in found}
    history.nights.append(
        {"night": night, **about, "pairs": pairs, **({"matrix": matrix[0]} if matrix else {})}
    )
    for each, titles in found:
        _see(history.seen.setdefault(each.pair, {}), titles, night)
    if matrix:
        _see(history.changes, matrix[1], night)


def _see(seen: dict[str, Seen], titles: Mapping[str, str], night: str) -> None:
    for key, title in titles.items():
        seen[key] = Seen(seen[key].first if key in seen else night, night, title)


def titles(record: RunRecord) -> dict[str, str]:
    """The causes of a record by fingerprint."""
    return {c.fingerprint: one_line(c.title, 200) for c in record.causes}


def failing(record: RunRecord, floor: Severity) -> bool:
    """Whether a record fails the gate: by something unexpected that is so severe, or by what is stale."""
    bad = [c for c in record.causes if c.verdict in UNEXPECTED and c.severity.rank <= floor.rank]
    return bool(bad) or bool(record.stale)


def nothing_compared(found: Figures) -> Fault | None:
    """A pair of which nothing was compared says nothing; that is never a pass."""
    if found.ran and not found.compared:
        return Fault(
            found.pair, "not one case of this pair was compared", fix="See its report for the reasons."
        )
    return None
