"""Calls of upstream's tests made into cases."""

import pytest

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec
from harness.upstream.adopting import NotOurs, adopt, fed, gap_of, ours
from harness.upstream.facts import Fact, Program

SPEC = Spec(
    subject="layers.Dense",
    family="layers",
    script="layer",
    parameters=(Parameter("units", (3,)), Parameter("activation", (OMIT, "relu"))),
    feeds=(Feed("plain", Array((2, 3), values="uniform")),),
)
METRIC = Spec(
    subject="metrics.Mean", family="metrics", script="metric", feeds=(Feed("plain", [[Array((2,))]]),)
)


def tensor(*shape, dtype="float32", form="dense"):
    """An array read from a test."""
    return {"$array": True, "shape": list(shape), "dtype": dtype, "form": form}


def fact(role, name, value, subject="layers.Dense"):
    """A fact outside our domains."""
    return Fact(subject, role, name, value, "keras-team/keras", "a_test.py")


def program(inputs=None, call=None, subject="layers.Dense", **parameters):
    """A call of a test."""
    return Program(subject, parameters, inputs, call or {}, "keras-team/keras", "a_test.py")


def test_the_fewest_calls_that_close_the_gaps_become_cases():
    """With what they pass together; a required argument that is computed is taken from the spec."""
    outside = [fact("parameter", "activation", "tanh"), fact("input", "", tensor(2, 3, 4))]
    both = program(tensor(2, None, 4), activation="tanh", units={"$opaque": "computed"})
    adopted = adopt(outside, [program(activation="tanh"), both, program(subject="layers.Other")], [SPEC])
    assert len(adopted) == 1
    (one,) = adopted
    assert one.case.parameters == {"units": 3, "activation": "tanh"}
    assert one.case.feed["inputs"] == {
        "$array": True,
        "dtype": "float32",
        "shape": [2, 3, 4],
        "values": "uniform",
    }
    assert one.case.observe == ("brief",)
    assert one.closes == {gap_of(f) for f in outside}


def test_what_cannot_be_fed_leaves_our_own_feed():
    """The parameters are tried all the same; a call that closes nothing is not taken."""
    outside = [fact("parameter", "activation", "tanh"), fact("input", "", tensor(2, 3, form="sparse"))]
    (one,) = adopt(
        outside, [program(tensor(2, 3, form="sparse"), activation="tanh"), program(units=4)], [SPEC]
    )
    assert one.case.feed["inputs"]["values"] == "uniform"
    assert (
        adopt(
            [fact("input", "", tensor(2, 3, form="sparse"))], [program(tensor(2, 3, form="sparse"))], [SPEC]
        )
        == []
    )


def test_a_metric_is_fed_one_update_and_a_layer_what_its_call_takes():
    """`update_state` of one array; a mask; nothing positional."""
    weight = fact("call", "sample_weight", 2.5, "metrics.Mean")
    (one,) = adopt([weight], [program(tensor(2), {"sample_weight": 2.5}, "metrics.Mean")], [METRIC])
    assert one.case.feed["call"] == {"sample_weight": 2.5}
    assert len(one.case.feed["inputs"][0]) == 1
    masked = fact("call", "mask", tensor(2, dtype="bool"))
    (one,) = adopt([masked], [program(None, {"mask": tensor(2, dtype="bool"), "training": True})], [SPEC])
    assert one.case.feed["call"]["mask"]["values"] == "bools"
    assert "training" not in one.case.feed["call"]


def test_what_our_cases_pass_by_position_is_taken_by_any_name():
    """A look-up whose argument has a name of its own in each implementation; nothing is passed twice."""
    spec = Spec(
        "optimizers.serialize", "optimizers", "lookup", (Feed("x", None),), (Parameter("$first", (1,)),)
    )
    outside = [fact("parameter", "optimizer", "adam", "optimizers.serialize")]
    (one,) = adopt(outside, [program(subject="optimizers.serialize", optimizer="adam")], [spec])
    assert one.case.parameters == {"$first": "adam"}
    assert one.closes == {gap_of(outside[0])}


def test_a_list_of_cells_is_not_made_stateful():
    """Its states nest."""
    cells = [{"$object": "layers.GRUCell", "parameters": {"units": 2}}] * 2
    spec = Spec("layers.RNN", "layers", "layer", SPEC.feeds, (Parameter("cell", (1,)),))
    outside = [fact("parameter", "cell", cells, "layers.RNN")]
    (one,) = adopt(outside, [program(subject="layers.RNN", cell=cells, stateful=True)], [spec])
    assert one.case.parameters == {"cell": cells}


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        ([1, {"$tuple": [2]}], "x", [1, {"$tuple": [2]}]),
        ({"$function": "lambda"}, "kernel_constraint", {"$function": "double"}),
        ({"$attribute": "tensorflow.float32"}, "dtype", "float32"),
        ({"$attribute": "activations.relu"}, "activation", {"$attribute": "activations.relu"}),
        (
            {"$object": "layers.Dense", "parameters": {"units": 1}},
            "layer",
            {"$object": "layers.Dense", "parameters": {"units": 1}},
        ),
        (tensor(2), "mean", {"$array": True, "dtype": "float32", "shape": [2], "values": "normal"}),
    ],
)
def test_a_value_is_taken_over_as_one_of_ours(value, name, expected):
    """A function of the test becomes one the case scripts have."""
    assert ours(value, name) == expected


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({"$opaque": "computed"}, "units"),
        ({"$float": "inf"}, "units"),
        ({"$function": "class"}, "activation"),
        ({"$function": "lambda"}, "units"),
        ({"$attribute": "tensorflow.nn.relu"}, "activation"),
    ],
)
def test_what_a_case_cannot_pass_is_said(value, name):
    """What is computed, code of the test, functions of other libraries."""
    with pytest.raises(NotOurs):
        ours(value, name)


def test_arrays_are_drawn_as_our_own_feeds_are():
    """Integers stay integers, words are words, large ones are cut, ragged ones have rows."""
    pattern = {"$array": True, "values": "integers", "high": 7}
    assert fed(tensor(2, dtype="int64"), pattern)["high"] == 7
    assert fed(tensor(2, 1, dtype="string"), None)["literal"] == [["a"], ["a"]]
    assert fed(tensor(224, 224, 3), None)["shape"] == [12, 12, 3]
    assert fed(tensor(2, None, form="ragged"), None)["$ragged"] == [[1, 2], [3]]
    assert fed(tensor(2, dtype="f"), None)["dtype"] == "float32"
    assert fed([tensor(2), tensor(2)], [pattern, {}])[1]["values"] == "normal"
    assert fed({"a": tensor(2)}, {"a": {"values": "ones"}})["a"]["values"] == "ones"
    assert fed({"$tuple": [1]}, None) == {"$tuple": [1]}
    for bad in ({"$function": "x"}, tensor(2, 2, 2, 2, form="ragged"), tensor(2) | {"shape": None}):
        with pytest.raises(NotOurs):
            fed(bad, None)
