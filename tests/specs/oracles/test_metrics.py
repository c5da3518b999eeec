"""Metrics over all data seen so far, against scikit-learn and by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics

from harness.specs.declaration import NotCovered
from harness.specs.oracles import losses, metrics
from harness.specs.oracles import metrics_confusion as confusion

RANDOM = np.random.default_rng(1)
T = [RANDOM.normal(size=(5, 3)) for _ in range(2)]
P = [RANDOM.normal(size=(5, 3)) for _ in range(2)]
BITS = [RANDOM.integers(0, 2, 30).astype(float) for _ in range(2)]
CHANCE = [RANDOM.uniform(size=30) for _ in range(2)]
W = RANDOM.uniform(0.5, 1.5, 30)
ALL_BITS, ALL_CHANCE, ALL_W = np.concatenate(BITS), np.concatenate(CHANCE), np.concatenate([W, W])


def results(oracle: Any, t: Any, p: Any, parameters: Any = None, **call: Any) -> Any:
    """What the oracle gives after each update."""
    return oracle(
        [list(pair) for pair in zip(t, p, strict=True)], [], parameters or {}, training=False, call=call
    )


def test_a_mean_metric_is_the_weighted_mean_of_everything_so_far() -> None:
    """After the second update the result is that of both, weights counting."""
    oracle = metrics.oracle_of(metrics.mean_of(losses.mean_squared_error))
    first, second = results(oracle, T, P)
    both = np.concatenate([losses.mean_squared_error(t, p) for t, p in zip(T, P, strict=True)])
    np.testing.assert_allclose([first, second], [both[:5].mean(), both.mean()])
    w = np.arange(5.0)
    np.testing.assert_allclose(
        results(oracle, T, P, sample_weight=w)[1], np.average(both, weights=np.tile(w, 2))
    )


@pytest.mark.parametrize("threshold", [0.5, 0.3])
def test_counts_precision_and_recall_are_those_of_scikit_learn(threshold: float) -> None:
    """At a threshold, weighted counts and their ratios are scikit-learn's."""
    chosen = threshold < ALL_CHANCE
    (tn, fp), (fn, tp) = sklearn.metrics.confusion_matrix(ALL_BITS, chosen, sample_weight=ALL_W)
    for which, expected in (
        ("true_positives", tp),
        ("false_positives", fp),
        ("true_negatives", tn),
        ("false_negatives", fn),
    ):
        oracle = metrics.oracle_of(confusion.count_of(which), "thresholds")
        found = results(oracle, BITS, CHANCE, {"thresholds": threshold}, sample_weight=W)[1]
        np.testing.assert_allclose(found, expected)
    for which, function in (
        ("precision", sklearn.metrics.precision_score),
        ("recall", sklearn.metrics.recall_score),
    ):
        oracle = metrics.oracle_of(confusion.precision_or_recall(which), "thresholds")
        found = results(oracle, BITS, CHANCE, {"thresholds": threshold}, sample_weight=W)[1]
        np.testing.assert_allclose(found, function(ALL_BITS, chosen, sample_weight=ALL_W))


def test_precision_at_top_k_counts_only_the_highest_predictions() -> None:
    """With top_k = 1, precision is the share of rows whose highest prediction is a positive."""
    t, p = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[0.1, 0.2], [0.3, 0.4]])
    oracle = metrics.oracle_of(confusion.precision_or_recall("precision"), "top_k")
    assert results(oracle, [t], [p], {"top_k": 1}) == [0.5]


def test_the_area_under_a_curve_through_all_thresholds_is_that_of_scikit_learn() -> None:
    """With a threshold between any two predictions the trapezoids are those of the exact ROC curve."""
    cuts = np.sort(ALL_CHANCE)
    between = ((cuts[1:] + cuts[:-1]) / 2).tolist()
    oracle = metrics.oracle_of(confusion.auc, "thresholds")
    found = results(oracle, BITS, CHANCE, {"thresholds": between}, sample_weight=W)[1]
    np.testing.assert_allclose(
        found, sklearn.metrics.roc_auc_score(ALL_BITS, ALL_CHANCE, sample_weight=ALL_W)
    )


