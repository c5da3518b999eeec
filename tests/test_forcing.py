"""A layer planted with a fault is named as the one in which two models part."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from harness import environments, forcing, pipeline, targets
from harness.model import (
    Case,
    CaseStatus,
    Difference,
    Divergence,
    Judged,
    Kind,
    Observation,
    Outcome,
    Severity,
    Size,
    Step,
    StepStatus,
)
from harness.request import Request
from harness.screen import Screen
from harness.specs.declaration import plain
from harness.specs.graphs import feed as feed_of
from harness.specs.graphs import from_seed
from harness.store import Store

GRAPH = {
    "inputs": [[2]],
    "nodes": [
        {"layer": "Dense", "parameters": {"units": 2}, "from": [0]},
        {"shares": 0, "from": [1]},
        {"layer": "Masking", "parameters": {}, "from": [2]},
        {"layer": "Activation", "parameters": {}, "from": [3]},
        {"model": {"inputs": [[2]], "nodes": [{"layer": "Masking", "from": [0]}]}, "from": [2]},
        {"layer": "ReLU", "parameters": {}, "from": [5]},
    ],
    "outputs": [4, 6],
}
CASE = Case(
    "Model",
    "graph",
    {},
    {"inputs": [{"$array": True, "shape": [3, 2], "dtype": "float32"}], "call": {"$graph": GRAPH}},
)
LABELS = ["0 Dense", "1 Dense again", "2 Masking", "3 Activation", "4 Model", "5 ReLU"]

FAULTS = (
    ("Dense", 12), ("LSTM", 44), ("Add", 1), ("BatchNormalization", 5), ("Activation", 16),
    ("RepeatVector", 0), ("Conv1D", 22), ("Average", 4), ("Reshape", 10), ("Flatten", 2),
    ("Maximum", 12), ("Concatenate", 7),
    ("SimpleRNN", 52), ("ZeroPadding1D", 2), ("TimeDistributed", 0), ("GRU", 7), ("Multiply", 14),
    ("Bidirectional", 7), ("Permute", 24), ("MaxPooling1D", 18),
)  # fmt: skip
"""Layers of a corpus graph that a fault is planted in, and the seeds of the graphs."""
ALWAYS = 3
"""How many of them every test run tries; `HARNESS_ALL_FAULTS` asks for all."""

PRELUDE = """
import inspect
import tensorflow as tf
import tf_keras
cls = tf_keras.layers.{layer}
right = cls.call
def call(self, *args, **named):
    return right(self, *args, **named) * 1.125
call.__signature__ = inspect.signature(right)  # Keras passes on what `call` names
cls.call = tf.autograph.experimental.do_not_convert(call)  # else AutoGraph rewrites it, slowly
"""
LEAKING = """
import inspect
import tensorflow as tf
import tf_keras
cls = tf_keras.layers.Conv2D
right = cls.call
def call(self, *args, **named):
    given = right(self, *args, **named)
    return given + 0.125 * (given - tf.stop_gradient(given))  # the same values, another gradient
call.__signature__ = inspect.signature(right)
cls.call = tf.autograph.experimental.do_not_convert(call)
"""
FORGETFUL = """
import tensorflow as tf
import tf_keras
cls = tf_keras.optimizers.Adam
right = cls.update_step
def update_step(self, gradient, variable):
    late = tf.cast(self.iterations > 0, gradient.dtype)
    return right(self, gradient * (1.0 + 0.125 * late), variable)
cls.update_step = update_step
"""
TABLE = """
[[target]]
id = "faulty"
base = "tf.keras-2.21"
prelude = "fault.py"
"""


def observed(**values: object) -> Observation:
    """A reference that computed the inner values of a graph."""
    steps = tuple(Step(n, Kind.VALUE, StepStatus.RETURNED, v) for n, v in values.items())
    return Observation("h", "t", Outcome.RETURNED, steps)


def diverging(*sizes: tuple[str, float], case: Case = CASE) -> Judged:
    """A judged case in which steps differ by so much."""
    found = tuple(
        Difference(step, Kind.VALUE, "", 0.0, size, size=Size(size, 1.0, 1.0, 1, 1, 1.0))
        for step, size in sizes
    )
    one = Divergence("i", "p", "Model", case, Kind.VALUE, Severity.NUMBERS, "forward", found, "f", "s")
    return Judged(case, CaseStatus.DIVERGE, None, None, (one,) if found else ())


def forced() -> forcing.Forced:
    """The graph with its nodes fed alike."""
    inner = {name: np.full((3, 2), place, np.float32) for place, name in enumerate(LABELS)}
    made = forcing.forced(diverging(("forward", 4.0)), observed(inner=inner))
    assert made is not None
    return made


def test_every_node_is_fed_what_the_reference_computed() -> None:
    """A node's inputs are the arrays its sources had, exact; what may carry a mask is left out, by name."""
    case = forced()
    given = case.case.feed["call"]["$inputs"]
    assert sorted(given) == ["0", "1", "2", "4"]
    assert given["2"] == [{"$array": True, "dtype": "float32", "literal": [[1.0, 1.0]] * 3}]
    assert np.asarray(given["0"][0]["literal"]).shape == (3, 2)
    assert case.left_out == ("3 Activation", "5 ReLU")
    assert case.case.script == forcing.FORCED


