"""Arrays of a case outside a target have the very bits they have inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from harness import recipes
from harness.model import Case
from harness.plan import plan
from harness.run.launch import Launch
from harness.run.performing import Assignment, perform_all
from harness.run.wire import Sighting
from harness.specs import layers_attention, layers_core, layers_normalization, layers_preprocessing
from harness.worker.namespace import Maker

SPECS = [
    spec
    for module in (layers_core, layers_normalization, layers_attention, layers_preprocessing)
    for spec in module.SPECS
    if spec.script == "layer"
]


class Anything:
    """A namespace in which everything is there, and shows what it was made with."""

    __name__ = "anything"

    def __getattr__(self, name: str) -> Any:
        return Anything()

    def __call__(self, **parameters: Any) -> Any:
        return parameters

    def dtype(self, name: str) -> str:
        return name

    def ragged(self, rows: Any, dtype: str) -> Any:
        return rows


def inside(case: Case) -> list[Any]:
    """What the worker makes of a case, in the order of its layer script."""
    anything = Anything()
    make = Maker(anything, anything, anything, case.seed, case.variant)
    call = dict(case.feed.get("call", {}))
    parameters = make.parameters(case.parameters)
    adapts = make.value(call.pop("$adapt", None))
    inputs = case.feed["inputs"]
    made = make.value(inputs["$arguments"] if isinstance(inputs, dict) and "$arguments" in inputs else inputs)
    return [parameters, adapts, made, make.parameters(call)]


def arrays(structure: Any) -> list[np.ndarray[Any, Any]]:
    """The arrays of a structure, in its order."""
    if isinstance(structure, np.ndarray):
        return [structure]
    if isinstance(structure, dict):
        return [a for value in structure.values() for a in arrays(value)]
    return [a for value in structure for a in arrays(value)] if isinstance(structure, list | tuple) else []


@pytest.mark.parametrize("variant", [None, "shadow", "jitter:1", "jitter:2"])
def test_the_worker_and_the_oracle_see_the_same_bits(variant: str | None) -> None:
    """Every array of every case of these families, as it is, widened and moved."""
    seen = 0
    for case in plan(SPECS, seed=3)[::5]:
        case = replace(case, variant=variant)
        one = arrays(inside(case))
        parameters, inputs, call = recipes.drawn(case)
        adapts = call.pop("$adapt", None)
        two = arrays([parameters, adapts, inputs, call])
        assert [(a.dtype, a.shape) for a in one] == [(a.dtype, a.shape) for a in two]
        assert all(a.tobytes() == b.tobytes() for a, b in zip(one, two, strict=True) if a.dtype != object)
        seen += len(one)
    assert seen > 100


def test_a_target_computes_with_what_the_oracle_is_given(
    fake: Callable[..., Launch], dense: Callable[..., Case]
) -> None:
    """Inputs and weights drawn outside give, by hand, what the layer gave inside its process."""
    case = dense(3, seed=5)
    seen: list[Any] = []
    perform_all([Assignment(fake(), (case,))], jobs=1, on_event=seen.append)
    observation = next(e for e in seen if isinstance(e, Sighting)).unpack()
    facts, outputs = observation.step("weights"), observation.step("forward")
    assert facts is not None
    assert outputs is not None
    (kernel,) = recipes.weights(facts.value, case.seed)
    _, inputs, _ = recipes.drawn(case)
    np.testing.assert_array_equal(outputs.value, np.einsum("ij,jk->ik", inputs, kernel))


def test_tags_are_rebuilt_and_objects_stay() -> None:
    """Tuples become tuples, objects stay tagged with their arrays drawn, in the order of the worker."""
    array = {"$array": True, "shape": [2], "dtype": "float32"}
    plain = {"a": {"$tuple": [1, array]}, "b": {"$object": "x.Y", "parameters": {"c": array}}, "d": [array]}
    made = recipes.Drawer(1).value(plain)
    assert isinstance(made["a"], tuple)
    assert made["b"]["$object"] == "x.Y"
    drawn = [made["a"][1], made["b"]["parameters"]["c"], made["d"][0]]
    assert len({a.tobytes() for a in drawn}) == 3


def test_call_arguments_and_several_inputs_are_drawn_after_what_is_adapted_to() -> None:
    """The order is the worker's whatever the order of the keys."""
    array = {"$array": True, "shape": [2], "dtype": "float32"}
    case = Case(
        "layers.X",
        "layer",
        {},
        {"inputs": {"$arguments": [array, array]}, "call": {"mask": array, "$adapt": array}},
    )
    _, made, call = recipes.drawn(case)
    assert len(made) == 2
    assert set(call) == {"mask", "$adapt"}
    assert call["$adapt"].tobytes() == recipes.Drawer(0).value(array).tobytes()


def test_sizes_and_widening_reach_every_leaf() -> None:
    """The largest array counts, and only floating-point arrays are widened."""
    structure = {"a": [np.zeros((2, 3), "float16")], "b": (np.zeros(4, "int32"), "text")}
    assert recipes.largest(structure) == 6
    assert recipes.largest({}) == 1
    wide = recipes.as_float64(structure)
    assert wide["a"][0].dtype == np.float64
    assert wide["b"][0].dtype == np.int32
    assert wide["b"][1] == "text"
