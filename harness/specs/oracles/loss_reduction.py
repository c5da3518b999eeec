"""What a loss object makes of the losses per sample: sample weights, masks, reduction.

https://keras.io/api/losses/: a weight multiplies the loss of its sample (or of its element, where it has
the shape of the losses); `sum_over_batch_size` divides the sum by the number of losses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harness.specs.declaration import NotCovered, Oracle
from harness.specs.oracles.describing import described_only
from harness.specs.oracles.losses import Floats, PerSample

SPARSE = ("sparse_categorical_crossentropy", "categorical_generalized_cross_entropy", "circle", "ctc")
"""Losses whose targets have another shape than the predictions."""

UNREDUCED = ("dice", "tversky")
"""Losses of the whole batch."""


def targets_and_predictions(inputs: Sequence[Any], *, same_shape: bool) -> tuple[Floats, Floats]:
    """Both as float64 arrays; of shapes the documentation allows."""
    t, p = (np.asarray(x, dtype=np.float64) for x in inputs[:2])
    if same_shape and t.shape != p.shape:
        raise NotCovered(f"Targets of shape {t.shape} for predictions of shape {p.shape} are not documented.")
    if same_shape and t.ndim == 0:
        raise NotCovered("A loss of scalars is not documented.")
    return t, p


def function_oracle(function: PerSample) -> Oracle:
    """The oracle of a loss function."""
    same_shape = function.__name__ not in SPARSE

    @described_only
    def oracle(inputs: Any, weights: Any, parameters: Mapping[str, Any], **more: Any) -> Any:
        t, p = targets_and_predictions(inputs, same_shape=same_shape)
        if more.get("call", {}).keys() - {"$as"}:
            raise NotCovered("A loss function documents no further arguments.")
        return function(t, p, **parameters)

    return oracle


def object_oracle(function: PerSample) -> Oracle:
    """The oracle of a loss class."""
    same_shape = function.__name__ not in SPARSE

    @described_only
    def oracle(
        inputs: Any,
        weights: Any,
        parameters: Mapping[str, Any],
        *,
        training: bool = False,
        call: Mapping[str, Any] | None = None,
    ) -> Any:
        own = dict(parameters)
        reduction = own.pop("reduction", "sum_over_batch_size")
        own.pop("name", None)
        dtype = own.pop("dtype", None)
        t, p = targets_and_predictions(inputs, same_shape=same_shape)
        if dtype is not None:
            t, p = (x.astype(dtype).astype(np.float64) for x in (t, p))
        if function.__name__ == "circle":
            p = p / np.maximum(np.linalg.norm(p, axis=-1, keepdims=True), 1e-12)
        losses = function(t, p, **own)
        counted = np.ones(losses.shape)
        if own.get("ignore_class") is not None:
            counted = (t.reshape(losses.shape) != own["ignore_class"]).astype(np.float64)
        return reduced(losses, reduction, dict(call or {}), counted)

    return oracle


def reduced(losses: Floats, reduction: Any, call: dict[str, Any], counted: Floats) -> Floats:
    """Losses per sample with weights and mask applied, reduced.

    counted: 0 where a loss is of an ignored class. Such losses and masked-out ones count neither in the sum
    nor in the number of losses.
    """
    weights = broadcast_weights(call.pop("sample_weight", None), losses)
    mask = call.pop("$mask", None)
    call.pop("$as", None)
    if call:
        raise NotCovered(f"A loss object documents no argument {', '.join(call)}.")
    if mask is not None:
        counted = counted * broadcast_weights(mask, losses)
        if reduction in (None, "none"):
            raise NotCovered("How unreduced losses show a mask is not documented.")
    weighted = losses * weights * counted
    if reduction in (None, "none"):
        return np.asarray(losses * weights)
    if reduction == "sum":
        return np.asarray(weighted.sum())
    if reduction in ("sum_over_batch_size", "auto", "mean"):
        return np.asarray(weighted.sum() / counted.sum() if counted.sum() else 0.0)
    if reduction == "mean_with_sample_weight":
        return np.asarray(weighted.sum() / (weights * counted).sum())
    raise NotCovered(f"No documented reduction is called {reduction!r}.")


def broadcast_weights(given: Any, losses: Floats) -> Floats:
    """Weights in the shape of the losses: a number, one per sample or loss, or with a last axis of 1."""
    if given is None:
        return np.ones(losses.shape)
    weights = np.asarray(given, dtype=np.float64)
    if weights.ndim == losses.ndim + 1 and weights.shape[-1] == 1:
        weights = weights[..., 0]
    if weights.ndim > losses.ndim:
        raise NotCovered("Weights of higher rank than the losses are not documented.")
    wide = weights.reshape(weights.shape + (1,) * (losses.ndim - weights.ndim)) if weights.ndim else weights
    if np.broadcast_shapes(wide.shape, losses.shape) != losses.shape:
        raise NotCovered(f"Weights of shape {weights.shape} for losses of shape {losses.shape} do not fit.")
    return np.broadcast_to(wide, losses.shape).astype(np.float64)
