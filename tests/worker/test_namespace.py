"""Symbols and parameters."""

import types

import numpy as np
import pytest
from harness_worker import namespace
from harness_worker.recorder import Missing


class Thing(object):
    """What a parameter may be."""

    def __init__(self, size=0, inner=None):
        self.size = size
        self.inner = inner


@pytest.fixture
def keras():
    """A namespace with one class."""
    module = types.ModuleType("fake_namespace")
    module.things = types.ModuleType("fake_namespace.things")
    module.things.Thing = Thing
    return module


@pytest.fixture
def make(keras, engine):
    """Makes parameters for a case."""
    engine.dtype = lambda name: ("dtype", name)
    engine.ragged = lambda rows, dtype: ("ragged", rows, dtype)
    functions = types.ModuleType("functions")
    functions.double = abs
    return namespace.Maker(keras, engine, functions, 5, None)


def test_symbols_are_found_below_the_namespace(keras):
    """Classes, members of classes, and modules."""
    assert namespace.resolve(keras, "things.Thing") is Thing
    assert namespace.resolve(keras, "things.Thing.__init__") is Thing.__init__
    assert namespace.has(keras, "things")


@pytest.mark.parametrize("symbol", ["things.Other", "nothing.Thing", "things.Thing.fit"])
def test_what_is_not_there_is_missing(keras, symbol):
    """The error names the symbol."""
    with pytest.raises(Missing) as caught:
        namespace.resolve(keras, symbol)
    assert str(caught.value) == symbol
    assert not namespace.has(keras, symbol)


def test_a_namespace_is_loaded_as_an_import_or_an_attribute():
    """`tensorflow.keras` is an attribute in some releases and a module in others."""
    assert namespace.load("os.path").join("a", "b") == "a/b"
    assert namespace.load("types").ModuleType is types.ModuleType


def test_tags_become_what_they_name(make, keras):
    """Objects, attributes, functions, tuples and dtypes."""
    made = make.value({"$object": "things.Thing", "parameters": {"size": 2, "inner": {"$tuple": [1, [2]]}}})
    assert (made.size, made.inner) == (2, (1, [2]))
    assert make.value({"$attribute": "things.Thing"}) is Thing
    assert make.value({"$function": "double"}) is abs
    assert make.value({"$dtype": "int8"}) == ("dtype", "int8")
    assert make.value({"$ragged": [[1], []]}) == ("ragged", [[1], []], "float32")
    assert make.value({"plain": [None, "text"]}) == {"plain": [None, "text"]}


def test_every_array_of_a_case_has_its_own_stream(make):
    """Two arrays of one recipe differ, and a second maker draws the same two."""
    recipe = {"$array": True, "shape": [3]}
    first, second = make.value([recipe, recipe])
    assert not np.array_equal(first, second)
    again = namespace.Maker(make.keras, make.engine, make.functions, 5, None)
    assert np.array_equal(again.value(recipe), first)


def test_a_missing_class_of_a_parameter_is_missing(make):
    """A parameter that the implementation cannot make is missing, not a fault."""
    with pytest.raises(Missing):
        make.value({"$object": "things.Other"})
