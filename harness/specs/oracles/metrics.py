"""Metrics in float64: the result after each update is that of all data seen so far.

https://keras.io/api/metrics/. A metric here is a function of all targets, predictions and weights up to an
update; how an implementation keeps its state is its own affair.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered, Oracle
from harness.specs.oracles import losses
from harness.specs.oracles.describing import described_only
from harness.specs.oracles.loss_reduction import broadcast_weights, targets_and_predictions

Floats = npt.NDArray[np.float64]
Parameters = Mapping[str, Any]
Result = Callable[[Floats, Floats, "Floats | None", dict[str, Any]], Any]
"""Targets, predictions, weights (or None) and parameters → the result."""

OF_THE_OBJECT = ("name", "dtype")
"""Keywords of every metric that leave the result alone."""


def oracle_of(result: Result, *known: str, sparse: bool = False) -> Oracle:
    """The oracle of a metric: a list of results, one after each update."""

    @described_only
    def oracle(inputs: Any, weights: Any, parameters: Parameters, **more: Any) -> Any:
        own = documented(parameters, known)
        call = dict(more.get("call", {}))
        call.pop("$as", None)
        weight = call.pop("sample_weight", None)
        if call:
            raise NotCovered(f"No documented argument is called {', '.join(call)}.")
        seen: list[tuple[Floats, Floats]] = []
        out = []
        for update in inputs:
            seen.append(targets_and_predictions(update, same_shape=not sparse))
            t, p = (joined([pair[i] for pair in seen]) for i in (0, 1))
            out.append(result(t, p, repeated(weight, len(seen)), own))
        return out

    return oracle


def documented(parameters: Parameters, known: Sequence[str]) -> dict[str, Any]:
    """The parameters that matter; `NotCovered` for a keyword or a dtype nothing is said about."""
    if set(parameters) - set(known) - set(OF_THE_OBJECT):
        raise NotCovered(f"Only {', '.join(known)} are documented. Received: {', '.join(parameters)}.")
    if parameters.get("dtype", "float32") not in ("float32", "float64", None):
        raise NotCovered("A result in another dtype is rounded in ways that are not documented.")
    return {k: v for k, v in parameters.items() if k not in OF_THE_OBJECT}


def joined(arrays: Sequence[Floats]) -> Floats:
    """Updates as one; scalars as a vector."""
    return np.concatenate([np.atleast_1d(a) for a in arrays])


def repeated(weight: Any, times: int) -> Floats | None:
    """The weights of each update, for as many updates."""
    if weight is None:
        return None
    one = np.asarray(weight, dtype=np.float64)
    return one if one.ndim == 0 else np.concatenate([one] * times)


def weighted_mean(values: Floats, weights: Floats | None) -> Floats:
    """Σ w·v / Σ w, and 0 where nothing was seen."""
    w = broadcast_weights(weights, values)
    total = w.sum()
    return np.asarray((values * w).sum() / total if total else 0.0)


def mean_of(function: losses.PerSample, *, flip: bool = False) -> Result:
    """The weighted mean of a loss per sample (of its negative, for a similarity)."""

    def result(t: Floats, p: Floats, weights: Floats | None, own: dict[str, Any]) -> Any:
        if t.ndim == 1 and function.__name__ not in ("accuracy", *SPARSE):
            raise NotCovered("A mean over the last axis of vectors is not documented.")
        if own.get("axis", -1) is None:
            raise NotCovered("An axis is documented as a number.")
        return weighted_mean((-1.0 if flip else 1.0) * function(t, p, **own), weights)

    return result


def accuracy(t: Floats, p: Floats) -> Floats:
    """1 where target and prediction are equal."""
    return np.asarray((t == p).astype(np.float64))


def binary_accuracy(t: Floats, p: Floats, threshold: float = 0.5) -> Floats:
    """The share of the last axis that lies on the right side of the threshold."""
    return losses.mean(((p > threshold) == t).astype(np.float64))


def categorical_accuracy(t: Floats, p: Floats) -> Floats:
    """1 where the largest prediction is the target's class."""
    refuse_nan(p)
    return np.asarray((t.argmax(-1) == p.argmax(-1)).astype(np.float64))


