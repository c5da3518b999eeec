"""Merging layers against numbers by hand and against einsum."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.specs.declaration import NotCovered
from harness.specs.oracles import merging

GENERATOR = np.random.default_rng(5)
A, B, C = (np.array([[v, -v, 2.0]]) for v in (1.0, 3.0, 5.0))


def call(oracle: Any, inputs: Any, masking: bool = False, **parameters: Any) -> Any:
    """An oracle of a merging layer."""
    return oracle(inputs, [], parameters, training=False, call={"$masking": True} if masking else {})


@pytest.mark.parametrize(
    ("oracle", "expected"),
    [
        (merging.add, [9.0, -9.0, 6.0]),
        (merging.multiply, [15.0, -15.0, 8.0]),
        (merging.average, [3.0, -3.0, 2.0]),
        (merging.maximum, [5.0, -1.0, 2.0]),
        (merging.minimum, [1.0, -5.0, 2.0]),
    ],
)
def test_elementwise(oracle: Any, expected: list[float]) -> None:
    """Three arrays are merged element by element."""
    assert call(oracle, [A, B, C]).tolist() == [expected]


def test_subtract() -> None:
    """Subtract takes exactly two arrays, the second from the first."""
    assert call(merging.subtract, [A, B]).tolist() == [[-2.0, 2.0, 0.0]]
    with pytest.raises(NotCovered):
        call(merging.subtract, [A, B, C])


def test_broadcasting() -> None:
    """Axes of one broadcast; the batch axis does too."""
    assert call(merging.add, [np.zeros((4, 4)), np.arange(4.0)[:, None]])[3].tolist() == [3.0] * 4


@pytest.mark.parametrize("inputs", [A, [A], [], [A, np.zeros((1, 1, 3))], [A, np.zeros((1, 4))]])
def test_what_cannot_be_merged_is_not_covered(inputs: Any) -> None:
    """One array, arrays of different ranks and shapes that do not broadcast are refused."""
    with pytest.raises(NotCovered):
        call(merging.add, inputs)


@pytest.mark.parametrize("oracle", [merging.maximum, merging.minimum, merging.multiply, merging.average])
def test_masked_positions_are_not_documented(oracle: Any) -> None:
    """What a masked position counts for is documented for no maximum, minimum, product or mean."""
    with pytest.raises(NotCovered):
        call(oracle, [A, B], masking=True)
    assert call(merging.add, [A, B], masking=True).tolist() == [[4.0, -4.0, 4.0]]


def test_concatenate() -> None:
    """Arrays follow each other along the axis, which may differ in size."""
    assert call(merging.concatenate, [A, B[:, :1]]).tolist() == [[1.0, -1.0, 2.0, 3.0]]
    assert call(merging.concatenate, [np.zeros((2, 1, 3)), np.zeros((2, 2, 3))], axis=1).shape == (2, 3, 3)
    for axis in (2, "1", True):
        with pytest.raises(NotCovered):
            call(merging.concatenate, [A, B], axis=axis)
    with pytest.raises(NotCovered):
        call(merging.concatenate, [np.zeros((2, 1)), np.zeros((3, 1))], axis=1)


@pytest.mark.parametrize(
    ("left", "right", "axes", "equation"),
    [
        ((2, 3), (2, 3), 1, "bi,bi->b"),
        ((2, 3, 5), (2, 10, 3), (1, 2), "bix,byi->bxy"),
        ((2, 3, 5), (2, 5, 4), [2, 1], "bxi,biy->bxy"),
        ((2, 3, 4), (2, 6, 4), -1, "bxi,byi->bxy"),
        ((2, 3, 2, 4), (2, 3, 5), 1, "bixy,biz->bxyz"),
        ((2, 3, 4), (2, 4), (2, 1), "bxi,bi->bx"),
    ],
)
def test_dot_is_an_einsum(left: Any, right: Any, axes: Any, equation: str) -> None:
    """Dot sums over one axis of each input, sample by sample; the first input's other axes come first."""
    x, y = GENERATOR.normal(size=left), GENERATOR.normal(size=right)
    expected = np.einsum(equation, x, y)
    result = call(merging.dot, [x, y], axes=axes)
    np.testing.assert_allclose(result, expected[:, None] if expected.ndim == 1 else expected, atol=1e-12)


def test_the_documented_example_of_dot() -> None:
    """The documentation's example: (1, 5, 2) and (1, 2, 5) over axes (1, 2)."""
    x, y = np.arange(10.0).reshape(1, 5, 2), np.arange(10.0, 20.0).reshape(1, 2, 5)
    assert call(merging.dot, [x, y], axes=(1, 2)).tolist() == [[[260.0, 360.0], [320.0, 445.0]]]


def test_normalized_dot_is_the_cosine() -> None:
    """With `normalize` the product of parallel vectors is 1 and of zeros 0."""
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    np.testing.assert_allclose(call(merging.dot, [x, 2 * x], axes=1, normalize=True), [[1.0], [0.0]])


@pytest.mark.parametrize("axes", [0, 2, (1,), "1", (1, 0), None])
def test_axes_that_are_none_are_not_covered(axes: Any) -> None:
    """The batch axis, axes that are not there and other types are refused."""
    with pytest.raises(NotCovered):
        call(merging.dot, [np.zeros((2, 3)), np.zeros((2, 3))], axes=axes)


@pytest.mark.parametrize("inputs", [[A], [A, np.zeros((1, 4))], [A, np.zeros((2, 3))]])
def test_inputs_that_do_not_fit_are_not_covered(inputs: Any) -> None:
    """Dot takes two inputs with the same batch and the same size along the axes."""
    with pytest.raises(NotCovered):
        call(merging.dot, inputs, axes=1)
