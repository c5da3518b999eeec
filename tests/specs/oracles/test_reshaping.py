"""Reshaping layers by hand and against SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator

from harness.specs.declaration import NotCovered
from harness.specs.oracles import reshaping

GENERATOR = np.random.default_rng(17)


def call(oracle: Any, x: Any, **parameters: Any) -> Any:
    """An oracle of a reshaping layer."""
    return oracle(x, [], parameters, training=False, call={})


def test_reshape_keeps_order_and_infers_one_size() -> None:
    """Values keep their row-major order; -1 is what is left."""
    x = np.arange(24).reshape(2, 12)
    assert call(reshaping.reshape, x, target_shape=(3, -1)).shape == (2, 3, 4)
    assert call(reshaping.reshape, x, target_shape=[12])[1].tolist() == list(range(12, 24))
    assert call(reshaping.reshape, np.zeros((0, 12)), target_shape=(-1,)).shape == (0, 12)


@pytest.mark.parametrize("target", [(5,), (-1, -1), (-2, 6), 12, "12", (2.0, 6), (0, -1), (6,)])
def test_shapes_that_cannot_be_are_not_covered(target: Any) -> None:
    """Shapes of another size and with two unknowns are refused."""
    with pytest.raises(NotCovered):
        call(reshaping.reshape, np.zeros((2, 12)), target_shape=target)


def test_flatten_gives_one_order_for_both_data_formats() -> None:
    """Channels first and last flatten to the same order; a batch of scalars gets a feature axis."""
    x = np.arange(24).reshape(2, 3, 4)
    last = call(reshaping.flatten, x)
    np.testing.assert_array_equal(last, x.reshape(2, 12))
    np.testing.assert_array_equal(
        call(reshaping.flatten, np.moveaxis(x, -1, 1), data_format="channels_first"), last
    )
    assert call(reshaping.flatten, np.zeros(4), data_format="channels_first").shape == (4, 1)
    with pytest.raises(NotCovered):
        call(reshaping.flatten, np.float64(1.0))


def test_permute_counts_axes_from_one() -> None:
    """dims=(2, 1) swaps the two axes after the batch."""
    x = np.arange(12).reshape(2, 2, 3)
    np.testing.assert_array_equal(call(reshaping.permute, x, dims=(2, 1)), x.transpose(0, 2, 1))
    for dims in ((0, 1), (1,), (1, 1), 2):
        with pytest.raises(NotCovered):
            call(reshaping.permute, x, dims=dims)


def test_repeat_vector() -> None:
    """A vector becomes a sequence of n of it."""
    assert call(reshaping.repeat_vector, [[1, 2]], n=2).tolist() == [[[1, 2], [1, 2]]]
    for x, n in ((np.zeros((1, 2)), 0), (np.zeros((1, 2, 2)), 1)):
        with pytest.raises(NotCovered):
            call(reshaping.repeat_vector, x, n=n)


@pytest.mark.parametrize(
    ("value", "rank", "expected"),
    [
        (1, 2, [(1, 1), (1, 1)]),
        ((1, 2), 1, [(1, 2)]),
        ((1, 2), 2, [(1, 1), (2, 2)]),
        ([[0, 1], [2, 3]], 2, [(0, 1), (2, 3)]),
    ],
)
def test_edges(value: Any, rank: int, expected: Any) -> None:
    """An int, an int per axis or a pair per axis; in 1D a pair is the two sides."""
    assert reshaping.edges(value, rank, "padding") == expected


@pytest.mark.parametrize("value", [-1, (1,), (1, 2, 3), ((1, 2, 3), (1, 1))])
def test_wrong_edges_are_not_covered(value: Any) -> None:
    """Negative amounts and sequences of other lengths are refused."""
    with pytest.raises(NotCovered):
        reshaping.edges(value, 2, "padding")


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_cropping_undoes_padding(rank: int, data_format: str) -> None:
    """What was padded with zeros is there again once as much is cropped."""
    x = GENERATOR.normal(size=(2, *(3, 2, 4)[: rank + 1], 2)[: rank + 2])
    amounts = ((1, 2), (0, 1), (2, 0))[:rank] if rank > 1 else (1, 2)
    wide = call(reshaping.zero_padding(rank), x, padding=amounts, data_format=data_format)
    assert wide.sum() == pytest.approx(x.sum())
    first = 2 if data_format == "channels_first" else 1
    assert wide.shape[first] == x.shape[first] + 3
    np.testing.assert_array_equal(
        call(reshaping.cropping(rank), wide, cropping=amounts, data_format=data_format), x
    )


def test_cropping_everything_is_not_covered() -> None:
    """Something must be left, and the rank must be right."""
    for x, amount in ((np.zeros((1, 3, 1)), (2, 1)), (np.zeros((1, 3)), 1)):
        with pytest.raises(NotCovered):
            call(reshaping.cropping(1), x, cropping=amount)


def test_the_documented_example_of_repetition() -> None:
    """UpSampling2D(size=(1, 2)) repeats columns, as its documentation shows."""
    x = np.arange(12).reshape(2, 2, 1, 3)
    y = call(reshaping.upsampling_2d, x, size=(1, 2))
    assert y[0].tolist() == [[[0, 1, 2], [0, 1, 2]], [[3, 4, 5], [3, 4, 5]]]
    assert call(reshaping.repeated(3), np.zeros((1, 2, 3, 1, 2)), size=(1, 2, 3)).shape == (1, 2, 6, 3, 2)
    assert call(reshaping.repeated(1), [[[1], [2]]]).ravel().tolist() == [1, 1, 2, 2]


def test_bilinear_has_half_pixel_centres() -> None:
    """The corners stay and the rest is interpolated between centres (tensorflow/tensorflow#29856)."""
    x = np.array([[0.0, 1.0], [2.0, 3.0]]).reshape(1, 2, 2, 1)
    y = call(reshaping.upsampling_2d, x, interpolation="bilinear")[0, :, :, 0]
    assert y.tolist() == [
        [0, 0.25, 0.75, 1],
        [0.5, 0.75, 1.25, 1.5],
        [1.5, 1.75, 2.25, 2.5],
        [2, 2.25, 2.75, 3],
    ]


def test_bilinear_is_scipys_interpolation() -> None:
    """Between the outermost centres bilinear enlarging is SciPy's linear interpolation on the grid."""
    x = GENERATOR.normal(size=(1, 4, 5, 1))
    y = call(reshaping.upsampling_2d, x, size=3, interpolation="bilinear")[0, :, :, 0]
    rows, columns = ((np.arange(3 * n) + 0.5) / 3 - 0.5 for n in (4, 5))
    points = np.stack(np.meshgrid(rows.clip(0, 3), columns.clip(0, 4), indexing="ij"), axis=-1)
    linear = RegularGridInterpolator((np.arange(4), np.arange(5)), x[0, :, :, 0])
    np.testing.assert_allclose(y, linear(points), atol=1e-12)


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic", "lanczos3", "lanczos5", "mitchellcubic"])
def test_interpolation_keeps_constants_and_symmetry(interpolation: str) -> None:
    """A constant image stays so, and a mirrored image gives the mirrored result."""
    constant = call(reshaping.upsampling_2d, np.full((1, 3, 4, 1), 7.0), interpolation=interpolation)
    np.testing.assert_allclose(constant, 7.0)
    x = GENERATOR.normal(size=(1, 3, 4, 2))
    y = call(reshaping.upsampling_2d, x, interpolation=interpolation)
    mirrored = call(reshaping.upsampling_2d, x[:, ::-1], interpolation=interpolation)
    np.testing.assert_allclose(mirrored[:, ::-1], y, atol=1e-12)


def test_bicubic_reproduces_quadratics() -> None:
    """Keys's kernel with a = −1/2 reproduces polynomials of degree 2 away from the edges."""
    x = np.arange(9.0).reshape(1, 9, 1, 1) ** 2
    y = call(reshaping.upsampling_2d, x, size=(2, 1), interpolation="bicubic")[0, :, 0, 0]
    centre = (np.arange(18) + 0.5) / 2 - 0.5
    np.testing.assert_allclose(y[5:13], centre[5:13] ** 2, atol=1e-12)


def test_unknown_interpolation_is_not_covered() -> None:
    """An interpolation whose kernel is not documented exactly is refused."""
    with pytest.raises(NotCovered):
        call(reshaping.upsampling_2d, np.zeros((1, 2, 2, 1)), interpolation="gaussian")
