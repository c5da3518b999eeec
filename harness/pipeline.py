"""The stages in order: specs → plan → observe → compare → judge → classify → report."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypedDict

from harness import environments, examples, forcing, judging, recording, reviewed, rules
from harness.classify.expectations import Expectation
from harness.compare.settle import NOT_JUDGED
from harness.errors import HarnessFault, WrongUse
from harness.history import KEPT, Past, party, past_of
from harness.judging import Contestant
from harness.model import Case, CaseStatus, Divergence, Fault, Judged
from harness.observing import Archive, Observer, Progress, Wanted
from harness.plan import none_matches, plan
from harness.report.past import before_of, kept
from harness.report.records import RunRecord
from harness.request import Request
from harness.reviewed import NOTE, Reviewed
from harness.run.launch import Launch
from harness.specs.declaration import Spec
from harness.specs.registry import all_specs, spec_of
from harness.specs.scenarios import specs_of
from harness.store import Store
from harness.targets import Target


class Closer(TypedDict):
    """What judging needs beside observations: how evidence is gathered, and where our failures go."""

    gather: Callable[[Sequence[Wanted]], None]
    faults: list[Fault]


def launch_of(target: Target, extra_scripts: tuple[Path, ...] = ()) -> Launch:
    """How to start a target. Raises `HarnessFault` when its environment is not ready."""
    return Launch(
        target=target.id,
        interpreter=environments.python_of(target),
        namespace=target.namespace,
        engine=target.engine,
        backend=target.backend,
        environment=dict(target.env),
        pythonpath=target.pythonpath,
        prelude=target.prelude,
        extra_scripts=extra_scripts,
    )


def run(request: Request, store: Store, progress: Progress, baseline: Sequence[Expectation]) -> RunRecord:
    """One comparison from specs to the record of the run; by then all that was observed is in the store.

    Raises:
        WrongUse: `only` names no case.
    """
    started = now()
    cases = cases_of(request)
    observer = Observer(store, jobs=request.jobs, progress=progress, use_cache=request.use_cache)
    faults: list[Fault] = []
    sides = [
        contestant(t, request, place, faults)
        for place, t in enumerate((request.reference, request.candidate))
    ]
    reference, candidate = sides
    store.keep_cases(cases)
    if reference is None or candidate is None:
        judged = not_run(cases)
    else:
        ordered = tuple(shuffled(cases, request.shuffle))
        sides_of_pair = observer, reference, candidate, request.pair.name
        with observer.keeping_workers():
            observer.observe([Wanted(s.launch, ordered, s.repeat) for s in (reference, candidate)], "cases")
            parties = party(request.reference, reference), party(request.candidate, candidate)
            known = None if request.recheck else recording.reviewed_of(parties, store, baseline)
            look_closer: Closer = {
                "gather": lambda wanted: observer.observe(wanted, "evidence"),
                "faults": faults,
            }
            judged = judge_all(cases, *sides_of_pair, **look_closer, known=known)
            judged = traced(judged, *sides_of_pair, **look_closer)
    past = recording.past(request, started, now(), cases, observer=observer, sides=sides, faults=faults)
    past = replace(past, stood=tuple(reviewed.stood(judged)))
    record = recording.record(
        past,
        cases,
        judged,
        store=store,
        baseline=baseline,
        extra=request.extra_specs,
        seen=both(observer, reference, candidate),
    )
    causes = {"causes": [c.fingerprint for c in record.causes], KEPT: kept(record)}
    shown = {examples.KEPT: examples.kept(examples.of_causes(record.causes))}
    store.keep_run(past.run, past.plain() | causes | shown, [c.hash for c in cases])
    return record


def rebuild(
    name: str | None,
    store: Store,
    baseline: Sequence[Expectation],
    *,
    against: str | None = None,
    only: Callable[[Case], bool] = lambda case: True,
) -> RunRecord:
    """The record of a run of the past (the last one, when it is not named), compared again; starts no target.

    against: the run to hold it against, compared again as well; the one before where it is not named.
    only: the cases to compare; the others are left out of the record.

    Raises:
        WrongUse: there is no such run, or the two are not of one pair.
    """
    past, cases = found(name, store)
    cases = [case for case in cases if only(case)]
    other = None
    if against is not None:
        pair = found(against, store)[0].pair
        if pair != past.pair:
            raise WrongUse(
                f"Expected `--against` to be a run of the pair {past.pair}. Received: '{against}', a run of "
                f"{pair}. See `{store.path.parent}`."
            )
        other = before_of(rebuild(against, store, baseline))
    reference, candidate = past.reference.contestant(), past.candidate.contestant()
    archive = Archive(store, past.key)
    if reference is None or candidate is None:
        judged = not_run(cases)
    else:
        look_closer: Closer = {"gather": lambda wanted: None, "faults": []}
        sides_of_pair = archive, reference, candidate, past.pair
        judged = judge_all(cases, *sides_of_pair, **look_closer, stood=frozenset(past.stood))
        judged = traced(judged, *sides_of_pair, **look_closer)
    extra = [spec for path in past.extra if Path(path).is_file() for spec in specs_of(Path(path))]
    return recording.record(
        past,
        cases,
        judged,
        store=store,
        baseline=baseline,
        extra=extra,
        seen=both(archive, reference, candidate),
        against=other,
    )


def found(name: str | None, store: Store) -> tuple[Past, list[Case]]:
    """A run of the past and its cases; the last one, when it is not named."""
    names = store.runs()
    if not names:
        raise WrongUse(f"Expected {store.path} to hold a run. Received: none. See `harness compare`.")
    content = store.run(name or names[-1])
    if content is None:
        raise WrongUse(rules.unknown("RUN", str(name), names, see=f"{store.path.parent}"))
    past = past_of(content)
    return past, store.cases_of(past.run)


def both(
    archive: Archive, reference: Contestant | None, candidate: Contestant | None
) -> Callable[[Case], recording.Sightings] | None:
    """What looks up both sides' observations of a case; None where a side could not be had."""
    if reference is None or candidate is None:
        return None

    def seen(case: Case) -> recording.Sightings:
        return (
            archive.observation(reference.launch, case, reference.repeat),
            archive.observation(candidate.launch, case, candidate.repeat),
        )

    return seen


