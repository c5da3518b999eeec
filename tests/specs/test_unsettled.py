"""What the documentation does not settle."""

import pytest

from harness.model import Case
from harness.plan import plan
from harness.specs.declaration import Feed, Parameter, Spec
from harness.specs.registry import all_specs
from harness.specs.unsettled import UNSETTLED, unsettled

NORMAL = {"$array": True, "shape": [2, 3], "dtype": "float32", "values": "normal"}
SPECIAL = NORMAL | {"values": "special"}
NONE_KEPT = {"$array": True, "shape": [2], "dtype": "bool", "values": "zeros"}
SOME_KEPT = {"$array": True, "dtype": "bool", "literal": [True, False]}


def case(subject="layers.Dense", inputs=NORMAL, call=None, **parameters):
    """A case that feeds that."""
    feed = {"inputs": inputs} | ({"call": call} if call else {})
    return Case(subject=subject, script="layer", parameters=parameters, feed=feed)


HARD = {"$object": "layers.GRUCell", "parameters": {"recurrent_activation": "hard_sigmoid"}}


@pytest.mark.parametrize(
    "one",
    [
        case(inputs=[NORMAL, SPECIAL]),
        case(activation="hard_sigmoid"),
        case("layers.RNN", cell=HARD),
        case("activations.hard_sigmoid"),
        case("layers.ConvLSTM2D", filters=2),
        case("optimizers.Lion", momentum=0.5),
        case("losses.MeanSquaredError", call={"$mask": NONE_KEPT}),
        case("losses.MeanSquaredError", call={"$mask": NONE_KEPT | {"literal": [False, [False]]}}),
        case("losses.BinaryFocalCrossentropy"),
        case("metrics.binary_crossentropy", from_logits=False),
        case("layers.Softmax", call={"mask": NORMAL}),
        case("backend.sqrt", call={"$also": {"ops.sqrt": {}}}),
        case("layers.UnitNormalization", inputs=NORMAL | {"values": "tiny"}),
        case("layers.Attention", call={"mask": [None, NORMAL]}),
    ],
)
def test_where_the_pages_are_silent_or_differ_the_reason_is_said(one):
    """NaN, two formulas of one name, a mean of nothing, an epsilon nobody states, masks of numbers."""
    assert unsettled(one, None)


@pytest.mark.parametrize(
    "one",
    [
        case(),
        Case("losses.get", "lookup", {}, None),
        case(activation="sigmoid"),
        case("layers.ConvLSTM2D", recurrent_activation="sigmoid"),
        case("optimizers.Lion", learning_rate=0.5),
        case("losses.MeanSquaredError", call={"$mask": SOME_KEPT}),
        case("losses.MeanSquaredError", call={"$mask": NORMAL | {"values": "lengths"}}),
        case("losses.BinaryCrossentropy", from_logits=True),
        case("losses.CategoricalCrossentropy"),
        case("layers.UnitNormalization"),
        case("layers.Dense", inputs=NORMAL | {"values": "tiny"}),
        case("layers.Attention", call={"mask": [None, SOME_KEPT]}),
    ],
)
def test_what_is_documented_is_settled(one):
    """There an oracle blames whoever departs."""
    assert unsettled(one, None) == ""


def test_a_value_the_spec_calls_invalid_has_no_documented_result():
    """Whatever an oracle makes of it."""
    rate = Parameter("rate", (1,), invalid=(1.5, (2,)))
    spec = Spec("layers.Dense", "layers", "layer", (Feed("plain", 1),), (rate,))
    assert "rate=1.5" in unsettled(case(rate=1.5), spec)
    assert unsettled(case(rate={"$tuple": [2]}), spec)
    assert unsettled(case(rate=1), spec) == ""
    assert unsettled(case(other=1.5), spec) == ""


def test_each_entry_is_needed_by_a_case_of_the_corpus():
    """An entry that no case meets any more is taken out."""
    cases = plan(all_specs(), profile="quick")
    assert [one.why for one in UNSETTLED if not any(one.holds(c) for c in cases)] == []
