"""How long, and in how much memory, a matrix of invented observations is classified and reported."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from harness import invented
from harness.matrix import columns as columns_
from harness.matrix import running
from harness.model import Case
from harness.plan import plan
from harness.report import matrix_files
from harness.specs.registry import all_specs
from harness.store import Store

CASES = 10_000
RUN = "20260101T000000000-matrix-0"


def matrix(cases: int = CASES) -> Iterator[tuple[str, float]]:
    """Every figure of a matrix by its name. Each stage has a process of its own, and so a peak of its own."""
    with tempfile.TemporaryDirectory(prefix="harness-bench-") as name:
        folder = Path(name)
        yield from _apart(make, folder, cases)
        yield from _apart(tell, folder)


def chosen(count: int) -> list[Case]:
    """So many cases of the plan, evenly over its subjects; where it has fewer, with more than one seed."""
    specs = all_specs()
    found: list[Case] = []
    for seed in range(count):
        if len(found) >= count:
            break
        found += plan(specs, profile="quick", seed=seed)
    step = len(found) / count
    return [found[int(place * step)] for place in range(count)]


def make(folder: Path, cases: int) -> dict[str, float]:
    """A store with invented observations of so many cases, and a run of a matrix of them."""
    asked = chosen(cases)
    made = invented.columns()
    with Store(folder / "store.sqlite") as store:
        count = invented.fill(store, asked, made)
        content = run_content(asked, columns_.plain(made))
        store.keep_run(RUN, content, [case.hash for case in asked])
    return {"matrix_targets": len(made), "matrix_cases": len(asked), "matrix_observations": count}


def run_content(cases: Sequence[Case], columns: list[dict[str, Any]]) -> dict[str, Any]:
    """What the store keeps of a run of a matrix."""
    return {
        "kind": running.KIND,
        "run": RUN,
        "started": "2026-01-01T00:00:00+00:00",
        "ended": "2026-01-01T01:00:00+00:00",
        "profile": "quick",
        "seed": 0,
        "settings": {},
        "columns": columns,
        "scripts": invented.scripts_of(cases),
        "faults": [],
        "timings": [],
        "cut_short": "",
    }


def tell(folder: Path) -> dict[str, float]:
    """Classify the matrix of a store and write its report; what that took."""
    begun, spent = time.monotonic(), cpu_seconds()
    with Store(folder / "store.sqlite") as store:
        record = running.rebuild(store.run(RUN) or {}, store)
        classified = cpu_seconds() - spent
        matrix_files.write(record, folder / "report")
    pages = [path.stat().st_size for path in (folder / "report").rglob("*.html")]
    return {
        "matrix_changes": len(record.changes),
        "matrix_classify_cpu_seconds": classified,
        "matrix_cpu_seconds": cpu_seconds() - spent,
        "matrix_seconds": time.monotonic() - begun,
        "matrix_peak_mb": peak_mb() + (os.cpu_count() or 1) * peak_mb(resource.RUSAGE_CHILDREN),
        "matrix_pages": len(pages),
        "matrix_largest_page_mb": max(pages) / 1e6,
    }


def _apart(work: Callable[..., dict[str, float]], *given: Any) -> Iterator[tuple[str, float]]:
    """What a function returns in a fresh process of this interpreter."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield from pool.submit(work, *given).result().items()


def cpu_seconds() -> float:
    """Processor time of this process and of those it started that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def peak_mb(who: int = resource.RUSAGE_SELF) -> float:
    """The most memory this process has had, or the largest one of those it started that have ended."""
    peak = resource.getrusage(who).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024