def known_divergences(pair: str, store: Store) -> list[Divergence]:
    """The divergences of the last run of a pair, compared again; none where there was no run."""
    for name in reversed(store.runs()):
        content = store.run(name)
        if content is not None and content.get("pair") == pair:
            return list(rebuild(name, store, ()).divergences())
    return []


def cases_of(request: Request) -> list[Case]:
    """The cases a request asks for: of the user's own specs where there are such, else of the harness's."""
    specs = [s for s in request.extra_specs or all_specs() if may_match(s, request.only)]
    cases = plan(specs, profile=request.profile, only=request.only, seed=request.seed)
    if not cases:
        raise WrongUse(none_matches(request.only, specs, request.seed))
    return cases


def may_match(spec: Spec, patterns: Sequence[str]) -> bool:
    """Whether a pattern could name a case of a spec, told from what stands before its first wildcard."""
    name = f"{spec.subject}/"
    heads = [re.split(r"[*?[]", pattern, maxsplit=1)[0] for pattern in patterns]
    return not heads or any(name.startswith(head) or head.startswith(name) for head in heads)


def not_run(cases: Sequence[Case]) -> list[Judged]:
    """Cases of a pair of which a side could not be had."""
    note = "a target of the pair could not be had"
    return [Judged(c, CaseStatus.NOT_RUN, None, None, notes=(note,)) for c in cases]


def judge_all(
    cases: Sequence[Case],
    archive: Archive,
    reference: Contestant,
    candidate: Contestant,
    pair: str,
    *,
    gather: Callable[[Sequence[Wanted]], None],
    faults: list[Fault],
    known: Reviewed | None = None,
    stood: Collection[str] = (),
) -> list[Judged]:
    """Compare everything, have evidence gathered where it is needed, settle. In the order of the cases.

    faults: takes what we fail to judge; one case that we cannot judge costs no other.
    known: what the baseline accepts, so that no closer look is taken of what differs exactly so.
    stood: hashes of cases of which none was taken when they were judged before.
    """
    sides = reference, candidate
    return judging.said_once(
        judge_each(cases, archive, *sides, pair, gather=gather, faults=faults, known=known, stood=stood)
    )


