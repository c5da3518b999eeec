"""The search for causes beyond the corpus, with both targets live."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import pipeline
from harness.classify.divergences import causes
from harness.minimise.asking import Patience, shows
from harness.minimise.searching import batches, searchable
from harness.minimise.shrink import Quest, shrink
from harness.minimising import Both, example
from harness.model import Case, Cause, Divergence, Fault, Severity
from harness.observing import Observer, Progress
from harness.request import Request
from harness.specs.declaration import Spec
from harness.specs.registry import spec_of
from harness.store import Store

SEARCHING = 0.7
"""The part of the time that the search may take; the rest is for making small what it found."""
MILDEST = Severity.RAISES
"""What is milder (messages, names, configs) is not hunted for: wild arguments find another wording every
time."""


@dataclass(frozen=True)
class Find:
    """A new cause and the smallest case found for it."""

    case: Case
    divergence: Divergence
    finished: bool


@dataclass(frozen=True)
class Hunt:
    """What came of a search."""

    finds: tuple[Find, ...]
    rounds: int
    tried: int
    """Cases performed on both sides."""
    faults: tuple[Fault, ...]


def hunt(
    request: Request,
    specs: Sequence[Spec],
    known: Iterable[Divergence],
    store: Store,
    progress: Progress,
    *,
    minutes: float,
    folder: Path,
    most: int | None = None,
) -> Hunt:
    """Search until the time is up; a part of it is left for making small what was found.

    known: divergences seen before; what shares a cause with one of them is nothing new. folder: where
    Hypothesis keeps its examples. most: rounds after which the search ends even if there is time.
    Raises:
        HarnessFault: an environment is not ready.
    """
    patience = Patience(minutes * 60)
    searching = patience.part(SEARCHING)
    targets = (request.reference, request.candidate)
    sides = [pipeline.ready_contestant(t, request, place) for place, t in enumerate(targets)]
    observer = Observer(store, jobs=request.jobs, progress=progress)
    both = Both(observer, sides[0], sides[1], request.pair.name)
    seen, fresh, tried = list(known), dict[str, Cause](), 0

    def fails(batch: Sequence[Case]) -> bool:
        nonlocal tried
        if searching.over:
            return False
        tried += len(batch)
        new = new_causes(seen, [d for j in both(batch).values() for d in j.divergences])
        fresh.update({cause.fingerprint: cause for cause in new})
        seen.extend(d for cause in new for d in cause.divergences)
        progress.say(f"{tried} cases, {len(fresh)} new causes")
        return bool(new)

    with observer.keeping_workers():
        wild, rounds = searchable(specs), 0
        while wild and not searching.over and (most is None or rounds < most):
            batches(wild, rounds, folder, fails)
            rounds += 1
        starts = [example(cause) for cause in fresh.values()]
        quests = [
            Quest(d.fingerprint, d.case, spec_of(d.case.subject, d.case.script), d.differences[0].step)
            for d in starts
        ]
        shrink(quests, both, patience=patience, say=progress.say)
        found = tuple(finds(quests, both))
    return Hunt(found, rounds, tried, tuple(both.faults))


def new_causes(known: Sequence[Divergence], found: Sequence[Divergence]) -> list[Cause]:
    """Causes that hold nothing known, bad enough to be worth a person's time."""
    old = {d.id for d in known}
    return [
        cause
        for cause in causes([*known, *found])
        if not any(d.id in old for d in cause.divergences) and cause.severity.rank <= MILDEST.rank
    ]


def finds(quests: Sequence[Quest], both: Both) -> Iterable[Find]:
    """The smallest cases with what they show; one per fingerprint."""
    answers = both([q.case for q in quests])
    for quest in quests:
        judged = answers[quest.case.hash]
        if shows(judged, quest.fingerprint):
            shown = next(d for d in judged.divergences if d.fingerprint == quest.fingerprint)
            yield Find(quest.case, shown, quest.finished)
