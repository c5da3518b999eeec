"""Regularizers and constraints in float64.

https://keras.io/api/layers/regularizers/ and https://keras.io/api/layers/constraints/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered
from harness.specs.oracles.describing import described_only

Floats = npt.NDArray[np.float64]
Parameters = Mapping[str, Any]

FUZZ = 1e-7
"""`keras.config.epsilon()`, which keeps a norm of 0 from dividing."""


def _weight(inputs: Any) -> Floats:
    return np.asarray(inputs, dtype=np.float64)


def _only(parameters: Parameters, *known: str) -> None:
    """Raise `NotCovered` for what is not documented: other keywords, values that are no numbers."""
    if set(parameters) - set(known):
        raise NotCovered(f"Only {', '.join(known)} are documented. Received: {', '.join(parameters)}.")
    if any(isinstance(v, str) for k, v in parameters.items() if k != "mode"):
        raise NotCovered(f"Numbers are documented. Received: {parameters}.")


@described_only
def l1(inputs: Any, weights: Any, parameters: Parameters, **more: Any) -> Floats:
    """l1 · Σ |x|."""
    _only(parameters, "l1")
    return np.asarray(parameters.get("l1", 0.01) * np.abs(_weight(inputs)).sum())


@described_only
def l2(inputs: Any, weights: Any, parameters: Parameters, **more: Any) -> Floats:
    """l2 · Σ x²."""
    _only(parameters, "l2")
    return np.asarray(parameters.get("l2", 0.01) * np.square(_weight(inputs)).sum())


@described_only
def l1_l2(inputs: Any, weights: Any, parameters: Parameters, **more: Any) -> Floats:
    """l1 · Σ |x| + l2 · Σ x² with defaults of 0 (the class)."""
    _only(parameters, "l1", "l2")
    x = _weight(inputs)
    first, second = parameters.get("l1", 0.0) or 0.0, parameters.get("l2", 0.0) or 0.0
    return np.asarray(
        (first * np.abs(x).sum() if first else 0.0) + (second * np.square(x).sum() if second else 0.0)
    )


@described_only
def orthogonal(inputs: Any, weights: Any, parameters: Parameters, **more: Any) -> Floats:
    """factor · mean |inner product| of two distinct rows (or columns) of unit length.

    Source: https://keras.io/api/layers/regularizers/#orthogonalregularizer-class.
    """
    _only(parameters, "factor", "mode")
    x = _weight(inputs)
    mode = parameters.get("mode", "rows")
    if x.ndim != 2 or mode not in ("rows", "columns"):
        raise NotCovered("Only matrices, by rows or columns, are documented.")
    vectors = x if mode == "rows" else x.T
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if np.any((lengths > 0) & (lengths < FUZZ)):
        raise NotCovered("From which length on a vector counts as zero is not documented.")
    unit = np.where(lengths == 0, 0.0, vectors / np.where(lengths == 0, 1.0, lengths))
    count = len(unit)
    apart = np.abs(unit @ unit.T) * (1.0 - np.eye(count))
    pairs = count * (count - 1.0) / 2.0
    return np.asarray(parameters.get("factor", 0.01) * 0.5 * apart.sum() / pairs)


def _norms(x: Floats, parameters: Parameters) -> Floats:
    if parameters.get("max_value", 2) < max(0.0, parameters.get("min_value", 0.0)):
        raise NotCovered("A largest norm below the smallest is not documented.")
    axis = parameters.get("axis", 0)
    axis = tuple(axis) if isinstance(axis, list) else axis
    return np.asarray(np.sqrt(np.sum(np.square(x), axis=axis, keepdims=True)))


@described_only
def max_norm(inputs: Any, weights: Any, parameters: Parameters, **more: Any) -> Floats:
    """x scaled so that no norm along the axes is above max_value. Source: Srivastava et al. 2014."""
    _only(parameters, "max_value", "axis")
    x = _weight(inputs)
    norms = _norms(x, parameters)
    return np.asarray(x * np.clip(norms, 0.0, parameters.get("max_value", 2)) / (FUZZ + norms))


@described_only
def non_neg(inputs: Any, weights: Any, parameters: Parameters, **more: Any) -> Floats:
    """x where it is not negative, else 0."""
    _only(parameters)
    x = _weight(inputs)
    return np.asarray(x * (x >= 0.0))


@described_only
def unit_norm(inputs: Any, weights: Any, parameters: Parameters, **more: Any) -> Floats:
    """x scaled to norm 1 along the axes."""
    _only(parameters, "axis")
    x = _weight(inputs)
    return np.asarray(x / (FUZZ + _norms(x, parameters)))


@described_only
def min_max_norm(inputs: Any, weights: Any, parameters: Parameters, **more: Any) -> Floats:
    """x moved by the rate towards norms between min_value and max_value."""
    _only(parameters, "min_value", "max_value", "rate", "axis")
    x = _weight(inputs)
    norms = _norms(x, parameters)
    rate = parameters.get("rate", 1.0)
    inside = np.clip(norms, parameters.get("min_value", 0.0), parameters.get("max_value", 1.0))
    return np.asarray(x * (rate * inside + (1.0 - rate) * norms) / (FUZZ + norms))
