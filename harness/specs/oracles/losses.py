"""Losses of targets and predictions in float64, per sample.

https://keras.io/api/losses/ gives the formula of each; where it is silent the paper named in the docstring
does. A probability is kept within [ε, 1 − ε] with the documented fuzz factor ε = 1e-7 before a logarithm is
taken; the upper bound is the number a float32 tensor holds, as float32 is what losses compute in by default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered

Floats = npt.NDArray[np.float64]
PerSample = Callable[..., Floats]

EPSILON = 1e-7
"""`keras.config.epsilon()` as documented: https://keras.io/api/utils/config_utils/."""

NEAREST_ONE = float(np.float32(1.0) - np.float32(EPSILON))
"""1 − ε as float32 has it: 1 − 1.19e-7."""


def clipped(p: Floats) -> Floats:
    """A probability no logarithm makes infinite."""
    return np.clip(p, EPSILON, NEAREST_ONE)


def probabilities(p: Floats) -> Floats:
    """The predictions, if they are probabilities."""
    if np.any((p < 0) | (p > 1)):
        raise NotCovered("Predictions outside [0, 1] without `from_logits` are not documented.")
    return p


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(−x))."""
    return 1.0 / (1.0 + np.exp(-x))


def softmax(x: Floats, axis: int) -> Floats:
    """exp(x) / Σ exp(x)."""
    powers: Floats = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return np.asarray(powers / np.sum(powers, axis=axis, keepdims=True))


def mean(x: Floats, axis: int = -1) -> Floats:
    """The mean along an axis."""
    return np.asarray(np.sum(x, axis=axis) / np.float64(x.shape[axis]))


def mean_squared_error(t: Floats, p: Floats) -> Floats:
    """mean((t − p)²)."""
    return mean((t - p) ** 2)


def mean_absolute_error(t: Floats, p: Floats) -> Floats:
    """mean(|t − p|)."""
    return mean(np.abs(t - p))


def mean_absolute_percentage_error(t: Floats, p: Floats) -> Floats:
    """100 · mean(|t − p| / max(|t|, ε))."""
    return 100.0 * mean(np.abs(t - p) / np.maximum(np.abs(t), EPSILON))


def mean_squared_logarithmic_error(t: Floats, p: Floats) -> Floats:
    """mean((log(t + 1) − log(p + 1))²), both at least ε."""
    return mean((np.log1p(np.maximum(t, EPSILON)) - np.log1p(np.maximum(p, EPSILON))) ** 2)


def log_cosh(t: Floats, p: Floats) -> Floats:
    """mean(log(cosh(p − t))), in a form that does not overflow: |x| + log(1 + exp(−2|x|)) − log 2."""
    x = np.abs(p - t)
    return mean(x + np.log1p(np.exp(-2.0 * x)) - np.log(2.0))


def huber(t: Floats, p: Floats, delta: float = 1.0) -> Floats:
    """½e² up to δ, δ|e| − ½δ² beyond, averaged. Source: Huber 1964, doi:10.1214/aoms/1177703732."""
    e = np.abs(t - p)
    return mean(np.where(e <= delta, 0.5 * e * e, delta * e - 0.5 * delta * delta))


def poisson(t: Floats, p: Floats) -> Floats:
    """mean(p − t · log(p + ε))."""
    return mean(p - t * np.log(p + EPSILON))


def kl_divergence(t: Floats, p: Floats) -> Floats:
    """Σ t · log(t / p), both kept within [ε, 1]. Source: Kullback & Leibler 1951."""
    t, p = np.clip(t, EPSILON, 1.0), np.clip(p, EPSILON, 1.0)
    return np.asarray(np.sum(t * np.log(t / p), axis=-1))


def cosine_similarity(t: Floats, p: Floats, axis: int = -1) -> Floats:
    """−Σ t·p / (‖t‖ ‖p‖); 0 where either is a zero vector, as documented."""
    norms = np.linalg.norm(t, axis=axis) * np.linalg.norm(p, axis=axis)
    if np.any((norms > 0) & (norms < EPSILON)):
        raise NotCovered("From which length on a vector counts as zero is not documented.")
    product = np.sum(t * p, axis=axis)
    return np.asarray(-np.where(norms == 0, 0.0 * product, product / np.where(norms == 0, 1.0, norms)))


def signed(t: Floats) -> Floats:
    """Labels 0 and 1 as −1 and 1, where all labels are such; else as they are."""
    return 2.0 * t - 1.0 if np.all((t == 0) | (t == 1)) else t


def hinge(t: Floats, p: Floats) -> Floats:
    """mean(max(1 − t·p, 0)) with labels −1 and 1."""
    return mean(np.maximum(1.0 - signed(t) * p, 0.0))


def squared_hinge(t: Floats, p: Floats) -> Floats:
    """mean(max(1 − t·p, 0)²) with labels −1 and 1."""
    return mean(np.maximum(1.0 - signed(t) * p, 0.0) ** 2)


def categorical_hinge(t: Floats, p: Floats) -> Floats:
    """max(neg − pos + 1, 0) with pos = Σ t·p and neg = max((1 − t)·p)."""
    return np.asarray(np.maximum(np.max((1.0 - t) * p, axis=-1) - np.sum(t * p, axis=-1) + 1.0, 0.0))


def binary_terms(t: Floats, p: Floats, from_logits: bool) -> Floats:
    """−t·log p − (1 − t)·log(1 − p) for every element; of logits in the form that does not overflow."""
    if from_logits:
        return np.asarray(np.logaddexp(0.0, p) - t * p)
    p = clipped(probabilities(p))
    return np.asarray(-t * np.log(p) - (1.0 - t) * np.log1p(-p))


def smoothed_binary(t: Floats, smoothing: float) -> Floats:
    """Labels drawn towards ½: t · (1 − s) + s/2."""
    return t * (1.0 - smoothing) + 0.5 * smoothing


def smoothed_categorical(t: Floats, smoothing: float, axis: int) -> Floats:
    """Labels drawn towards 1 / number of classes; the classes are those along `axis`."""
    return np.asarray(t * (1.0 - smoothing) + smoothing / t.shape[axis])


def binary_crossentropy(
    t: Floats, p: Floats, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Floats:
    """mean(−t·log p − (1 − t)·log(1 − p))."""
    return mean(binary_terms(smoothed_binary(t, label_smoothing), p, from_logits), axis)


def binary_focal_crossentropy(
    t: Floats,
    p: Floats,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Floats:
    """Cross-entropy times (1 − p_t)^γ, and times α for class 1 and 1 − α for class 0 when balancing.

    Source: https://arxiv.org/abs/1708.02002, equations 4 and 5.
    """
    t = smoothed_binary(t, label_smoothing)
    probability = sigmoid(p) if from_logits else clipped(p)
    right = t * probability + (1.0 - t) * (1.0 - probability)
    terms = (1.0 - right) ** gamma * binary_terms(t, p, from_logits)
    if apply_class_balancing:
        terms = (t * alpha + (1.0 - t) * (1.0 - alpha)) * terms
    return mean(terms, axis)


def shares(p: Floats, axis: int) -> Floats:
    """Class weights scaled to sum to 1."""
    if np.any(p < 0):
        raise NotCovered("Negative predictions without `from_logits` are not documented.")
    return np.asarray(p / np.sum(p, axis=axis, keepdims=True))


def log_probabilities(p: Floats, from_logits: bool, axis: int) -> Floats:
    """log of the class probabilities: of logits, or of weights that are first scaled to sum to 1."""
    if from_logits:
        return np.asarray(p - np.logaddexp.reduce(p, axis=axis, keepdims=True))
    return np.log(clipped(shares(p, axis)))


def categorical_crossentropy(
    t: Floats, p: Floats, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Floats:
    """−Σ t · log p over the class axis."""
    t = smoothed_categorical(t, label_smoothing, axis)
    return np.asarray(-np.sum(t * log_probabilities(p, from_logits, axis), axis=axis))


def categorical_focal_crossentropy(
    t: Floats,
    p: Floats,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Floats:
    """−Σ α · (1 − p)^γ · t · log p. Source: https://arxiv.org/abs/1708.02002 for many classes."""
    t = smoothed_categorical(t, label_smoothing, axis)
    q = softmax(p, axis) if from_logits else shares(p, axis)
    q = clipped(q)
    return np.asarray(-np.sum(np.asarray(alpha) * (1.0 - q) ** gamma * t * np.log(q), axis=axis))


