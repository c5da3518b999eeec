"""Judging a whole comparison."""

import numpy as np
import pytest

from harness.compare.observations import compare
from harness.compare.settle import Side, needs_evidence, noise, settle
from harness.model import Kind, Observation, Outcome, Step, StepStatus

BASE = np.linspace(1, 2, 20).astype(np.float32)


def observed(**values):
    """An observation of numeric steps; a step called `config` holds a config."""
    steps = tuple(
        Step(name, Kind.CONFIG if name == "config" else Kind.VALUE, StepStatus.RETURNED, value)
        for name, value in values.items()
    )
    return Observation("hash", "target", Outcome.RETURNED, steps)


def settled(one, two, *, oracle=None, **evidence):
    """The pair judged with evidence by name: `shadows`, `jitters`, `repeats` (reference, candidate)."""
    empty = ((), ())
    sides = [
        Side(
            observation,
            shadow=evidence.get("shadows", (None, None))[i],
            jitters=evidence.get("jitters", empty)[i],
            repeats=evidence.get("repeats", empty)[i],
            asked_twice=evidence.get("asked_twice", empty)[i],
        )
        for i, observation in enumerate((one, two))
    ]
    return settle(compare(one, two), *sides, oracle=oracle or {}, terms=20)


def test_rounding_is_taken_out_and_meaning_stays():
    """Each numeric difference is judged by the evidence at its own path."""
    one = observed(forward=[BASE, BASE])
    two = observed(forward=[BASE * np.float32(1 + 1e-7), BASE * np.float32(1.1)])
    wide = BASE.astype(float)
    result = settled(one, two, shadows=(observed(forward=[wide, wide]), observed(forward=[wide, wide * 1.1])))
    assert [(d.path, d.kind) for d in result.differences] == [("[1]", Kind.VALUE)]
    assert [d.path for d in result.rounding] == ["[0]"]
    assert set(result.judgements) == {"forward[0]", "forward[1]"}
    assert "in float64" in result.differences[0].note


def test_the_oracle_is_looked_up_at_the_same_path():
    """The judgement knows who departs."""
    one, two = observed(forward={"outputs": [BASE]}), observed(forward={"outputs": [BASE * np.float32(1.1)]})
    wide = BASE.astype(float)
    result = settled(one, two, oracle={"forward": {"outputs": [wide]}}, jitters=((one,), (two,)))
    assert result.judgements["forward.outputs[0]"].departs == (False, True)


def test_without_evidence_a_numeric_difference_is_undecided_and_said():
    """Neither a divergence nor an agreement."""
    result = settled(observed(forward=BASE), observed(forward=BASE * np.float32(1.1)))
    assert (result.differences, len(result.undecided)) == ((), 1)
    assert "not judged" in result.notes[0]


def test_evidence_that_lacks_the_step_is_none():
    """A shadow that raised, or stopped before, proves nothing."""
    raised = Observation("h", "t", Outcome.RAISED, (Step("forward", Kind.VALUE, StepStatus.RAISED),))
    one, two = observed(forward=BASE), observed(forward=BASE * np.float32(1.1))
    assert len(settled(one, two, shadows=(raised, raised), jitters=((observed(),), ())).undecided) == 1


def test_what_rounding_cannot_explain_stands_unjudged():
    """Configs, shapes and strings pass through as they are."""
    one = observed(config={"a": 1}, forward=[np.ones(2), np.array(["x"])])
    two = observed(config={"a": 2}, forward=[np.ones(3), np.array(["y"])])
    result = settled(one, two)
    assert [d.kind for d in result.differences] == [Kind.CONFIG, Kind.SHAPE, Kind.VALUE]
    assert needs_evidence(result.differences) == ()


def test_zeros_of_another_sign_stand_and_need_no_evidence():
    """They are what they are."""
    one, two = observed(forward=np.array([0.0])), observed(forward=np.array([-0.0]))
    assert needs_evidence(compare(one, two).differences) == ()
    assert [d.kind for d in settled(one, two).differences] == [Kind.SPECIAL]


def test_special_values_are_judged_by_jitter():
    """NaN that one ulp brings about is rounding; any other stands as special."""
    one, two = observed(forward=np.array([1.0, np.nan])), observed(forward=np.array([1.0, 1.0]))
    assert [d.kind for d in settled(one, two).differences] == [Kind.SPECIAL]
    assert settled(one, two, jitters=((two,), (two,))).differences == ()


def test_a_target_that_differs_from_itself_is_noticed():
    """Noise names the steps and places where repeats differ, positions generalised."""
    first, second = observed(forward=[BASE], config={"a": 1}), observed(forward=[BASE * 2], config={"a": 1})
    found = noise(first, first, second)
    assert found.steps == ("forward",)
    assert found.places == {("forward", "[*]")}
    assert noise(first, first).steps == ()


