"""Windows over spatial axes: what convolution, pooling and padding oracles share.

Arrays here are channels last: (batch, *spatial, channels). The arithmetic is that of Dumoulin &
Visin 2016 (https://arxiv.org/abs/1603.07285); where padding "same" puts an odd cell is stated at
https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered

Floats = npt.NDArray[np.float64]
Pads = Sequence[tuple[int, int]]


def sizes(value: Any, rank: int, name: str) -> tuple[int, ...]:
    """One positive integer per spatial axis from an int or a sequence of them."""
    given = tuple(value) if isinstance(value, (list, tuple)) else (value,) * rank
    if len(given) != rank or not all(isinstance(v, int) and v > 0 for v in given):
        raise NotCovered(f"Expected `{name}` to be {rank} positive integers. Received: {value!r}.")
    return given


def mask_of(inputs: Any, call: Mapping[str, Any]) -> npt.NDArray[Any] | None:
    """The mask a layer is given: by the call, or by a Masking layer in front (steps of zeros are masked)."""
    if call.get("$masking"):
        unmasked: npt.NDArray[Any] = np.any(np.asarray(inputs) != 0, axis=-1)
        return unmasked
    mask = call.get("mask")
    return None if mask is None else np.asarray(mask)


def l2_normalized(x: Floats, axis: int | tuple[int, ...]) -> Floats:
    """x / √max(Σ x², 1e-12).

    The bound, which keeps zeros zeros, is the documented default of
    https://www.tensorflow.org/api_docs/python/tf/math/l2_normalize.
    """
    square: Floats = np.sum(x * x, axis=axis, keepdims=True)
    return x / np.sqrt(np.maximum(square, 1e-12))


def channels_first(parameters: Mapping[str, Any]) -> bool:
    """Whether `data_format` says channels first; the default is channels last."""
    data_format = parameters.get("data_format")
    if data_format not in (None, "channels_last", "channels_first"):
        raise NotCovered(f"`data_format` is not documented as {data_format!r}.")
    return bool(data_format == "channels_first")


def to_channels_last(inputs: Any, parameters: Mapping[str, Any], rank: int) -> Floats:
    """The inputs in float64 with channels last; `NotCovered` for another rank."""
    x: Floats = np.asarray(inputs, dtype=np.float64)
    if x.ndim != rank + 2:
        raise NotCovered(f"Expected inputs of rank {rank + 2}. Received rank {x.ndim}.")
    return np.moveaxis(x, 1, -1) if channels_first(parameters) else x


def as_given(y: Floats, parameters: Mapping[str, Any]) -> Floats:
    """An output that is channels last, as `data_format` wants it."""
    return np.moveaxis(y, -1, 1) if channels_first(parameters) else y


def reach(kernel: Sequence[int], dilation: Sequence[int]) -> tuple[int, ...]:
    """Cells a dilated kernel spans: (k − 1) · d + 1."""
    return tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))


def pads(padding: Any, spatial: Sequence[int], span: Sequence[int], strides: Sequence[int]) -> Pads:
    """Zeros before and after each axis.

    "same" makes ceil(n / stride) windows and puts the odd cell behind; "causal" pads in front only,
    so that no output sees a later input.
    """
    how = padding.lower() if isinstance(padding, str) else padding
    if how == "valid":
        return [(0, 0)] * len(spatial)
    if how == "causal":
        return [(k - 1, 0) for k in span]
    if how == "same":
        totals = [
            max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(spatial, span, strides, strict=True)
        ]
        return [(total // 2, total - total // 2) for total in totals]
    raise NotCovered(f"`padding` is not documented as {padding!r}.")


def padded(x: Floats, amounts: Pads, value: float = 0.0) -> Floats:
    """x with `amounts` of `value` around its spatial axes."""
    return np.pad(x, [(0, 0), *amounts, (0, 0)], constant_values=value)


def windows(
    x: Floats, kernel: Sequence[int], strides: Sequence[int], dilation: Sequence[int]
) -> Iterator[tuple[tuple[int, ...], Floats]]:
    """Each place in the window, with what every output sees there: (batch, *out, channels)."""
    spatial = x.shape[1:-1]
    count = [(n - k) // s + 1 for n, k, s in zip(spatial, reach(kernel, dilation), strides, strict=True)]
    if min(count) < 1:
        raise NotCovered(f"A window of {tuple(kernel)} does not fit into {spatial}.")
    for place in product(*map(range, kernel)):
        cut = [
            slice(p * d, p * d + (c - 1) * s + 1, s)
            for p, d, c, s in zip(place, dilation, count, strides, strict=True)
        ]
        yield place, x[(slice(None), *cut)]
