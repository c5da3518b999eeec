"""The stage that makes the causes of a run small, explains them and runs their programs, with both targets
live."""

from __future__ import annotations

import datetime
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from harness import pipeline
from harness.history import past_of
from harness.judging import Contestant
from harness.minimise.asking import Ask, Patience, shows
from harness.minimise.attribution import Found, attribute
from harness.minimise.records import Minimal, minimal_of
from harness.minimise.reproducing import Wish, issue_text, reproduce
from harness.minimise.shipped import environment
from harness.minimise.shrink import Quest, shrink
from harness.minimise.simplicity import simplicity
from harness.model import (
    Blame,
    Case,
    Cause,
    Divergence,
    Fault,
    Judged,
    Observation,
    TargetInfo,
    Verdict,
    digest,
)
from harness.observing import Observer, Progress, Wanted
from harness.report.layout import cause_key
from harness.report.records import RunRecord
from harness.request import Request
from harness.run.launch import script_digest
from harness.specs.declaration import Spec
from harness.specs.registry import spec_of
from harness.store import Store

FORM = 2
"""Of the findings in the store: older ones do not say where they were found."""
SORT = "minimal"
"""Under what the store keeps the smallest cases."""
TOGETHER = 50
"""Causes that are shrunk together, so that what is interrupted has lost little."""
SHRINKING = 0.6
"""The part of the time that shrinking may take, so that what it found is explained and run as well."""


class Both:
    """Both targets of a pair, asked through the store: `harness.minimise.asking.Ask`."""

    def __init__(self, observer: Observer, reference: Contestant, candidate: Contestant, pair: str) -> None:
        self.observer = observer
        self.reference = reference
        self.candidate = candidate
        self.pair = pair
        self.faults: list[Fault] = []
        self._judged: dict[str, Judged] = {}

    def __call__(self, cases: Sequence[Case]) -> Mapping[str, Judged]:
        """Perform what the store lacks on both sides, judge everything; by hash."""
        new = [c for c in cases if c.hash not in self._judged]
        sides = (self.reference, self.candidate)
        self.observer.observe([Wanted(s.launch, tuple(new), s.repeat) for s in sides], "simpler cases")
        judged = pipeline.judge_each(
            new,
            self.observer,
            self.reference,
            self.candidate,
            self.pair,
            gather=lambda wanted: self.observer.observe(wanted, "evidence"),
            faults=self.faults,
        )
        self._judged |= {j.case.hash: j for j in judged}
        return {c.hash: self._judged[c.hash] for c in cases}

    def seen(self, case: Case) -> tuple[Observation | None, Observation | None]:
        """What each side did with a case."""
        one, two = (
            self.observer.observation(s.launch, case, s.repeat) for s in (self.reference, self.candidate)
        )
        return one, two


def minimise(
    record: RunRecord,
    causes: Sequence[Cause],
    request: Request,
    store: Store,
    progress: Progress,
    *,
    minutes: float | None = None,
    shipped: Mapping[str, Minimal] | None = None,
) -> RunRecord:
    """The record with the smallest case, its trigger, what explains it and an executed program, per cause.

    What was found before is taken from the store, or from what is shipped with the baseline where that was
    found in the run's own environments. causes: those to work on. Nothing is done where a side could not be
    had. minutes: when to stop; what was reached by then is kept, and said to be unfinished.
    """
    sides = (record.reference, record.candidate)
    known = known_of(record, store, shipped or {})
    new = [c for c in causes if not is_done(known.get(cause_key(c)), c, sides)]
    if not new or not all(isinstance(s, TargetInfo) for s in sides):
        return replace(record, minimal=known)
    patience = Patience(None if minutes is None else minutes * 60)
    targets = (request.reference, request.candidate)
    contestants = [pipeline.ready_contestant(t, request, place) for place, t in enumerate(targets)]
    observer = Observer(store, jobs=request.jobs, progress=progress)
    both = Both(observer, contestants[0], contestants[1], record.pair)
    own = {(s.subject, s.script): s for s in request.extra_specs}
    with observer.keeping_workers():
        for begin in range(0, len(new), TOGETHER):
            batch = new[begin : begin + TOGETHER]
            progress.say(f"causes {begin + 1} to {begin + len(batch)} of {len(new)}")
            own_time = patience.portion(math.ceil((len(new) - begin) / TOGETHER))
            small = still_small(batch, known, sides, both)
            quests = [quest_of(cause, own, small.get(cause_key(cause))) for cause in batch]
            shrink(quests, both, patience=own_time.part(SHRINKING), say=progress.say)
            found = explained(batch, quests, both, record, store, own_time)
            for cause, minimal in zip(batch, found, strict=True):
                before = small.get(cause_key(cause))
                known[cause_key(cause)] = again(minimal, before) if before else minimal
                store.keep_finding(SORT, key_of(record, cause), known[cause_key(cause)].plain())
    return replace(record, minimal=known, faults=(*record.faults, *both.faults))