def test_a_noisy_step_is_judged_by_its_own_spread():
    """What repeats of one side spread over is not held against the other, and it is said."""
    one, two = observed(forward=BASE), observed(forward=BASE * np.float32(1.02))
    shaken = observed(forward=BASE * np.float32(1.05))
    wide = BASE.astype(float)
    shadows = observed(forward=wide), observed(forward=wide * 1.02)
    result = settled(one, two, repeats=((shaken,), ()), shadows=shadows)
    assert result.differences == ()
    assert result.notes == ("forward: differs between repeats on one target; judged by its own spread.",)
    assert [d.kind for d in settled(one, two, repeats=((one,), (two,)), shadows=shadows).differences] == [
        Kind.VALUE
    ]


def test_a_jittered_rerun_that_is_not_the_same_twice_is_noise():
    """It tells how far the target strays by itself: what is farther stands, the rest is let go, and said."""
    one, near, far = (observed(forward=BASE * np.float32(by)) for by in (1, 1.01, 3))
    reruns = ((one, near),)
    kept = settled(one, near, asked_twice=(reruns, ()), repeats=((one,), (near,)))
    assert (kept.differences, kept.unsteady) == ((), ("forward",))
    stands = settled(one, far, asked_twice=(reruns, ()), repeats=((one,), (far,)))
    assert [d.kind for d in stands.differences] == [Kind.VALUE]
    steady = settled(one, near, asked_twice=(((near, near),), ()), jitters=((near,), (near,)))
    assert (steady.differences, steady.unsteady) == ((), ())


def test_a_difference_that_is_no_number_is_undecided_where_a_side_is_noisy():
    """A name that changes from run to run on one side cannot differ from the other's."""
    one, two, again = (
        observed(config={"name": "a"}),
        observed(config={"name": "b"}),
        observed(config={"name": "c"}),
    )
    result = settled(one, two, repeats=((again,), ()))
    assert (result.differences, len(result.undecided)) == ((), 1)
    assert any("differs between repeats" in note for note in result.notes)


@pytest.mark.parametrize(
    "attributes",
    [{"compute_dtype": "float16"}, {"outputs": [np.ones(2, np.float16)]}, {"compute_dtype": "bfloat16"}],
)
def test_what_is_computed_in_half_precision_is_rounded_as_such(attributes):
    """A float32 gradient under a mixed policy differs by float16's roundings, not by float32's."""
    near, far = BASE * np.float32(1 + 4e-4), BASE * np.float32(2)
    half = {"attributes": attributes}
    for gradient, stands, mixed in ((near, False, half), (far, True, half), (near, True, {})):
        one, two = (observed(gradients=g, words=np.array(["abc"]), **mixed) for g in (BASE, gradient))
        result = settled(one, two, jitters=((one,), (two,)))
        assert bool(result.differences) is stands
        assert bool(result.rounding) is not stands


@pytest.mark.parametrize("half", [{"compute_dtype": "float16"}, {"outputs": [np.ones(2, np.float16)]}])
def test_a_shadow_that_computes_in_half_precision_itself_is_none(half):
    """A layer asked for float16 rounds in its shadow as well, which then is one more rerun and no truth."""
    near, far = BASE * np.float32(1 + 4e-4), BASE * np.float32(2)
    for gradient, stands in ((near, False), (far, True)):
        seen = [observed(gradients=g, attributes=half) for g in (BASE, gradient)]
        shadows = tuple(observed(gradients=g.astype(float), attributes=half) for g in (BASE, gradient))
        for repeats in (((), ()), ((seen[0],), (seen[1],))):
            result = settled(*seen, shadows=shadows, repeats=repeats)
            assert bool(result.differences) is stands
            assert bool(result.rounding) is not stands
            assert "in float64" not in result.judgements["gradients"].reason


def test_gradients_do_not_tell_what_a_case_computes_in():
    """A layer in float64 that was fed float32 has float32 gradients, and is held to float64 all the same."""
    one, two = BASE.astype(float), BASE.astype(float) * (1 + 1e-9)
    for step, stands in (("gradients", True), ("state", False)):
        seen = [observed(forward=x, **{step: BASE}) for x in (one, two)]
        result = settled(*seen, repeats=((seen[0],), (seen[1],)))
        assert bool(result.differences) is stands


def test_what_float64_rounds_is_told_by_the_largest_number_of_the_shadow():
    """A sigmoid of one and a gradient of 1e-12: float64 rounds what is left of 1 - 1 as it rounds 1."""
    one = np.array([1.1e-12, 0.0], np.float32)
    two = np.array([np.nextafter(one[0], np.float32(1)), 0.0], np.float32)
    wide = one.astype(float)
    parted = wide + np.array([0.0, 8.4e-17])
    gradients = {"gradients": one}, {"gradients": two}
    for outputs, standing in ((np.ones(2), 0), (np.array([1e-12, np.inf]), 1)):
        shadows = observed(forward=[outputs], gradients=wide), observed(forward=[outputs], gradients=parted)
        result = settled(observed(**gradients[0]), observed(**gradients[1]), shadows=shadows)
        assert len(result.differences) == standing
