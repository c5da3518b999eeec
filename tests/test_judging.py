"""Two targets held against each other on observations made up for the purpose."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness import judging
from harness.compare.observations import compare
from harness.compare.settle import Settled
from harness.errors import HarnessFault
from harness.judging import SHADOW, Contestant
from harness.model import Blame, Case, CaseStatus, Difference, Kind, Observation, Outcome
from harness.observing import Archive, key_of
from harness.plan import plan
from harness.run.launch import Launch
from harness.run.wire import Sighting
from harness.specs.declaration import Array, Feed, NotCovered, Spec
from harness.specs.registry import all_specs
from harness.store import Store

CASE = Case("layers.Twice", "layer", {}, {"inputs": {"$array": True, "shape": [3], "dtype": "float32"}})
SPEC = Spec(
    "layers.Twice", "x", "layer", (Feed("f", Array((3,))),), oracle=lambda inputs, *_, **__: inputs * 2
)


class Seen:
    """A store that observations are put into by hand."""

    def __init__(self, folder: Path, *, float64: bool = True) -> None:
        self.store = Store(folder / "s.sqlite")
        self.archive = Archive(self.store)
        self.sides = [
            Contestant(Launch(name, folder / name, "keras", "numpy", "numpy"), 0, float64)
            for name in ("one", "two")
        ]

    def put(self, side: int, body: bytes, outcome: Outcome = Outcome.RETURNED, **which: Any) -> None:
        """Keep one observation."""
        case = which.get("case", CASE)
        launch, repeat = self.sides[side].launch, which.get("repeat", 0)
        self.store.add(key_of(launch, case, repeat), Sighting(case.hash, launch.target, outcome, body))

    def evidence(self, side: int, shadow: Any, jitters: tuple[Any, Any], again: Any) -> None:
        """Keep what is performed for a closer look."""
        made = dict(zip((SHADOW, "jitter:1", "jitter:2"), (shadow, *jitters), strict=True))
        for case in judging.evidence_cases(CASE, ()):
            self.put(side, forward(made[case.variant or ""]), case=case)
        self.put(side, forward(again), repeat=1)

    def look(self) -> Any:
        """What a first look makes of the case."""
        return judging.first_look([CASE], self.archive, *self.sides)

    def judged(self, spec: Spec | None = SPEC) -> Any:
        """The case judged."""
        _, (open_case,) = self.look()
        return judging.judge(open_case.case, spec, self.archive, *self.sides, "pair")

    def found(self, case: Case = CASE) -> Any:
        """Both sides of a case, unpacked."""
        one, two = (self.archive.sighting(side.launch, CASE) for side in self.sides)
        assert one is not None
        assert two is not None
        return judging.looked_at(case, one, two)


def body(*steps: dict[str, Any], blob: bytes = b"") -> bytes:
    """The body of an observation."""
    return json.dumps(list(steps)).encode() + b"\0" + blob


def forward(value: Any) -> bytes:
    """An observation of outputs."""
    array = np.asarray(value)
    entry = {"$array": [array.dtype.name, list(array.shape), 0]}
    step = {"step": "forward", "kind": "value", "status": "returned", "value": entry}
    return body(step, blob=array.tobytes())


def drawn() -> Any:
    """The inputs of the case."""
    return judging.recipes.drawn(CASE)[1]


@pytest.fixture
def seen(tmp_path: Path) -> Seen:
    """An empty store and two sides."""
    return Seen(tmp_path)


def test_equal_observations_agree_without_being_unpacked(seen: Seen) -> None:
    """Bitwise equal payloads that say something are agreement at once."""
    for side in (0, 1):
        seen.put(side, body({"step": "a", "kind": "value", "status": "returned", "value": 1}))
    settled, open_cases = seen.look()
    assert [j.status for j in settled] == [CaseStatus.AGREE]
    assert not open_cases


@pytest.mark.parametrize("missing", [(0,), (1,), (0, 1)])
def test_what_was_not_observed_is_not_run(seen: Seen, missing: tuple[int, ...]) -> None:
    """A side without an observation is named; nothing is agreed."""
    for side in {0, 1} - set(missing):
        seen.put(side, body())
    settled, _ = seen.look()
    assert settled[0].status is CaseStatus.NOT_RUN
    for side, name in enumerate(("reference", "candidate")):
        assert (name in settled[0].notes[0]) == (side in missing)
        outcome = (settled[0].reference, settled[0].candidate)[side]
        assert outcome is (None if side in missing else Outcome.RETURNED)


def test_agreeing_on_nothing_is_not_agreement(seen: Seen) -> None:
    """Two sides that could observe nothing are inconclusive."""
    step = {"step": "a", "kind": "value", "status": "unsupported", "reason": "no gradients"}
    for side in (0, 1):
        seen.put(side, body(step), Outcome.UNSUPPORTED)
    settled, _ = seen.look()
    assert settled[0].status is CaseStatus.INCONCLUSIVE


def test_evidence_is_wanted_only_for_numbers(seen: Seen) -> None:
    """A config that differs needs no float64; values that differ are performed again, widened, moved."""
    for side in (0, 1):
        seen.put(side, body({"step": "a", "kind": "config", "status": "returned", "value": side}))
    _, open_cases = seen.look()
    assert all(not w.cases for w in judging.evidence_wanted(open_cases, *seen.sides))
    assert seen.judged().status is CaseStatus.DIVERGE


def test_no_float64_is_asked_of_a_target_that_has_none(tmp_path: Path) -> None:
    """A shadow is performed only where it is known to be one; without two of them, jitters are, twice."""
    for float64, count in ((True, 1), (False, 2)):
        seen = Seen(tmp_path / str(float64), float64=float64)
        seen.put(0, forward(np.float32([1])))
        seen.put(1, forward(np.float32([2])))
        _, open_cases = seen.look()
        wanted = judging.evidence_wanted(open_cases, *seen.sides)
        again = 1 if float64 else 3  # the case, and each jitter
        assert [len(w.cases) for w in wanted] == [count, count, again, again]
        assert [w.repeat for w in wanted] == [0, 0, 1, 1]


def test_a_last_bit_that_float64_does_not_know_is_rounding(seen: Seen) -> None:
    """Equal shadows and a band as wide as the difference: rounding, said out loud, no divergence."""
    right = drawn() * 2
    moved = np.nextafter(right, np.float32(np.inf))
    seen.put(0, forward(right))
    seen.put(1, forward(moved))
    wide = right.astype(float)
    seen.evidence(0, wide, (np.nextafter(right, np.float32(9)), right), right)
    seen.evidence(1, wide, (np.nextafter(moved, np.float32(9)), moved), moved)
    judged = seen.judged()
    assert judged.status is CaseStatus.ROUNDING
    assert not judged.divergences
    assert any("rounding" in note for note in judged.notes)


def test_a_graph_is_asked_oftener(tmp_path: Path) -> None:
    """What a race decides falls the same way twice in every second case: four repeats are made and count."""
    seen = Seen(tmp_path, float64=True)
    seen.sides[0] = replace(seen.sides[0], launch=replace(seen.sides[0].launch, engine="graph"))
    right = drawn() * 2
    wide = right.astype(float)
    for side, factor in ((0, 1), (1, np.float32(1.5))):
        seen.put(side, forward(right * factor))
        seen.evidence(side, wide * factor, (right * factor, right * factor), right * factor)
    _, open_cases = seen.look()
    wanted = judging.evidence_wanted(open_cases, *seen.sides)
    assert [(w.launch.target, w.repeat) for w in wanted if w.cases] == [
        ("one", 0), ("two", 0), ("one", 1), ("one", 2), ("one", 3), ("one", 4), ("two", 1),
    ]  # fmt: skip
    assert seen.judged().status is CaseStatus.DIVERGE
    for times in (2, 3):
        seen.put(0, forward(right), repeat=times)
    assert seen.judged().status is CaseStatus.DIVERGE
    seen.put(0, forward(right * np.float32(1.5)), repeat=4)
    assert seen.judged().status is CaseStatus.INCONCLUSIVE
    launches = {side.launch.target: side.launch for side in seen.sides}
    seen.archive = Archive(seen.store, lambda launch, *of: key_of(launches[launch.target], *of))
    seen.sides[0] = replace(seen.sides[0], launch=replace(seen.sides[0].launch, engine=""))
    assert seen.judged().status is CaseStatus.INCONCLUSIVE  # read from the store alone, as `report` does


def test_a_band_that_a_target_does_not_show_twice_is_not_roundings(tmp_path: Path) -> None:
    """A rerun that falls otherwise when it is asked again makes a case inconclusive: it is a race, no band.

    The case itself fell the same way both times, by chance: its repeat shows nothing.
    """
    right = drawn() * 2
    other = right + np.float32(0.001)
    for again, status in ((right, CaseStatus.INCONCLUSIVE), (other, CaseStatus.ROUNDING)):
        seen = Seen(tmp_path / str(status), float64=False)
        for side, value in enumerate((right, other)):
            seen.put(side, forward(value))
            seen.evidence(side, value, (other, right), value)
        for side in (0, 1):
            _, first, second = judging.evidence_cases(CASE, ())
            seen.put(side, forward(again if side == 0 else other), case=first, repeat=1)
            seen.put(side, forward(right), case=second, repeat=1)
        judged = seen.judged()
        assert judged.status is status
        assert not judged.divergences
        told = "differs between repeats on one target" in " ".join(judged.notes)
        assert told == (status is CaseStatus.INCONCLUSIVE)


def test_the_oracle_says_who_departs(seen: Seen) -> None:
    """Values that differ in float64 too are a divergence, blamed on the side the oracle contradicts."""
    right = drawn() * 2
    wrong = right + np.float32(0.5)
    seen.put(0, forward(right))
    seen.put(1, forward(wrong))
    seen.evidence(0, right.astype(float), (right, right), right)
    seen.evidence(1, wrong.astype(float), (wrong, wrong), wrong)
    judged = seen.judged()
    assert judged.status is CaseStatus.DIVERGE
    assert [d.kind for d in judged.divergences] == [Kind.VALUE]
    assert judged.divergences[0].blame is Blame.CANDIDATE


@pytest.mark.parametrize(
    ("error", "note"),
    [
        (NotCovered("ragged"), "does not cover this: ragged"),
        (ZeroDivisionError("0"), "failed: ZeroDivisionError"),
    ],
)
def test_an_oracle_that_cannot_say_is_quoted(seen: Seen, error: Exception, note: str) -> None:
    """What the oracle does not describe, and an oracle that breaks, are notes; blame stays unknown."""

    def oracle(*_: Any, **__: Any) -> Any:
        raise error

    seen.put(0, forward(np.float32([1, 2, 3])))
    seen.put(1, forward(np.float32([1, 2, 4])))
    judged = seen.judged(Spec("layers.Twice", "x", "layer", SPEC.feeds, oracle=oracle))
    assert any(note in n for n in judged.notes)
    assert all(d.blame is Blame.UNKNOWN for d in judged.divergences)


def test_weights_that_differ_leave_the_oracle_out(seen: Seen) -> None:
    """An oracle is asked only where both sides were given the same weights."""

    def observed(shape: list[int], value: float) -> bytes:
        fact = {"name": "kernel", "shape": shape, "dtype": "float32", "trainable": True}
        return body(
            {"step": "weights", "kind": "names and order", "status": "returned", "value": [fact]},
            {"step": "forward", "kind": "value", "status": "returned", "value": value},
        )

    seen.put(0, observed([2], 1.0))
    seen.put(1, observed([3], 2.0))
    found = seen.found()
    assert judging.truth(found, SPEC)[0] == {}
    assert judging.chosen_weights(found.reference, found.candidate, CASE) is None


def observed_weights(*shapes: list[int]) -> Observation:
    """An observation of nothing but weights."""
    facts = [{"name": "w", "shape": shape, "dtype": "float32", "trainable": True} for shape in shapes]
    step = {"step": "weights", "kind": "names and order", "status": "returned", "value": facts}
    return Sighting(CASE.hash, "one", Outcome.RETURNED, body(step)).unpack()


def test_terms_are_told_without_drawing_anything() -> None:
    """By shapes alone: as many as there are when inputs, weights and arguments are drawn."""
    array = {"$array": "float32", "shape": [2, 3]}
    feeds: list[Any] = [
        None,
        {},
        {"inputs": array},
        {"inputs": {"$array": "float32", "shape": [0, 4]}},
        {"inputs": {"$array": "float32", "literal": [[1.0, 2.0], [3.0, 4.0]]}},
        {"inputs": {"$array": "string", "dtype": "string", "literal": ["a", "b", "c"]}},
        {"inputs": [array, {"$tuple": [array, {"$array": "float32", "shape": []}]}]},
        {"inputs": {"$arguments": [{"a": array, "b": 7}]}},
        {"inputs": {"$object": "layers.Dense", "shape": [9], "parameters": {"kernel": array}}},
        {"inputs": 1.0, "call": {"mask": {"$array": "bool", "shape": [5, 5]}, "$adapt": array}},
    ]
    weights: list[tuple[list[int], ...]] = [(), ([],), ([4, 8], [8])]
    planned = plan(all_specs(), profile="quick")[::50]
    cases = [*(replace(CASE, feed=feed) for feed in feeds), *planned]
    terms = set()
    for case in cases:
        for one in weights:
            for two in weights:
                sides = observed_weights(*one), observed_weights(*two)
                found = judging.Found(case, *sides, compare(*sides))
                terms.add(judging.terms_of(case, *sides))
                assert judging.terms_of(case, *sides) == judging.truth(found, None)[1], case.address
    assert {1, 4, 6, 25, 32} <= terms


def test_a_program_has_no_arrays_of_its_own(seen: Seen) -> None:
    """A case that is fed nothing is judged without an oracle."""
    for side in (0, 1):
        seen.put(side, body({"step": "a", "kind": "config", "status": "returned", "value": side}))
    assert judging.truth(seen.found(Case("Model.fit", "own:f", {}, None)), None) == ({}, 1, ())


def test_an_observation_that_is_gone_is_a_fault(seen: Seen) -> None:
    """A store that loses what a run relies on ends the run; nothing is judged by half."""
    seen.put(0, body())
    with pytest.raises(HarnessFault, match="not in the store any more"):
        judging.judge(CASE, SPEC, seen.archive, *seen.sides, "pair")


def test_a_symbol_that_is_missing_is_said(seen: Seen) -> None:
    """Missing on one side is a divergence of its own kind."""
    seen.put(0, forward(np.float32([1])))
    seen.put(1, body(), Outcome.MISSING)
    judged = seen.judged()
    assert judged.status is CaseStatus.DIVERGE
    assert judged.candidate is Outcome.MISSING


def test_a_subject_that_one_side_lacks_is_said_once(seen: Seen) -> None:
    """The first case says that it is missing; the others compared nothing, and say so."""
    seen.put(0, forward(np.float32([1])))
    seen.put(1, body(), Outcome.MISSING)
    judged = seen.judged()
    other = replace(judged, case=replace(CASE, subject="layers.Other"))
    first, second, third = judging.said_once([judged, judged, other])
    assert first.divergences == judged.divergences
    assert second.status is CaseStatus.INCONCLUSIVE
    assert not second.divergences
    assert "the candidate does not have layers.Twice" in second.notes[0]
    assert third.divergences


def test_what_a_target_does_not_say_twice_alike_is_not_rounding() -> None:
    """A case whose repeats differ is inconclusive; only a steady one may be rounding."""
    difference = Difference("a", Kind.VALUE, "", 1.0, 2.0)
    settled = Settled((), {}, rounding=(difference,))
    assert judging.status_of(settled) is CaseStatus.ROUNDING
    assert judging.status_of(replace(settled, unsteady=("a",))) is CaseStatus.INCONCLUSIVE


@pytest.mark.parametrize("refusing", [(0, 1), (0,), (1,)])
def test_numbers_of_weights_that_were_drawn_are_not_judged(seen: Seen, refusing: tuple[int, ...]) -> None:
    """A side that refused the weights of the case computed with its own: that is said, and no difference."""
    raised = {"type": "TypeError", "bases": ["TypeError"], "message": "bfloat16?", "traceback": ""}
    refused = {"step": "set_weights", "kind": "structure", "status": "raised", "raised": raised}
    for side, value in enumerate((1.0, 2.0)):
        array = np.float32([value])
        entry = {"$array": ["float32", [1], 0]}
        steps = [{"step": "forward", "kind": "value", "status": "returned", "value": entry}]
        given = [refused] if side in refusing else []
        seen.put(side, body(*given, *steps, blob=array.tobytes()))
    judged = seen.judged()
    assert not [d for d in judged.divergences if d.kind is Kind.VALUE]
    assert "forward: not judged: a side refused the weights of the case." in judged.notes
    assert judged.status is (CaseStatus.INCONCLUSIVE if len(refusing) == 2 else CaseStatus.DIVERGE)


def test_a_program_in_which_giving_weights_fails_is_judged(seen: Seen) -> None:
    """Only a layer draws its weights by itself: elsewhere a step of that name is what the case is about."""
    raised = {"type": "ValueError", "bases": ["ValueError"], "message": "shape", "traceback": ""}
    refused = {"step": "set_weights", "kind": "structure", "status": "raised", "raised": raised}
    entry = {"$array": ["float32", [1], 0]}
    after = {"step": "weights", "kind": "value", "status": "returned", "value": entry}
    for side, value in enumerate((1.0, 2.0)):
        seen.put(side, body(refused, after, blob=np.float32([value]).tobytes()))
    assert judging.without_drawn(seen.found())[1]
    found = seen.found(replace(CASE, script="scenarios_models:wrong_weights"))
    assert judging.without_drawn(found) == (found, ())


def test_gradients_of_a_batch_of_none_are_not_judged(seen: Seen) -> None:
    """They are memory nobody wrote: left out and said, the case inconclusive; other steps still count."""
    none = {"inputs": [{"$array": True, "shape": [0, 3], "dtype": "float32"}]}
    case = replace(CASE, feed=none)

    def observed(gradient: float, output: float) -> bytes:
        return body(
            {"step": "config", "kind": "config", "status": "returned", "value": output},
            {"step": "gradients", "kind": "value", "status": "returned", "value": {"weights": [gradient]}},
        )

    for outputs, status in (((1.0, 1.0), CaseStatus.INCONCLUSIVE), ((1.0, 2.0), CaseStatus.DIVERGE)):
        seen.put(0, observed(7.8e29, outputs[0]), case=case)
        seen.put(1, observed(0.5, outputs[1]), case=case)
        one, two = (seen.archive.sighting(side.launch, case) for side in seen.sides)
        assert one is not None
        assert two is not None
        found = judging.looked_at(case, one, two)
        judged = judging.judge_found(found, None, seen.archive, *seen.sides, "pair")
        assert judged.status is status
        assert "gradients.weights[0]: not judged" in " ".join(judged.notes)
        assert {d.differences[0].step for d in judged.divergences} <= {"config"}
        case = replace(case, seed=1)


@pytest.mark.parametrize(
    ("inputs", "nothing"),
    [
        ({"$array": True, "shape": [0, 3]}, True),
        ({"a": [{"$array": True, "shape": [0]}, {"$array": True, "shape": [0, 2]}]}, True),
        ([{"$array": True, "shape": [0, 3]}, {"$array": True, "shape": [2, 3]}], False),
        ({"$array": True, "shape": [2, 0]}, False),
        ({"$array": True, "shape": [2, 3]}, False),
        ({"$array": True, "literal": [0]}, False),
        ({"shape": 5}, False),
        ({"shape": [0]}, False),
        (None, False),
    ],
)
def test_only_a_batch_of_none_is_nothing(inputs: Any, nothing: bool) -> None:
    """A shape that is an argument, as an initializer takes one, is no array that is fed."""
    assert judging.has_nothing(inputs) is nothing
