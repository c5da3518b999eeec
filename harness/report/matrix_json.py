"""``matrix.json``: everything the report of a matrix says, for machines.

The form is described by ``schema/matrix.schema.json`` (JSON Schema 2020-12) and named by the top-level
`format`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from harness.model import Plain
from harness.report.matrix_records import CaseRow, Change, Column, MatrixRecord
from harness.report.untrusted import clean, one_line
from harness.report.values import jsonable

FORMAT = "keras-compat-harness/matrix/1.0"
SHORT = 400


def write(record: MatrixRecord, path: Path) -> None:
    """Write the file, a case at a time."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("{\n")
        for name, value in _top(record).items():
            file.write(f"{json.dumps(name)}: {_dumped(value)},\n")
        _list(file, "changes", (_change(change) for change in record.changes))
        file.write(",\n")
        _list(file, "cases", (_case(row) for row in record.cases))
        file.write("\n}\n")


def _dumped(value: Plain) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False, sort_keys=isinstance(value, dict))


def _list(file: TextIO, name: str, items: Iterator[Plain]) -> None:
    file.write(f"{json.dumps(name)}: [")
    for number, item in enumerate(items):
        file.write(",\n" if number else "\n")
        file.write(_dumped(item))
    file.write("\n]")


def _top(record: MatrixRecord) -> dict[str, Plain]:
    return {
        "format": FORMAT,
        "run": record.run,
        "started": record.started,
        "ended": record.ended,
        "profile": record.profile,
        "seed": record.seed,
        "settings": jsonable(record.settings),
        "cut_short": record.cut_short,
        "columns": [_column(column) for column in record.columns],
        "lineages": [{"name": line.name, "columns": list(line.columns)} for line in record.lineages],
        "faults": [
            {
                "target": one_line(fault.target),
                "what": clean(fault.what),
                "evidence": clean(fault.evidence),
                "fix": clean(fault.fix),
                "cases": fault.cases,
            }
            for fault in record.faults
        ],
        "timings": [
            dict(zip(("target", "performed", "stored", "start", "inside", "total"), row, strict=True))
            for row in record.timings
        ],
    }


def _column(column: Column) -> dict[str, Plain]:
    out: dict[str, Plain] = {
        "id": column.id,
        "implementation": column.implementation,
        "version": column.version,
        "backend": column.backend,
        "namespace": column.namespace,
        "lineages": list(column.lineages),
        "ran": column.ran,
    }
    if column.ran:
        told = {"python": column.python, "origin": column.origin}
        out |= {name: one_line(text) for name, text in told.items()}
        out |= {
            "same": [one_line(n) for n in column.same],
            "different": [one_line(n) for n in column.different],
        }
    else:
        out |= {"why": clean(column.why), "fix": clean(column.fix)}
    return out


def _change(change: Change) -> dict[str, Plain]:
    return {
        "lineage": change.lineage,
        "before": change.before,
        "after": change.after,
        "until": change.until or None,
        "back": change.back,
        "skipped": list(change.skipped),
        "fingerprint": change.fingerprint,
        "kind": str(change.kind),
        "severity": str(change.severity),
        "title": one_line(change.title, SHORT),
        "summary": one_line(change.summary, SHORT),
        "subjects": [one_line(s) for s in change.subjects],
        "cases": change.cases,
        "example": one_line(change.example, 1000),
        "example_hash": change.example_hash,
    }


def _case(row: CaseRow) -> dict[str, Plain]:
    return {
        "hash": row.hash,
        "subject": one_line(row.subject),
        "address": one_line(row.address, 1000),
        "marks": row.marks,
        "unsure": row.unsure,
    }