def is_done(minimal: Minimal | None, cause: Cause, sides: Sequence[object]) -> bool:
    """Whether nothing is left to do for a cause; a program that did not show it may be written better now."""
    done = is_small(minimal, cause, sides)
    return done and minimal is not None and minimal.repro is not None and minimal.repro.reproduces


def is_settled(record: RunRecord, cause: Cause) -> bool:
    """Whether another try would find no more about a cause of a run."""
    sides = (record.reference, record.candidate)
    return is_done(record.minimal.get(cause_key(cause)), cause, sides)


def is_small(minimal: Minimal | None, cause: Cause, sides: Sequence[object]) -> bool:
    """Whether the smallest case of a cause is known, of the environments of a run."""
    return (
        minimal is not None
        and minimal.finished
        and minimal.is_of(*sides)
        and minimal.fingerprint in cause.fingerprints
    )


def still_small(
    causes: Sequence[Cause], known: Mapping[str, Minimal], sides: Sequence[object], ask: Ask
) -> dict[str, Minimal]:
    """What is known of causes whose case need not be shrunk again, as it still shows them; by `cause_key`."""
    small = {cause_key(c): known[cause_key(c)] for c in causes if is_small(known.get(cause_key(c)), c, sides)}
    answers = ask([m.small_case() for m in small.values()])
    return {k: m for k, m in small.items() if shows(answers.get(m.small_case().hash), m.fingerprint, m.cause)}


def again(minimal: Minimal, before: Minimal) -> Minimal:
    """A smallest case that was known, with what was found out now; nothing is lost to a lack of time."""
    old, new = before.repro, minimal.repro
    untried = new is None or (bool(new.text) and not new.executed)
    stays = old is not None and (old.reproduces or untried)
    out = replace(
        minimal,
        date=before.date if stays else minimal.date,
        address=before.address,
        before=before.before,
        tried=before.tried,
        attributions=minimal.attributions or before.attributions,
        repro=old if stays else new,
    )
    return replace(out, issue=issue_text(out, out.environments)) if out.environments else out


def example(cause: Cause) -> Divergence:
    """The divergence of a cause that shrinking begins with: of the worst the one with the simplest case."""
    return min(
        cause.divergences,
        key=lambda d: (d.severity.rank, simplicity(d.case, spec_of(d.case.subject, d.case.script)), d.id),
    )


def quest_of(cause: Cause, own: Mapping[tuple[str, str], Spec], small: Minimal | None = None) -> Quest:
    """The search for a cause's smallest case; at its end already where that is known."""
    start = example(cause)
    case = start.case if small is None else small.small_case()
    place = (case.subject, case.script)
    spec = spec_of(*place) or own.get(place)
    if small is not None:
        return Quest(small.fingerprint, case, spec, finished=True, cause=cause.fingerprint)
    return Quest(start.fingerprint, case, spec, start.differences[0].step, cause=cause.fingerprint)


def explained(
    causes: Sequence[Cause],
    quests: Sequence[Quest],
    both: Both,
    record: RunRecord,
    store: Store,
    patience: Patience,
) -> list[Minimal]:
    """What shrinking ended at, attributed and reproduced."""
    answers = both([q.case for q in quests])
    found = []
    for cause, quest in zip(causes, quests, strict=True):
        judged = answers[quest.case.hash].divergences
        shown = next((d for d in judged if d.fingerprint == quest.fingerprint), example(cause))
        found.append(Found(quest.case, shown, quest.spec))
    proved = [()] * len(found) if patience.over else attribute(found, both)
    one, two = record.reference, record.candidate
    assert isinstance(one, TargetInfo)
    assert isinstance(two, TargetInfo)
    wishes = [Wish(f.case, f.divergence, has_weights(f.case, both)) for f in found]
    launches = (both.reference.launch, both.candidate.launch)
    repros = reproduce(wishes, (one, two), launches, store, patience=patience)
    out = []
    where = (environment(one), environment(two))
    for cause, quest, each, why, repro in zip(causes, quests, found, proved, repros, strict=True):
        minimal = Minimal(
            cause=cause.fingerprint,
            fingerprint=quest.fingerprint,
            case=quest.case.plain(),
            label=quest.case.label,
            address=quest.case.address,
            trigger=quest.trigger,
            summary=each.divergence.summary,
            before=quest.start.address if quest.start else "",
            tried=len(quest.tried),
            finished=quest.finished,
            attributions=why,
            repro=repro,
            environments=where,
            date=f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}",
        )
        out.append(replace(minimal, issue=issue_text(minimal, where)))
    return out


