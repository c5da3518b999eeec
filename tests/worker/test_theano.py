"""What the engines of Theano and CNTK put right by hand."""

import sys
import types

import numpy as np
import pytest
from harness_worker.engines import theano


class Op(object):
    """A made-up operation."""

    filter_dilation = (1, 2)


class AbstractConv2d_gradWeights(Op):
    """Named as Theano's own."""


def variable(op=None):
    """A variable that an operation computes, or nothing."""
    return types.SimpleNamespace(owner=None if op is None else types.SimpleNamespace(op=op))


@pytest.fixture
def backend(monkeypatch):
    """A Keras backend in the midst of a call that raised."""
    package, inner = types.ModuleType("oldkeras.backend"), types.ModuleType("oldkeras.backend.theano_backend")
    inner._UID_PREFIXES = {"dense": 3}
    inner.NAME_SCOPE_STACK = ["dense_3", "kernel"]
    for module in (types.ModuleType("oldkeras"), package, inner):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return inner


def test_names_begin_anew(backend):
    """Numbers of names and scopes left open by an exception do not reach the next case."""
    theano.forget_names("oldkeras", "theano")
    assert (backend._UID_PREFIXES, backend.NAME_SCOPE_STACK) == ({}, [])
    del backend.NAME_SCOPE_STACK  # keras 2.0 has none
    theano.forget_names("oldkeras", "theano")


@pytest.mark.parametrize(
    ("op", "dilated"), [(AbstractConv2d_gradWeights(), True), (Op(), False), (None, False)]
)
def test_the_gradient_of_a_dilated_kernel_is_recognised(op, dilated):
    """By the operation that computes it; without dilation it is like any other."""
    assert theano.is_dilated_gradient(variable(op)) is dilated
    if dilated:
        op.filter_dilation = (1, 1)
        assert theano.is_dilated_gradient(variable(op)) is False


class Generator(object):
    """Random streams of Theano, as far as they number their states."""

    def __init__(self):
        self.rstate = np.array([5, 2147483561, 3, 1, 2147462578, 99], "int32")
        self.moved = 0

    def inc_rstate(self):
        """Go on to where the next streams begin."""
        self.moved += 1


@pytest.fixture
def numbers(monkeypatch):
    """Theano's matrices of 2**72 steps, and its moduli."""
    module = types.ModuleType("theano.sandbox.rng_mrg")
    module.A1p72 = np.array(
        [
            [1516919229, 758510237, 499121365],
            [1884998244, 1516919229, 335398200],
            [601897748, 1884998244, 358115744],
        ]
    )
    module.A2p72 = np.array(
        [
            [1228857673, 1496414766, 954677935],
            [1133297478, 1407477216, 1496414766],
            [2002613992, 1639496704, 1407477216],
        ]
    )
    module.M1, module.M2 = np.int32(2147483647), np.int32(2147462579)
    parent = types.ModuleType("theano.sandbox")
    parent.rng_mrg = module
    for name, each in (
        ("theano", types.ModuleType("theano")),
        ("theano.sandbox", parent),
        (module.__name__, module),
    ):
        monkeypatch.setitem(sys.modules, name, each)
    return module


@pytest.mark.parametrize("count", [1, 2, 3, 8, 100])
def test_states_of_streams_are_those_of_one_step_after_the_other(numbers, count):
    """Each is the one before times a matrix, in whole numbers, whatever their size."""
    generator = Generator()
    found = theano.streams(generator, count, "float32")
    state = [int(n) for n in generator.rstate]
    for row in found:
        assert row.tolist() == state
        state = [sum(int(a) * s for a, s in zip(r, state[:3])) % 2147483647 for r in numbers.A1p72] + [
            sum(int(a) * s for a, s in zip(r, state[3:])) % 2147462579 for r in numbers.A2p72
        ]
    assert found.dtype == "int32"
    assert generator.moved == 1


def test_streams_may_begin_where_the_last_ones_did(numbers):
    """As Theano lets its callers choose."""
    generator = Generator()
    assert (
        theano.streams(generator, 2, "float32", False) == theano.streams(generator, 2, "float32", False)
    ).all()
    assert generator.moved == 0
