"""Writes everything a matrix leaves behind into its folder."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from harness.report import matrix_html, matrix_json
from harness.report.matrix_records import SPECIAL, MatrixRecord


def write(record: MatrixRecord, directory: Path) -> Path:
    """Write the report of a matrix; returns its front page."""
    directory.mkdir(parents=True, exist_ok=True)
    matrix_json.write(record, directory / "matrix.json")
    return matrix_html.write(record, directory)


def summary(record: MatrixRecord) -> list[str]:
    """A matrix in a few lines of plain text."""
    ran = [c for c in record.columns if c.ran]
    out = [f"{len(record.cases)} cases over {len(ran)} of {len(record.columns)} targets"]
    out += [f"not run: {c.id}: {c.why}. {c.fix}" for c in record.columns if not c.ran]
    steady = sum(len(set(row.marks) - set(SPECIAL)) == 1 for row in record.cases)
    out.append(f"{steady} cases behave alike wherever they were observed")
    for lineage in record.lineages:
        found = [c for c in record.changes if c.lineage == lineage.name]
        if len(lineage.columns) > 1:
            out.append(f"{lineage.name}: {len(found)} changes over {len(lineage.columns)} releases")
            counts = Counter(c.after for c in found)
            backs = Counter(c.after for c in found if c.back)
            out += [
                f"  {id}: {counts[id] - backs[id]} causes appeared, {backs[id]} went"
                for id in lineage.columns
                if counts[id]
            ]
    if record.cut_short:
        out.append(record.cut_short)
    return out
