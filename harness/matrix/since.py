"""Dates for the causes of a pair: their examples performed by the releases of both lineages, and kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import environments
from harness.examples import Example
from harness.history import module_of
from harness.matrix import columns, performing, shipping
from harness.matrix.dating import Dating, dated
from harness.matrix.evidence import Gathered
from harness.matrix.parting import Parting
from harness.matrix.performing import Clock, Observed
from harness.matrix.relating import Behaviour
from harness.matrix.room import Room
from harness.matrix.shelf import Shelf
from harness.matrix.survey import lacking
from harness.observing import Observer, Progress
from harness.report.dates import UNHEARD, Dated, Mark, dated_from
from harness.report.records import RunRecord
from harness.run.launch import script_digest
from harness.store import Store
from harness.targets import Catalogue, Target


@dataclass(frozen=True)
class SinceRequest:
    """What a person wants dated."""

    targets: tuple[Target, ...] = ()
    """The releases to ask, both sides included."""
    jobs: int = 2
    make: bool = True
    perform: bool = True
    """False: only what the store holds is asked."""
    again: bool = False
    """Date causes that have a date already."""
    minutes: float | None = None


def releases(
    catalogue: Catalogue, sides: Sequence[str], *, patterns: Sequence[str] = ()
) -> tuple[Target, ...]:
    """The releases that can date a pair: of both sides' lineages, up to the sides themselves.

    sides: ids of the two. patterns: of target ids; without any, the default selection of the table.
    The sides come first and the newest releases next: where time is short, these tell most.
    """
    both = [catalogue.target(id) for id in sides]
    given = patterns or catalogue.selections.get(columns.DEFAULT, ("*",))
    wanted = {t.id for t in catalogue.select(given)}
    found = {s.id for s in both}
    for side in both:
        for name in side.lineage[:1]:
            found |= {t.id for t in catalogue.lineage(name) if t.order <= side.order and t.id in wanted}
    ids = {s.id for s in both}
    made = [t for t in catalogue.targets.values() if t.id in found]
    return tuple(sorted(made, key=lambda t: (t.id in ids, t.order), reverse=True))


def date_causes(
    request: SinceRequest,
    parting: Parting,
    store: Store,
    progress: Progress,
) -> tuple[list[Dated], list[str]]:
    """The dates of causes, newly found ones kept in the store; and what could not be dated and why."""
    known = {cause: dated_from(content) for cause, content in store.dates(*parting.fingerprints).items()}
    open_to = heard_from(request)
    left = [e for e in parting.examples if request.again or not complete(known.get(e.cause), open_to)]
    found = [known[e.cause] for e in parting.examples if e not in left]
    if not left:
        return found, []
    cases = list({e.case.hash: e.case for e in left}.values())
    store.keep_cases(cases)
    observer = Observer(store, jobs=request.jobs, progress=progress)
    clock = Clock(request.minutes)
    room = Room(progress, make=request.make, until=clock.until)
    if request.perform:
        seen = performing.observe_targets(request.targets, cases, observer, clock=clock, room=room)
    else:
        seen = performing.known_columns(request.targets, store)
    made, troubles = dated_by(left, seen, parting.sides, observer, clock, perform=request.perform)
    for date in made:
        store.keep_date(*parting.fingerprints, date.cause, date.plain())
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
    examples: Sequence[Example],
    seen: Observed,
    sides: tuple[str, str],
    observer: Observer,
    clock: Clock,
    *,
    perform: bool = True,
) -> tuple[list[Dated], list[str]]:
    """Dates of causes, each by its example, from columns that were observed; and what could not be dated."""
    shelf = shelf_of(examples, seen, observer.store)
    lines = columns.lineages_of(seen.columns)
    places = tuple(next(p for p, c in enumerate(seen.columns) if c.id == id) for id in sides)
    gathered = Gathered()
    made: list[Dated] = []
    troubles: list[str] = []
    left = list(examples)
    while left:
        late = clock.up and perform
        still_open = []
        for example in left:
            behaviour = Behaviour(example.case, shelf, gathered.of(example.case.hash) if perform else None)
            dating = Dating(behaviour, places[0], places[1], example.cause)
            marks = dating.marks() if dating.divergence is not None else ()
            if behaviour.wanted and late:
                troubles.append(f"{titled(example)}: not run: the time was up before the evidence it needs")
                continue
            if behaviour.wanted:
                still_open.append((example, behaviour))
                continue
            trouble = why_undated(example, dating, marks, seen, places)
            if trouble:
                troubles.append(trouble)
            else:
                by_id = {c.id: mark for c, mark in zip(seen.columns, marks, strict=True)}
                made.append(dated(example.cause, example.case.address, by_id, *sides, lines))
        left = [example for example, _ in still_open]
        if not left:
            break
        observer.progress.say(f"evidence for {len(still_open)} causes in floating-point values")
        opened = [(example.case, behaviour) for example, behaviour in still_open]
        performing.observe_evidence(
            lacking([(case, tuple(b.wanted)) for case, b in opened], shelf, gathered, at_once=True),
            seen,
            observer,
            clock,
        )
    return made, troubles


def titled(example: Example) -> str:
    """A cause as it is named where it could not be dated."""
    return f"{example.title} ({example.cause})"


def shelf_of(examples: Iterable[Example], seen: Observed, store: Store) -> Shelf:
    """What the store holds of columns, read as the cases of examples are performed now."""
    modules = {module_of(example.case) for example in examples}
    return Shelf(store, seen.columns, {module: script_digest(module, ()) for module in modules})


def why_undated(
    example: Example, dating: Dating, marks: Sequence[Mark], seen: Observed, places: Sequence[int]
) -> str:
    """Why a cause cannot be dated by what was observed; empty where it can."""
    begin = titled(example)
    unseen = [seen.columns[p] for p in places if dating.behaviour.rows[p] is None]
    if unseen:
        return f"{begin}: not run: " + "; ".join(f"{c.id}: {c.why or 'the time was up'}" for c in unseen)
    if dating.divergence is None:
        return f"{begin}: {example.case.address} does not show it on the two sides as they are now"
    shared = set(seen.columns[places[0]].lineages) & set(seen.columns[places[1]].lineages)
    if not shared and all(mark in UNHEARD for p, mark in enumerate(marks) if p not in places):
        return f"{begin}: no other release was observed with {example.case.address}"
    return ""


def fingerprints(record: RunRecord) -> tuple[str, str]:
    """Fingerprints of the two sides; a date holds for the very same code only."""
    return getattr(record.reference, "fingerprint", ""), getattr(record.candidate, "fingerprint", "")


def dates_of(record: RunRecord, store: Store, baseline: Path) -> dict[str, Dated]:
    """Since when the two sides of a run differ, by cause: as the store knows it, else as was shipped.

    What was shipped stays where more releases were asked for it.
    """
    shipped = shipping.speaking_of(record, shipping.load(shipping.file_of(baseline, record.pair)))
    known = {cause: dated_from(content) for cause, content in store.dates(*fingerprints(record)).items()}
    poorer = {
        cause for cause, date in known.items() if cause in shipped and date.heard < shipped[cause].heard
    }
    return shipped | {cause: date for cause, date in known.items() if cause not in poorer}


def asked(dates: Iterable[Dated]) -> int:
    """How many releases said something at all."""
    return len({id for date in dates for id, mark in date.marks if mark is not Mark.NOT_RUN})
