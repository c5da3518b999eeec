"""A comparison asked for again while nothing it depends on has changed: its last report still stands.

What a comparison says is decided by what was asked, the sources of the harness, the packages of both sides
and of the harness itself, the baseline, the user's own files, and what the store holds. Where all of that is
as it was when a report was finished, comparing again would write the same report: the one there is is named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import harness
from harness import pipeline
from harness.errors import HarnessFault
from harness.model import digest
from harness.report.records import RunRecord, Timing
from harness.request import Request
from harness.store import Store

SORT = "standing"
"""Where the store keeps what stands."""
SOURCES = (".py", ".json", ".jsonl", ".toml", ".html", ".css", ".js")
"""Kinds of files of the harness that decide what a report says."""


@dataclass(frozen=True)
class StandingReport:
    """A finished report and what was said of it."""

    run: str
    store: str
    """What the store held when it was finished."""
    pages: str
    """A digest of its first page and of what it says to machines: it may have been written again since."""
    told: str
    """The summary that was shown, without what it cost."""
    code: int
    cached: Mapping[str, int]
    """Target → how many observations the report rests on."""

    def timings(self) -> list[Timing]:
        """What it costs to have it again: nothing performed, everything from the store."""
        return [Timing(t, 0, 0.0, 0.0, 0.0, cached=n) for t, n in self.cached.items()]


def asked(request: Request, options: Mapping[str, Any], baseline: Path) -> str | None:
    """What decides a comparison besides the store; None where it cannot be told or nothing may be reused.

    options: further words of the command line that decide the report or the exit code.
    """
    if not request.use_cache:
        return None
    try:
        launches = [
            pipeline.launch_of(target, request.extra_scripts)
            for target in (request.reference, request.candidate)
        ]
    except HarnessFault:
        return None
    return digest(
        {
            "pair": asdict(request.pair),
            "sides": [launch.fingerprint for launch in launches],
            "targets": [repr(request.reference), repr(request.candidate)],
            "words": [request.profile, list(request.only), request.seed, request.shuffle, request.recheck],
            "options": dict(options),
            "own": [contents([path]) for path in request.extra_scripts],
            "harness": contents(sources()),
            "packages": sorted(f"{d.name} {d.version}" for d in metadata.distributions()),
            "baseline": contents(sorted(baseline.glob("*")) if baseline.is_dir() else ()),
        }
    )


def sources() -> list[Path]:
    """The files of the harness that decide what a report says."""
    root = Path(harness.__file__).parent
    return sorted(path for path in root.rglob("*") if path.suffix in SOURCES)


def contents(paths: Iterable[Path]) -> str:
    """A digest of the names and contents of files."""
    hasher = hashlib.blake2b(digest_size=16)
    for path in paths:
        content = path.read_bytes()
        hasher.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return hasher.hexdigest()


def found(key: str | None, store: Store, reports: Path) -> StandingReport | None:
    """The report that stands for what is asked; None where there is none or anything has changed since."""
    content = None if key is None else store.finding(SORT, key)
    if content is None:
        return None
    standing = StandingReport(**content)
    same = standing.pages == pages(reports / standing.run) and standing.store == store.stamp(SORT)
    return standing if same else None


def pages(folder: Path) -> str:
    """A digest of what decides a report's pages; empty where it is not there."""
    files = [folder / name for name in ("index.html", "divergences.json")]
    return contents(files) if all(file.is_file() for file in files) else ""


def keep(
    key: str | None, store: Store, record: RunRecord, told: str, code: int, *, reports: Path, stamp: str
) -> None:
    """Keep that a report stands. One with a harness fault does not: what failed is to be tried again.

    stamp: of the store as the report saw it.
    """
    if key is None or record.faults:
        return
    cached = {timing.target: timing.cases + timing.cached for timing in record.timings}
    standing = StandingReport(record.run, stamp, pages(reports / record.run), told, code, cached)
    store.keep_finding(SORT, key, asdict(standing))
