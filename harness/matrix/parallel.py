"""Looking at many cases in several processes: each is looked at by itself, so only their order is kept."""

from __future__ import annotations

import math
import multiprocessing
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

from harness.errors import HarnessFault
from harness.matrix.changes import Gathering
from harness.matrix.evidence import Gathered
from harness.matrix.shelf import Shelf
from harness.matrix.survey import Survey, Unsettled
from harness.model import Case
from harness.report.matrix_records import CaseRow, Column, Lineage
from harness.store import Store

FEW = 2000
"""Cases that one process is done with before others have started: a start costs two seconds."""
TURNS = 4
"""Parts a process is given, one after the other, so that none waits long for another."""

Looked = tuple[Mapping[str, CaseRow], Gathering, list[Unsettled]]


def look(
    survey: Survey, cases: Sequence[Case], gathered: Gathered | None, *, processes: int | None = None
) -> list[Unsettled]:
    """`Survey.look` in several processes; nothing but the time it takes is another.

    processes: as many at the most; the machine's cores where nothing is said. Raises `HarnessFault` where one
    dies.

    The store is read by every process, and has to be on disk.
    """
    processes = min(processes or os.cpu_count() or 1, math.ceil(len(cases) / FEW))
    if processes < 2:
        return survey.look(cases, gathered)
    shelf = survey.shelf
    work = partial(_part, shelf.store.path, shelf.columns, shelf.scripts, survey.lineages)
    size = math.ceil(len(cases) / (processes * TURNS))
    parts = [cases[begin : begin + size] for begin in range(0, len(cases), size)]
    still_open: list[Unsettled] = []
    try:
        with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
            for rows, gathering, unsettled in pool.map(work, parts, [_of(gathered, part) for part in parts]):
                survey.take_in(rows, gathering)
                still_open += unsettled
    except BrokenProcessPool as error:
        raise HarnessFault(
            f"Expected {processes} processes to look at the matrix. Received: {error}. What was observed is "
            "in the store; run again with `--jobs 1`."
        ) from error
    return still_open


def _of(gathered: Gathered | None, cases: Sequence[Case]) -> Gathered | None:
    """What was gathered of these cases."""
    if gathered is None:
        return None
    return Gathered({case.hash: gathered.places[case.hash] for case in cases if case.hash in gathered.places})


def _part(
    path: Path,
    columns: Sequence[Column],
    scripts: Mapping[str, str],
    lineages: Sequence[Lineage],
    cases: Sequence[Case],
    gathered: Gathered | None,
) -> Looked:
    with Store(path) as store:
        survey = Survey(Shelf(store, columns, scripts), lineages)
        still_open = survey.look(cases, gathered)
        return survey.rows, survey.gathering, still_open
