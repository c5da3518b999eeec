"""From what was judged to the record of a run, which reports are made from."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from harness.classify.divergences import causes, example_of
from harness.classify.expectations import Expectation, Review, stale
from harness.history import Party, Past, earlier, party, previous, scripts
from harness.judging import Contestant
from harness.model import Case, CaseStatus, Cause, Fault, Judged, Kind, Observation, TargetInfo, short
from harness.observing import Observer
from harness.report.records import (
    Before,
    NotRun,
    RunRecord,
    SameCode,
    Stale,
    SubjectFacts,
    Surface,
    Timing,
)
from harness.report.records import Target as Side
from harness.request import Request
from harness.reviewed import Reviewed
from harness.specs import surface
from harness.specs.declaration import Spec
from harness.specs.registry import all_specs, spec_of
from harness.specs.surface import Standing
from harness.store import Store

LAID_OUT = (Kind.STRUCTURE, Kind.CONFIG, Kind.SIGNATURE, Kind.NAMES, Kind.EVENTS, Kind.FILE)
"""Kinds of which a report shows the whole step, side by side."""

Sightings = tuple[Observation | None, Observation | None]
"""What the reference and the candidate did with a case."""


def record(
    past: Past,
    cases: Sequence[Case],
    judged: Sequence[Judged],
    *,
    store: Store,
    baseline: Sequence[Expectation],
    extra: Sequence[Spec] = (),
    seen: Callable[[Case], Sightings] | None = None,
    against: Before | None = None,
) -> RunRecord:
    """The record of a run, with the verdicts of the baseline.

    extra: specs that are not the harness's own. seen: what both sides did with a case, for whole steps.
    against: the run to hold this one against, where it is not the one before.
    """
    before = against or earlier(store, past)
    infos = [side_of(p, store, past.faults) for p in (past.reference, past.candidate)]
    reviewed, old = with_verdicts(judged, infos, baseline)
    found = causes(d for j in reviewed for d in j.divergences)
    return RunRecord(
        run=past.run,
        started=past.started,
        ended=past.ended,
        pair=past.pair,
        reference=infos[0],
        candidate=infos[1],
        profile=past.profile,
        seed=past.seed,
        settings=past.settings,
        judged=reviewed,
        causes=found,
        faults=past.faults,
        stale=old,
        subjects=tuple(subject_facts(cases, extra)),
        same_code=same_code(infos),
        previous=frozenset(before.causes) if before else previous(store, past),
        before=before,
        surface=surface_of(past),
        timings=past.timings,
        steps=whole_steps(found, seen) if seen else {},
        reasons=reasons(baseline, *infos),
    )


def surface_of(past: Past) -> Surface | None:
    """How much of what the two sides offer is under specs; None where the ledger does not know both."""
    sides = {past.reference.id, past.candidate.id}
    if not all(any(side in symbol.targets for symbol in surface.symbols()) for side in sides):
        return None
    entries = [e for e in surface.ledger(all_specs()) if sides & set(e.symbol.targets)]
    both = [e for e in entries if sides <= set(e.symbol.targets)]
    standing = Counter(e.standing for e in both)
    return Surface(
        either=len(entries),
        shared=len(both),
        specs=standing[Standing.SPEC],
        aliases=standing[Standing.ALIAS],
        signatures=standing[Standing.SIGNATURE],
        out_of_scope=standing[Standing.OUT],
        oracles=sum(e.oracle for e in both),
    )


def whole_steps(found: Sequence[Cause], seen: Callable[[Case], Sightings]) -> dict[str, tuple[Any, Any]]:
    """Of each cause's example the whole value of its step on both sides, where lines can show it."""
    out = {}
    for cause in found:
        first = example_of(cause.divergences)
        if first.kind in LAID_OUT:
            steps = [o.step(first.differences[0].step) if o else None for o in seen(first.case)]
            one, two = (s.value if s else None for s in steps)
            if isinstance(one, list | dict) and isinstance(two, list | dict):
                out[first.id] = (one, two)
    return out


def reasons(baseline: Sequence[Expectation], reference: Side, candidate: Side) -> dict[str, tuple[str, str]]:
    """Why causes of this pair are known and where that is said, by fingerprint."""
    if not isinstance(reference, TargetInfo) or not isinstance(candidate, TargetInfo):
        return {}
    return {e.cause: (e.reason, e.link) for e in baseline if e.cause and e.speaks_for(reference, candidate)}


def past(
    request: Request,
    started: datetime,
    ended: datetime,
    cases: Sequence[Case],
    *,
    observer: Observer,
    sides: Sequence[Contestant | None],
    faults: Sequence[Fault],
) -> Past:
    """What a run that has just ended was."""
    parties = [party(t, s) for t, s in zip((request.reference, request.candidate), sides, strict=True)]
    found = [*faults, *(f for t in observer.tallies.values() for f in t.faults)]
    settings = {"only": list(request.only), "jobs": request.jobs, "cache": request.use_cache}
    if request.shuffle is not None:
        settings["shuffle"] = request.shuffle
    if request.recheck:
        settings["recheck"] = True
    moment = f"{started:%Y%m%dT%H%M%S}{started.microsecond // 1000:03d}"  # ids are in the order of time
    return Past(
        run=f"{moment}-{request.pair.name}-{os.getpid()}",
        started=started.isoformat(timespec="seconds"),
        ended=ended.isoformat(timespec="seconds"),
        pair=request.pair.name,
        profile=request.profile,
        seed=request.seed,
        settings=settings,
        reference=parties[0],
        candidate=parties[1],
        scripts=scripts(cases, request),
        extra=tuple(str(path) for path in request.extra_scripts),
        faults=tuple(dict.fromkeys(found)),
        timings=tuple(timing(t, observer) for t in dict.fromkeys(p.id for p in parties)),
    )


