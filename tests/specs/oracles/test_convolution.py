"""Convolutions against SciPy's, and against what the documentation says in numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import signal

from harness.specs.declaration import NotCovered
from harness.specs.oracles import convolution

GENERATOR = np.random.default_rng(7)
SPATIAL = {1: (7,), 2: (6, 5), 3: (4, 5, 4)}
KERNEL = {1: (3,), 2: (3, 2), 3: (2, 3, 2)}


def call(oracle: Any, x: Any, weights: Any, **parameters: Any) -> Any:
    """An oracle of a layer, called as it is when nothing but parameters matters."""
    return oracle(x, weights, parameters, training=False, call={})


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_convolution_is_scipys_correlation(rank: int, padding: str) -> None:
    """With stride 1 a convolution is the sum over channels of SciPy's cross-correlations, plus bias."""
    x = GENERATOR.normal(size=(2, *SPATIAL[rank], 3))
    kernel, bias = GENERATOR.normal(size=(*KERNEL[rank], 3, 2)), GENERATOR.normal(size=2)
    y = call(convolution.convolution(rank), x, [kernel, bias], kernel_size=KERNEL[rank], padding=padding)
    if padding == "same":
        x = np.pad(x, [(0, 0), *(((k - 1) // 2, k // 2) for k in KERNEL[rank]), (0, 0)])
    for b in range(2):
        for f in range(2):
            expected = sum(signal.correlate(x[b, ..., c], kernel[..., c, f], mode="valid") for c in range(3))
            np.testing.assert_allclose(y[b, ..., f], expected + bias[f], atol=1e-12)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_strides_skip_outputs(rank: int) -> None:
    """With stride 2 and no padding, every other output of stride 1 is left."""
    x = GENERATOR.normal(size=(1, *SPATIAL[rank], 2))
    kernel = GENERATOR.normal(size=(*KERNEL[rank], 2, 2))
    given: dict[str, Any] = {"kernel_size": KERNEL[rank], "use_bias": False}
    dense = call(convolution.convolution(rank), x, [kernel], **given)
    strided = call(convolution.convolution(rank), x, [kernel], strides=2, **given)
    np.testing.assert_array_equal(strided, dense[(slice(None), *[slice(None, None, 2)] * rank)])


def test_strided_same_padding_on_an_even_axis() -> None:
    """A 3 × 3 kernel with stride 2 on 4 × 4 is padded behind only (tensorflow/tensorflow#37048)."""
    kernel = np.outer([1.0, 2, 1], [1.0, 2, 1]).reshape(3, 3, 1, 1)
    y = call(
        convolution.convolution(2),
        np.arange(16.0).reshape(1, 4, 4, 1),
        [kernel],
        kernel_size=3,
        strides=2,
        padding="same",
        use_bias=False,
    )
    assert y[0, :, :, 0].tolist() == [[80.0, 80.0], [140.0, 120.0]]


def test_dilation_spreads_the_kernel() -> None:
    """A dilated kernel is the kernel with zeros between its cells."""
    x = GENERATOR.normal(size=(1, 6, 5, 2))
    kernel = GENERATOR.normal(size=(2, 2, 2, 3))
    spread = np.zeros((3, 3, 2, 3))
    spread[::2, ::2] = kernel
    y = call(convolution.convolution(2), x, [kernel], kernel_size=2, dilation_rate=2, use_bias=False)
    np.testing.assert_allclose(
        y, call(convolution.convolution(2), x, [spread], kernel_size=3, use_bias=False), atol=1e-13
    )


def test_causal_outputs_do_not_see_the_future() -> None:
    """Changing a step changes no earlier output of a causal convolution."""
    x = GENERATOR.normal(size=(1, 7, 1))
    later = x.copy()
    later[0, 4] += 1.0
    kernel = GENERATOR.normal(size=(3, 1, 1))
    given: dict[str, Any] = {"kernel_size": 3, "padding": "causal", "dilation_rate": 2, "use_bias": False}
    one, two = (call(convolution.convolution(1), a, [kernel], **given)[0, :, 0] for a in (x, later))
    assert one.shape == (7,)
    np.testing.assert_array_equal(one[:4], two[:4])
    assert one[4] != two[4]


def test_groups_see_their_own_channels() -> None:
    """A grouped convolution is one convolution per group, side by side."""
    x = GENERATOR.normal(size=(2, 7, 4))
    kernel = GENERATOR.normal(size=(3, 2, 6))
    y = call(convolution.convolution(1), x, [kernel], kernel_size=3, groups=2, use_bias=False)
    for g in range(2):
        part = call(
            convolution.convolution(1),
            x[..., 2 * g : 2 * g + 2],
            [kernel[..., 3 * g : 3 * g + 3]],
            kernel_size=3,
            use_bias=False,
        )
        np.testing.assert_allclose(y[..., 3 * g : 3 * g + 3], part, atol=1e-13)


def test_channels_first_is_the_same_convolution() -> None:
    """With channels first, axes differ and values do not; an activation sees the axes as they are put out."""
    x = GENERATOR.normal(size=(2, 6, 5, 3))
    weights = [GENERATOR.normal(size=(3, 2, 3, 4)), GENERATOR.normal(size=4)]
    last = call(convolution.convolution(2), x, weights, kernel_size=(3, 2))
    given: dict[str, Any] = {"kernel_size": (3, 2), "data_format": "channels_first"}
    first = call(convolution.convolution(2), np.moveaxis(x, -1, 1), weights, **given)
    np.testing.assert_array_equal(np.moveaxis(first, 1, -1), last)
    soft = call(convolution.convolution(2), np.moveaxis(x, -1, 1), weights, activation="softmax", **given)
    np.testing.assert_allclose(soft.sum(-1), 1.0)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_a_transposed_convolution_is_the_transpose(rank: int, padding: str, stride: int) -> None:
    """⟨conv(u), v⟩ = ⟨u, conv_transpose(v)⟩ for the same kernel, strides and padding."""
    v = GENERATOR.normal(size=(1, *(3,) * rank, 2))
    kernel = GENERATOR.normal(size=(*KERNEL[rank], 4, 2))
    given: dict[str, Any] = {
        "kernel_size": KERNEL[rank],
        "strides": stride,
        "padding": padding,
        "use_bias": False,
    }
    back = call(convolution.transposed(rank), v, [kernel], **given)
    u = GENERATOR.normal(size=back.shape)
    there = call(convolution.convolution(rank), u, [kernel], **given)
    assert there.shape == v.shape
    assert np.vdot(there, v) == pytest.approx(np.vdot(u, back), abs=1e-10)


def test_the_documented_length_of_a_transposed_convolution() -> None:
    """Conv1DTranspose(32, 3, 2) makes 21 steps of 10, as its documentation shows."""
    y = call(
        convolution.transposed(1),
        np.zeros((1, 10, 8)),
        [np.zeros((3, 32, 8)), np.zeros(32)],
        kernel_size=3,
        strides=2,
    )
    assert y.shape == (1, 21, 32)


@pytest.mark.parametrize(
    ("padding", "kernel", "extra", "expected"), [("valid", 3, 0, 9), ("valid", 3, 1, 10), ("same", 3, 0, 7)]
)
def test_output_padding_lengthens(padding: str, kernel: int, extra: int, expected: int) -> None:
    """(n − 1) · stride + kernel − 2 · padding + output_padding is the documented length."""
    y = call(
        convolution.transposed(1),
        np.ones((1, 4, 1)),
        [np.ones((kernel, 1, 1))],
        kernel_size=kernel,
        strides=2,
        padding=padding,
        output_padding=extra,
        use_bias=False,
    )
    assert y.shape[1] == expected
    assert (y[0, -1, 0] == 0) == (extra == 1)


def test_depthwise_convolves_each_channel_by_itself() -> None:
    """Output c · multiplier + m is channel c with its m-th kernel."""
    x, kernel = GENERATOR.normal(size=(2, 6, 5, 3)), GENERATOR.normal(size=(3, 2, 3, 2))
    y = call(convolution.depthwise_convolution(2), x, [kernel], kernel_size=(3, 2), use_bias=False)
    for c in range(3):
        for m in range(2):
            expected = signal.correlate(x[1, ..., c], kernel[..., c, m], mode="valid")
            np.testing.assert_allclose(y[1, ..., 2 * c + m], expected, atol=1e-13)


@pytest.mark.parametrize("rank", [1, 2])
def test_separable_is_one_convolution_with_a_factored_kernel(rank: int) -> None:
    """Depthwise then pointwise equals one convolution with the product of both kernels."""
    x = GENERATOR.normal(size=(2, *SPATIAL[rank], 3))
    deep = GENERATOR.normal(size=(*KERNEL[rank], 3, 2))
    point = GENERATOR.normal(size=(*(1,) * rank, 6, 4))
    bias = GENERATOR.normal(size=4)
    given: dict[str, Any] = {
        "kernel_size": KERNEL[rank],
        "strides": 2,
        "padding": "same",
        "activation": "relu",
    }
    y = call(convolution.separable_convolution(rank), x, [deep, point, bias], **given)
    product = np.einsum("...cm,cmf->...cf", deep, point.reshape(3, 2, 4))
    np.testing.assert_allclose(
        y, call(convolution.convolution(rank), x, [product, bias], **given), atol=1e-12
    )


@pytest.mark.parametrize("rank", [1, 2])
def test_locally_connected_with_equal_weights_is_a_convolution(rank: int) -> None:
    """With the same kernel at every place, unshared weights make no difference; otherwise they do."""
    x, kernel = GENERATOR.normal(size=(2, *SPATIAL[rank], 2)), GENERATOR.normal(size=(*KERNEL[rank], 2, 3))
    given: dict[str, Any] = {"kernel_size": KERNEL[rank], "use_bias": False}
    expected = call(convolution.convolution(rank), x, [kernel], **given)
    places = int(np.prod(expected.shape[1:-1]))
    everywhere = np.repeat(kernel.reshape(1, -1, 3), places, axis=0)
    y = call(convolution.locally_connected(rank), x, [everywhere], **given)
    np.testing.assert_allclose(y, expected, atol=1e-12)
    everywhere[0] *= 2
    y = call(convolution.locally_connected(rank), x, [everywhere], **given)
    np.testing.assert_allclose(
        y.reshape(2, places, 3)[:, 0], 2 * expected.reshape(2, places, 3)[:, 0], atol=1e-12
    )


def test_locally_connected_bias_is_of_each_place() -> None:
    """The bias has an entry for every place and filter."""
    bias = GENERATOR.normal(size=(5, 3))
    y = call(
        convolution.locally_connected(1), np.zeros((1, 7, 2)), [np.zeros((5, 6, 3)), bias], kernel_size=3
    )
    np.testing.assert_array_equal(y[0], bias)


X, K = np.zeros((1, 7, 4)), np.zeros((3, 4, 2))
X2, K2 = np.zeros((1, 6, 5, 4)), np.zeros((3, 2, 4, 2))


@pytest.mark.parametrize(
    ("oracle", "x", "kernel", "parameters"),
    [
        (convolution.convolution(1), X, K, {"kernel_size": 3, "strides": 2, "dilation_rate": 2}),
        (convolution.convolution(1), X, K, {"kernel_size": 3, "groups": 3}),
        (convolution.convolution(2), X2, K2, {"kernel_size": (3, 2), "padding": "causal"}),
        (convolution.depthwise_convolution(1), X, K, {"kernel_size": 3, "padding": "causal"}),
        (convolution.transposed(1), X, K, {"kernel_size": 3, "padding": "causal"}),
        (convolution.transposed(1), X, K, {"kernel_size": 3, "output_padding": 1}),
        (convolution.transposed(1), np.zeros((1, 0, 4)), K, {"kernel_size": 3}),
        (
            convolution.transposed(1),
            X,
            K,
            {"kernel_size": 3, "strides": 2, "padding": "same", "output_padding": 1},
        ),
        (convolution.locally_connected(1), X, K, {"kernel_size": 3, "padding": "same"}),
        (convolution.locally_connected(1), X, K, {"kernel_size": 3, "implementation": 2}),
        (convolution.locally_connected(1), np.zeros((1, 4, 7)), np.zeros((5, 12, 2)), {
            "kernel_size": 3, "data_format": "channels_first"}),
    ],
)  # fmt: skip
def test_what_is_not_documented_is_not_covered(oracle: Any, x: Any, kernel: Any, parameters: Any) -> None:
    """Combinations the documentation excludes or leaves open are refused, not guessed."""
    with pytest.raises(NotCovered):
        call(oracle, x, [kernel, np.zeros(2)], **parameters)
