"""Numerical preprocessing layers: normalization, discretization, rescaling.

https://keras.io/api/layers/preprocessing_layers/numerical/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered
from harness.specs.oracles.categories import dense, encode

Floats = npt.NDArray[np.float64]


def _kept(axis: Any, rank: int) -> tuple[int, ...]:
    """The axes with statistics of their own, as non-negative numbers in ascending order."""
    if axis is None:
        return ()
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    return tuple(sorted(a % rank for a in axes))


def _statistics(
    x: Floats, parameters: Mapping[str, Any], call: Mapping[str, Any], kept: tuple[int, ...]
) -> tuple[Floats, Floats]:
    """Mean and variance, given or adapted, shaped to broadcast against x."""
    shape = tuple(x.shape[a] if a in kept else 1 for a in range(x.ndim))
    if parameters.get("mean") is not None:
        given = (parameters["mean"], parameters["variance"])
        inner = tuple(x.shape[a] for a in kept)
        mean, variance = (
            np.broadcast_to(np.asarray(g, dtype=np.float64), inner).reshape(shape) for g in given
        )
        return mean, variance
    if "$adapt" not in call:
        raise NotCovered("Neither given statistics nor data to adapt to.")
    data = np.asarray(call["$adapt"], dtype=np.float64)
    if data.ndim != x.ndim:
        raise NotCovered("Data to adapt to of another rank is not described.")
    others = tuple(a for a in range(data.ndim) if a not in kept)
    return np.mean(data, axis=others, keepdims=True), np.var(data, axis=others, keepdims=True)


def normalization(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """(input - mean) / √variance, or the inverse; statistics per index of the kept axes."""
    x = np.asarray(inputs, dtype=np.float64)
    kept = _kept(parameters.get("axis", -1), x.ndim)
    if 0 in kept:
        raise NotCovered("Statistics per element of the batch are described for scalars only.")
    mean, variance = _statistics(x, parameters, call, kept)
    if np.any(variance <= 0.0):
        raise NotCovered("The page does not say what a variance of zero gives.")
    if parameters.get("invert", False):
        return x * np.sqrt(variance) + mean
    return (x - mean) / np.sqrt(variance)


def discretization(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """Bins (-∞, b0), [b0, b1), …, [bn, ∞): an element on a boundary belongs to the bin above."""
    boundaries = parameters.get("bin_boundaries")
    if boundaries is None:
        raise NotCovered("Adapted boundaries are approximate by design.")
    x = dense(inputs).astype(np.float64)
    if np.any(np.isnan(x)):
        raise NotCovered("The bin of NaN is not described.")
    if list(boundaries) != sorted(boundaries):
        raise NotCovered("Boundaries out of order are not described.")
    indices = np.searchsorted(np.asarray(boundaries, dtype=np.float64), x, side="right").astype(np.int64)
    return encode(indices, len(boundaries) + 1, parameters.get("output_mode", "int"))


def refuse_whole_numbers(parameters: Mapping[str, Any]) -> None:
    """These layers are described as giving floats."""
    if "int" in str(parameters.get("dtype", "")):
        raise NotCovered("How results are rounded to whole numbers is not described.")


def rescaling(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """input · scale + offset."""
    refuse_whole_numbers(parameters)
    x = np.asarray(inputs, dtype=np.float64)
    scale, offset = (np.asarray(parameters.get(k, 0.0), dtype=np.float64) for k in ("scale", "offset"))
    return x * scale + offset
