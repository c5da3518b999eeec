"""Pooling in float64: https://keras.io/api/layers/pooling_layers/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harness.specs.declaration import NotCovered, Oracle
from harness.specs.oracles.activation_functions import Floats
from harness.specs.oracles.spatial import as_given, mask_of, padded, pads, sizes, to_channels_last, windows

Parameters = Mapping[str, Any]


def _pooled(inputs: Any, parameters: Parameters, rank: int) -> tuple[Floats, Floats]:
    """Every window's values, and which of them are inputs and not padding, on a new first axis."""
    x = to_channels_last(inputs, parameters, rank)
    size = sizes(parameters.get("pool_size", 2), rank, "pool_size")
    given = parameters.get("strides")
    strides = size if given is None else sizes(given, rank, "strides")
    padding = parameters.get("padding", "valid")
    if isinstance(padding, str) and padding.lower() == "causal":
        raise NotCovered('Padding "causal" is documented for Conv1D only.')
    amounts = pads(padding, x.shape[1:-1], size, strides)
    once = (1,) * rank
    inside = padded(np.ones((1, *x.shape[1:-1], 1)), amounts)
    values = np.stack([seen for _, seen in windows(padded(x, amounts), size, strides, once)])
    return values, np.stack([seen for _, seen in windows(inside, size, strides, once)])


def maximum(rank: int) -> Oracle:
    """MaxPooling1D to 3D: the largest input of each window; padding never wins."""

    def oracle(
        inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
    ) -> Floats:
        values, inside = _pooled(inputs, parameters, rank)
        return as_given(np.max(np.where(inside > 0, values, -np.inf), axis=0), parameters)

    return oracle


def average(rank: int) -> Oracle:
    """AveragePooling1D to 3D: the mean of the inputs of each window; padding is not counted.

    That padding is left out of the count is said at
    https://www.tensorflow.org/api_docs/python/tf/nn/avg_pool ("each output element is the average of
    the corresponding values in the window") and holds for both implementations on TensorFlow.
    """

    def oracle(
        inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
    ) -> Floats:
        values, inside = _pooled(inputs, parameters, rank)
        return as_given(values.sum(axis=0) / inside.sum(axis=0), parameters)

    return oracle


def _whole(y: Floats, parameters: Parameters, rank: int) -> Floats:
    """A global result (batch, 1 …, channels): as it is with `keepdims`, else (batch, channels)."""
    if parameters.get("keepdims", False):
        return as_given(y, parameters)
    return y.reshape(y.shape[0], y.shape[-1])


def global_maximum(rank: int) -> Oracle:
    """GlobalMaxPooling1D to 3D: the largest value of every channel."""

    def oracle(
        inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
    ) -> Floats:
        x = to_channels_last(inputs, parameters, rank)
        if 0 in x.shape[1:-1]:
            raise NotCovered("There is no largest of no values.")
        return _whole(x.max(axis=tuple(range(1, rank + 1)), keepdims=True), parameters, rank)

    return oracle


def global_average(rank: int) -> Oracle:
    """GlobalAveragePooling1D to 3D: the mean of every channel; in 1D only over unmasked steps."""

    def oracle(
        inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
    ) -> Floats:
        x = to_channels_last(inputs, parameters, rank)
        axes = tuple(range(1, rank + 1))
        mask = mask_of(inputs, call) if rank == 1 else None
        counted = np.ones((1, *x.shape[1:-1], 1)) if mask is None else mask.astype(np.float64)[..., None]
        with np.errstate(all="ignore"):
            total = np.sum(x * counted, axis=axes, keepdims=True)
            return _whole(total / counted.sum(axis=axes, keepdims=True), parameters, rank)

    return oracle


def _adaptive(rank: int, name: str) -> Oracle:
    """Adaptive pooling: output cell i of m covers inputs ⌊i·n/m⌋ up to ⌈(i+1)·n/m⌉ of n."""

    def oracle(
        inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
    ) -> Floats:
        x = to_channels_last(inputs, parameters, rank)
        out = sizes(parameters["output_size"], rank, "output_size")
        axes = tuple(range(1, rank + 1))
        y = np.empty((x.shape[0], *out, x.shape[-1]))
        reduce = np.max if name == "max" else np.mean
        for place in np.ndindex(*out):
            cut = [
                slice(i * n // m, -(-(i + 1) * n // m))
                for i, n, m in zip(place, x.shape[1:-1], out, strict=True)
            ]
            y[(slice(None), *place)] = reduce(x[(slice(None), *cut)], axis=axes)
        return as_given(y, parameters)

    return oracle


def adaptive_maximum(rank: int) -> Oracle:
    """AdaptiveMaxPooling1D to 3D of Keras 3.

    Where windows begin and end is not said at keras.io; it is at
    https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html, which the layer names.
    """
    return _adaptive(rank, "max")


def adaptive_average(rank: int) -> Oracle:
    """AdaptiveAveragePooling1D to 3D of Keras 3, with the windows of `adaptive_maximum`."""
    return _adaptive(rank, "mean")