def has_weights(case: Case, both: Both) -> bool:
    """Whether a subject was seen to have weights; where it was not seen, it may."""
    steps = [o.step("weights") for o in both.seen(case) if o is not None]
    return any(s is None or s.value != [] for s in steps) or not steps


def key_of(record: RunRecord, cause: Cause) -> str:
    """What decides the smallest case of a cause. What is new under a known root is a cause by itself."""
    sides = [s.fingerprint if isinstance(s, TargetInfo) else "" for s in (record.reference, record.candidate)]
    verdict = [] if cause.verdict is Verdict.EXPECTED else [str(cause.verdict)]
    script = script_digest(cause.divergences[0].case.script)
    return digest([FORM, cause.fingerprint, *sides, script, *verdict])


def known_of(record: RunRecord, store: Store, shipped: Mapping[str, Minimal]) -> dict[str, Minimal]:
    """What is known of the causes of a run, by `cause_key`: what was found here before, else what is shipped.

    What is shipped speaks of expected causes only: a new one under the same root has another example.
    """
    out = {}
    for cause in record.causes:
        content = store.finding(SORT, key_of(record, cause))
        if content is not None:
            out[cause_key(cause)] = minimal_of(content)
        elif cause.verdict is Verdict.EXPECTED and cause.fingerprint in shipped:
            out[cause_key(cause)] = shipped[cause.fingerprint]
    return out


def to_ship(
    record: RunRecord, shipped: Mapping[str, Minimal], reviewed: Collection[str]
) -> dict[str, Minimal]:
    """What is to be shipped from now on: of every reviewed cause what this run knows, else what is shipped.

    A search that was not finished never replaces one that was. reviewed: fingerprints of the causes that have
    an expectation.
    """
    out = {cause: minimal for cause, minimal in shipped.items() if cause in reviewed}
    for cause in record.causes:
        found = record.minimal.get(cause_key(cause))
        if cause.verdict is not Verdict.EXPECTED or cause.fingerprint not in reviewed or found is None:
            continue
        if found.environments is not None and (found.finished or cause.fingerprint not in out):
            out[cause.fingerprint] = found
    return out


def own_files(store: Store, record: RunRecord) -> list[Path]:
    """The user's own files of scenarios that a run was made with, as far as they still exist."""
    content = store.run(record.run)
    return [] if content is None else [Path(p) for p in past_of(content).extra if Path(p).is_file()]


def figures(record: RunRecord, causes: Sequence[Cause]) -> list[str]:
    """What came of minimising, one `name: figure` a line."""
    keys = map(cause_key, causes)
    found = [record.minimal[key] for key in keys if key in record.minimal]
    repros = [m.repro for m in found if m.repro is not None]
    written = [r for r in repros if r.text]

    def share(count: int) -> str:
        return f"{count / len(found):.3f}" if found else "none"

    return [
        f"causes: {len(causes)}",
        f"minimised: {len(found)}",
        f"finished: {share(sum(m.finished for m in found))}",
        f"at_most_two_parameters: {share(sum(len(m.trigger) <= 2 for m in found))}",
        f"executed: {share(sum(r.executed for r in repros))}",
        f"reproduces: {share(sum(r.reproduces for r in repros))}",
        f"mean_lines: {sum(r.lines for r in written) / len(written) if written else 0:.1f}",
        f"attributed: {share(sum(bool(m.attributions) for m in found))}",
        f"blamed: {sum(c.blame is not Blame.UNKNOWN for c in causes)}",
        f"not_blamed_and_why: {sum(c.blame is Blame.UNKNOWN and bool(c.blame_evidence) for c in causes)}",
    ]
