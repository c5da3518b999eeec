"""Every engine, on its real backend, against the NumPy references; and every target against itself.

What is allowed is what rounding explains (`harness.compare.ladder`); there is no tolerance here. A target
whose environment is not there is skipped with the reason and the way out; `nox -s tests` makes them all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness import environments, recipes
from harness.compare.ladder import Evidence, judge
from harness.compare.observations import compare
from harness.judging import weight_facts
from harness.model import Case, Observation, Outcome, StepStatus
from harness.pipeline import launch_of
from harness.run.performing import Assignment, Event, perform_all
from harness.run.wire import Sighting
from harness.specs.registry import spec_of
from harness.targets import Catalogue, load

Array = np.ndarray[Any, Any]

CATALOGUE: Catalogue = load()
TARGETS = list(dict.fromkeys(id for pair in CATALOGUE.pairs.values() for id in pair.targets))


def layer(subject: str, shape: list[int], **parameters: object) -> Case:
    """A case of a layer on normal numbers, with nothing left to defaults that Kerases disagree about."""
    feed = {"inputs": {"$array": True, "shape": shape, "dtype": "float32", "values": "normal"}}
    return Case(f"layers.{subject}", "layer", parameters, feed, limit=120.0)


CASES = [
    layer("Dense", [4, 5], units=3, activation="tanh"),
    layer("Conv2D", [2, 5, 6, 2], filters=3, kernel_size=2, padding="valid"),
    layer("LSTM", [2, 4, 3], units=2, activation="tanh", recurrent_activation="sigmoid"),
    layer("BatchNormalization", [4, 3], epsilon=0.01, momentum=0.9),
]
FURTHER = layer("Activation", [3, 4], activation="sigmoid")
DEPARTS = {
    (
        "keras-2.3.1-cntk",
        "layers.LSTM",
        None,
    ): "keras 2.3.1 on CNTK 2.7 computes another LSTM: `predict` does too",
    ("keras-2.3.1-tensorflow", "layers.BatchNormalization", "shadow"): (
        "keras 2.3.1 multiplies a float32 sample size into a float64 variance, and cannot build the layer"
    ),
    ("keras-2.3.1-theano", "layers.Conv2D", None): "keras on Theano turns kernels around: it convolves",
    ("keras-2.2.2-theano", "layers.Conv2D", None): "keras on Theano turns kernels around: it convolves",
    (
        "keras-2.2.2-tensorflow",
        "layers.Conv2D",
        "shadow",
    ): "a float64 input is cast to float32 for the convolution, its kernel is not: TypeError",
    (
        "keras-2.0.0-tensorflow",
        "layers.Conv2D",
        "shadow",
    ): "a float64 input is cast to float32 for the convolution, its kernel is not: TypeError",
    (
        "tf.contrib.keras-1.1",
        "layers.Conv2D",
        "shadow",
    ): "a float64 input is cast to float32 for the convolution, its kernel is not: TypeError",
}
"""Known departures of implementations, by target, subject and variant (None: all of them)."""
NO_GRADIENTS = frozenset({"openvino"})
"""Engines of backends that only infer."""
SHADOW, JITTERS = "shadow", ("jitter:1", "jitter:2")


@dataclass(frozen=True)
class Seen:
    """What one target did, by case hash: twice, each time in fresh processes."""

    target: str
    float64: bool
    first: dict[str, Observation]
    again: dict[str, Observation]

    def value(self, case: Case, step: str, variant: str | None = None) -> Any:
        """What a step of a case, or of a variant of it, returned."""
        observation = self.first[replace(case, variant=variant).hash]
        found = observation.step(step)
        assert found is not None, f"{case.address} has no step {step}: {observation}"
        assert found.status is StepStatus.RETURNED, (found.status, found.raised, found.reason)
        return found.value


def observed(target: str, cases: list[Case]) -> dict[str, Observation]:
    """Have cases performed; whatever is not an observation fails the test."""
    events: list[Event] = []
    launch = launch_of(CATALOGUE.target(target))
    perform_all([Assignment(launch, tuple(cases))], jobs=1, on_event=events.append)
    seen = {e.case_hash: e.unpack() for e in events if isinstance(e, Sighting)}
    assert seen.keys() == {c.hash for c in cases}, events
    return seen


@pytest.fixture(scope="module", params=TARGETS)
def seen(request: pytest.FixtureRequest) -> Seen:
    """Everything these tests ask of one target."""
    target = CATALOGUE.target(request.param)
    environment = environments.look(target)
    if environment.state is not environments.State.READY:
        pytest.skip(f"NOT RUN: {target.id}: {environment.reason}. {environment.fix}")
    float64 = target.float64 != "none"
    variants = [None, *JITTERS, *([SHADOW] if float64 else [])]
    first = observed(target.id, [replace(c, variant=v) for c in CASES for v in variants] + [FURTHER])
    return Seen(target.id, float64, first, observed(target.id, [*CASES, FURTHER]))


def expect_departure(request: pytest.FixtureRequest, seen: Seen, case: Case, variant: str | None) -> None:
    """Where a departure is known the test has to find it."""
    for known in (None, variant):
        reason = DEPARTS.get((seen.target, case.subject, known))
        if reason:
            request.applymarker(pytest.mark.xfail(reason=reason, strict=True))


def reference(case: Case, observation: Observation) -> tuple[Callable[..., Array], list[Array], Array]:
    """The oracle of a case as a function of weights and input, and what the case gives both."""
    spec = spec_of(case.subject, case.script)
    assert spec is not None
    assert spec.oracle is not None
    oracle = spec.oracle
    parameters, inputs, call = recipes.drawn(case)
    weights = recipes.as_float64(recipes.weights(weight_facts(observation), case.seed))

    def evaluate(weights: list[Array], inputs: Array) -> Array:
        return np.asarray(oracle(inputs, weights, parameters, training=False, call=call))

    return evaluate, weights, recipes.as_float64(inputs)


def terms(weights: list[Array], inputs: Array) -> int:
    """The number of terms of the longest sum."""
    return max(recipes.largest(inputs), recipes.largest(weights))


def slope(function: Callable[[Array], Array], at: Array) -> Array:
    """The gradient of sum(output * cotangent) in float64: central differences extrapolated to order four."""
    size = function(at).size
    cotangent = np.cos(1.0 + np.arange(size)).astype("float32").astype("float64")
    out = np.empty(at.size)
    for place in range(at.size):
        estimates = []
        for step in (1e-3, 5e-4):
            sides = []
            for sign in (1.0, -1.0):
                moved = at.copy()
                moved.flat[place] += sign * step
                sides.append(float(np.sum(function(moved).ravel() * cotangent)))
            estimates.append((sides[0] - sides[1]) / (2 * step))
        out[place] = (4 * estimates[1] - estimates[0]) / 3
    return out.reshape(at.shape)


def held(got: Array, truth: Array, evidence: Evidence) -> None:
    """`got` is apart from the truth by rounding and nothing else."""
    assert got.shape == truth.shape
    if np.array_equal(got, truth):
        return
    judgement = judge(got, truth, evidence)
    assert judgement.kind is None, judgement.reason
    assert not judgement.inconclusive, judgement.reason


@pytest.mark.real
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.subject)
def test_outputs_are_what_the_documentation_says(
    request: pytest.FixtureRequest, seen: Seen, case: Case
) -> None:
    """A layer's output, through the engine, is the reference's but for rounding."""
    expect_departure(request, seen, case, None)
    evaluate, weights, inputs = reference(case, seen.first[case.hash])
    jitters = tuple(seen.value(case, "forward", j) for j in JITTERS)
    truth = evaluate(weights, inputs)
    evidence = Evidence(jitters=(jitters, ()), oracle=truth, terms=terms(weights, inputs))
    held(seen.value(case, "forward"), truth, evidence)


@pytest.mark.real
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.subject)
def test_gradients_are_the_slopes_of_the_reference(
    request: pytest.FixtureRequest, seen: Seen, case: Case
) -> None:
    """Gradients for inputs and weights, through the engine, are those of the reference but for rounding.

    Where the backend has none, the observation is unsupported and says why.
    """
    if CATALOGUE.target(seen.target).engine in NO_GRADIENTS:
        step = seen.first[case.hash].step("gradients")
        assert step is not None
        assert (step.status, bool(step.reason)) == (StepStatus.UNSUPPORTED, True)
        return
    expect_departure(request, seen, case, None)
    evaluate, weights, inputs = reference(case, seen.first[case.hash])
    trainable = [i for i, f in enumerate(weight_facts(seen.first[case.hash])) if f["trainable"]]

    def with_weight(place: int) -> Callable[[Array], Array]:
        return lambda w: evaluate([*weights[:place], w, *weights[place + 1 :]], inputs)

    truths = [slope(lambda x: evaluate(weights, x), inputs)]
    truths += [slope(with_weight(i), weights[i]) for i in trainable]
    runs = [seen.value(case, "gradients", v) for v in (None, *JITTERS)]
    flat = [[*run["inputs"], *run["weights"]] for run in runs]
    for truth, got, *jitters in zip(truths, *flat, strict=True):
        evidence = Evidence(jitters=(tuple(jitters), ()), oracle=truth, terms=terms(weights, inputs))
        held(got, truth, evidence)


@pytest.mark.real
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.subject)
def test_a_shadow_is_computed_in_float64(request: pytest.FixtureRequest, seen: Seen, case: Case) -> None:
    """Where the table says a target computes in float64, its shadow is right to float64's last places."""
    if not seen.float64:
        pytest.skip("this target does not claim to compute in float64")
    expect_departure(request, seen, case, SHADOW)
    evaluate, weights, inputs = reference(case, seen.first[case.hash])
    shadow = seen.value(case, "forward", SHADOW)
    assert shadow.dtype == np.float64
    truth = evaluate(weights, inputs)
    held(shadow, truth, Evidence(oracle=truth, terms=terms(weights, inputs)))


