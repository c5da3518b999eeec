"""The stage that holds two targets' observations of each case against each other.

First every case is compared bitwise. Where floating-point values differ, the evidence that decides between
rounding and meaning is asked for: the case in float64 (shadow), moved by one unit in the last place
(jitter), and simply again (repeat). Then every case is settled and classified.
"""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness import recipes
from harness.classify.divergences import classify
from harness.compare.observations import CASE, Comparison, compare
from harness.compare.settle import JUDGED, Settled, Side, needs_evidence, settle
from harness.errors import HarnessFault
from harness.model import Case, CaseStatus, Difference, Fault, Judged, Observation, Outcome, StepStatus
from harness.observing import Archive, Wanted
from harness.run.launch import Launch
from harness.run.wire import Known, Sighting
from harness.specs.declaration import NotCovered, Spec
from harness.specs.scenarios import subjects_of
from harness.specs.unsettled import unsettled

JITTERS = 2
"""Jittered reruns per side. The band is a maximum over every element of an array and both reruns; the factor
it is held against is derived for a band of order u, so one rerun would do; the second guards against one
whose coins happen to cancel in a small array."""

REPEATS = {"graph": 4}
"""Engine → how often a case is repeated before what differs is believed; once where nothing is said.

A graph of TensorFlow 1 runs its updates in no stated order: Adam of keras 2.3.1 reads its step counter before
or after it is counted up, so that one program ends in one of two ways, about as often in each. One repeat
would miss that in every second case, four in one of sixteen."""

MOST_REPEATS = max(REPEATS.values())
SHADOW = "shadow"
OBSERVED_BY = {
    "functional": ("functional", "functional call", "predict"),
    "predict": ("predict",),
    "jit": ("jit",),
    "serialize": ("serialize",),
    "initial": ("initial",),
    "thorough": (),
}
"""Dear observations → the steps they are. A closer look at other steps leaves them out."""
DETERMINED = ("functional", "functional call", "predict", "jit", "serialize")
"""Dear steps that are not drawn: a look that serves many pairs of targets keeps them all."""
LAYER = "layer"
WEIGHTS = "weights"
"""The step in which a subject says of its weights what they are."""
GIVING_WEIGHTS = "set_weights"
"""The step in which a layer is given the weights of the case; it is seen only where it raises."""
ORACLE_STEPS = {"forward": False, "training": True, "predict": False, "functional call": False, "jit": False}
"""Steps an oracle speaks of → the `training` it is asked with."""


@dataclass(frozen=True)
class Contestant:
    """One side of the pair as it is observed."""

    launch: Launch
    repeat: int
    float64: bool
    """Whether the target is known to compute in float64 when asked to."""


@dataclass(frozen=True)
class Open:
    """A case with differences, before it is judged. Observations stay in the store until their turn comes."""

    case: Case
    doubtful: tuple[str, ...]
    """Steps whose values differ as rounding may explain: evidence has to be observed first."""
    steps: bool = False
    """Whether whole numbers or truth values differ: only jitter shows whether they sit at a step."""


@dataclass(frozen=True)
class Found:
    """Both observations of a case and what comparing them found."""

    case: Case
    reference: Observation
    candidate: Observation
    comparison: Comparison


def first_look(
    cases: Iterable[Case],
    observer: Archive,
    reference: Contestant,
    candidate: Contestant,
    *,
    at_once: Callable[[Found], Judged] | None = None,
) -> tuple[list[Judged], list[Open]]:
    """Cases that are settled at once (equal, or not run), and those that need a closer look.

    at_once: judges a case that differs in nothing rounding could explain, so that it need not be read twice;
    without it such cases are left open.
    """
    settled: list[Judged] = []
    open_cases: list[Open] = []
    for case in cases:
        one = observer.sighting(reference.launch, case, reference.repeat)
        two = observer.sighting(candidate.launch, case, candidate.repeat)
        if one is None or two is None:
            which = [n for n, s in (("reference", one), ("candidate", two)) if s is None]
            note = f"not observed on the {' and the '.join(which)}"
            settled.append(Judged(case, CaseStatus.NOT_RUN, outcome_of(one), outcome_of(two), notes=(note,)))
        elif one.payload == two.payload and says_something(one):
            settled.append(Judged(case, CaseStatus.AGREE, one.outcome, two.outcome))
        else:
            found = looked_at(case, one, two)
            doubtful = needs_evidence(found.comparison.differences)
            if not found.comparison.differences:
                settled.append(without_difference(found))
            elif doubtful or at_once is None:
                open_cases.append(Open(case, steps_of(doubtful), any(map(is_stepped, doubtful))))
            else:
                settled.append(at_once(found))
    return settled, open_cases


