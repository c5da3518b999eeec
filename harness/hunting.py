"""The search for causes beyond the corpus, with both targets live."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from harness import pipeline
from harness.classify.divergences import causes
from harness.minimise.asking import Patience, shows
from harness.minimise.searching import examples, searchable
from harness.minimise.shrink import Quest, shrink
from harness.minimising import Both, example
from harness.model import Case, Cause, Divergence, Fault, Severity
from harness.observing import Observer, Progress
from harness.request import Request
from harness.specs.declaration import Spec
from harness.specs.registry import spec_of
from harness.store import Store

BATCH = 300
"""Cases drawn in a round. Starting both targets costs about as much as two hundred light cases do."""
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
) -> Hunt:
    """Search until the time is up: a quarter of it is left for making small what was found.

    known: divergences seen before; what shares a cause with one of them is nothing new. folder: where
    Hypothesis keeps its examples. Raises: HarnessFault: an environment is not ready.
    """
    patience = Patience(minutes * 60)
    targets = (request.reference, request.candidate)
    sides = [pipeline.ready_contestant(t, request, place) for place, t in enumerate(targets)]
    both = Both(Observer(store, jobs=request.jobs, progress=progress), sides[0], sides[1], request.pair.name)
    seen = list(known)
    fresh: dict[str, Cause] = {}
    drawn, rounds = 0, 0
    wild = searchable(specs)
    while wild and not patience.part(0.75).over:
        batch = examples(wild, request.seed + rounds, BATCH, folder, partial(is_among, hashes=()))
        store.keep_cases(batch)
        answers = both(batch)
        drawn += len(batch)
        new = new_causes(seen, [d for j in answers.values() for d in j.divergences])
        bad = {d.case.hash for cause in new for d in cause.divergences}
        if bad:
            examples(wild, request.seed + rounds, BATCH, folder, partial(is_among, hashes=bad))
        fresh |= {cause.fingerprint: cause for cause in new}
        seen += [d for cause in new for d in cause.divergences]
        rounds += 1
        progress.say(f"round {rounds}: {len(batch)} cases, {len(new)} new causes")
    starts = [example(cause) for cause in fresh.values()]
    quests = [
        Quest(d.fingerprint, d.case, spec_of(d.case.subject, d.case.script), d.differences[0].step)
        for d in starts
    ]
    shrink(quests, both, patience=patience, say=progress.say)
    return Hunt(tuple(finds(quests, both)), rounds, drawn, tuple(both.faults))


def is_among(case: Case, hashes: Container[str]) -> bool:
    """Whether a case is one of some."""
    return case.hash in hashes


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