def sparse_categorical_accuracy(t: Floats, p: Floats) -> Floats:
    """1 where the largest prediction is the labelled class."""
    refuse_nan(p)
    return np.asarray((labels_of(t, p) == p.argmax(-1)).astype(np.float64))


def refuse_nan(p: Floats) -> None:
    """Which of several classes is the largest is not documented when one is no number."""
    if np.isnan(p).any():
        raise NotCovered("The largest of predictions with a NaN is not documented.")


def labels_of(t: Floats, p: Floats) -> Floats:
    """Class numbers without a last axis of 1."""
    return t[..., 0] if t.ndim == p.ndim and t.shape[-1] == 1 else t


def among_top(labels: Floats, p: Floats, k: int) -> Floats:
    """1 where fewer than k classes are predicted higher than the labelled one."""
    if np.any((labels < 0) | (labels >= p.shape[-1])) or not np.isfinite(p).all():
        raise NotCovered("Labels beyond the classes and predictions that are not finite are not documented.")
    own = np.take_along_axis(p, labels.astype(np.int64)[..., None], axis=-1)
    return np.asarray(((p > own).sum(-1) < k).astype(np.float64))


def top_k_categorical_accuracy(t: Floats, p: Floats, k: int = 5) -> Floats:
    """1 where the target's class is among the k largest predictions."""
    return among_top(t.argmax(-1).astype(np.float64), p, k)


def sparse_top_k_categorical_accuracy(
    t: Floats, p: Floats, k: int = 5, from_sorted_ids: bool = False
) -> Floats:
    """1 where the labelled class is among the k largest predictions, or first k of class numbers."""
    labels = labels_of(t, p)
    if from_sorted_ids:
        return np.asarray((p[..., :k] == labels[..., None]).any(-1).astype(np.float64))
    return among_top(labels, p, k)


SPARSE = (
    "sparse_categorical_accuracy",
    "sparse_top_k_categorical_accuracy",
    "sparse_categorical_crossentropy",
)

ACCURACIES: Mapping[str, losses.PerSample] = {
    f.__name__: f
    for f in (
        binary_accuracy,
        categorical_accuracy,
        sparse_categorical_accuracy,
        top_k_categorical_accuracy,
        sparse_top_k_categorical_accuracy,
    )
}
"""Public name below ``keras.metrics`` → the accuracy per sample."""


def root_mean_squared_error(t: Floats, p: Floats, weights: Floats | None, own: dict[str, Any]) -> Any:
    """√ of the weighted mean of (t − p)² over all elements."""
    return np.sqrt(weighted_mean((t - p) ** 2, weights))


def centred(t: Floats, p: Floats, axis: int) -> tuple[Floats, Floats]:
    """Both without their means along the axis."""
    return t - t.mean(axis=axis, keepdims=True), p - p.mean(axis=axis, keepdims=True)


def pearson_correlation(t: Floats, p: Floats, axis: int = -1) -> Floats:
    """cov(t, p) / (σ_t σ_p)."""
    a, b = centred(t, p, axis)
    return np.asarray((a * b).sum(axis) / np.sqrt((a * a).sum(axis) * (b * b).sum(axis)))


def concordance_correlation(t: Floats, p: Floats, axis: int = -1) -> Floats:
    """2 cov(t, p) / (σ_t² + σ_p² + (μ_t − μ_p)²). Source: Lin 1989, doi:10.2307/2532051."""
    a, b = centred(t, p, axis)
    apart = (t.mean(axis) - p.mean(axis)) ** 2
    return np.asarray(2.0 * (a * b).mean(axis) / ((a * a).mean(axis) + (b * b).mean(axis) + apart))


def r2_score(t: Floats, p: Floats, weights: Floats | None, own: dict[str, Any]) -> Any:
    """1 − Σ w (t − p)² / Σ w (t − mean)² per output, aggregated; adjusted for the number of regressors."""
    w = (
        np.ones(len(t))
        if weights is None
        else np.asarray(weights, dtype=np.float64).reshape(len(t), -1)[:, 0]
    )
    w = w[:, None]
    if t.ndim != 2:
        raise NotCovered("R² is documented for matrices.")
    total = (w * (t - (w * t).sum(0) / w.sum()) ** 2).sum(0)
    scores = 1.0 - (w * (t - p) ** 2).sum(0) / total
    how = own.get("class_aggregation", "uniform_average")
    if how == "variance_weighted_average":
        scores = np.asarray((scores * total).sum() / total.sum())
    elif how == "uniform_average":
        scores = np.asarray(scores.mean())
    count, regressors = w.sum(), own.get("num_regressors", 0)
    if not regressors:
        return scores
    if not isinstance(regressors, int) or not 0 < regressors < count - 1:
        raise NotCovered("A number of regressors below that of the samples less one is documented.")
    return 1.0 - (1.0 - scores) * (count - 1.0) / (count - regressors - 1.0)