def side_of(side: Party, store: Store, faults: Sequence[Fault]) -> Side:
    """What a target said of itself, or that it did not run and why."""
    hello = store.hello(side.fingerprint) if side.fingerprint else None
    if hello is None:
        known = [f for f in faults if f.target == side.id]
        return NotRun(side.id, known[0] if known else Fault(side.id, "it never said hello"))
    return target_info(side, hello)


def target_info(target: Party, hello: Mapping[str, Any]) -> TargetInfo:
    """A target as its worker introduced it."""
    return TargetInfo(
        id=target.id,
        implementation=target.implementation,
        version=target.version,
        backend=target.backend,
        python=hello["python"],
        namespace=target.namespace,
        packages=hello["packages"],
        identity=hello["identity"],
        fingerprint=target.fingerprint,
        settings={**hello["settings"], "says_version": hello["says_version"], "origin": hello["origin"]},
        start_seconds=hello["start_seconds"],
        peak_mb=hello["peak_mb"],
    )


def reviewed_of(parties: Sequence[Party], store: Store, baseline: Sequence[Expectation]) -> Reviewed | None:
    """What the baseline lists of a pair whose sides said what they are; None where it lists nothing."""
    one, two = (side_of(party, store, ()) for party in parties)
    if not isinstance(one, TargetInfo) or not isinstance(two, TargetInfo):
        return None
    review = Review.of(baseline, one, two)
    return Reviewed(review) if review.by_cause else None


def with_verdicts(
    judged: Sequence[Judged], infos: Sequence[Side], baseline: Sequence[Expectation]
) -> tuple[tuple[Judged, ...], tuple[Stale, ...]]:
    """Judged cases with what the baseline makes of them, and the expectations that match nothing any more."""
    one, two = infos
    if not isinstance(one, TargetInfo) or not isinstance(two, TargetInfo):
        return tuple(judged), ()
    review = Review.of(baseline, one, two)
    reviewed = tuple(
        replace(j, divergences=tuple(map(review.judged, j.divergences))) if j.divergences else j
        for j in judged
    )
    compared = [j.case for j in judged if j.status not in (CaseStatus.NOT_RUN, CaseStatus.INCONCLUSIVE)]
    found = [d for j in reviewed for d in j.divergences]
    return reviewed, tuple(Stale(e.id, why, e.link) for e, why in stale(baseline, found, compared, one, two))


def same_code(infos: Sequence[Side]) -> tuple[SameCode, ...]:
    """Whether the two sides are one code under two names, told by object identity inside the targets."""
    one, two = infos
    if not isinstance(one, TargetInfo) or not isinstance(two, TargetInfo) or one.id == two.id:
        return ()
    if one.packages != two.packages or one.settings["origin"] != two.settings["origin"]:
        return ()
    shared = set(one.identity["same"]) & set(two.identity["same"])
    if one.namespace in two.identity["same"] or two.namespace in one.identity["same"] or shared:
        return (SameCode(one.namespace, two.namespace),)
    return ()


def subject_facts(cases: Iterable[Case], extra: Sequence[Spec]) -> Iterable[SubjectFacts]:
    """What is known of every subject of the plan."""
    own = {(s.subject, s.script): s for s in extra}
    by_subject: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_subject[case.subject].append(case)
    for subject, group in by_subject.items():
        specs = [
            s for s in (spec_of(c.subject, c.script) or own.get((c.subject, c.script)) for c in group) if s
        ]
        spec = next((s for s in specs if s.oracle is not None), specs[0] if specs else None)
        values: dict[str, dict[str, None]] = defaultdict(dict)
        for case in group:
            for name, value in case.parameters.items():
                values[name][short(value)] = None
        yield SubjectFacts(
            subject=subject,
            family=spec.family if spec else subject.split(".")[0],
            source=spec.source if spec else "",
            oracle=oracle_name(spec),
            no_oracle=spec.no_oracle if spec else "",
            exercised={name: tuple(v) for name, v in values.items()},
        )


def oracle_name(spec: Spec | None) -> str:
    """The oracle's function as a person would look it up."""
    if spec is None or spec.oracle is None:
        return ""
    function = getattr(spec.oracle, "func", spec.oracle)
    return (
        f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', type(function).__name__)}"
    )


def timing(target: str, observer: Observer) -> Timing:
    """Where a target's time went."""
    tally = observer.tally(target)
    return Timing(
        target, tally.performed, tally.start, tally.inside, tally.seconds + tally.start, tally.cached
    )