def is_stepped(difference: Difference) -> bool:
    """Whether the values that differ are whole numbers or truth values."""
    return any(np.asarray(v).dtype.kind in "biu" for v in (difference.reference, difference.candidate))


def looked_at(case: Case, reference: Sighting, candidate: Sighting) -> Found:
    """Unpack and compare both sides of a case."""
    known: Known = {}
    one, two = reference.unpack(known), candidate.unpack(known)
    return Found(case, one, two, compare(one, two))


def outcome_of(sighting: Sighting | None) -> Outcome | None:
    """How a case ended on a target; None where it was not observed."""
    return None if sighting is None else sighting.outcome


def says_something(sighting: Sighting) -> bool:
    """Whether an observation holds anything that agreeing on would mean agreement."""
    if sighting.outcome not in (Outcome.RETURNED, Outcome.RAISED):
        return False
    return b'"status": "returned"' in sighting.body or b'"status": "raised"' in sighting.body


def without_difference(found: Found) -> Judged:
    """A case in which nothing differs; nothing compared is not agreement."""
    status = CaseStatus.INCONCLUSIVE if found.comparison.inconclusive else CaseStatus.AGREE
    return Judged(found.case, status, *found.comparison.outcomes, notes=found.comparison.not_compared)


def steps_of(differences: Iterable[Difference]) -> tuple[str, ...]:
    """The steps differences are in, each once."""
    return tuple(dict.fromkeys(d.step for d in differences))


def left_out(case: Case, steps: Iterable[str]) -> frozenset[str]:
    """Observations of the case that a closer look at these steps does without.

    A random subject is looked at with all of them, for they decide how often it draws.
    """
    if "random" in case.observe:
        return frozenset()
    wanted = set(steps)
    return frozenset(o for o in case.observe if o in OBSERVED_BY and not wanted & set(OBSERVED_BY[o]))


def spared_steps(case: Case, steps: Iterable[str]) -> frozenset[str]:
    """The steps of the case that a closer look at these steps is performed without."""
    return frozenset(step for name in left_out(case, steps) for step in OBSERVED_BY[name])


def again(case: Case, steps: Iterable[str]) -> Case:
    """The case as it is performed for a closer look at these steps: without dear observations of others."""
    spared = left_out(case, steps)
    return replace(case, observe=tuple(o for o in case.observe if o not in spared))


def evidence_cases(case: Case, steps: Iterable[str]) -> list[Case]:
    """The case as its shadow and jitters have it, for a closer look at these steps."""
    plain = again(case, steps)
    return [replace(plain, variant=v) for v in (SHADOW, *(f"jitter:{k}" for k in range(1, JITTERS + 1)))]


def evidence_wanted(open_cases: Sequence[Open], reference: Contestant, candidate: Contestant) -> list[Wanted]:
    """What has to be observed before values that differ can be judged: everything there may be to ask for."""
    sides = reference, candidate
    return [*variants_wanted(open_cases, *sides), *repeats_wanted(open_cases, *sides)]


def variants_wanted(open_cases: Sequence[Open], reference: Contestant, candidate: Contestant) -> list[Wanted]:
    """What tells rounding from meaning.

    Two shadows decide by themselves; jitter is asked for where a side has none, or whole numbers differ.
    """
    both = reference.float64 and candidate.float64
    return [
        Wanted(side.launch, tuple(variants_of(open_cases, side, both)), side.repeat)
        for side in (reference, candidate)
    ]


