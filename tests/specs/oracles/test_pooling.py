"""Pooling against SciPy's filters and against numbers by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from harness.specs.declaration import NotCovered
from harness.specs.oracles import pooling

GENERATOR = np.random.default_rng(3)


def call(oracle: Any, x: Any, mask: Any = None, **parameters: Any) -> Any:
    """An oracle of a layer without weights."""
    return oracle(x, [], parameters, training=False, call={} if mask is None else {"mask": mask})


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_maximum_is_scipys_filter(rank: int) -> None:
    """With stride 1 and size 3, padding "same", maxima are those of SciPy's filter."""
    x = GENERATOR.normal(size=(1, *(5,) * rank, 1)) - 10
    y = call(pooling.maximum(rank), x, pool_size=3, strides=1, padding="same")
    expected = ndimage.maximum_filter(x[0, ..., 0], size=3, mode="constant", cval=-np.inf)
    np.testing.assert_array_equal(y[0, ..., 0], expected)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_average_leaves_padding_out(rank: int) -> None:
    """With padding "same" the mean is over the inputs of the window only."""
    x = GENERATOR.normal(size=(1, *(5,) * rank, 1))
    y = call(pooling.average(rank), x, pool_size=3, strides=1, padding="same")
    total = ndimage.convolve(x[0, ..., 0], np.ones((3,) * rank), mode="constant")
    count = ndimage.convolve(np.ones((5,) * rank), np.ones((3,) * rank), mode="constant")
    np.testing.assert_allclose(y[0, ..., 0], total / count, atol=1e-13)


def test_strided_same_maximum_on_an_even_axis() -> None:
    """Size 3, stride 2 on 6 × 6 is padded behind only (keras-team/keras#5090)."""
    x = np.random.RandomState(0).permutation(36).reshape(1, 6, 6, 1)
    y = call(pooling.maximum(2), x, pool_size=(3, 3), strides=(2, 2), padding="same")
    assert y[0, :, :, 0].tolist() == [[33.0, 32.0, 35.0], [33.0, 32.0, 18.0], [25.0, 34.0, 18.0]]


def test_windows_do_not_overlap_by_default() -> None:
    """Strides are the pool size unless given; what does not fill a window is dropped."""
    x = np.arange(5.0).reshape(1, 5, 1)
    assert call(pooling.maximum(1), x)[0, :, 0].tolist() == [1.0, 3.0]
    assert call(pooling.average(1), x, pool_size=2, strides=None)[0, :, 0].tolist() == [0.5, 2.5]
    assert call(pooling.average(1), x, pool_size=2, padding="same")[0, :, 0].tolist() == [0.5, 2.5, 4.0]


@pytest.mark.parametrize("keepdims", [False, True])
def test_global_pooling(keepdims: bool) -> None:
    """Global pooling reduces all spatial axes, keeping them at size 1 on demand, wherever channels are."""
    x = GENERATOR.normal(size=(2, 3, 4, 5))
    for oracle, reduce in ((pooling.global_maximum(2), np.max), (pooling.global_average(2), np.mean)):
        np.testing.assert_allclose(
            call(oracle, x, keepdims=keepdims), reduce(x, axis=(1, 2), keepdims=keepdims)
        )
        first = call(oracle, x, keepdims=keepdims, data_format="channels_first")
        np.testing.assert_allclose(first, reduce(x, axis=(2, 3), keepdims=keepdims))


def test_masked_steps_are_left_out_of_the_mean() -> None:
    """A masked step counts neither in the sum nor in the number of steps."""
    x = np.array([[[1.0], [3.0], [100.0]]])
    assert call(pooling.global_average(1), x, mask=[[True, True, False]]).tolist() == [[2.0]]
    assert np.isnan(call(pooling.global_average(1), x, mask=[[False, False, False]])).all()


def test_adaptive_windows() -> None:
    """Five inputs into three outputs: windows 0-1, 1-3, 3-4."""
    x = np.array([0.0, 10.0, 2.0, 3.0, 4.0]).reshape(1, 5, 1)
    assert call(pooling.adaptive_maximum(1), x, output_size=3)[0, :, 0].tolist() == [10.0, 10.0, 4.0]
    assert call(pooling.adaptive_average(1), x, output_size=3)[0, :, 0].tolist() == [5.0, 5.0, 3.5]


def test_adaptive_pooling_to_the_same_and_to_one() -> None:
    """As many outputs as inputs change nothing; one output is global pooling."""
    x = GENERATOR.normal(size=(2, 3, 4, 2))
    np.testing.assert_array_equal(call(pooling.adaptive_average(2), x, output_size=(3, 4)), x)
    np.testing.assert_allclose(
        call(pooling.adaptive_average(2), x, output_size=1), x.mean(axis=(1, 2), keepdims=True)
    )
    first = call(pooling.adaptive_maximum(2), x, output_size=[2, 1], data_format="channels_first")
    assert first.shape == (2, 3, 2, 1)


def test_what_is_not_documented_is_not_covered() -> None:
    """Causal pooling and the largest of nothing are refused."""
    with pytest.raises(NotCovered):
        call(pooling.maximum(1), np.zeros((1, 4, 1)), padding="causal")
    with pytest.raises(NotCovered):
        call(pooling.global_maximum(1), np.zeros((1, 0, 1)))
