"""Activations as the documentation states them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.special

from harness.specs.declaration import NotCovered, attribute, tagged
from harness.specs.oracles import activation_functions as functions

KINKS = np.array([-4.0, -3.0, -2.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.5, 3.0, 4.0, 7.0])

AGAINST_SCIPY = {
    "sigmoid": scipy.special.expit,
    "log_sigmoid": scipy.special.log_expit,
    "softplus": lambda x: np.log1p(np.exp(x)),
    "gelu": lambda x: x * scipy.special.ndtr(x),
    "softmax": lambda x: scipy.special.softmax(x, axis=-1),
    "log_softmax": lambda x: scipy.special.log_softmax(x, axis=-1),
    "silu": lambda x: x * scipy.special.expit(x),
    "mish": lambda x: x * np.tanh(np.log1p(np.exp(x))),
    "elu": lambda x: np.where(x > 0, x, np.exp(x) - 1),
}

BY_HAND = {
    "relu": [0, 0, 0, 0, 0, 0, 0.5, 1, 2.5, 3, 4, 7],
    "relu6": [0, 0, 0, 0, 0, 0, 0.5, 1, 2.5, 3, 4, 6],
    "leaky_relu": [-0.8, -0.6, -0.5, -0.2, -0.1, 0, 0.5, 1, 2.5, 3, 4, 7],
    "hard_sigmoid": [0, 0, 1 / 12, 1 / 3, 5 / 12, 0.5, 7 / 12, 2 / 3, 11 / 12, 1, 1, 1],
    "hard_silu": [0, 0, -1.25 / 6, -1 / 3, -1.25 / 6, 0, 1.75 / 6, 4 / 6, 13.75 / 6, 3, 4, 7],
    "hard_tanh": [-1, -1, -1, -1, -0.5, 0, 0.5, 1, 1, 1, 1, 1],
    "hard_shrink": [-4, -3, -2.5, -1, 0, 0, 0, 1, 2.5, 3, 4, 7],
    "soft_shrink": [-3.5, -2.5, -2, -0.5, 0, 0, 0, 0.5, 2, 2.5, 3.5, 6.5],
    "sparse_plus": [0, 0, 0, 0, 1 / 16, 0.25, 9 / 16, 1, 2.5, 3, 4, 7],
    "sparse_sigmoid": [0, 0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1, 1, 1],
    "softsign": [-0.8, -0.75, -2.5 / 3.5, -0.5, -1 / 3, 0, 1 / 3, 0.5, 2.5 / 3.5, 0.75, 0.8, 0.875],
    "linear": list(KINKS),
}


@pytest.mark.parametrize("name", AGAINST_SCIPY)
def test_equals_an_independent_formula(name: str) -> None:
    """A smooth activation equals SciPy's function of the same formula."""
    y = functions.ACTIVATIONS[name](KINKS)
    np.testing.assert_allclose(y, AGAINST_SCIPY[name](KINKS), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", BY_HAND)
def test_piecewise_values(name: str) -> None:
    """A piecewise activation has the documented value on, left and right of each of its corners."""
    np.testing.assert_allclose(functions.ACTIVATIONS[name](KINKS), BY_HAND[name], rtol=1e-14, atol=1e-16)


def test_relu_with_all_arguments() -> None:
    """relu is capped from max_value on and leaks from the threshold, not from 0."""
    y = functions.relu(
        np.array([-10.0, 1.0, 2.0, 5.0, 9.0]), negative_slope=0.5, max_value=6.0, threshold=2.0
    )
    np.testing.assert_array_equal(y, [-6.0, -0.5, 2.0, 5.0, 6.0])


def test_infinity_is_not_nan() -> None:
    """relu of minus infinity is 0 and sigmoid of ±infinity is 0 and 1; NaN stays NaN."""
    x = np.array([-np.inf, np.inf, np.nan])
    np.testing.assert_array_equal(functions.relu(x), [0.0, np.inf, np.nan])
    np.testing.assert_array_equal(functions.sigmoid(x), [0.0, 1.0, np.nan])


def test_selu_keeps_mean_and_variance() -> None:
    """selu of a standard normal variable has mean 0 and variance 1, which defines its constants."""
    x = np.linspace(-12, 12, 200_001)
    density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    y = functions.selu(x)
    assert abs(np.trapezoid(y * density, x)) < 1e-8
    assert abs(np.trapezoid(y * y * density, x) - 1) < 1e-8


def test_gelu_approximation_is_near_gelu() -> None:
    """The tanh approximation of gelu stays within 1e-3 of it and is not it."""
    exact, near = functions.gelu(KINKS), functions.gelu(KINKS, approximate=True)
    assert 0 < np.max(np.abs(exact - near)) < 1e-3


def test_squareplus_is_its_definition() -> None:
    """squareplus solves y² − x·y − b/4 = 0 on both sides of 0."""
    y = functions.squareplus(KINKS, b=4)
    np.testing.assert_allclose(y * y - KINKS * y, 1.0, atol=1e-12)


def test_celu_is_smooth() -> None:
    """celu has slope 1 on both sides of 0 for any alpha."""
    step = 1e-7
    left, right = functions.celu(np.array([-step, step]), alpha=2.0) / np.array([-step, step])
    assert left == pytest.approx(1, abs=1e-6)
    assert right == 1.0


@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_sparsemax_is_the_nearest_point_of_the_simplex(axis: int) -> None:
    """sparsemax lies on the simplex and no random point of it is nearer."""
    generator = np.random.default_rng(1)
    z = generator.normal(size=(4, 5))
    y = functions.sparsemax(z, axis=axis)
    np.testing.assert_allclose(y.sum(axis), 1.0)
    assert y.min() >= 0
    for _ in range(200):
        other = np.moveaxis(generator.dirichlet(np.ones(z.shape[axis]), z.size // z.shape[axis]), 1, axis)
        assert np.all(((y - z) ** 2).sum(axis) <= ((other.reshape(z.shape) - z) ** 2).sum(axis))


def test_glu_halves_the_axis() -> None:
    """glu multiplies the first half of the axis by the sigmoid of the second."""
    y = functions.glu(np.array([[1.0, 2.0, 0.0, 50.0]]))
    np.testing.assert_allclose(y, [[0.5, 2.0]], rtol=1e-12)


def test_softmax_of_huge_numbers() -> None:
    """softmax does not overflow, over one axis or several."""
    np.testing.assert_array_equal(functions.softmax(np.array([[1e4, 1e4]])), [[0.5, 0.5]])
    assert functions.softmax(np.zeros((2, 3, 2)), axis=(1, 2))[0, 0, 0] == pytest.approx(1 / 6)


def test_identifiers() -> None:
    """An activation argument may be None, a name, a symbol or an activation layer."""
    x = np.array([-1.0, 2.0])
    for identifier, expected in (
        (None, [-1.0, 2.0]),
        ("relu", [0.0, 2.0]),
        (attribute("activations.relu"), [0.0, 2.0]),
        (tagged("layers.LeakyReLU"), [-0.3, 2.0]),
        (tagged("layers.LeakyReLU", negative_slope=0.5), [-0.5, 2.0]),
        (tagged("layers.ReLU", max_value=1.0), [0.0, 1.0]),
    ):
        np.testing.assert_array_equal(functions.activation(identifier)(x), expected)


@pytest.mark.parametrize("identifier", ["nope", 3, {"$object": "layers.Dense", "parameters": {}}])
def test_an_unknown_identifier_is_not_covered(identifier: object) -> None:
    """What no table describes is refused, not guessed."""
    with pytest.raises(NotCovered):
        functions.activation(identifier)


@pytest.mark.parametrize("name", sorted(functions.ACTIVATIONS))
def test_empty_batches(name: str) -> None:
    """Every activation of an empty batch is an empty batch."""
    arguments = {"threshold": 0.5, "default_value": 1.0} if name == "threshold" else {}
    y = functions.ACTIVATIONS[name](np.zeros((0, 4)), **arguments)
    assert y.shape == ((0, 2) if name == "glu" else (0, 4))
