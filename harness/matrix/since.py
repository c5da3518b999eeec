"""Dates for the causes of a pair: their examples performed by the releases of both lineages, and kept."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness import environments, pipeline
from harness.classify.expectations import Expectation
from harness.errors import WrongUse
from harness.history import module_of
from harness.matrix import columns, performing
from harness.matrix.dating import UNHEARD, Dating, dated, plainest
from harness.matrix.performing import Clock, Observed
from harness.matrix.relating import Behaviour
from harness.matrix.shelf import Shelf
from harness.matrix.survey import ROUNDS, Gathered, lacking
from harness.model import Case, Cause
from harness.observing import Observer, Progress
from harness.report.dates import Dated, Mark, dated_from
from harness.report.matrix_records import Column, Lineage
from harness.report.records import RunRecord
from harness.run.launch import script_digest
from harness.store import Store
from harness.targets import Catalogue, Target


@dataclass(frozen=True)
class SinceRequest:
    """What a person wants dated."""

    pair: str
    wanted: tuple[str, ...] = ()
    """Patterns of fingerprints, titles or subjects; none: every cause."""
    targets: tuple[Target, ...] = ()
    """The releases to ask, both sides included."""
    jobs: int = 2
    make: bool = True
    perform: bool = True
    """False: only what the store holds is asked."""
    again: bool = False
    """Date causes that have a date already."""
    minutes: float | None = None


def releases(catalogue: Catalogue, pair: str, *, patterns: Sequence[str] = ()) -> tuple[Target, ...]:
    """The releases that can date a pair: of both sides' lineages, up to the sides themselves.

    patterns: of target ids; without any, the default selection of the table. The sides come first and the
    newest releases next: where time is short, these tell most.
    """
    named = catalogue.pair(pair)
    sides = [catalogue.target(id) for id in named.targets]
    given = patterns or catalogue.selections.get(columns.DEFAULT, ("*",))
    wanted = {t.id for t in catalogue.select(given)}
    found = {s.id for s in sides}
    for side in sides:
        for name in side.lineage[:1]:
            found |= {t.id for t in catalogue.lineage(name) if t.order <= side.order and t.id in wanted}
    ids = {s.id for s in sides}
    made = [t for t in catalogue.targets.values() if t.id in found]
    return tuple(sorted(made, key=lambda t: (t.id in ids, t.order), reverse=True))


def date_causes(
    request: SinceRequest,
    record: RunRecord,
    store: Store,
    progress: Progress,
) -> tuple[list[Dated], list[str]]:
    """The dates of a run's causes, newly found ones kept in the store; and what could not be dated and why.

    Raises:
        WrongUse: a pattern names no cause.
    """
    known = dates_of(record, store)
    asked = chosen(record.causes, request.wanted)
    open_to = heard_from(request)
    left = [c for c in asked if request.again or not complete(known.get(c.fingerprint), open_to)]
    found = [known[c.fingerprint] for c in asked if c not in left]
    if not left:
        return found, []
    examples = {c.fingerprint: plainest(c).case for c in left}
    cases = list({case.hash: case for case in examples.values()}.values())
    store.keep_cases(cases)
    observer = Observer(store, jobs=request.jobs, progress=progress)
    clock = Clock(request.minutes)
    if request.perform:
        seen = performing.observe_targets(request.targets, cases, observer, make=request.make, clock=clock)
    else:
        seen = performing.known_columns(request.targets, store)
    made, troubles = dated_by(examples, seen, record, observer, clock, request)
    for date in made:
        store.keep_date(*fingerprints(record), date.cause, date.plain())
    return [*found, *made], troubles


def heard_from(request: SinceRequest) -> set[str]:
    """Ids of the releases that can be asked at once."""
    if not request.perform:
        return set()
    return {t.id for t in request.targets if environments.look(t).state is environments.State.READY}


def complete(date: Dated | None, open_to: Iterable[str]) -> bool:
    """Whether a date rests on every release that can be asked; one cut short by the time given does not."""
    marks = {} if date is None else dict(date.marks)
    return date is not None and all(marks.get(id, Mark.NOT_RUN) is not Mark.NOT_RUN for id in open_to)


def dated_by(
    examples: Mapping[str, Case],
    seen: Observed,
    record: RunRecord,
    observer: Observer,
    clock: Clock,
    request: SinceRequest,
) -> tuple[list[Dated], list[str]]:
    """Dates of causes, each by its example, from columns that were observed; and what could not be dated."""
    scripts = {m: script_digest(m, ()) for m in {module_of(case) for case in examples.values()}}
    shelf = Shelf(observer.store, seen.columns, scripts)
    lines = lines_of(seen.columns)
    places = tuple(next(p for p, c in enumerate(seen.columns) if c.id == id) for id in sides(record))
    gathered = Gathered()
    made: list[Dated] = []
    troubles: list[str] = []
    left = dict(examples)
    for turn in range(ROUNDS + 1):
        last = turn == ROUNDS or clock.up or not request.perform
        still_open = []
        for cause, case in left.items():
            behaviour = Behaviour(case, shelf, None if last else gathered.of(case.hash))
            dating = Dating(behaviour, places[0], places[1], cause)
            marks = dating.marks() if dating.divergence is not None else ()
            if behaviour.wanted:
                still_open.append((cause, case, behaviour))
            elif dating.divergence is None:
                troubles.append(f"{cause}: {case.address} does not show it on the two sides as they are now")
            elif all(mark in UNHEARD for p, mark in enumerate(marks) if p not in places):
                troubles.append(f"{cause}: no other release was observed with {case.address}")
            else:
                by_id = {c.id: mark for c, mark in zip(seen.columns, marks, strict=True)}
                made.append(dated(cause, case.address, by_id, *sides(record), lines))
        if not still_open:
            break
        observer.progress.say(f"evidence for {len(still_open)} causes in floating-point values")
        opened = [(case, behaviour) for _, case, behaviour in still_open]
        performing.observe_evidence(lacking(opened, shelf, gathered), seen, observer, clock)
        left = {cause: case for cause, case, _ in still_open}
    return made, troubles


def chosen(causes: Iterable[Cause], wanted: Sequence[str]) -> list[Cause]:
    """The causes a person names by fingerprint, title or subject. Raises `WrongUse` for none."""
    out = [c for c in causes if not wanted or any(named(c, pattern) for pattern in wanted)]
    if not out:
        raise WrongUse(
            f"Expected `CAUSE` to name a cause of the run by fingerprint, title or subject (shell patterns). "
            f"Received: {', '.join(wanted) or 'nothing, and the run has no cause'}. See divergences.json."
        )
    return out


def named(cause: Cause, pattern: str) -> bool:
    """Whether a pattern names a cause."""
    texts = (cause.fingerprint, cause.title, *cause.subjects)
    return any(text == pattern or fnmatch.fnmatchcase(text, pattern) for text in texts)


def lines_of(seen: Sequence[Column]) -> tuple[Lineage, ...]:
    """The lineages of the columns that were asked, each side's own first."""
    return columns.lineages_of(seen)


