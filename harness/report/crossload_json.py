"""``crossload.json``: every cell of the matrix, for machines; see ``schema/crossload.schema.json``."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from harness.crossload.records import Cell, MatrixRecord, Opened, Result, Written
from harness.crossload.table import format_named
from harness.report.crossload_pages import anchor, detail_file, program_file
from harness.report.untrusted import clean, one_line

FORMAT = "keras-compat-harness/crossload/1.1"


def write(record: MatrixRecord, path: Path) -> None:
    """Write the file, one cell a line."""
    counts = Counter(cell.result for cell in record.cells)
    top: dict[str, Any] = {
        "format": FORMAT,
        "run": record.run,
        "profile": record.profile,
        "started": record.started,
        "ended": record.ended,
        "targets": [
            {
                "id": t.id,
                "implementation": t.implementation,
                "version": t.version,
                "backend": t.backend,
                "python": t.python,
                "packages": dict(t.packages),
                "missing": clean(t.missing),
            }
            for t in record.targets
        ],
        "models": list(record.models),
        "formats": list(record.formats),
        "counts": {str(result): counts[result] for result in Result},
        "faults": [
            {
                "target": one_line(f.target),
                "what": clean(f.what),
                "evidence": clean(f.evidence),
                "fix": clean(f.fix),
            }
            for f in record.faults
        ],
    }
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("{\n")
        for name, value in top.items():
            file.write(f"{dumped(name)}: {dumped(value)},\n")
        file.write('"written": [\n' + ",\n".join(dumped(left(w)) for w in record.written) + "\n],\n")
        file.write('"untrusted": [\n' + ",\n".join(dumped(opened(o)) for o in record.opened) + "\n],\n")
        file.write('"cells": [\n' + ",\n".join(dumped(cell_of(c)) for c in record.cells) + "\n]\n}\n")


def dumped(value: Any) -> str:
    """JSON that any reader takes."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def left(written: Written) -> dict[str, Any]:
    """What a writer left."""
    return {
        "writer": written.writer,
        "format": written.format,
        "model": written.model,
        "digest": written.digest,
        "bytes": written.size,
        "reason": one_line(written.reason, 400),
    }


def opened(one: Opened) -> dict[str, Any]:
    """What a reader did with an untrusted file."""
    return {
        "reader": one.reader,
        "maker": one.maker,
        "file": one.trap,
        "way": one_line(one.way),
        "result": str(one.result),
        "how": one_line(one.how, 400),
    }


def cell_of(cell: Cell) -> dict[str, Any]:
    """One cell; a loaded one with everything that differs."""
    return {
        "writer": cell.writer,
        "reader": cell.reader,
        "format": cell.format,
        "model": cell.model,
        "subject": format_named(cell.format).subject,
        "result": str(cell.result),
        "severity": None if cell.severity is None else str(cell.severity),
        "summary": one_line(cell.summary, 400),
        "lost": [one_line(part) for part in cell.lost],
        "findings": [
            {
                "part": one_line(f.part),
                "severity": str(f.severity),
                "what": one_line(f.what, 400),
                "written": clean(f.written, 400),
                "read": clean(f.read, 400),
            }
            for f in cell.findings
        ],
        "warnings": [one_line(w, 400) for w in cell.warnings],
        "error": None
        if not cell.error_type
        else {
            "type": one_line(cell.error_type),
            "part": cell.error_part,
            "message": clean(cell.message, 1000),
            "place": one_line(cell.place),
        },
        "second_tries": [one_line(t, 400) for t in cell.second_tries],
        "notes": [one_line(n, 400) for n in cell.notes],
        "blame": str(cell.blame),
        "blame_evidence": clean(cell.blame_evidence, 400),
        "file": cell.digest,
        "page": f"{detail_file(cell.format, cell.writer)}#{anchor(cell)}",
        "programs": [program_file(cell.model, cell.format, side) for side in ("write", "read")],
    }
