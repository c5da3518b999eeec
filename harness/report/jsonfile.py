"""``divergences.json``: everything the report says, for machines.

The form is described by ``schema/divergences.schema.json`` (JSON Schema 2020-12) and named by the
top-level `format`; a reader should refuse a major number it does not know. Written piece by piece,
so that the number of divergences does not decide how much memory it takes.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from harness.model import CaseStatus, Cause, Difference, Divergence, Plain, Size, TargetInfo
from harness.report.compose import not_compared, one_code
from harness.report.finding import minimal_json
from harness.report.layout import Layout, cause_key
from harness.report.records import SIDES, RunRecord, Side, unexpected, worst_first
from harness.report.untrusted import clean, one_line
from harness.report.values import brief, jsonable

FORMAT = "keras-compat-harness/divergences/1.2"
SHORT = 400
"""Characters of a value."""
DIFFERENCES = 20
"""Differences written out per divergence; `differences_in_all` says how many there are."""


def write(run: RunRecord, layout: Layout, path: Path) -> None:
    """Write the file."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("{\n")
        for name, value in _top(run, layout).items():
            file.write(f"{_dumped(name)}: {_dumped(value)},\n")
        _list(
            file,
            "causes",
            (_cause(run, layout, cause) | _since(run, cause) for cause in worst_first(run.causes)),
        )
        file.write(",\n")
        _list(file, "divergences", (_divergence(layout, one) for one in run.divergences()))
        file.write("\n}\n")


def _dumped(value: Plain) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False, sort_keys=isinstance(value, dict))


def _list(file: TextIO, name: str, items: Iterator[Plain]) -> None:
    file.write(f"{_dumped(name)}: [")
    for number, item in enumerate(items):
        file.write(",\n" if number else "\n")
        file.write(_dumped(item))
    file.write("\n]")


def _top(run: RunRecord, layout: Layout) -> dict[str, Plain]:
    tally = Counter(judged.status for judged in run.judged)
    rows, _ = not_compared(run, limit=None)
    return {
        "format": FORMAT,
        "run": run.run,
        "started": run.started,
        "ended": run.ended,
        "pair": run.pair,
        "profile": run.profile,
        "seed": run.seed,
        "settings": jsonable(run.settings),
        "targets": {side: _target(run, side) for side in SIDES},
        "same_code": [clean(line) for line in one_code(run)],
        "counts": {
            "cases": {str(status): tally[status] for status in CaseStatus},
            "causes": len(run.causes),
            "unexpected_causes": len(unexpected(run.causes)),
            "divergences": layout.total,
            "subjects": len(layout.subjects),
        },
        "faults": [
            {
                "target": one_line(fault.target),
                "what": clean(fault.what),
                "evidence": clean(fault.evidence),
                "fix": clean(fault.fix),
                "cases": fault.cases,
            }
            for fault in run.faults
        ],
        "stale": [
            {"expectation": one_line(s.expectation), "why": clean(s.why), "link": one_line(s.link)}
            for s in run.stale
        ],
        "not_compared": [
            {"what": clean(row.what, SHORT), "why": clean(row.why), "count": row.count} for row in rows
        ],
    }


def _target(run: RunRecord, side: Side) -> dict[str, Plain]:
    target = run.target(side)
    if not isinstance(target, TargetInfo):
        return {"id": target.id, "ran": False, "reason": clean(target.fault.what), "fix": target.fault.fix}
    return {
        "id": target.id,
        "ran": True,
        "implementation": target.implementation,
        "version": target.version,
        "backend": target.backend,
        "python": target.python,
        "namespace": target.namespace,
        "packages": jsonable(target.packages),
        "settings": jsonable(target.settings),
        "identity": jsonable(target.identity),
    }


def _cause(run: RunRecord, layout: Layout, cause: Cause) -> dict[str, Plain]:
    return {
        "fingerprint": cause.fingerprint,
        "title": one_line(cause.title, SHORT),
        "kind": str(cause.kind),
        "severity": str(cause.severity),
        "blame": str(cause.blame),
        "blame_evidence": clean(cause.blame_evidence),
        "verdict": str(cause.verdict),
        "expectation": one_line(cause.expectation),
        "fingerprints": len(cause.fingerprints),
        "subjects": [one_line(subject) for subject in cause.subjects],
        "divergences": len(cause.divergences),
        "page": layout.causes[cause_key(cause)],
        "minimal": minimal_json(run, run.minimal.get(cause_key(cause)), layout.causes[cause_key(cause)]),
    }


def _since(run: RunRecord, cause: Cause) -> dict[str, Plain]:
    """Since when a cause shows, where that is known."""
    date = run.since.get(cause.fingerprint)
    return {"since": date.plain()} if date else {}


def _divergence(layout: Layout, divergence: Divergence) -> dict[str, Plain]:
    first = divergence.differences[0] if divergence.differences else None
    case = divergence.case
    return {
        "id": divergence.id,
        "pair": divergence.pair,
        "subject": one_line(divergence.subject),
        "subjects": [one_line(name) for name in divergence.subjects or (divergence.subject,)],
        "case": one_line(case.address, 1000),
        "case_hash": case.hash,
        "script": one_line(case.script),
        "parameters": jsonable(case.parameters),
        "feed": jsonable(case.feed),
        "seed": case.seed,
        "kind": str(divergence.kind),
        "severity": str(divergence.severity),
        "path": one_line(divergence.path),
        "reference": brief(first.reference, SHORT) if first else "",
        "candidate": brief(first.candidate, SHORT) if first else "",
        "summary": one_line(divergence.summary, SHORT),
        "fingerprint": divergence.fingerprint,
        "cause": divergence.cause,
        "blame": str(divergence.blame),
        "blame_evidence": clean(divergence.blame_evidence),
        "origin": clean(divergence.origin),
        "verdict": str(divergence.verdict),
        "expectation": one_line(divergence.expectation),
        "differences": [_difference(one) for one in divergence.differences[:DIFFERENCES]],
        "differences_in_all": len(divergence.differences),
        "page": layout.divergences.get(divergence.id) or layout.cause_of.get(divergence.id),
    }


def _difference(difference: Difference) -> dict[str, Plain]:
    return {
        "step": one_line(difference.step),
        "kind": str(difference.kind),
        "path": one_line(difference.path),
        "reference": brief(difference.reference, SHORT),
        "candidate": brief(difference.candidate, SHORT),
        "size": None if difference.size is None else _size(difference.size),
        "note": clean(difference.note),
    }


def _size(size: Size) -> Mapping[str, Plain]:
    return {name: _figure(value) for name, value in vars(size).items()}


def _figure(value: float | None) -> Plain:
    """A figure; JSON has no NaN and no infinity, so these are text."""
    if value is None or math.isfinite(value):
        return value
    return str(value)