@pytest.mark.real
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.subject)
def test_jitters_move_the_result(seen: Seen, case: Case) -> None:
    """A jittered rerun computes something else, and no two jitters the same."""
    results = [seen.value(case, "forward", v).tobytes() for v in (None, *JITTERS)]
    assert len(set(results)) == len(results)


@pytest.mark.real
def test_a_target_agrees_with_itself(seen: Seen) -> None:
    """The control: the same cases in fresh processes give no difference at all."""
    for case in (*CASES, FURTHER):
        one, two = seen.first[case.hash], seen.again[case.hash]
        assert one.outcome is Outcome.RETURNED
        assert compare(one, two).differences == ()


DRAWING = """
def numbers(case, context):
    import tensorflow as tf

    for step in ("first", "second"):
        context.record.run(step, "value", lambda: tf.random.normal([4], seed=5).numpy().tolist())


def quiet(case, context):
    import tensorflow as tf

    context.record.run("first", "value", lambda: tf.add(1.0, 2.0).numpy().tolist())
"""


@pytest.mark.real
def test_a_random_operation_begins_anew_in_every_case(seen: Seen, tmp_path: Path) -> None:
    """Random operations keep their state in prepared kernels; no case goes on where another left it."""
    launch = launch_of(CATALOGUE.target(seen.target))
    if launch.engine != "eager":
        pytest.skip("only the eager engine keeps kernels from case to case")
    script = tmp_path / "drawing.py"
    script.write_text(DRAWING)
    scripts = ("numbers", "quiet") * 2
    cases = [Case("random.normal", f"drawing:{s}", {"n": n}, {}) for n, s in enumerate(scripts)]
    events: list[Event] = []
    work = Assignment(replace(launch, extra_scripts=(script,)), tuple(cases))
    perform_all([work], jobs=1, on_event=events.append)
    first, _, second, _ = [e.unpack() for e in events if isinstance(e, Sighting)]
    values = [[step.value for step in o.steps] for o in (first, second)]
    assert values[0] == values[1]
    assert values[0][0] != values[0][1]
