"""Dates of expected causes, kept beside the expectations and reviewed like them.

``modern.since.jsonl`` beside ``modern.toml`` holds a line per cause: how every release asked behaves, when
that was observed, and the packages of the two sides. So a fresh clone tells since when a cause shows without
starting a release. A line speaks of those packages and of no others.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.errors import HarnessError, WrongUse
from harness.minimise.shipped import environment
from harness.model import Verdict, canonical
from harness.report.dates import Dated, dated_from
from harness.report.records import NotRun, RunRecord

Packages = list[dict[str, str]]
"""Of the reference and of the candidate: its id, and what a program has to be given, name → version."""


def file_of(folder: Path, pair: str) -> Path:
    """The file of a pair, beside its expectations."""
    return folder / f"{pair}.since.jsonl"


def packages_of(record: RunRecord) -> Packages | None:
    """The packages of both sides; None where one could not be had."""
    out: Packages = []
    for side in (record.reference, record.candidate):
        if isinstance(side, NotRun):
            return None
        out.append({"target": side.id, **environment(side).packages})
    return out


def load(file: Path) -> dict[str, tuple[Dated, Packages]]:
    """What a file says, by the fingerprint of the cause; nothing where there is no file.

    Raises `WrongUse` for a line that is none of ours.
    """
    out: dict[str, tuple[Dated, Packages]] = {}
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    for number, line in enumerate(lines, start=1):
        try:
            content = json.loads(line)
            date = replace(dated_from(content), observed=str(content["observed"]))
            out[date.cause] = date, [dict(side) for side in content["packages"]]
        except (ValueError, TypeError, KeyError, HarnessError) as error:
            raise WrongUse(
                f"{file.name}: Expected a date of `harness since --into-baseline` in line {number}. "
                f"Received: one that cannot be read ({type(error).__name__}: {error}). "
                "Remove the line; the command makes it anew."
            ) from error
    return out


def speaking_of(record: RunRecord, shipped: Mapping[str, tuple[Dated, Packages]]) -> dict[str, Dated]:
    """The shipped dates that speak of this run: of its expected causes, where its packages are the same."""
    here = packages_of(record)
    expected = {c.fingerprint for c in record.causes if c.verdict is Verdict.EXPECTED}
    return {c: date for c, (date, packages) in shipped.items() if c in expected and packages == here}


def write(
    file: Path, record: RunRecord, dates: Iterable[Dated], reviewed: Collection[str], today: str
) -> tuple[int, int]:
    """Have a file hold these dates of causes that have an expectation, and what it says of the other ones.

    reviewed: fingerprints of the causes that have an expectation. Returns how many lines there are, and how
    many of them are new or changed.
    """
    here = packages_of(record) or []
    lines = {c: line(date, packages) for c, (date, packages) in load(file).items() if c in reviewed}
    before = dict(lines)
    for date in dates:
        kept = load_line(before.get(date.cause))
        if date.cause in reviewed and kept != (replace(date, observed=""), here):
            lines[date.cause] = line(replace(date, observed=date.observed or today), here)
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{lines[cause]}\n" for cause in sorted(lines))
    file.write_text(text, encoding="utf-8", newline="\n")
    return len(lines), sum(before.get(cause) != text for cause, text in lines.items())


def line(date: Dated, packages: Packages) -> str:
    """One date as a line; what is made from the rest of it is left out."""
    content: dict[str, Any] = date.plain() | {"packages": packages, "observed": date.observed}
    del content["sentence"]
    return canonical(content)


def load_line(text: str | None) -> tuple[Dated, Packages] | None:
    """What a line of ours says, but for when it was observed."""
    content = None if text is None else json.loads(text)
    return None if content is None else (dated_from(content), content["packages"])