def test_summation_brackets_the_area() -> None:
    """Rectangles of the lower sides lie below the trapezoids, those of the higher sides above."""
    oracle = metrics.oracle_of(confusion.auc, "summation_method", "curve", "num_thresholds")
    for curve in ("ROC", "PR"):
        low, middle, high = (
            results(oracle, BITS, CHANCE, {"summation_method": m, "curve": curve, "num_thresholds": 20})[1]
            for m in ("minoring", "interpolation", "majoring")
        )
        assert low < middle < high


def test_the_interpolated_precision_recall_area_by_hand() -> None:
    """Between (TP, FP) = (1, 0) and (2, 2) the area is that of the hyperbola, integrated numerically."""
    counts = confusion.Counts(
        *(np.array(v) for v in ([2.0, 1.0, 0.0], [2.0, 0.0, 0.0], [0.0, 2.0, 2.0], [0.0, 1.0, 2.0]))
    )
    steps = np.linspace(1.0, 2.0, 200001)
    curve = steps / (steps + 2.0 * (steps - 1.0))
    expected = (
        0.5 + np.trapezoid(curve, steps) / 2.0
        if hasattr(np, "trapezoid")
        else 0.5 + np.trapz(curve, steps) / 2.0
    )
    np.testing.assert_allclose(confusion._interpolated_precision(counts), expected, rtol=1e-8)


def test_areas_of_several_labels_are_averaged_with_their_weights() -> None:
    """The area of each label by itself, then the weighted mean."""
    t, p = RANDOM.integers(0, 2, (40, 2)).astype(float), RANDOM.uniform(size=(40, 2))
    single = metrics.oracle_of(confusion.auc)
    apart = [results(single, [t[:, i]], [p[:, i]])[0] for i in range(2)]
    many = metrics.oracle_of(confusion.auc, "multi_label", "label_weights")
    found = results(many, [t], [p], {"multi_label": True, "label_weights": [1.0, 3.0]})[0]
    np.testing.assert_allclose(found, np.average(apart, weights=[1.0, 3.0]))


def test_sensitivity_at_specificity_by_hand() -> None:
    """Of the thresholds that reject all negatives, the best keeps two of three positives."""
    t, p = np.array([0.0, 0.0, 1.0, 1.0, 1.0]), np.array([0.1, 0.35, 0.3, 0.6, 0.9])
    oracle = metrics.oracle_of(
        confusion.best_where("sensitivity", "specificity", "specificity"), "specificity"
    )
    np.testing.assert_allclose(results(oracle, [t], [p], {"specificity": 1.0}), [2 / 3])
    np.testing.assert_allclose(results(oracle, [t], [p], {"specificity": 0.5}), [1.0])


def test_mean_iou_is_the_jaccard_score_of_scikit_learn() -> None:
    """The mean over the classes of intersection over union."""
    t, p = RANDOM.integers(0, 3, (2, 30)).astype(float), RANDOM.integers(0, 3, (2, 30)).astype(float)
    oracle = metrics.oracle_of(confusion.mean_iou, "num_classes", "target_class_ids", sparse=True)
    found = results(oracle, t, p, {"num_classes": 3})
    expected = sklearn.metrics.jaccard_score(t.ravel(), p.ravel(), average=None)
    np.testing.assert_allclose(found[1], expected.mean())
    np.testing.assert_allclose(
        results(oracle, t, p, {"num_classes": 3, "target_class_ids": [1]})[1], expected[1]
    )
    with pytest.raises(NotCovered):
        results(oracle, t, p, {"num_classes": 2})


@pytest.mark.parametrize("average", [None, "micro", "macro", "weighted"])
def test_f_scores_are_those_of_scikit_learn(average: str | None) -> None:
    """At a threshold, and with β = 2."""
    t, p = RANDOM.integers(0, 2, (30, 3)).astype(float), RANDOM.uniform(size=(30, 3))
    oracle = metrics.oracle_of(metrics.f_beta, "average", "threshold", "beta")
    found = results(oracle, [t], [p], {"average": average, "threshold": 0.4, "beta": 2.0})[0]
    np.testing.assert_allclose(found, sklearn.metrics.fbeta_score(t, p > 0.4, beta=2.0, average=average))


