"""Writes everything a matrix leaves behind into its folder."""

from __future__ import annotations

import math
import multiprocessing
import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from harness.errors import HarnessFault
from harness.report import matrix_html, matrix_json
from harness.report.matrix_records import SPECIAL, MatrixRecord

FEW = 4000
"""Cases whose pages are written before another process has started."""


def write(record: MatrixRecord, directory: Path, *, processes: int | None = None) -> Path:
    """Write the report of a matrix; returns its front page.

    processes: as many at the most, each with pages of its own; the machine's cores where nothing is said.
    Raises `HarnessFault` where one dies.
    """
    directory.mkdir(parents=True, exist_ok=True)
    parts = min(processes or os.cpu_count() or 1, math.ceil(len(record.cases) / FEW)) or 1
    if parts == 1:
        return _part(record, directory, 0, parts)
    try:
        with ProcessPoolExecutor(parts - 1, multiprocessing.get_context("spawn")) as pool:
            others = [pool.submit(_part, record, directory, part, parts) for part in range(1, parts)]
            index = _part(record, directory, 0, parts)
            for other in others:
                other.result()
    except BrokenProcessPool as error:
        raise HarnessFault(
            f"Expected {parts} processes to write the report of the matrix. Received: {error}. What was "
            f"observed is in the store; write the report again with `harness report {record.run}`."
        ) from error
    return index


def _part(record: MatrixRecord, directory: Path, part: int, parts: int) -> Path:
    """One of several parts of a report; the first begins before the others and writes `matrix.json` too."""
    if part == 0:
        matrix_json.write(record, directory / "matrix.json")
    return matrix_html.write(record, directory, part=part, parts=parts)


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
