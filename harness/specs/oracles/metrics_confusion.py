"""Metrics of confusion in float64: counts, precision and recall, areas under curves, overlaps.

https://keras.io/api/metrics/classification_metrics/ and https://keras.io/api/metrics/segmentation_metrics/
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered
from harness.specs.oracles.losses import EPSILON, sigmoid

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Counts:
    """Weighted counts at each threshold (first axis), of each label if there is a second axis."""

    true_positives: Floats
    false_positives: Floats
    true_negatives: Floats
    false_negatives: Floats


def ratio(a: Floats, b: Floats) -> Floats:
    """a / b, and 0 where b is 0."""
    return np.where(b == 0, 0.0, a / np.where(b == 0, 1.0, b))


def weights_of(weights: Floats | None, t: Floats) -> Floats:
    """A weight for every element."""
    if weights is None:
        return np.ones(t.shape)
    w = np.asarray(weights, dtype=np.float64)
    w = w.reshape(w.shape + (1,) * (t.ndim - w.ndim)) if w.ndim else w
    if np.broadcast_shapes(w.shape, t.shape) != t.shape:
        raise NotCovered(f"Weights of shape {w.shape} do not fit targets of shape {t.shape}.")
    return np.broadcast_to(w, t.shape).astype(np.float64)


def counts(
    t: Floats, p: Floats, weights: Floats | None, thresholds: Any, *, by_label: bool = False
) -> Counts:
    """Counts of predictions above each threshold; every target that is not 0 is positive."""
    if np.any((p < 0) | (p > 1)) or np.isnan(p).any():
        raise NotCovered("Predictions outside [0, 1] are an error.")
    return above(t, p, weights, thresholds, by_label=by_label)


def above(t: Floats, p: Floats, weights: Floats | None, thresholds: Any, *, by_label: bool = False) -> Counts:
    """The counts themselves, for predictions of any size."""
    w = weights_of(weights, t)
    at = np.asarray(thresholds, dtype=np.float64).reshape(-1)
    positive = t != 0
    axis = tuple(range(1, t.ndim)) if by_label else tuple(range(1, t.ndim + 1))
    chosen = p[None] > at.reshape((-1,) + (1,) * t.ndim)
    return Counts(
        *(
            (w * x).sum(axis)
            for x in (chosen & positive, chosen & ~positive, ~chosen & ~positive, ~chosen & positive)
        )
    )


def restricted(
    t: Floats, p: Floats, weights: Floats | None, top_k: int | None, class_id: int | None
) -> tuple[Floats, Floats, Floats | None]:
    """Only the k largest predictions of each row keep a chance, and only one class counts."""
    if top_k is not None:
        order = np.argsort(-p, axis=-1, kind="stable")[..., :top_k]
        keep = np.zeros(p.shape, bool)
        np.put_along_axis(keep, order, True, axis=-1)
        p = np.where(keep, p, -1.0)
    if class_id is not None:
        t, p = t[..., class_id], p[..., class_id]
    return t, p, weights


def shaped_like_thresholds(values: Floats, thresholds: Any) -> Any:
    """A number for one threshold, a vector for a list of several."""
    return values[0] if len(values) == 1 else values


def count_of(which: str) -> Callable[..., Any]:
    """The result of a metric that counts one of the four."""

    def result(t: Floats, p: Floats, weights: Floats | None, own: dict[str, Any]) -> Any:
        thresholds = own.get("thresholds")
        thresholds = 0.5 if thresholds is None else thresholds
        values = getattr(counts(t, p, weights, thresholds), which)
        return shaped_like_thresholds(values, thresholds)

    return result


def precision_or_recall(which: str) -> Callable[..., Any]:
    """TP / (TP + FP), or TP / (TP + FN); 0 where nothing was predicted, or nothing was there."""

    def result(t: Floats, p: Floats, weights: Floats | None, own: dict[str, Any]) -> Any:
        thresholds, top_k, class_id = own.get("thresholds"), own.get("top_k"), own.get("class_id")
        if np.any((p < 0) | (p > 1)) or np.isnan(p).any():
            raise NotCovered("Predictions outside [0, 1] are an error.")
        t, p, weights = restricted(t, p, weights, top_k, class_id)
        if thresholds is None:
            thresholds = 0.5 if top_k is None else -0.5
        found = above(t, p, weights, thresholds)
        other = found.false_positives if which == "precision" else found.false_negatives
        return shaped_like_thresholds(ratio(found.true_positives, found.true_positives + other), thresholds)

    return result


def evenly(count: int) -> Floats:
    """Thresholds from just below 0 to just above 1."""
    inner = np.arange(1, count - 1) / (count - 1.0) if count > 2 else np.zeros(0)
    return np.concatenate([[-EPSILON], inner, [1.0 + EPSILON]])


def best_where(goal: str, limit_of: str, keyword: str) -> Callable[..., Any]:
    """The best of one rate among the thresholds at which another reaches a value; 0 where none does."""

    def result(t: Floats, p: Floats, weights: Floats | None, own: dict[str, Any]) -> Any:
        count = own.get("num_thresholds", 200)
        t, p, weights = restricted(t, p, weights, None, own.get("class_id"))
        if np.any((p == 0) | (p == 1)):
            raise NotCovered("On which side of the outermost thresholds 0 and 1 lie is not documented.")
        found = counts(t, p, weights, [0.5] if count == 1 else evenly(count))
        rates = {
            "sensitivity": ratio(found.true_positives, found.true_positives + found.false_negatives),
            "specificity": ratio(found.true_negatives, found.true_negatives + found.false_positives),
            "precision": ratio(found.true_positives, found.true_positives + found.false_positives),
        }
        reached = rates[limit_of] >= own[keyword]
        return np.max(rates[goal][reached]) if reached.any() else np.zeros(())

    return result


def auc(t: Floats, p: Floats, weights: Floats | None, own: dict[str, Any]) -> Any:
    """The area under the ROC or precision-recall curve through the points of the thresholds."""
    if own.get("from_logits"):
        p = sigmoid(p)
    given = own.get("thresholds")
    at = (
        evenly(own.get("num_thresholds", 200)) if given is None else [-EPSILON, *sorted(given), 1.0 + EPSILON]
    )
    by_label = bool(own.get("multi_label"))
    shares = own.get("label_weights")
    if not by_label and shares is not None:
        w = weights_of(weights, t) * np.asarray(shares, dtype=np.float64)
        weights = w
    found = counts(t, p, weights, at, by_label=by_label)
    curve, method = str(own.get("curve", "ROC")).upper(), str(own.get("summation_method", "interpolation"))
    area = _area(found, curve, method)
    if not by_label:
        return area
    return area.mean() if shares is None else (area * np.asarray(shares)).sum() / np.sum(shares)


def _area(found: Counts, curve: str, method: str) -> Floats:
    """Trapezoids, or rectangles of the lower (`minoring`) or higher (`majoring`) side of each piece."""
    recall = ratio(found.true_positives, found.true_positives + found.false_negatives)
    if curve == "ROC":
        x, y = ratio(found.false_positives, found.false_positives + found.true_negatives), recall
    elif curve == "PR":
        if method == "interpolation":
            return _interpolated_precision(found)
        x, y = recall, ratio(found.true_positives, found.true_positives + found.false_positives)
    else:
        raise NotCovered(f"No documented curve is called {curve!r}.")
    heights = {
        "interpolation": (y[:-1] + y[1:]) / 2.0,
        "minoring": np.minimum(y[:-1], y[1:]),
        "majoring": np.maximum(y[:-1], y[1:]),
    }
    if method not in heights:
        raise NotCovered(f"No documented summation is called {method!r}.")
    return np.asarray(((x[:-1] - x[1:]) * heights[method]).sum(0))


def _interpolated_precision(found: Counts) -> Floats:
    """The area when true and false positives, not precision, vary linearly between two points.

    With P = TP + FP and TP = a + b·P on a piece, ∫ TP/P dTP = b · (ΔTP + a · log(P₁/P₂)).
    Source: Davis & Goadrich 2006, doi:10.1145/1143844.1143874, section 4.
    """
    tp = found.true_positives
    p = tp + found.false_positives
    d_tp, d_p = tp[:-1] - tp[1:], p[:-1] - p[1:]
    slope = ratio(d_tp, np.maximum(d_p, 0.0))
    start = tp[1:] - slope * p[1:]
    both = (p[:-1] > 0) & (p[1:] > 0)
    logs = np.log(np.where(both, p[:-1] / np.where(both, p[1:], 1.0), 1.0))
    return np.asarray(ratio(slope * (d_tp + start * logs), tp[1:] + found.false_negatives[1:]).sum(0))


def confusion_matrix(
    t: Floats, p: Floats, weights: Floats | None, classes: int, ignore: int | None
) -> Floats:
    """Weighted counts of (target, prediction)."""
    w = np.ones(t.size) if weights is None else weights_of(weights, t).reshape(-1)
    rows, columns = t.reshape(-1).astype(np.int64), p.reshape(-1).astype(np.int64)
    if ignore is not None:
        keep = rows != ignore
        rows, columns, w = rows[keep], columns[keep], w[keep]
    if np.any((rows < 0) | (rows >= classes) | (columns < 0) | (columns >= classes)):
        raise NotCovered("Labels beyond the number of classes are not documented.")
    matrix = np.zeros((classes, classes))
    np.add.at(matrix, (rows, columns), w)
    return matrix


def mean_iou(t: Floats, p: Floats, weights: Floats | None, own: dict[str, Any]) -> Any:
    """The mean of TP / (TP + FP + FN) over the target classes that occur.

    Source: https://keras.io/api/metrics/segmentation_metrics/.
    """
    axis, classes = own.get("axis", -1), own["num_classes"]
    t = t if own.get("sparse_y_true", True) else t.argmax(axis).astype(np.float64)
    p = p if own.get("sparse_y_pred", True) else p.argmax(axis).astype(np.float64)
    matrix = confusion_matrix(t, p, weights, classes, own.get("ignore_class"))
    targets = list(own.get("target_class_ids", range(classes)))
    hit = np.diag(matrix)[targets]
    union = (matrix.sum(0) + matrix.sum(1))[targets] - hit
    occurs = union > 0
    return (hit[occurs] / union[occurs]).mean() if occurs.any() else np.zeros(())


def one_hot_iou(t: Floats, p: Floats, weights: Floats | None, own: dict[str, Any]) -> Any:
    """Targets one-hot; predictions likewise unless told otherwise."""
    return mean_iou(t, p, weights, {"sparse_y_pred": False, **own, "sparse_y_true": False})


def binary_iou(t: Floats, p: Floats, weights: Floats | None, own: dict[str, Any]) -> Any:
    """Two classes, the prediction being 1 from the threshold on."""
    threshold = own.get("threshold", 0.5)
    chosen = (p >= threshold).astype(np.float64)
    targets = own.get("target_class_ids", (0, 1))
    return mean_iou(t, chosen, weights, {"num_classes": 2, "target_class_ids": targets})