def sparse_categorical_crossentropy(
    t: Floats, p: Floats, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Floats:
    """−log p of the labelled class; 0 where the label is the ignored one."""
    if t.ndim == p.ndim and t.shape[-1] == 1:
        t = t[..., 0]
    labels = t.astype(np.int64)
    ignored = np.zeros(labels.shape, bool) if ignore_class is None else labels == ignore_class
    used = np.where(ignored, 0, labels)
    if np.any((used < 0) | (used >= p.shape[axis])):
        raise NotCovered("A label outside the classes is an error or NaN, depending on the device.")
    logs = log_probabilities(p, from_logits, axis)
    picked = np.take_along_axis(logs, np.expand_dims(used, axis), axis=axis)
    return np.where(ignored, 0.0, -np.squeeze(picked, axis=axis))


def categorical_generalized_cross_entropy(t: Floats, p: Floats, q: float = 0.5) -> Floats:
    """(1 − p_t^q) / q for the labelled class. Source: https://arxiv.org/abs/1805.07836, equation 6."""
    labels = t[..., 0] if t.ndim == p.ndim else t
    picked = np.take_along_axis(p, labels.astype(np.int64)[..., None], axis=-1)[..., 0]
    return np.asarray((1.0 - clipped(picked) ** q) / q)


def dice(t: Floats, p: Floats, axis: Any = None) -> Floats:
    """1 − 2 Σ t·p / (Σ t + Σ p). Source: https://keras.io/api/losses/regression_losses/ (Dice)."""
    axis = tuple(axis) if isinstance(axis, list) else axis
    both = np.sum(t * p, axis=axis)
    whole = np.sum(t, axis=axis) + np.sum(p, axis=axis)
    return np.asarray(1.0 - (2.0 * both + EPSILON) / (whole + EPSILON))


def tversky(t: Floats, p: Floats, alpha: float = 0.5, beta: float = 0.5, axis: Any = None) -> Floats:
    """1 − TP / (TP + α·FP + β·FN). Source: https://arxiv.org/abs/1706.05721, equation 2."""
    axis = tuple(axis) if isinstance(axis, list) else axis
    hit = np.sum(t * p, axis=axis)
    false_positive = np.sum((1.0 - t) * p, axis=axis)
    false_negative = np.sum(t * (1.0 - p), axis=axis)
    whole = hit + alpha * false_positive + beta * false_negative
    return np.asarray(1.0 - (hit + EPSILON) / (whole + EPSILON))


def circle(
    t: Floats, p: Floats, remove_diagonal: bool = True, gamma: float = 80.0, margin: float = 0.4
) -> Floats:
    """log(1 + Σ exp(γ·αₙ·(sₙ − m)) · Σ exp(−γ·αₚ·(sₚ − 1 + m))) for every anchor.

    αₙ = max(sₙ + m, 0), αₚ = max(1 + m − sₚ, 0), s the inner products of the embeddings.
    Source: https://arxiv.org/abs/2002.10857, equations 5 to 8.
    """
    labels = t.reshape(-1)
    similar = p @ p.T
    same = labels[:, None] == labels[None, :]
    positive = same & ~np.eye(len(labels), dtype=bool) if remove_diagonal else same
    near = np.where(
        positive, -gamma * np.maximum(1.0 + margin - similar, 0.0) * (similar - 1.0 + margin), -np.inf
    )
    far = np.where(~same, gamma * np.maximum(similar + margin, 0.0) * (similar - margin), -np.inf)
    both = np.logaddexp.reduce(near, axis=1) + np.logaddexp.reduce(far, axis=1)
    return np.asarray(np.logaddexp(0.0, both))


def ctc(t: Floats, p: Floats) -> Floats:
    """−log of the probability of all alignments of a labelling; label 0 is the blank and ends a labelling.

    Source: Graves et al. 2006, doi:10.1145/1143844.1143891, equations 6 to 8 (in logarithms).
    """
    logs = log_probabilities(p, True, -1)
    return np.array(
        [-_ctc_sample(labels[labels != 0].astype(int), log) for labels, log in zip(t, logs, strict=True)]
    )


def _ctc_sample(labels: npt.NDArray[np.int_], log: Floats) -> float:
    """log p(labels | one sequence): the forward variables over the labels with blanks between."""
    extended = np.zeros(2 * len(labels) + 1, dtype=int)
    extended[1::2] = labels
    forward = np.full(len(extended), -np.inf)
    forward[:2] = log[0, extended[:2]]
    for step in log[1:]:
        before = forward
        shifted = np.concatenate([[-np.inf], before[:-1]])
        jumped = np.concatenate([[-np.inf, -np.inf], before[:-2]])
        may_jump = (extended != 0) & (extended != np.concatenate([[-1, -1], extended[:-2]]))
        jumped = np.where(may_jump, jumped[: len(extended)], -np.inf)
        forward = np.logaddexp(np.logaddexp(before, shifted), jumped) + step[extended]
    return float(np.logaddexp.reduce(forward[-2:]))


LOSSES: Mapping[str, PerSample] = {
    f.__name__: f
    for f in (
        binary_crossentropy,
        binary_focal_crossentropy,
        categorical_crossentropy,
        categorical_focal_crossentropy,
        categorical_generalized_cross_entropy,
        categorical_hinge,
        circle,
        cosine_similarity,
        ctc,
        dice,
        hinge,
        huber,
        kl_divergence,
        log_cosh,
        mean_absolute_error,
        mean_absolute_percentage_error,
        mean_squared_error,
        mean_squared_logarithmic_error,
        poisson,
        sparse_categorical_crossentropy,
        squared_hinge,
        tversky,
    )
}
"""Public name below ``keras.losses`` → the loss per sample."""