def sides(record: RunRecord) -> tuple[str, str]:
    """Ids of the two sides."""
    return record.reference.id, record.candidate.id


def fingerprints(record: RunRecord) -> tuple[str, str]:
    """Fingerprints of the two sides; a date holds for the very same code only."""
    return getattr(record.reference, "fingerprint", ""), getattr(record.candidate, "fingerprint", "")


def dates_of(record: RunRecord, store: Store) -> dict[str, Dated]:
    """What the store knows of since when the two sides of a run differ, by cause."""
    return {cause: dated_from(content) for cause, content in store.dates(*fingerprints(record)).items()}


def latest_run(pair: str, store: Store) -> str:
    """The last run of a pair. Raises `WrongUse` when there is none."""
    for name in reversed(store.runs()):
        run = store.run(name) or {}
        if run.get("pair") == pair:
            return name
    raise WrongUse(
        f"Expected the store {store.path} to hold a run of pair '{pair}'. Received: none. "
        f"Run `harness compare --pair {pair}` first."
    )


def record_of(
    pair: str, store: Store, baseline: Sequence[Expectation], wanted: Sequence[str] = ()
) -> RunRecord:
    """The record of the last run of a pair; of the cases of some subjects where patterns name these."""
    name = latest_run(pair, store)
    subjects = {case.subject for case in store.cases_of(name)}
    about = {s for s in subjects if any(fnmatch.fnmatchcase(s, pattern) for pattern in wanted)}
    return pipeline.rebuild(name, store, baseline, only=lambda case: not about or case.subject in about)


def asked(dates: Iterable[Dated]) -> int:
    """How many releases said something at all."""
    return len({id for date in dates for id, mark in date.marks if mark is not Mark.NOT_RUN})
