"""Backend functions in float64: NumPy has nearly all of them, the rest is written from their pages.

https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/backend and https://keras.io/api/ops/ (the
operations follow NumPy's definitions by name).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from harness.specs.declaration import NotCovered, Oracle
from harness.specs.oracles.describing import described_only

Array = npt.NDArray[Any]
EPSILON = 1e-7


def positional(function: Callable[..., Any], **renamed: str) -> Oracle:
    """An oracle from a NumPy-like function: inputs by position, parameters by (renamed) keyword.

    A keyword renamed to the empty string is left out.
    """

    @described_only
    def oracle(inputs: Any, weights: Any, parameters: Mapping[str, Any], **unused: Any) -> Any:
        arguments = inputs if isinstance(inputs, list) else [] if inputs is None else [inputs]
        named = {renamed.get(k, k): v for k, v in parameters.items() if renamed.get(k, k)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's word for the mean of nothing
            return function(*arguments, **named)

    return oracle


def square_root(x: Array) -> Array:
    """`backend.sqrt`: negative values count as zero."""
    return np.sqrt(np.maximum(x, 0.0))


def hard_sigmoid(x: Array) -> Array:
    """The segment-wise sigmoid of the backend's page: 0.2 * x + 0.5 between 0 and 1."""
    return np.clip(0.2 * x + 0.5, 0.0, 1.0)


def l2_normalize(x: Array, axis: Any = None) -> Array:
    """Divided by the root of the sum of squares, of which at least 1e-12 is assumed."""
    total = np.sum(np.square(x), axis=axis, keepdims=True)
    return np.asarray(x / np.sqrt(np.maximum(total, 1e-12)))


def logsumexp(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """log of the sum of exponentials."""
    return np.asarray(special.logsumexp(x, axis=axis, keepdims=keepdims))


def softmax(x: Array, axis: int = -1) -> Array:
    """Exponentials over their sum."""
    return np.asarray(special.softmax(x, axis=axis))


def softplus(x: Array) -> Array:
    """log(1 + e^x)."""
    return np.logaddexp(0.0, x)


def elu(x: Array, alpha: float = 1.0) -> Array:
    """x above zero, alpha * (e^x - 1) below."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


def clip(x: Array, min_value: float, max_value: float) -> Array:
    """Kept between two values, of which the first is the smaller."""
    if min_value > max_value:
        raise NotCovered("Bounds in the wrong order are not documented.")
    return np.clip(x, min_value, max_value)


def without_nan(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose page says nothing of NaN."""

    def checked(x: Array, **keywords: Any) -> Any:
        if np.isnan(x).any():
            raise NotCovered("The page says nothing of NaN.")
        return function(x, **keywords)

    return checked


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Array:
    """Numbers from start to stop, or from zero to start."""
    if dtype == "bool":
        raise NotCovered("Numbers are documented, not truth values.")
    return np.arange(0 if stop is None else start, start if stop is None else stop, step)


def one_hot(indices: Array, num_classes: int) -> Array:
    """A row with a single one per index; none for an index out of range."""
    return np.asarray(indices[..., None] == np.arange(num_classes), dtype=np.float64)


def padded(x: Array, padding: Any, first: int) -> Array:
    """Zeros around the axes from `first` on."""
    pairs = [(p, p) if isinstance(p, int) else tuple(p) for p in padding]
    widths = [(0, 0)] * first + pairs
    return np.pad(x, widths + [(0, 0)] * (x.ndim - len(widths)))


def temporal_padding(x: Array, padding: Any = (1, 1)) -> Array:
    """Zeros before and after the middle axis."""
    return padded(x, [padding], 1)


def spatial_padding(x: Array, padding: Any = ((1, 1), (1, 1))) -> Array:
    """Zeros around the spatial axes, channels last."""
    return padded(x, padding, 1)


def dot(x: Array, y: Array) -> Array:
    """The last axis of x against the second last of y, as NumPy's `dot`."""
    return np.asarray(np.dot(x, y))


def batch_dot(x: Array, y: Array, axes: Any = None) -> Array:
    """The given axes contracted, sample by sample; a column where nothing is left."""
    if isinstance(axes, int):
        axes = (axes, axes)
    first, second = axes if axes is not None else (x.ndim - 1, max(y.ndim - 2, 1))
    rows = [np.tensordot(a, b, (first - 1, second - 1)) for a, b in zip(x, y, strict=True)]
    out = np.stack(rows)
    return out[:, None] if out.ndim == 1 else out


def binary_crossentropy(target: Array, output: Array, from_logits: bool = False) -> Array:
    """-(t log p + (1 - t) log(1 - p)), probabilities kept epsilon away from 0 and 1."""
    if from_logits:
        return np.asarray(np.maximum(output, 0) - output * target + np.log1p(np.exp(-np.abs(output))))
    p = np.clip(output, EPSILON, 1.0 - EPSILON)
    return np.asarray(-(target * np.log(p) + (1.0 - target) * np.log(1.0 - p)))


def categorical_crossentropy(
    target: Array, output: Array, from_logits: bool = False, axis: int = -1
) -> Array:
    """-sum t log p, probabilities rescaled to a sum of one and kept epsilon away from 0 and 1."""
    if from_logits:
        return np.asarray(-np.sum(target * special.log_softmax(output, axis=axis), axis=axis))
    p = np.clip(output / output.sum(axis=axis, keepdims=True), EPSILON, 1.0 - EPSILON)
    return np.asarray(-np.sum(target * np.log(p), axis=axis))


def sparse_categorical_crossentropy(target: Array, output: Array, from_logits: bool = False) -> Array:
    """The same for the number of the class."""
    if from_logits:
        logs = special.log_softmax(output, axis=-1)
    else:
        logs = np.log(np.clip(output, EPSILON, 1.0 - EPSILON))
    return np.asarray(-np.take_along_axis(logs, target.astype(np.int64)[..., None], -1)[..., 0])


def batch_normalization(
    x: Array, mean: Array, var: Array, beta: Array, gamma: Array, epsilon: float = 1e-3
) -> Array:
    """(x - mean) / sqrt(var + epsilon) * gamma + beta."""
    return np.asarray((x - mean) / np.sqrt(var + epsilon) * gamma + beta)


def in_top_k(predictions: Array, targets: Array, k: int) -> Array:
    """Whether the target's prediction is among the k largest."""
    own = np.take_along_axis(predictions, targets[:, None].astype(np.int64), 1)
    return np.asarray((predictions > own).sum(axis=1) < k)


def repeated(x: Array, n: int) -> Array:
    """A matrix repeated along a new middle axis."""
    return np.repeat(x[:, None, :], n, axis=1)


def enlarged(x: Array, height_factor: int, width_factor: int) -> Array:
    """Nearest-neighbour enlargement, channels last."""
    return x.repeat(height_factor, axis=1).repeat(width_factor, axis=2)
