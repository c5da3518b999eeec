"""Which part of the API a case is about."""

import pytest

from harness.classify.areas import NAMESPACES, area, coarse, phase, scenario, stem
from harness.model import Case
from harness.specs import surface


def of(subject, script="layer"):
    """A case of a subject."""
    return Case(subject, script, {}, None)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("losses.BinaryCrossentropy", "metrics.binary_crossentropy"),
        ("layers.Conv1D", "layers.Conv3DTranspose"),
        ("layers.GRU", "layers.GRUCell"),
    ],
)
def test_forms_of_one_thing_have_one_stem(one, two):
    """Class, function and metric are one formula; the number of dimensions makes no other layer."""
    assert stem(one) == stem(two)
    assert stem("layers.Dense") != stem("layers.EinsumDense")


def test_short_names_stand_for_the_long_ones():
    """`losses.get` takes both."""
    assert stem("bce") == stem("losses.BinaryCrossentropy")
    assert stem("mse") == stem("metrics.MeanSquaredError")


def test_an_area_is_what_its_maintainers_call_it():
    """The module, several modules together, or the file a scenario stands in."""
    assert area(of("layers.Dense")) == area(of("Layer")) == "layers"
    assert area(of("losses.Huber", "loss")) == "losses"
    assert area(of("Variable", "signature")) == "top-level names"
    model = of("Model.fit", "scenarios_training:loss_weights")
    assert (scenario(model), area(model), coarse(model)) == (
        "loss_weights",
        "training scenarios",
        "scenarios",
    )
    assert scenario(of("layers.Dense")) == ""
    assert (coarse(of("layers.Dense")), coarse(of("utils.pad", "function"))) == ("layers", "other families")


def test_a_step_makes_an_object_writes_it_down_or_uses_it():
    """What the user was doing."""
    assert [phase(step) for step in ("construct", "config", "forward")] == ["construct", "serialize", "use"]


def test_namespaces_that_one_keras_has_alone_are_so_in_the_ledger():
    """No target of Keras 3 and none of Keras 2 share a name of theirs."""
    for symbol in surface.symbols():
        if symbol.name.split(".")[0] in NAMESPACES and "." in symbol.name:
            sides = {"keras-3.15.1-tensorflow", "tf.keras-2.21"} & set(symbol.targets)
            assert len(sides) <= 1, symbol.name