def test_a_graph_that_was_not_computed_is_not_traced() -> None:
    """Without every inner value of the reference there is nothing to feed."""
    whole = diverging(("forward", 1.0))
    assert forcing.forced(whole, observed()) is None
    assert forcing.forced(whole, observed(inner={"0 Dense": 1.0})) is None


def test_only_graphs_whose_numbers_differ_are_traced() -> None:
    """Another script, or a graph that differs in nothing but its structure, is left alone."""
    assert forcing.is_traceable(diverging(("forward", 1.0)))
    assert not forcing.is_traceable(diverging())
    other = Case("Model", "layer", {}, {})
    assert not forcing.is_traceable(diverging(("forward", 1.0), case=other))


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        (
            (("1 Dense again", 2.0), ("4 Model", 1.0)),
            "Node `1 Dense again` introduces a difference of 2, which",
        ),
        (
            (("10 Add", 1.0), ("2 Masking", 8.0)),
            "Node `2 Masking` introduces a difference of 8, which is 0.5 times",
        ),
        ((), "`3 Activation`, `5 ReLU` could not be fed alone"),
    ],
)
def test_the_first_node_that_differs_is_the_origin(sizes: tuple[tuple[str, float], ...], said: str) -> None:
    """It is named with what later layers make of it; where none differs, what was not fed is named."""
    case = forced()
    whole, untouched = forcing.with_origins(
        [case.whole, diverging()], [case], {case.case.hash: diverging(*sizes)}
    )
    assert said in whole.divergences[0].origin
    assert untouched == diverging()


def test_nodes_that_all_agree_leave_how_they_are_joined() -> None:
    """Where every node was fed alike and none differs, the graph itself is to blame."""
    case = forcing.Forced(diverging(("forward", 1.0)), CASE, ())
    assert "how they are joined" in forcing.origin(case, diverging())


@pytest.mark.real
@pytest.mark.parametrize(
    ("layer", "seed"), FAULTS if os.environ.get("HARNESS_ALL_FAULTS") else FAULTS[:ALWAYS], ids=str
)
def test_a_planted_fault_is_traced_to_its_layer(layer: str, seed: int, tmp_path: Path) -> None:
    """A layer made to give an eighth too much, somewhere in a graph, is the node that is named."""
    graph = from_seed(seed)
    origin = found(PRELUDE.format(layer=layer), seed, tmp_path)
    place = next(i for i, node in enumerate(graph["nodes"]) if node.get("layer") == layer)
    assert origin.startswith(f"Node `{place} {layer}` introduces"), origin


@pytest.mark.real
def test_a_gradient_planted_in_a_layer_is_traced_backwards_to_its_weights(tmp_path: Path) -> None:
    """Outputs and losses are right, and layers before it get a wrong gradient too: it is named, not they."""
    origin = found(LEAKING, 10, tmp_path)
    assert "the first gradient that differs is of weight 0 of node `1 Conv2D`" in origin
    for optimizer, what in (("SGD", "weight 0"), ("Adam", "the momentum of weight 0")):
        assert f"Training by {optimizer} parts in step 1: first in {what} of node `1 Conv2D`." in origin


@pytest.mark.real
def test_a_fault_planted_in_an_optimizer_is_traced_to_its_step_and_slot(tmp_path: Path) -> None:
    """An Adam that goes wrong in its second step parts there, in what it keeps; nothing else does."""
    origin = found(FORGETFUL, 10, tmp_path)
    assert origin.startswith(
        "Training by Adam parts in step 2: first in the momentum of weight 0 of node `"
    ), origin
    assert "after step 2" in origin
    assert "after step 3" in origin
    assert "SGD" not in origin


def found(fault: str, seed: int, folder: Path) -> str:
    """Where a Keras with a planted fault parts from itself, in the graph of a seed."""
    (folder / "fault.py").write_text(fault)
    (folder / "faulty.toml").write_text(TABLE)
    catalogue = targets.load(folder / "faulty.toml")
    sides = catalogue.target("tf.keras-2.21"), catalogue.target("faulty")
    if environments.look(sides[0]).state is not environments.State.READY:
        pytest.skip("tf.keras-2.21 has not been made")
    fed = feed_of(f"graph {seed}", from_seed(seed), trains=True)
    case = Case("Model", "graph", {}, {"inputs": plain(fed.inputs), "call": plain(fed.call)})
    pair = catalogue.pair_of(name=None, reference="tf.keras-2.21", candidate="faulty")
    request = Request(pair, *sides, jobs=2, extra_specs=())
    with Store(folder / "s.sqlite") as store, Screen().silence() as progress:
        return traced(case, request, store, progress)


def traced(case: Case, request: Request, store: Store, progress: pipeline.Progress) -> str:
    """Where the two sides of a request part in a graph."""
    faults: list[object] = []
    sides = [
        pipeline.ready_contestant(t, request, i) for i, t in enumerate((request.reference, request.candidate))
    ]
    observer = pipeline.Observer(store, jobs=2, progress=progress)
    observer.observe([pipeline.Wanted(s.launch, (case,), s.repeat) for s in sides], "cases")
    closer = {"gather": lambda wanted: observer.observe(wanted, "evidence"), "faults": faults}
    judged = pipeline.judge_all([case], observer, *sides, "pair", **closer)  # type: ignore[arg-type]
    (told,) = pipeline.traced(judged, observer, *sides, "pair", **closer)  # type: ignore[arg-type]
    assert not faults
    return next(d.origin for d in told.divergences if d.origin)