def test_r2_is_that_of_scikit_learn() -> None:
    """Each output, their mean, and their mean weighted by variance."""
    oracle = metrics.oracle_of(metrics.r2_score, "class_aggregation")
    t, p = np.concatenate(T), np.concatenate(P)
    for here, there in (
        (None, "raw_values"),
        ("uniform_average",) * 2,
        ("variance_weighted_average", "variance_weighted"),
    ):
        found = results(oracle, T, P, {"class_aggregation": here})[1]
        np.testing.assert_allclose(found, sklearn.metrics.r2_score(t, p, multioutput=there))


def test_correlations_are_those_of_scipy() -> None:
    """Pearson's r is SciPy's; concordance equals it where means and variances agree."""
    expected = [scipy.stats.pearsonr(t, p).statistic for t, p in zip(T[0], P[0], strict=True)]
    np.testing.assert_allclose(metrics.pearson_correlation(T[0], P[0]), expected)
    same = T[0][:, ::-1]
    np.testing.assert_allclose(
        metrics.concordance_correlation(T[0], same), metrics.pearson_correlation(T[0], same)
    )
    assert (np.abs(metrics.concordance_correlation(T[0], 2 * T[0] + 1)) < 1).all()


def test_top_k_accuracy_is_that_of_scikit_learn() -> None:
    """A label counts when it is among the k highest predictions."""
    labels, p = RANDOM.integers(0, 5, 20), RANDOM.uniform(size=(20, 5))
    found = metrics.sparse_top_k_categorical_accuracy(labels.astype(float), p, k=2)
    assert found.mean() == sklearn.metrics.top_k_accuracy_score(labels, p, k=2)
    np.testing.assert_array_equal(metrics.top_k_categorical_accuracy(np.eye(5)[labels], p, k=2), found)
    with pytest.raises(NotCovered):
        metrics.sparse_top_k_categorical_accuracy(np.array([7.0]), p[:1])


def test_accuracies_by_hand() -> None:
    """The highest prediction against the class, or the side of the threshold."""
    p = np.array([[0.1, 0.9], [0.8, 0.2]])
    np.testing.assert_array_equal(
        metrics.sparse_categorical_accuracy(np.array([[1.0], [1.0]]), p), [1.0, 0.0]
    )
    np.testing.assert_array_equal(metrics.categorical_accuracy(np.eye(2), p), [0.0, 0.0])
    np.testing.assert_array_equal(metrics.binary_accuracy(np.eye(2), p), [0.0, 0.0])


def test_reductions_of_values_by_hand() -> None:
    """Mean, sum and elementwise mean over updates, with weights; no weight at all gives 0."""
    updates = [[np.array([1.0, 3.0])], [np.array([5.0, 7.0])]]
    w = np.array([1.0, 0.0])

    def after(function: Any, **call: Any) -> Any:
        return metrics.reduction_oracle(function)(updates, [], {}, training=False, call=call)[1]

    assert after(metrics.mean) == 4.0
    assert after(metrics.mean, sample_weight=w) == 3.0
    assert after(metrics.mean, sample_weight=0 * w) == 0.0
    assert after(metrics.total, sample_weight=w) == 6.0
    np.testing.assert_array_equal(after(metrics.mean_tensor, sample_weight=w), [3.0, 0.0])


def test_relative_error_by_hand() -> None:
    """|t − p| over the normalizer, 0 where the normalizer is 0."""
    oracle = metrics.oracle_of(metrics.mean_relative_error, "normalizer")
    assert results(oracle, [np.array([1.0, 2.0])], [np.array([2.0, 3.0])], {"normalizer": [1.0, 2.0]}) == [
        0.75
    ]
    assert results(oracle, [np.array([1.0, 2.0])], [np.array([2.0, 3.0])], {"normalizer": [0.0, 2.0]}) == [
        0.25
    ]


def test_what_is_not_documented_is_not_covered() -> None:
    """Unknown keywords, half-precision results, predictions that are no probabilities."""
    oracle = metrics.oracle_of(confusion.precision_or_recall("precision"), "thresholds")
    for parameters in ({"unknown": 1}, {"dtype": "float16"}):
        with pytest.raises(NotCovered):
            results(oracle, BITS, CHANCE, parameters)
    with pytest.raises(NotCovered):
        results(oracle, BITS, [c + 1 for c in CHANCE])
