"""Activation layers by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.specs.declaration import NotCovered
from harness.specs.oracles import activations

X = np.array([[-2.0, -0.5, 0.0, 0.5, 3.0]])


def call(oracle: Any, x: Any = X, weights: Any = (), mask: Any = None, **parameters: Any) -> Any:
    """An oracle of an activation layer."""
    return oracle(x, weights, parameters, training=False, call={} if mask is None else {"mask": mask})


@pytest.mark.parametrize(
    ("oracle", "parameters", "expected"),
    [
        (activations.relu, {}, [0, 0, 0, 0.5, 3]),
        (activations.relu, {"max_value": 1.0, "negative_slope": 0.5}, [-1, -0.25, 0, 0.5, 1]),
        (activations.relu, {"threshold": 0.5, "negative_slope": 1}, [-2.5, -1, -0.5, 0.5, 3]),
        (activations.leaky_relu, {}, [-0.6, -0.15, 0, 0.5, 3]),
        (activations.leaky_relu, {"alpha": 0.5}, [-1, -0.25, 0, 0.5, 3]),
        (activations.leaky_relu, {"negative_slope": 0.5}, [-1, -0.25, 0, 0.5, 3]),
        (activations.elu, {"alpha": 2}, [2 * np.expm1(-2), 2 * np.expm1(-0.5), 0, 0.5, 3]),
        (activations.thresholded_relu, {}, [0, 0, 0, 0, 3]),
        (activations.thresholded_relu, {"theta": 0.5}, [0, 0, 0, 0, 3]),
    ],
)
def test_values(oracle: Any, parameters: Any, expected: list[float]) -> None:
    """Each layer gives its documented values, with the old names of arguments too."""
    np.testing.assert_allclose(call(oracle, **parameters), [expected], atol=1e-15)


def test_prelu_learns_a_slope_per_position() -> None:
    """Every position has its own slope below 0; shared axes broadcast."""
    x = -np.ones((2, 2, 3))
    slopes = np.arange(6.0).reshape(2, 3)
    assert call(activations.prelu, x, [slopes])[1].tolist() == (-slopes).tolist()
    assert call(activations.prelu, x, [slopes[:1]])[0].tolist() == [[0.0, -1.0, -2.0]] * 2


def test_softmax_leaves_masked_positions_out() -> None:
    """Masked positions get 0 and the rest sums to 1; axes may be several."""
    y = call(activations.softmax, np.log([[1.0, 2.0, 3.0]]), mask=[[True, False, True]])
    np.testing.assert_allclose(y, [[0.25, 0.0, 0.75]])
    np.testing.assert_allclose(
        call(activations.softmax, np.zeros((1, 2, 2)), axis=[1, 2]), np.full((1, 2, 2), 0.25)
    )


def test_what_is_not_documented_is_not_covered() -> None:
    """A row without an unmasked position, a mask of steps and wrong types are refused."""
    with pytest.raises(NotCovered):
        call(activations.softmax, mask=[[False] * 5])
    with pytest.raises(NotCovered):
        activations.softmax(X, [], {}, training=False, call={"$masking": True})
    for oracle, parameters in (
        (activations.softmax, {"axis": 5}),
        (activations.relu, {"max_value": "1"}),
        (activations.leaky_relu, {"alpha": None, "negative_slope": True}),
        (activations.elu, {"alpha": "1"}),
    ):
        with pytest.raises(NotCovered):
            call(oracle, **parameters)