def judge_each(
    cases: Sequence[Case],
    archive: Archive,
    reference: Contestant,
    candidate: Contestant,
    pair: str,
    *,
    gather: Callable[[Sequence[Wanted]], None],
    faults: list[Fault],
    known: Reviewed | None = None,
    stood: Collection[str] = (),
) -> list[Judged]:
    """`judge_all` with every case for itself: a subject that one side lacks is a divergence of each."""

    def settled(case: Case, judge: Callable[[], Judged], into: list[Fault] = faults) -> Judged:
        try:
            return judge()
        except HarnessFault:
            raise
        except Exception as error:
            unjudged, fault = judging.not_judged(case, error)
            into.append(fault)
            return unjudged

    def at_once(found: judging.Found) -> Judged:
        return settled(
            found.case, lambda: judging.judge_found(found, None, archive, reference, candidate, pair)
        )

    def closely(each: judging.Open, into: list[Fault] = faults) -> Judged:
        spec = spec_of(each.case.subject, each.case.script)
        judge = partial(judging.judge, each.case, spec, archive, reference, candidate, pair)
        return settled(each.case, judge, into)

    def look(each: judging.Open) -> judging.Found:
        return judging.look(each.case, archive, reference, candidate)

    def looked_at(chosen: Sequence[judging.Open]) -> list[Judged]:
        """The evidence of cases of a pair that was reviewed; repeats only of what raises an alarm without."""
        assert known is not None
        gather(judging.variants_wanted(chosen, *sides))
        seen = [(each, closely(each, [])) for each in chosen]
        done = {one.case.hash: one for _, one in seen if known.settles(one) and is_decided(one)}
        doubtful = [each for each in chosen if each.case.hash not in done]
        gather(judging.repeats_wanted(doubtful, *sides))
        return [*done.values(), *map(closely, doubtful)]

    sides = reference, candidate
    judged, open_cases = judging.first_look(cases, archive, *sides, at_once=at_once)
    if known is None:
        stand = reviewed.as_they_stand([o for o in open_cases if o.case.hash in stood], look, pair)
        closer = [o for o in open_cases if o.case.hash not in stand]
        gather(judging.evidence_wanted(closer, *sides))
        judged += map(closely, closer)
    else:
        stand = reviewed.standing(open_cases, look, known, pair)
        examples = reviewed.examples(stand)
        judged += looked_at([o for o in open_cases if o.case.hash not in stand or o.case.hash in examples])
        as_it_was = {j.case.hash for j in judged if known.expects(j)}
        lost = {cause for key in examples - as_it_was for cause in reviewed.causes_of(stand[key])}
        doubted = reviewed.doubted(stand, lost) - examples
        judged += looked_at([o for o in open_cases if o.case.hash in doubted])
        stand = {key: one for key, one in stand.items() if key not in examples | doubted}
    judged += stand.values()
    place = {case.hash: i for i, case in enumerate(cases)}
    return sorted(judged, key=lambda j: place[j.case.hash])


def is_decided(judged: Judged) -> bool:
    """Whether nothing of a case was left unjudged for want of evidence."""
    return not any(NOT_JUDGED in note for note in judged.notes)


def traced(
    judged: Sequence[Judged],
    archive: Archive,
    reference: Contestant,
    candidate: Contestant,
    pair: str,
    *,
    gather: Callable[[Sequence[Wanted]], None],
    faults: list[Fault],
) -> list[Judged]:
    """Judged cases in which graphs that differ say where they part: their nodes are performed alone.

    Not of those that stand as they were reviewed: that, too, is a closer look.
    """
    found = []
    for each in filter(forcing.is_traceable, judged):
        if NOTE in each.notes:
            continue
        observed = archive.observation(reference.launch, each.case, reference.repeat)
        case = forcing.forced(each, observed) if observed is not None else None
        if case is not None:
            found.append(case)
    cases = [f.case for f in found]
    gather([Wanted(s.launch, tuple(cases), s.repeat) for s in (reference, candidate)])
    apart = judge_all(cases, archive, reference, candidate, pair, gather=gather, faults=faults)
    return forcing.with_origins(judged, found, {j.case.hash: j for j in apart})


def contestant(target: Target, request: Request, place: int, faults: list[Fault]) -> Contestant | None:
    """One side, ready to be observed; None and a fault when its environment is not there."""
    try:
        return ready_contestant(target, request, place)
    except HarnessFault as error:
        environment = environments.look(target)
        what = environment.reason or "its environment has not been made"
        fault = Fault(target.id, what, str(error), environment.fix)
        if fault not in faults:
            faults.append(fault)
        return None


def ready_contestant(target: Target, request: Request, place: int) -> Contestant:
    """One side, ready to be observed: 0 is the reference, 1 the candidate.

    A target held against itself is performed twice: an observation compared with itself would say nothing.

    Raises:
        HarnessFault: its environment is not ready; says why and the way out.
    """
    launch = launch_of(target, request.extra_scripts)
    same = request.reference.id == request.candidate.id
    return Contestant(launch, 1 if same and place == 1 else 0, target.float64 != "none")


def shuffled(cases: Sequence[Case], number: int | None) -> list[Case]:
    """The cases in an order drawn from `number`; hashes decide, so it is the same everywhere."""
    if number is None:
        return list(cases)
    return sorted(cases, key=lambda c: hashlib.blake2b(f"{number}{c.hash}".encode()).digest())


def now() -> datetime.datetime:
    """This moment, UTC."""
    return datetime.datetime.now(datetime.UTC)
