"""ConvLSTM against plain convolutions of scipy and against the LSTM it becomes for one pixel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.signal

from harness.specs.declaration import NotCovered
from harness.specs.oracles import conv_lstm, recurrent

RANDOM = np.random.default_rng(5)


def run(x: Any, weights: Any, *, training: bool = False, call: Any = None, **parameters: Any) -> Any:
    """The oracle."""
    return conv_lstm.conv_lstm(x, weights, parameters, training=training, call=call or {})


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_convolution_is_scipys_correlation(padding: str) -> None:
    """Stride 1, odd window: the same numbers as scipy.signal.correlate, summed over channels."""
    x, kernel = RANDOM.normal(size=(1, 5, 6, 2)), RANDOM.normal(size=(3, 3, 2, 1))
    expected = sum(scipy.signal.correlate(x[0, ..., c], kernel[..., c, 0], mode=padding) for c in range(2))
    out = conv_lstm.convolution(x, kernel, strides=(1, 1), padding=padding)
    np.testing.assert_allclose(out[0, ..., 0], expected, rtol=1e-12)


def test_same_padding_puts_the_odd_rest_at_the_end() -> None:
    """A window of two on four steps: the last step sees one zero behind it."""
    x = np.arange(1.0, 5.0).reshape(1, 4, 1)
    out = conv_lstm.convolution(x, np.ones((2, 1, 1)), strides=(1,), padding="same")
    np.testing.assert_array_equal(out[0, :, 0], [3, 5, 7, 4])


def test_strides_skip_positions() -> None:
    """Every other position of the dense result."""
    x = np.arange(1.0, 6.0).reshape(1, 5, 1)
    out = conv_lstm.convolution(x, np.ones((2, 1, 1)), strides=(2,), padding="valid")
    np.testing.assert_array_equal(out[0, :, 0], [3, 7])


def test_one_pixel_is_a_plain_lstm() -> None:
    """With a window of one on one pixel the convolutions are the LSTM's products."""
    x = RANDOM.normal(size=(2, 3, 1, 1, 2))
    kernel, recurrence, bias = (
        RANDOM.normal(size=(1, 1, 2, 12)),
        RANDOM.normal(size=(1, 1, 3, 12)),
        RANDOM.normal(size=12),
    )
    out = run(x, [kernel, recurrence, bias], return_sequences=True)
    plain = recurrent.lstm_layer(
        x[:, :, 0, 0],
        [kernel[0, 0], recurrence[0, 0], bias],
        {"return_sequences": True},
        training=False,
        call={},
    )
    np.testing.assert_allclose(out[:, :, 0, 0], plain, rtol=1e-12)


def test_channels_first_is_the_same_with_axes_moved() -> None:
    """data_format only moves the axis of channels, in outputs and states."""
    x, weights = (
        RANDOM.normal(size=(1, 2, 4, 3)),
        [RANDOM.normal(size=s) for s in ((2, 3, 8), (2, 2, 8), (8,))],
    )
    last = run(x, weights, return_state=True, padding="SAME")
    first = run(
        np.moveaxis(x, -1, 2), weights, return_state=True, padding="SAME", data_format="channels_first"
    )
    for a, b in zip(last, first, strict=True):
        np.testing.assert_allclose(np.moveaxis(a, -1, 1), b, rtol=1e-12)


@pytest.mark.parametrize(
    ("parameters", "training"), [({"dilation_rate": 2}, False), ({"dropout": 0.5}, True), ({}, False)]
)
def test_what_is_not_described_is_not_covered(parameters: Any, training: bool) -> None:
    """Dilation, dropout while training, a window larger than the input."""
    weights = [np.zeros((9, 1, 4)), np.zeros((9, 1, 4)), np.zeros(4)]
    with pytest.raises(NotCovered):
        run(np.zeros((1, 2, 4, 1)), weights, training=training, **parameters)