def f_beta(t: Floats, p: Floats, weights: Floats | None, own: dict[str, Any]) -> Any:
    """(1 + β²) · precision · recall / (β² · precision + recall) per class, then averaged as asked."""
    if t.ndim != 2:
        raise NotCovered("F scores are documented for matrices.")
    threshold = own.get("threshold")
    chosen = p == p.max(-1, keepdims=True) if threshold is None else p > threshold
    w = np.ones((len(t), 1)) if weights is None else np.asarray(weights, dtype=np.float64).reshape(len(t), 1)
    average = own.get("average")
    axis = None if average == "micro" else 0
    hit, extra, missed = ((w * x).sum(axis) for x in (chosen * t, chosen * (1 - t), (~chosen) * t))
    square = own.get("beta", 1.0) ** 2
    low = (1.0 + square) * hit + square * missed + extra
    score = np.where(low == 0, 0.0, (1.0 + square) * hit / np.where(low == 0, 1.0, low))
    if average == "weighted":
        share = hit + missed
        return (score * share).sum() / share.sum()
    return score.mean() if average == "macro" else score


def mean_relative_error(t: Floats, p: Floats, weights: Floats | None, own: dict[str, Any]) -> Any:
    """The mean of |t − p| / normalizer, 0 where the normalizer is."""
    scale = np.asarray(own["normalizer"], dtype=np.float64)
    if scale.shape != t.shape[-scale.ndim :] or len(t) != scale.shape[0]:
        raise NotCovered("The normalizer has the shape of one update.")
    return weighted_mean(np.where(scale == 0, 0.0, np.abs(t - p) / np.where(scale == 0, 1.0, scale)), weights)


def reduction_oracle(result: Callable[[Floats, Floats | None], Any], *known: str) -> Oracle:
    """The oracle of a metric of values alone."""

    @described_only
    def oracle(inputs: Any, weights: Any, parameters: Parameters, **more: Any) -> Any:
        documented(parameters, known)
        call = dict(more.get("call", {}))
        weight, out, values = call.get("sample_weight"), [], []
        for update in inputs:
            values.append(np.asarray(update[0], dtype=np.float64))
            out.append(
                result(np.stack(values), None if weight is None else np.asarray(weight, dtype=np.float64))
            )
        return out

    return oracle


def _reduction_weights(values: Floats, weights: Floats | None) -> Floats:
    return np.stack([broadcast_weights(weights, each) for each in values])


def mean(values: Floats, weights: Floats | None) -> Any:
    """Σ w·v / Σ w; 0 where the weights sum to 0."""
    w = _reduction_weights(values, weights)
    return (w * values).sum() / w.sum() if w.sum() else np.zeros(())


def total(values: Floats, weights: Floats | None) -> Any:
    """Σ w·v."""
    return (_reduction_weights(values, weights) * values).sum()


def mean_tensor(values: Floats, weights: Floats | None) -> Any:
    """The weighted mean of each element over the updates; 0 where its weights sum to 0."""
    w = _reduction_weights(values, weights)
    low = w.sum(0)
    return np.where(low == 0, 0.0, (w * values).sum(0) / np.where(low == 0, 1.0, low))


def function_oracle(function: losses.PerSample, *, flip: bool = False) -> Oracle:
    """The oracle of a metric that is a plain function of the first update."""

    @described_only
    def oracle(inputs: Any, weights: Any, parameters: Parameters, **more: Any) -> Any:
        t, p = targets_and_predictions(inputs[0], same_shape=function.__name__ not in SPARSE)
        return (-1.0 if flip else 1.0) * function(t, p, **parameters)

    return oracle