def variants_of(open_cases: Iterable[Open], side: Contestant, both: bool) -> Iterator[Case]:
    """The shadows and jitters of cases that are asked of one side; both: whether each side has shadows."""
    for each in open_cases:
        for variant in evidence_cases(each.case, each.doubtful) if each.doubtful else ():
            if side.float64 if variant.variant == SHADOW else each.steps or not both:
                yield variant


def repeats_wanted(open_cases: Sequence[Open], reference: Contestant, candidate: Contestant) -> list[Wanted]:
    """What tells a difference from a race: the case again, and its jitters again.

    A band is rounding's only if a target that is asked the same again says the same.
    """
    both = reference.float64 and candidate.float64
    repeats = [again(o.case, o.doubtful) for o in open_cases if o.doubtful]
    wanted = []
    for side in (reference, candidate):
        moved = [v for v in variants_of(open_cases, side, both) if v.variant != SHADOW]
        wanted.append(Wanted(side.launch, (*repeats, *moved), side.repeat + 1))
        for times in range(2, repeats_of(side.launch.engine) + 1):
            wanted.append(Wanted(side.launch, tuple(repeats), side.repeat + times))
    return wanted


def repeats_of(engine: str) -> int:
    """How often a case that differs is repeated on a target of this engine."""
    return REPEATS.get(engine, 1)


def side_of(found: Found, observation: Observation, contestant: Contestant, observer: Archive) -> Side:
    """One side's observations of a case with all the evidence there is."""
    doubtful = steps_of(needs_evidence(found.comparison.differences))
    if not doubtful:
        return Side(observation)

    def seen(case: Case, times: int) -> Observation | None:
        return observer.observation(contestant.launch, case, contestant.repeat + times)

    shadow, *jitters = evidence_cases(found.case, doubtful)
    plain = again(found.case, doubtful)
    repeats = (seen(plain, times) for times in range(1, MOST_REPEATS + 1))  # as many as the store holds
    return Side(
        observation,
        seen(shadow, 0) if contestant.float64 else None,
        tuple(o for o in (seen(jitter, 0) for jitter in jitters) if o is not None),
        tuple(o for o in repeats if o is not None),
        spared_steps(found.case, doubtful),
        twice((seen(jitter, 0), seen(jitter, 1)) for jitter in jitters),
    )


def twice(
    asked: Iterable[tuple[Observation | None, Observation | None]],
) -> tuple[tuple[Observation, Observation], ...]:
    """Those of the reruns that were observed both times."""
    return tuple((one, two) for one, two in asked if one is not None and two is not None)


def judge(
    case: Case,
    spec: Spec | None,
    observer: Archive,
    reference: Contestant,
    candidate: Contestant,
    pair: str,
) -> Judged:
    """Settle and classify one case that has differences."""
    found = look(case, observer, reference, candidate)
    return judge_found(found, spec, observer, reference, candidate, pair)


def look(case: Case, observer: Archive, reference: Contestant, candidate: Contestant) -> Found:
    """Both observations of a case that was observed, compared."""
    one = observer.sighting(reference.launch, case, reference.repeat)
    two = observer.sighting(candidate.launch, case, candidate.repeat)
    if one is None or two is None:
        raise HarnessFault(f"{case.address} was observed and is not in the store any more. Run again.")
    return looked_at(case, one, two)


def judge_found(
    found: Found,
    spec: Spec | None,
    observer: Archive,
    reference: Contestant,
    candidate: Contestant,
    pair: str,
) -> Judged:
    """Settle and classify a case whose observations are at hand."""
    case = found.case
    found, unwritten = without_unwritten(found)
    found, drawn = without_drawn(found)
    doubtful = needs_evidence(found.comparison.differences)
    oracle, terms, trouble = truth(found, spec) if doubtful else ({}, 1, ())
    settled = settle(
        found.comparison,
        side_of(found, found.reference, reference, observer),
        side_of(found, found.candidate, candidate, observer),
        oracle=oracle,
        terms=terms,
    )
    divergences = tuple(
        replace(d, subjects=subjects_of(case))
        for d in classify(
            case,
            settled.differences,
            pair=pair,
            judgements=settled.judgements,
            no_oracle=spec.no_oracle if spec else "",
            unsettled=unsettled(case, spec),
        )
    )
    notes = (
        *found.comparison.not_compared,
        *settled.notes,
        *rounding_notes(settled),
        *trouble,
        *unwritten,
        *drawn,
    )
    nothing = (unwritten or drawn) and not settled.differences
    status = CaseStatus.INCONCLUSIVE if nothing else status_of(settled)
    return Judged(case, status, *found.comparison.outcomes, divergences, notes)


