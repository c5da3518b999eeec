"""When two values are of one kind."""

import pytest

from harness.upstream.kinds import Undecided, dtype_class, fed_kind, kind_of


def array(**more):
    """An array read from a test."""
    return {"$array": True, "shape": [2, 3], "dtype": "float64", "form": "dense"} | more


ALIKE = [
    (3, 7, "units"),
    (-2, -9, "axis"),
    (0.1, 0.9, "rate"),
    (1e-3, 3, "learning_rate"),
    (7, 1337, "seed"),
    ("mine", "yours", "name"),
    ("nope", "typo", "padding"),
    ("ones", "he_normal", "kernel_initializer"),
    (
        {"$object": "initializers.Ones", "parameters": {}},
        {"$object": "initializers.Zeros"},
        "kernel_initializer",
    ),
    ({"$object": "layers.Dense", "parameters": {"units": 1}}, {"$object": "layers.Dense"}, "layer"),
    ([2, 3, 4, 5], [5, 6, 7, 8, 9], "vocabulary"),
    (["a"], ["b"], "vocabulary"),
    ({"$tuple": [4]}, {"$tuple": [5, 6]}, "input_shape"),
    ({"$function": "lambda"}, {"$function": "double"}, "activation"),
    ({"$attribute": "tensorflow.float32"}, "float32", "dtype"),
    ({"$dtype": "float32"}, {"$attribute": "numpy.float32"}, "dtype"),
    (array(), array(shape=[4, 5], form="symbolic", dtype="f"), "mean"),
    (array(), {"$array": True, "literal": [[1.0]], "dtype": "float32"}, "mean"),
    ({"$float": "inf"}, float("inf"), "clip"),
    ({"axis": 1}, {"axis": 1}, "arguments"),
]
DIFFERENT = [
    (1, 2, "units"),
    (1, 1.0, "units"),
    (0, False, "units"),
    (None, False, "use_bias"),
    (0.5, 1.5, "rate"),
    (-1, -2, "axis"),
    (0, 1, "learning_rate"),
    ("same", "valid", "padding"),
    ("", "mine", "name"),
    ("tanh", "relu", "activation"),
    ("ones", {"$object": "initializers.Ones"}, "kernel_initializer"),
    ("l2", "nope", "kernel_regularizer"),
    ({"$tuple": [1, 2]}, [1, 2], "strides"),
    ({"$tuple": [2]}, {"$tuple": [2, 2]}, "strides"),
    ({"$tuple": [None, 4]}, {"$tuple": [5]}, "input_shape"),
    ({"$object": "layers.LSTM"}, {"$object": "layers.GRU"}, "layer"),
    ({"$attribute": "activations.relu"}, {"$attribute": "activations.elu"}, "activation"),
    ({"$function": "class"}, {"$function": "lambda"}, "layer"),
    (array(), array(dtype="int32"), "mean"),
    (array(), array(shape=[2]), "mean"),
    (array(), array(shape=[0, 3]), "mean"),
    (array(), array(form="sparse"), "mean"),
    ({"axis": 1}, {"axes": 1}, "arguments"),
    (float("nan"), 0.5, "rate"),
]


@pytest.mark.parametrize(("one", "two", "parameter"), ALIKE)
def test_values_that_tell_the_same_are_of_one_kind(one, two, parameter):
    """Trying the one tells what trying the other would."""
    assert kind_of(one, parameter) == kind_of(two, parameter)


@pytest.mark.parametrize(("one", "two", "parameter"), DIFFERENT)
def test_values_that_may_tell_otherwise_are_not(one, two, parameter):
    """In doubt, two values are of two kinds."""
    assert kind_of(one, parameter) != kind_of(two, parameter)


def test_what_is_fed_goes_by_the_arrays_it_holds():
    """A nested list of numbers is the array it holds; a structure is kept."""
    assert fed_kind([[1, 2], [3, 4]]) == fed_kind(array(dtype="int8"))
    assert fed_kind(2.5) == fed_kind(array(shape=[]))
    assert fed_kind(True) == fed_kind([]) or fed_kind(True) == ("array", "bool", 0, False, "dense")
    assert fed_kind([array(), array()]) != fed_kind(array())
    assert fed_kind({"$tuple": [array()]}) == fed_kind([array()])
    assert fed_kind({"a": 1}) == fed_kind({"a": 2}) != fed_kind({"b": 1})
    assert fed_kind({"$ragged": [[1, 2], [3]]}) == fed_kind(array(form="ragged"))
    assert fed_kind([True, 1]) == fed_kind([1, 2])


@pytest.mark.parametrize(
    "value", [{"$opaque": "computed"}, [{"$opaque": "x"}], array(shape=None), array(dtype=None), b""]
)
def test_what_is_not_known_has_no_kind(value):
    """A computed value, an array of unknown shape or dtype."""
    with pytest.raises(Undecided):
        kind_of(value, "x")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("uint8", "int"),
        ("bool_", "bool"),
        ("complex64", "complex"),
        ("str", "string"),
        ("object", "string"),
        ("i", "int"),
    ],
)
def test_dtypes_have_classes(name, expected):
    """Widths do not matter, nor does how a dtype is spelled."""
    assert dtype_class(name) == expected
