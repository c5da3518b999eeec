"""Normalization layers in float64: https://keras.io/api/layers/normalization_layers/.

Weights come in the documented order gamma, beta, moving mean, moving variance; those that
`scale=False` and `center=False` do without are absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harness.specs.declaration import NotCovered
from harness.specs.oracles.activation_functions import Floats
from harness.specs.oracles.convolution import convolution
from harness.specs.oracles.core import dense
from harness.specs.oracles.spatial import l2_normalized, mask_of

Parameters = Mapping[str, Any]


def _axis(axis: Any, rank: int) -> int:
    """One axis counted from the front; `NotCovered` for what is no axis."""
    if isinstance(axis, bool) or not isinstance(axis, int) or not -rank <= axis < rank:
        raise NotCovered(f"`axis` is not one of {rank} axes: {axis!r}.")
    return axis % rank


def _float(inputs: Any) -> Floats:
    return np.asarray(inputs, dtype=np.float64)


def _scaled(
    y: Floats, weights: Sequence[Floats], parameters: Parameters, shape: Sequence[int]
) -> tuple[Floats, Sequence[Floats]]:
    """gamma · y + beta with either left out as asked, and the weights that remain."""
    rest = list(weights)
    if parameters.get("scale", True):
        y = y * rest.pop(0).reshape(shape)
    if parameters.get("center", True):
        y = y + rest.pop(0).reshape(shape)
    return y, rest


def _moments(x: Floats, axes: tuple[int, ...], counted: Floats | None = None) -> tuple[Floats, Floats]:
    """Mean and (biased) variance over axes, of the counted positions only where given."""
    weight = np.ones_like(x) if counted is None else np.broadcast_to(counted, x.shape)
    total = weight.sum(axis=axes, keepdims=True)
    mean: Floats = (x * weight).sum(axis=axes, keepdims=True) / total
    variance: Floats = (weight * (x - mean) ** 2).sum(axis=axes, keepdims=True) / total
    return mean, variance


@np.errstate(all="ignore")
def batch_normalization(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """gamma · (x − mean) / √(variance + epsilon) + beta, with the batch's moments while training.

    Source: https://keras.io/api/layers/normalization_layers/batch_normalization/ and
    https://arxiv.org/abs/1502.03167. The batch's variance is the biased one. A layer that is not
    trainable runs in inference mode. `mask` says which positions the moments are taken of.
    """
    x = _float(inputs)
    axis = _axis(parameters.get("axis", -1), x.ndim)
    shape = [n if i == axis else 1 for i, n in enumerate(x.shape)]
    moving = [w.reshape(shape) for w in weights[-2:]]
    if training and parameters.get("trainable", True):
        if parameters.get("renorm") or parameters.get("virtual_batch_size"):
            raise NotCovered("Renormalization and virtual batches while training are not described here.")
        others = tuple(i for i in range(x.ndim) if i != axis)
        mask = mask_of(inputs, call)
        counted = None if mask is None else _float(mask)
        if counted is not None:
            counted = counted.reshape(counted.shape + (1,) * (x.ndim - counted.ndim))
        mean, variance = _moments(x, others, counted)
    else:
        if parameters.get("renorm"):
            raise NotCovered("The order of renormalization's extra weights is not documented.")
        mean, variance = moving
    normal = (x - mean) / np.sqrt(variance + parameters.get("epsilon", 1e-3))
    return _scaled(normal, weights, parameters, shape)[0]


@np.errstate(all="ignore")
def layer_normalization(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """gamma · (x − mean) / √(variance + epsilon) + beta with each sample's own moments over `axis`.

    Source: https://keras.io/api/layers/normalization_layers/layer_normalization/ and
    https://arxiv.org/abs/1607.06450.
    """
    if parameters.get("rms_scaling"):
        raise NotCovered("`rms_scaling` is no longer documented.")
    x = _float(inputs)
    given = parameters.get("axis", -1)
    axes = tuple(_axis(a, x.ndim) for a in (given if isinstance(given, (list, tuple)) else [given]))
    if list(axes) != sorted(set(axes)):
        raise NotCovered("Axes out of order or named twice are not documented.")
    shape = [n if i in axes else 1 for i, n in enumerate(x.shape)]
    mean, variance = _moments(x, axes)
    normal = (x - mean) / np.sqrt(variance + parameters.get("epsilon", 1e-3))
    return _scaled(normal, weights, parameters, shape)[0]


@np.errstate(all="ignore")
def group_normalization(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """gamma · (x − mean) / √(variance + epsilon) + beta with moments per sample and group of channels.

    Source: https://keras.io/api/layers/normalization_layers/group_normalization/ and
    https://arxiv.org/abs/1803.08494. `groups=-1` gives every channel its own group.
    """
    if mask_of(inputs, call) is not None:
        raise NotCovered("A mask is not documented.")
    x = _float(inputs)
    axis = _axis(parameters.get("axis", -1), x.ndim)
    channels = x.shape[axis]
    groups = parameters.get("groups", 32)
    groups = channels if groups == -1 else groups
    if axis == 0 or not isinstance(groups, int) or groups < 1 or channels % groups:
        raise NotCovered(f"{groups!r} groups do not divide {channels} channels.")
    last = np.moveaxis(x, axis, -1)
    grouped = last.reshape(*last.shape[:-1], groups, channels // groups)
    axes = tuple(i for i in range(1, grouped.ndim) if i != grouped.ndim - 2)
    mean, variance = _moments(grouped, axes)
    normal = (grouped - mean) / np.sqrt(variance + parameters.get("epsilon", 1e-3))
    y = np.moveaxis(normal.reshape(last.shape), -1, axis)
    shape = [n if i == axis else 1 for i, n in enumerate(x.shape)]
    return _scaled(y, weights, parameters, shape)[0]


@np.errstate(all="ignore")
def unit_normalization(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """x divided by its L2 norm over `axis`, so that it has norm 1.

    Source: https://keras.io/api/layers/normalization_layers/unit_normalization/, and for short
    vectors https://www.tensorflow.org/api_docs/python/tf/math/l2_normalize.
    """
    x = _float(inputs)
    given = parameters.get("axis", -1)
    axes = tuple(_axis(a, x.ndim) for a in (given if isinstance(given, (list, tuple)) else [given]))
    return l2_normalized(x, axes)


@np.errstate(all="ignore")
def rms_normalization(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """scale · x / √(mean(x²) + epsilon) over `axis`.

    Source: https://keras.io/api/layers/normalization_layers/rms_normalization/ and
    https://arxiv.org/abs/1910.07467.
    """
    x = _float(inputs)
    given = parameters.get("axis", -1)
    axes = tuple(_axis(a, x.ndim) for a in (given if isinstance(given, (list, tuple)) else [given]))
    square: Floats = (x * x).mean(axis=axes, keepdims=True)
    shape = [n if i in axes else 1 for i, n in enumerate(x.shape)]
    y: Floats = x / np.sqrt(square + parameters.get("epsilon", 1e-6))
    return y * weights[0].reshape(shape)


WRAPPED = {"layers.Dense": dense, "layers.Conv2D": convolution(2)}


def spectral_normalization(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Any:
    """The wrapped layer; while training its kernel is first divided by its spectral norm.

    Source: https://keras.io/api/layers/normalization_layers/spectral_normalization/ and
    https://arxiv.org/abs/1802.05957, algorithm 1, on the kernel as a matrix (everything, filters).
    Weights: the wrapped layer's, and the vector u of shape (1, filters), known by its shape.
    """
    wrapped = parameters["layer"]
    name = wrapped.get("$object") if isinstance(wrapped, Mapping) else None
    if name not in WRAPPED:
        raise NotCovered(f"Wrapping {wrapped!r} is not described here.")
    kernel = weights[0]
    matrix = kernel.reshape(-1, kernel.shape[-1])
    vectors = [i for i, w in enumerate(weights) if i and w.shape == (1, matrix.shape[1])]
    rest = [w for i, w in enumerate(weights) if i not in vectors[-1:]]
    iterations = parameters.get("power_iterations", 1)
    if not vectors or not isinstance(iterations, int) or iterations < 1:
        raise NotCovered("Expected a vector to iterate on, and at least one iteration.")
    if training:
        u = weights[vectors[-1]]
        for _ in range(iterations):
            v = u @ matrix.T
            v = v / np.linalg.norm(v)
            u = v @ matrix
            u = u / np.linalg.norm(u)
        rest = [kernel / (v @ matrix @ u.T).item(), *rest[1:]]
    return WRAPPED[name](inputs, rest, wrapped.get("parameters", {}), training=training, call=call)