def judgeable(case: Case, one: Observation, two: Observation, comparison: Comparison) -> Comparison:
    """A comparison without numbers that tell nothing of either side."""
    found, _ = without_unwritten(Found(case, one, two, comparison))
    return without_drawn(found)[0].comparison


def without_unwritten(found: Found) -> tuple[Found, tuple[str, ...]]:
    """The case without gradients that nothing was summed into; notes of what was left out.

    The gradient of a batch of none is a sum of no terms. For some convolutions TensorFlow returns memory that
    it never wrote instead, which may be anything, and alike twice by chance: it tells nothing of a Keras.
    """
    feed = found.case.feed
    if not isinstance(feed, Mapping) or "inputs" not in feed or not has_nothing(feed["inputs"]):
        return found, ()
    differences = found.comparison.differences
    gone = [d for d in differences if d.step == "gradients" and d.kind in JUDGED]
    kept = tuple(d for d in differences if not any(d is each for each in gone))
    notes = tuple(f"{d.where}: not judged: the gradient of a batch of none is not computed." for d in gone)
    return replace(found, comparison=replace(found.comparison, differences=kept)), notes


def without_drawn(found: Found) -> tuple[Found, tuple[str, ...]]:
    """The case without numbers that follow from weights which could not be given; notes of what was left out.

    A layer that refuses its weights (bfloat16 is no type of numpy for a Keras of TensorFlow 1) keeps those it
    drew by itself, and what it computes with them is as another draw has it.
    """
    if found.case.script != LAYER:
        return found, ()
    steps = [o.step(GIVING_WEIGHTS) for o in (found.reference, found.candidate)]
    if not any(step is not None and step.status is StepStatus.RAISED for step in steps):
        return found, ()
    differences = found.comparison.differences
    kept = tuple(d for d in differences if d.kind not in JUDGED)
    notes = tuple(
        f"{d.where}: not judged: a side refused the weights of the case."
        for d in differences
        if d.kind in JUDGED
    )
    return replace(found, comparison=replace(found.comparison, differences=kept)), notes


def has_nothing(inputs: Any) -> bool:
    """Whether what a case is fed is a batch of none: every array has no first element."""
    lengths = list(batches(inputs))
    return bool(lengths) and not any(lengths)


def batches(inputs: Any) -> Iterator[int]:
    """The length of the first axis of every array that is fed; a scalar and a literal count as one."""
    if isinstance(inputs, Mapping) and "$array" in inputs:
        yield (inputs.get("shape") or [1])[0]
    elif isinstance(inputs, Mapping | list):
        for inner in inputs.values() if isinstance(inputs, Mapping) else inputs:
            yield from batches(inner)


def status_of(settled: Settled) -> CaseStatus:
    """What a settled case counts as. Rounding explains nothing of what a target does not say twice alike."""
    if settled.differences:
        return CaseStatus.DIVERGE
    if settled.undecided or settled.unsteady:
        return CaseStatus.INCONCLUSIVE
    return CaseStatus.ROUNDING


def rounding_notes(settled: Settled) -> tuple[str, ...]:
    """What rounding explains, said out loud."""
    return tuple(f"{d.where}: rounding: {d.note}" for d in settled.rounding)


