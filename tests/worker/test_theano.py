"""What the engines of Theano and CNTK put right by hand."""

import sys
import types

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
