"""Activation layers in float64: https://keras.io/api/layers/activation_layers/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harness.specs.declaration import NotCovered
from harness.specs.oracles import activation_functions as functions
from harness.specs.oracles.activation_functions import Floats

Parameters = Mapping[str, Any]


def _float(inputs: Any) -> Floats:
    return np.asarray(inputs, dtype=np.float64)


def _numbers(**values: Any) -> None:
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise NotCovered(f"`{name}` is documented to be a number. Received: {value!r}.")


def relu(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """max_value from max_value on, x from the threshold on, negative_slope · (x − threshold) below."""
    slope, highest = parameters.get("negative_slope", 0.0), parameters.get("max_value")
    threshold = parameters.get("threshold", 0.0)
    _numbers(negative_slope=slope, max_value=0.0 if highest is None else highest, threshold=threshold)
    return functions.relu(_float(inputs), slope, highest, threshold)


def leaky_relu(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """x from 0 on, slope · x below; the slope is `negative_slope`, in Keras 2 `alpha`, by default 0.3."""
    slope = parameters.get("negative_slope", parameters.get("alpha", 0.3))
    _numbers(negative_slope=slope)
    return functions.leaky_relu(_float(inputs), slope)


def prelu(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """x from 0 on, alpha · x below, with one learned alpha per position; shared along `shared_axes`.

    Source: https://keras.io/api/layers/activation_layers/prelu/, https://arxiv.org/abs/1502.01852.
    """
    x = _float(inputs)
    with np.errstate(all="ignore"):
        return np.where(x > 0, x, weights[0] * x)


def elu(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """x above 0, alpha · (exp(x) − 1) below."""
    alpha = parameters.get("alpha", 1.0)
    _numbers(alpha=alpha)
    return functions.elu(_float(inputs), alpha)


def softmax(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """exp(x) / Σ exp(x) over `axis`, masked positions counting nothing.

    Source: https://keras.io/api/layers/activation_layers/softmax/. What a row without any unmasked
    position gives is not documented.
    """
    x = _float(inputs)
    given = parameters.get("axis", -1)
    axes = tuple(given) if isinstance(given, (list, tuple)) else (given,)
    if not all(isinstance(a, int) and -x.ndim <= a < x.ndim for a in axes):
        raise NotCovered(f"`axis` is not documented as {given!r}.")
    if call.get("$masking"):
        raise NotCovered("A mask of steps is documented only where it broadcasts to the inputs.")
    mask = call.get("mask")
    if mask is None:
        return functions.softmax(x, axes)
    kept = np.broadcast_to(np.asarray(mask, dtype=bool), x.shape)
    if not kept.any(axis=axes).all():
        raise NotCovered("A row that is masked altogether is not documented.")
    return functions.softmax(np.where(kept, x, -np.inf), axes)


def thresholded_relu(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """x above theta, 0 otherwise. Source: Keras 2's documentation; arXiv:1402.3337."""
    theta = parameters.get("theta", 1.0)
    _numbers(theta=theta)
    return functions.threshold(_float(inputs), theta, 0.0)