def truth(found: Found, spec: Spec | None) -> tuple[Mapping[str, Any], int, tuple[str, ...]]:
    """What the documentation says the steps hold, by step; the terms of the longest sum; notes."""
    case = found.case
    if not isinstance(case.feed, Mapping) or "inputs" not in case.feed:
        return {}, 1, ()
    parameters, inputs, call = recipes.drawn(case)
    values = chosen_weights(found.reference, found.candidate, case)
    terms = max(recipes.largest(inputs), recipes.largest(values), recipes.largest(call))
    if spec is None or spec.oracle is None or values is None:
        return {}, terms, ()
    out: dict[str, Any] = {}
    notes = []
    for training in (False, True):
        steps = [s for s, when in ORACLE_STEPS.items() if when is training and returned_somewhere(found, s)]
        if not steps:
            continue
        try:
            with np.errstate(all="ignore"):
                result = spec.oracle(
                    recipes.as_float64(inputs),
                    recipes.as_float64(values),
                    parameters,
                    training=training,
                    call=recipes.as_float64(call),
                )
        except NotCovered as reason:
            notes.append(f"the oracle does not cover this: {reason}")
        except Exception as error:
            notes.append(f"the oracle failed: {type(error).__name__}: {error}")
        else:
            out |= dict.fromkeys(steps, result)
    return out, terms, tuple(notes)


def terms_of(case: Case, one: Observation, two: Observation) -> int:
    """The terms of the longest sum, as `truth` has them, told by shapes alone: nothing is drawn."""
    if not isinstance(case.feed, Mapping) or "inputs" not in case.feed:
        return 1
    shapes: list[list[int]] = [fact["shape"] for fact in chosen_facts(one, two) or ()]
    return max([recipes.largest_fed(case), *map(math.prod, shapes)])


def returned_somewhere(found: Found, name: str) -> bool:
    """Whether either side has a result of this step."""
    steps = [o.step(name) for o in (found.reference, found.candidate) if o is not None]
    return any(s is not None and s.status is StepStatus.RETURNED for s in steps)


def chosen_weights(one: Observation, two: Observation | None, case: Case) -> list[Any] | None:
    """The weights the case gave both sides; None where they are not the same on both."""
    facts = chosen_facts(one, two)
    return None if facts is None else list(recipes.weights(facts, case.seed))


def chosen_facts(one: Observation, two: Observation | None) -> list[dict[str, Any]] | None:
    """What a subject said of weights that are the same on both sides; None where they are not."""
    facts = [weight_facts(o) for o in (one, two) if o is not None]
    shapes = [[(f["shape"], f["dtype"], "variance" in f["name"]) for f in side] for side in facts]
    return facts[0] if all(s == shapes[0] for s in shapes) else None


def weight_facts(observation: Observation) -> list[dict[str, Any]]:
    """What a subject said of its weights."""
    step = observation.step(WEIGHTS)
    value = step.value if step is not None and isinstance(step.value, list) else []
    known = [f for f in value if isinstance(f, dict) and f.get("shape") is not None and "name" in f]
    return known if len(known) == len(value) else []


def not_judged(case: Case, error: Exception) -> tuple[Judged, Fault]:
    """A case that we failed to judge: inconclusive, and a harness fault that says where we failed."""
    what = f"{case.address} could not be judged: {type(error).__name__}: {error}"
    evidence = "".join(traceback.format_exception(error))[-4000:]
    return (
        Judged(case, CaseStatus.INCONCLUSIVE, None, None, notes=(what,)),
        Fault("judging", what, evidence, "The observations are in the store; please report this.", 1),
    )


def said_once(judged: Sequence[Judged]) -> list[Judged]:
    """Judged cases in which a subject that one side lacks is a divergence once, at its first case.

    The other cases of that subject compared nothing, which is said of each.
    """
    out: list[Judged] = []
    told: set[tuple[str, str]] = set()
    for each in judged:
        outcomes = (each.reference, each.candidate)
        if outcomes.count(Outcome.MISSING) == 1 and any(d.path == CASE for d in each.divergences):
            side = "reference" if each.reference is Outcome.MISSING else "candidate"
            key = (each.case.subject, side)
            if key in told:
                note = f"the {side} does not have {each.case.subject}; said once, at the subject's first case"
                each = replace(each, status=CaseStatus.INCONCLUSIVE, divergences=(), notes=(note,))
            told.add(key)
        out.append(each)
    return out
