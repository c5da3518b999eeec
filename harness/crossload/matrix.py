"""The matrix in order: write, read, judge, gather evidence, judge again."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from harness import environments
from harness.crossload import cells as judging
from harness.crossload import hostile
from harness.crossload.comparing import Sides
from harness.crossload.evidence import Alike
from harness.crossload.planning import jittered, read_case, write_case
from harness.crossload.records import Cell, MatrixRecord, Result, TargetFacts, Written
from harness.crossload.table import Format, models
from harness.errors import HarnessFault
from harness.model import Case, Fault, Observation, Outcome, Step, StepStatus
from harness.observing import Observer, Progress, Wanted
from harness.run.launch import Launch
from harness.store import Store
from harness.targets import Target

DIGEST = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class MatrixRequest:
    """What a person asked for."""

    targets: tuple[Target, ...]
    formats: tuple[Format, ...]
    models: Mapping[str, tuple[str, ...]]
    """Format → the models that go through it."""
    files: Path
    """The exchange folder, below which files lie by digest."""
    jobs: int = 2
    use_cache: bool = True
    perform: bool = True
    """False: what the store does not hold is shown as not run."""
    hostile: bool = True
    """Whether untrusted files are opened too."""
    profile: str = "full"
    """Which selection of models this is, for the report."""

    @property
    def all_models(self) -> tuple[str, ...]:
        """Every model of the matrix, in the order of the report."""
        wanted = {name for names in self.models.values() for name in names}
        return tuple(m.name for m in models() if m.name in wanted)

    def pairs(self) -> list[tuple[Format, str]]:
        """Every format with every model that goes through it."""
        return [(f, m) for f in self.formats for m in self.models[f.name]]


@dataclass
class _Work:
    """The state of one matrix while it is made."""

    request: MatrixRequest
    observer: Observer
    launches: dict[str, Launch]
    written: dict[tuple[str, str, str], Written] = field(default_factory=dict)
    """(writer, model, format) → what was left."""
    alike: Alike = field(default_factory=Alike)

    def observe(self, wanted: Sequence[Wanted], what: str) -> None:
        """Have cases performed, unless only what is stored is asked for."""
        if self.request.perform:
            self.observer.observe(wanted, what)


def run(request: MatrixRequest, store: Store, progress: Progress) -> MatrixRecord:
    """Make the whole matrix; what was observed is in the store by then, the files are in the exchange."""
    started = now()
    request.files.mkdir(parents=True, exist_ok=True)
    faults: list[Fault] = []
    launches, missing = ready(request, faults)
    observer = Observer(store, jobs=request.jobs, progress=progress, use_cache=request.use_cache)
    work = _Work(request, observer, launches)
    observe_writes(work)
    observe_reads(work)
    cells = judged(work, missing)
    opened = hostile.opened(observer, launches) if request.hostile else ()
    faults += [f for t in observer.tallies.values() for f in t.faults]
    return MatrixRecord(
        run=started.strftime("%Y%m%d-%H%M%S-crossload"),
        started=started.isoformat(timespec="seconds"),
        ended=now().isoformat(timespec="seconds"),
        targets=tuple(target_facts(t, launches.get(t.id), store, missing) for t in request.targets),
        models=request.all_models,
        formats=tuple(f.name for f in request.formats),
        profile=request.profile,
        cells=tuple(cells),
        written=tuple(work.written.values()),
        opened=opened,
        faults=tuple(faults),
        seconds={name: t.seconds for name, t in observer.tallies.items()},
        performed={name: t.performed for name, t in observer.tallies.items()},
        cached={name: t.cached for name, t in observer.tallies.items()},
    )


def now() -> datetime.datetime:
    """This moment, UTC."""
    return datetime.datetime.now(datetime.UTC)


def ready(request: MatrixRequest, faults: list[Fault]) -> tuple[dict[str, Launch], dict[str, str]]:
    """How to start each target, and why some cannot be."""
    launches: dict[str, Launch] = {}
    missing: dict[str, str] = {}
    for target in request.targets:
        try:
            launches[target.id] = launch_of(target, request.files)
        except HarnessFault as error:
            seen = environments.look(target)
            missing[target.id] = seen.reason or "its environment has not been made"
            faults.append(Fault(target.id, missing[target.id], str(error), seen.fix))
    return launches, missing


def launch_of(target: Target, files: Path) -> Launch:
    """How to start a target with the exchange. Raises `HarnessFault` when its environment is not ready."""
    return Launch(
        target=target.id,
        interpreter=environments.python_of(target),
        namespace=target.namespace,
        engine=target.engine,
        backend=target.backend,
        environment=dict(target.env),
        pythonpath=target.pythonpath,
        prelude=target.prelude,
        exchange=files.absolute(),
    )


def target_facts(
    target: Target, launch: Launch | None, store: Store, missing: Mapping[str, str]
) -> TargetFacts:
    """What the report says of a target."""
    hello: Mapping[str, Any] = (store.hello(launch.fingerprint) if launch else None) or {}
    return TargetFacts(
        target.id, target.implementation, target.version, target.backend,
        str(hello.get("python", "")), dict(hello.get("packages", {})), missing.get(target.id, ""),
        dict(target.env),
    )  # fmt: skip


def observe_writes(work: _Work) -> None:
    """Every writer writes everything; a file that is gone from the exchange is written again."""
    request = work.request
    groups = dict.fromkeys((m, f.group) for f, m in request.pairs())
    cases = tuple(write_case(model, group) for model, group in groups)
    wanted = [Wanted(launch, cases) for launch in work.launches.values()]
    if request.hostile:
        wanted = together(wanted, hostile.making(work.launches))
    work.observe(wanted, "writing")
    collect(work)
    again = [
        Wanted(work.launches[writer], tuple({c.hash: c for c in cases}.values()))
        for writer, cases in gone(work).items()
    ]
    if again and request.perform:
        fresh = Observer(
            work.observer.store, jobs=request.jobs, progress=work.observer.progress, use_cache=False
        )
        fresh.observe(again, "writing again")
        collect(work)


def together(one: Sequence[Wanted], two: Sequence[Wanted]) -> list[Wanted]:
    """What is wanted of each target in one go: starting a target costs seconds."""
    return [replace(a, cases=a.cases + b.cases) for a, b in zip(one, two, strict=True)]


def gone(work: _Work) -> dict[str, list[Case]]:
    """Write cases whose files are not in the exchange any more, by writer."""
    out: dict[str, list[Case]] = {}
    for (writer, model, format), each in work.written.items():
        if each.digest and not (work.request.files / each.digest).is_dir():
            out.setdefault(writer, []).append(write_case(model, named(work, format).group))
    return out


def named(work: _Work, format: str) -> Format:
    """A format of the request by its name."""
    return next(f for f in work.request.formats if f.name == format)


def collect(work: _Work) -> None:
    """What every writer left, from the store."""
    for writer, launch in work.launches.items():
        for format, model in work.request.pairs():
            seen = work.observer.observation(launch, write_case(model, format.group))
            work.written[(writer, model, format.name)] = written(writer, format, model, seen)


def written(writer: str, format: Format, model: str, seen: Observation | None) -> Written:
    """What one writer left in one format: a digest, or why there is none."""
    if seen is None:
        return Written(writer, format.name, model, reason="the writer was not observed", observed=False)
    save = seen.step(f"save {format.name}")
    if save is None:
        return Written(writer, format.name, model, reason=unbuilt(seen))
    if save.status is not StepStatus.RETURNED:
        return Written(writer, format.name, model, reason=why(save))
    found = str(save.value.get("digest", "")) if isinstance(save.value, dict) else ""
    if not DIGEST.fullmatch(found):
        return Written(writer, format.name, model, reason="the writer named no file")
    inside = seen.step(f"inside {format.name}")
    lines = tuple(map(str, inside.value)) if inside is not None and inside.value else ()
    return Written(writer, format.name, model, found, int(save.value.get("bytes", 0)), lines)


def unbuilt(seen: Observation) -> str:
    """Why a writer never came to saving."""
    if seen.outcome in (Outcome.CRASHED, Outcome.TIMED_OUT):
        return f"the writer {seen.outcome}: {seen.evidence.splitlines()[0] if seen.evidence else ''}"
    failed = next((s for s in seen.steps if s.status is not StepStatus.RETURNED), None)
    return f"{failed.name}: {why(failed)}" if failed is not None else "the writer recorded nothing"


def why(step: Step) -> str:
    """Why a step did not return."""
    if step.raised is not None:
        return f"{step.raised.type}: {(step.raised.message.strip().splitlines() or [''])[0][:300]}"
    return f"no {step.reason}" if step.status is StepStatus.MISSING else step.reason


def observe_reads(work: _Work) -> None:
    """Every reader reads every file."""
    wanted = [
        Wanted(launch, tuple(case for _, case in reads(work, reader)))
        for reader, launch in work.launches.items()
    ]
    if work.request.hostile:
        wanted = together(wanted, hostile.opening(work.observer, work.launches))
    work.observe(wanted, "reading")


def reads(work: _Work, reader: str) -> list[tuple[Written, Case]]:
    """What one reader is to read: everything there is, its own only where a format is bound to its writer."""
    return [
        (each, read_case(each.model, each.format, each.digest))
        for each in work.written.values()
        if each.digest and (each.writer == reader or not named(work, each.format).same_target)
    ]


def judged(work: _Work, missing: Mapping[str, str]) -> list[Cell]:
    """Every cell; where numbers differ bit for bit, both sides are run again with jitter first."""
    open_cells = [c for c in all_cells(work, missing) if c[1] is not None]
    doubtful = []
    for cell, case in open_cells:
        assert case is not None
        _, open_ = judge_one(work, cell, case, evidence=False)
        if open_:
            read = work.observer.observation(work.launches[cell.reader], case)
            assert read is not None
            doubtful.append((cell, work.alike.add(cell.reader, cell.model, case, read)))
    gather(work, doubtful)
    out = []
    for cell, case in all_cells(work, missing):
        out.append(cell if case is None else judge_one(work, cell, case, evidence=True)[0])
    return judging.blamed(out)


def gather(work: _Work, doubtful: Sequence[tuple[Cell, Case]]) -> None:
    """Observe the jitters of both sides of these cells, twice: only what is said twice alike is a band."""
    wanted: dict[str, dict[str, Case]] = {}
    for cell, case in doubtful:
        writer = write_case(cell.model, named(work, cell.format).group)
        for target, each in ((cell.reader, case), (cell.writer, writer)):
            wanted.setdefault(target, {}).update({c.hash: c for c in jittered(each)})
    work.observe(
        [Wanted(work.launches[t], tuple(c.values()), again) for t, c in wanted.items() for again in (0, 1)],
        "evidence",
    )


def all_cells(work: _Work, missing: Mapping[str, str]) -> list[tuple[Cell, Case | None]]:
    """Every cell there is, with the case that fills it; cells without one say why."""
    out: list[tuple[Cell, Case | None]] = []
    for format, model in work.request.pairs():
        for writer in work.request.targets:
            for reader in work.request.targets:
                if not format.same_target or writer.id == reader.id:
                    out.append(open_cell(work, missing, writer.id, reader.id, format, model))
    return out


def open_cell(
    work: _Work, missing: Mapping[str, str], writer: str, reader: str, format: Format, model: str
) -> tuple[Cell, Case | None]:
    """A cell that is to be judged, or one that cannot be and says so."""

    def closed(result: Result, summary: str) -> tuple[Cell, None]:
        return judging.blank(writer, reader, format.name, model, result, summary), None

    for side in (writer, reader):
        if side in missing:
            return closed(Result.NOT_RUN, f"{side}: {missing[side]}")
    if format.name == "copy":
        return judging.blank(writer, reader, format.name, model, Result.NOT_RUN, ""), write_case(
            model, "copy"
        )
    left = work.written[(writer, model, format.name)]
    if not left.observed:
        return closed(Result.NOT_RUN, left.reason)
    if not left.digest:
        return closed(Result.UNSUPPORTED_WRITER, left.reason)
    cell = judging.blank(writer, reader, format.name, model, Result.NOT_RUN, "")
    return replace(cell, digest=left.digest), read_case(model, format.name, left.digest)


def judge_one(work: _Work, cell: Cell, case: Case, *, evidence: bool) -> tuple[Cell, bool]:
    """One cell, from the store."""
    format = named(work, cell.format)
    group = "files" if format.name == "copy" else format.group
    origin = write_case(cell.model, group)
    one = work.observer.observation(work.launches[cell.writer], origin)
    two = work.observer.observation(work.launches[cell.reader], case)
    if one is None or two is None:
        return replace(cell, result=Result.NOT_RUN, summary="not observed, see the harness faults"), False
    sides = Sides(one, two)
    if evidence:
        witness = work.alike.of(cell.reader, case)
        written, read = jittered(origin), jittered(witness)
        sides = Sides(
            one,
            two,
            seen(work, cell.writer, written),
            seen(work, cell.reader, read),
            seen(work, cell.writer, written, 1),
            seen(work, cell.reader, read, 1),
        )
    return judging.judge(cell, sides, format)


def seen(work: _Work, target: str, cases: Sequence[Case], repeat: int = 0) -> tuple[Observation, ...]:
    """Those of the cases that were observed."""
    found = (work.observer.observation(work.launches[target], case, repeat) for case in cases)
    return tuple(o for o in found if o is not None and o.outcome is Outcome.RETURNED)
