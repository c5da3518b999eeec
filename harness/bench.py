"""The harness measured: what it costs beside the implementations, how it grows, how much memory it takes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from harness import judging, pipeline
from harness.classify import baseline
from harness.judging import Contestant
from harness.model import Case
from harness.observing import Observer, Progress, Wanted
from harness.plan import plan
from harness.report import files
from harness.request import Request
from harness.scale import peak_mb
from harness.specs.registry import spec_of
from harness.store import Store

LIGHT = (
    "Activation", "Add", "Average", "AveragePooling1D", "BatchNormalization", "Concatenate", "Conv1D",
    "Cropping1D", "Dense", "Dot", "ELU", "Embedding", "Flatten", "GlobalAveragePooling1D",
    "GlobalMaxPooling1D", "LeakyReLU", "Masking", "MaxPooling1D", "Maximum", "Minimum", "Multiply", "PReLU",
    "Permute", "ReLU", "RepeatVector", "Reshape", "Softmax", "Subtract", "UpSampling1D", "ZeroPadding1D",
)  # fmt: skip
"""Layers of either side whose cases take milliseconds: build, weights, forward, training, gradients, config
round trip. Larger ones would make the harness look cheap beside them."""
LIGHT_CASES = 60
"""How many of their cases are the 1× of `growth`."""
SIZES = (1, 4, 16)
LAYERS = ("layers.*",)
BASELINE = Path("reports/baseline")


@dataclass(frozen=True)
class Spent:
    """What observing and comparing some cases of a pair took."""

    cases: int
    """Pairs of observations compared."""
    wall: float
    processes: int
    start: float
    """Seconds of all processes from starting an interpreter to its hello."""
    starts: int
    inside: float
    """Seconds of all processes inside the implementations' own calls."""

    @property
    def working(self) -> float:
        """Seconds of all processes, start-up apart."""
        return self.wall * self.processes - self.start

    @property
    def seconds(self) -> float:
        """Wall time with start-up apart."""
        return self.working / self.processes


def light_cases() -> list[Case]:
    """Cases of light layers, as many of each, without the dear observations."""
    specs = [spec_of(f"layers.{name}", "layer") for name in LIGHT]
    plainly = [
        [case for case in plan([spec], profile="full") if not case.observe and case.script == "layer"]
        for spec in specs
        if spec is not None
    ]
    in_turn = [case for cases in zip_longest(*plainly) for case in cases if case is not None]
    return in_turn[:LIGHT_CASES]


def grown(cases: Sequence[Case], times: int) -> tuple[Case, ...]:
    """So many times as many cases, each with inputs of its own."""
    return tuple(replace(case, seed=seed) for seed in range(times) for case in cases)


def spent(
    cases: Sequence[Case], sides: tuple[Contestant, Contestant], folder: Path, jobs: int, progress: Progress
) -> Spent:
    """Have cases performed on both sides with an empty store, and compared."""
    with Store(folder / f"{len(cases)}.sqlite") as store:
        observer = Observer(store, jobs=jobs, progress=progress)
        begun = time.monotonic()
        observer.observe([Wanted(side.launch, tuple(cases), side.repeat) for side in sides], "cases")
        judging.first_look(cases, observer, *sides)
        wall = time.monotonic() - begun
        tallies = list(observer.tallies.values())
    return Spent(
        cases=len(cases),
        wall=wall,
        processes=jobs,
        start=sum(t.start for t in tallies),
        starts=sum(t.starts for t in tallies),
        inside=sum(t.inside for t in tallies),
    )


def measure(request: Request, progress: Progress, *, corpus: bool) -> Iterator[tuple[str, float]]:
    """Every figure by its name. Takes half a minute; the times of whole corpora (`corpus`) take minutes more.

    Raises:
        HarnessFault: a target of the pair could not be had.
    """
    sides = (
        pipeline.ready_contestant(request.reference, request, 0),
        pipeline.ready_contestant(request.candidate, request, 1),
    )
    base = light_cases()
    with tempfile.TemporaryDirectory(prefix="harness-bench-") as name:
        folder = Path(name)
        found = [spent(grown(base, n), sides, folder, request.jobs, progress) for n in SIZES]
        yield from figures(found)
        if corpus:
            yield from corpora(replace(request, only=LAYERS), progress, folder)
    yield "coordinator_mb", peak_mb()


def figures(found: Sequence[Spent]) -> Iterator[tuple[str, float]]:
    """What the runs of growing size say."""
    first, *_, last = found
    yield "startup_seconds", last.start / last.starts
    yield "overhead", last.working / last.inside
    yield "pairs_per_second", last.cases / last.seconds
    for size, run in zip(SIZES, found, strict=True):
        yield f"seconds_{size}x", run.seconds
    yield "growth", last.seconds / (SIZES[-1] * first.seconds)


def corpora(request: Request, progress: Progress, folder: Path) -> Iterator[tuple[str, float]]:
    """How long whole runs over the layers take, reports included, start-up too."""
    for profile in ("quick", "full"):
        asked = replace(request, profile=profile)
        yield f"{profile}_layers_seconds", whole(asked, progress, folder / profile)
    yield "unchanged_seconds", whole(replace(request, profile="full"), progress, folder / "full")


def whole(request: Request, progress: Progress, folder: Path) -> float:
    """Seconds of one run from specs to its report, with what is reviewed of the pair."""
    begun = time.monotonic()
    reviewed = baseline.load(BASELINE)
    with Store(folder / "store.sqlite") as store:
        record = pipeline.run(request, store, progress, reviewed)
    files.write(record, folder / record.run)
    return time.monotonic() - begun
